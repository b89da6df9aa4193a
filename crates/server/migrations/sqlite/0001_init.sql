-- The database of one server. Times are ms since 1970; ids and hashes are raw bytes.

CREATE TABLE server (
    one          INTEGER PRIMARY KEY CHECK (one = 1),
    epoch        BLOB    NOT NULL,
    key_pkcs8    BLOB    NOT NULL,
    created      INTEGER NOT NULL,
    base_url     TEXT,
    -- Right edge of the Merkle tree: 32 bytes for each set bit of its size, largest subtree first.
    tree_size    INTEGER NOT NULL,
    tree_hashes  BLOB    NOT NULL
) STRICT;

CREATE TABLE account (
    id          BLOB    PRIMARY KEY,
    name        TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    created     INTEGER NOT NULL,
    revoked_at  INTEGER
) STRICT;

CREATE TABLE invite (
    code_hash    BLOB    PRIMARY KEY,
    account      BLOB    NOT NULL REFERENCES account (id),
    nonce        BLOB    NOT NULL,
    created      INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    used_by_log  BLOB,
    used_at      INTEGER
) STRICT;

CREATE TABLE log (
    id              BLOB    PRIMARY KEY,
    account         BLOB    NOT NULL REFERENCES account (id),
    public_key      BLOB    NOT NULL,
    -- The signed certificate, as it was given.
    certificate     BLOB    NOT NULL,
    certificate_sig BLOB    NOT NULL,
    enrolled_at     INTEGER NOT NULL,
    revoked_at      INTEGER,
    head_seq        INTEGER,
    head_id         BLOB,
    lease_current   BLOB,
    lease_previous  BLOB,
    forked_at       INTEGER
) STRICT;
CREATE INDEX log_account ON log (account);

-- Every applied op in the order of the server. Nothing here is ever changed or deleted.
CREATE TABLE op (
    pos       INTEGER PRIMARY KEY,
    id        BLOB    NOT NULL UNIQUE,
    log       BLOB    NOT NULL REFERENCES log (id),
    seq       INTEGER NOT NULL,
    -- 0 = the main branch; 1 = stands beside or behind another op of the same place.
    branch    INTEGER NOT NULL,
    record    BLOB    NOT NULL,
    kind      INTEGER NOT NULL,
    account   BLOB    NOT NULL,
    wall      INTEGER NOT NULL,
    eff       INTEGER NOT NULL,
    received  INTEGER NOT NULL,
    -- NULL = ok, '' = void, otherwise the reason why it is held.
    verdict   TEXT,
    bytes     BLOB    NOT NULL
) STRICT;
CREATE INDEX op_log ON op (log, seq);
CREATE INDEX op_record ON op (record, pos);

-- Authentic ops that wait for the ops before them.
CREATE TABLE pen (
    id        BLOB    PRIMARY KEY,
    log       BLOB    NOT NULL REFERENCES log (id),
    seq       INTEGER NOT NULL,
    received  INTEGER NOT NULL,
    bytes     BLOB    NOT NULL
) STRICT;
CREATE INDEX pen_log ON pen (log, seq);

-- What was no op, kept for 90 days for whoever looks for the fault.
CREATE TABLE rejected (
    number    INTEGER PRIMARY KEY,
    received  INTEGER NOT NULL,
    reason    TEXT    NOT NULL,
    bytes     BLOB    NOT NULL
) STRICT;
CREATE INDEX rejected_received ON rejected (received);

CREATE TABLE checkpoint (
    number     INTEGER PRIMARY KEY,
    id         BLOB    NOT NULL UNIQUE,
    size       INTEGER NOT NULL,
    time       INTEGER NOT NULL,
    payload    BLOB    NOT NULL,
    signature  BLOB    NOT NULL
) STRICT;

-- Blobs that are complete on disk and hash to their name.
CREATE TABLE blob (
    sha256    BLOB    PRIMARY KEY,
    size      INTEGER NOT NULL,
    mime      TEXT    NOT NULL,
    received  INTEGER NOT NULL
) STRICT;

-- Which records link which blobs: the right to download.
CREATE TABLE op_blob (
    record  BLOB NOT NULL,
    sha256  BLOB NOT NULL,
    PRIMARY KEY (record, sha256)
) STRICT, WITHOUT ROWID;

CREATE TABLE upload (
    id          TEXT    PRIMARY KEY,
    account     BLOB    NOT NULL REFERENCES account (id),
    sha256      BLOB    NOT NULL,
    mime        TEXT    NOT NULL,
    length      INTEGER NOT NULL,
    -- Bytes that are on the medium.
    received    INTEGER NOT NULL,
    complete    INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT;
CREATE INDEX upload_expires ON upload (expires_at);
