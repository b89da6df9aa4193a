-- Keys for programs that can not sign. Of the secret only its hash is kept. used_at is the first use of the last day with one.
CREATE TABLE access_key (
    id           BYTEA   PRIMARY KEY,
    secret_hash  BYTEA   NOT NULL UNIQUE,
    account      BYTEA   NOT NULL REFERENCES account (id),
    -- The phone that asked for it.
    log          BYTEA   NOT NULL,
    name         TEXT    NOT NULL,
    created      BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL,
    revoked_at   BIGINT,
    used_at      BIGINT
);
