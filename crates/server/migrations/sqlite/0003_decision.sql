-- The decision that counts about an op: the newest one in the server's own log. It can be made anew from that log.
CREATE TABLE decision (
    op       BLOB    PRIMARY KEY,
    -- The op that says so, and its rank among others about the same op.
    eff      INTEGER NOT NULL,
    seq      INTEGER NOT NULL,
    id       BLOB    NOT NULL,
    -- NULL = ok, '' = void, otherwise the reason why it is held.
    verdict  TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX op_not_ok ON op (pos) WHERE verdict IS NOT NULL;
CREATE INDEX decision_not_ok ON decision (op) WHERE verdict IS NOT NULL;
