-- Keys for programs that can not sign. Of the secret only its hash is kept. used_at is the first use of the last day with one.
CREATE TABLE access_key (
    id           BLOB    PRIMARY KEY,
    secret_hash  BLOB    NOT NULL UNIQUE,
    account      BLOB    NOT NULL REFERENCES account (id),
    -- The phone that asked for it.
    log          BLOB    NOT NULL,
    name         TEXT    NOT NULL,
    created      INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    revoked_at   INTEGER,
    used_at      INTEGER
) STRICT, WITHOUT ROWID;
