-- The decision that counts about an op: the newest one in the server's own log. It can be made anew from that log.
CREATE TABLE decision (
    op       BYTEA   PRIMARY KEY,
    -- The op that says so, and its rank among others about the same op.
    eff      BIGINT  NOT NULL,
    seq      BIGINT  NOT NULL,
    id       BYTEA   NOT NULL,
    -- NULL = ok, '' = void, otherwise the reason why it is held.
    verdict  TEXT
);
CREATE INDEX op_not_ok ON op (pos) WHERE verdict IS NOT NULL;
CREATE INDEX decision_not_ok ON decision (op) WHERE verdict IS NOT NULL;
