-- The database of one server or of several side by side. Times are ms since 1970; ids and hashes are raw bytes.
-- Sequences are not used: they leave holes after a rollback. The one sequencer gives all numbers.

CREATE TABLE server (
    one          BIGINT  PRIMARY KEY CHECK (one = 1),
    epoch        BYTEA   NOT NULL,
    key_pkcs8    BYTEA   NOT NULL,
    created      BIGINT  NOT NULL,
    base_url     TEXT,
    -- Right edge of the Merkle tree: 32 bytes for each set bit of its size, largest subtree first.
    tree_size    BIGINT  NOT NULL,
    tree_hashes  BYTEA   NOT NULL
);

CREATE TABLE account (
    id          BYTEA   PRIMARY KEY,
    name        TEXT    NOT NULL,
    role        TEXT    NOT NULL,
    created     BIGINT  NOT NULL,
    revoked_at  BIGINT
);

CREATE TABLE invite (
    code_hash    BYTEA   PRIMARY KEY,
    account      BYTEA   NOT NULL REFERENCES account (id),
    nonce        BYTEA   NOT NULL,
    created      BIGINT  NOT NULL,
    expires_at   BIGINT  NOT NULL,
    used_by_log  BYTEA,
    used_at      BIGINT
);

CREATE TABLE log (
    id              BYTEA   PRIMARY KEY,
    account         BYTEA   NOT NULL REFERENCES account (id),
    public_key      BYTEA   NOT NULL,
    -- The signed certificate, as it was given.
    certificate     BYTEA   NOT NULL,
    certificate_sig BYTEA   NOT NULL,
    enrolled_at     BIGINT  NOT NULL,
    revoked_at      BIGINT,
    head_seq        BIGINT,
    head_id         BYTEA,
    lease_current   BYTEA,
    lease_previous  BYTEA,
    forked_at       BIGINT
);
CREATE INDEX log_account ON log (account);

-- Every applied op in the order of the server. Nothing here is ever changed or deleted.
CREATE TABLE op (
    pos       BIGINT  PRIMARY KEY,
    id        BYTEA   NOT NULL UNIQUE,
    log       BYTEA   NOT NULL REFERENCES log (id),
    seq       BIGINT  NOT NULL,
    -- 0 = the main branch; 1 = stands beside or behind another op of the same place.
    branch    BIGINT  NOT NULL,
    record    BYTEA   NOT NULL,
    kind      BIGINT  NOT NULL,
    account   BYTEA   NOT NULL,
    wall      BIGINT  NOT NULL,
    eff       BIGINT  NOT NULL,
    received  BIGINT  NOT NULL,
    -- NULL = ok, '' = void, otherwise the reason why it is held.
    verdict   TEXT,
    bytes     BYTEA   NOT NULL
);
CREATE INDEX op_log ON op (log, seq);
CREATE INDEX op_record ON op (record, pos);

-- Authentic ops that wait for the ops before them.
CREATE TABLE pen (
    id        BYTEA   PRIMARY KEY,
    log       BYTEA   NOT NULL REFERENCES log (id),
    seq       BIGINT  NOT NULL,
    received  BIGINT  NOT NULL,
    bytes     BYTEA   NOT NULL
);
CREATE INDEX pen_log ON pen (log, seq);

-- What was no op, kept for 90 days for whoever looks for the fault.
CREATE TABLE rejected (
    number    BIGINT  PRIMARY KEY,
    received  BIGINT  NOT NULL,
    reason    TEXT    NOT NULL,
    bytes     BYTEA   NOT NULL
);
CREATE INDEX rejected_received ON rejected (received);

CREATE TABLE checkpoint (
    number     BIGINT  PRIMARY KEY,
    id         BYTEA   NOT NULL UNIQUE,
    size       BIGINT  NOT NULL,
    time       BIGINT  NOT NULL,
    payload    BYTEA   NOT NULL,
    signature  BYTEA   NOT NULL
);

-- Blobs that are complete on disk and hash to their name.
CREATE TABLE blob (
    sha256    BYTEA   PRIMARY KEY,
    size      BIGINT  NOT NULL,
    mime      TEXT    NOT NULL,
    received  BIGINT  NOT NULL
);

-- Which records link which blobs: the right to download.
CREATE TABLE op_blob (
    record  BYTEA NOT NULL,
    sha256  BYTEA NOT NULL,
    PRIMARY KEY (record, sha256)
);

CREATE TABLE upload (
    id          TEXT    PRIMARY KEY,
    account     BYTEA   NOT NULL REFERENCES account (id),
    sha256      BYTEA   NOT NULL,
    mime        TEXT    NOT NULL,
    length      BIGINT  NOT NULL,
    -- Bytes that are on the medium.
    received    BIGINT  NOT NULL,
    complete    BOOLEAN NOT NULL,
    expires_at  BIGINT  NOT NULL
);
CREATE INDEX upload_expires ON upload (expires_at);
