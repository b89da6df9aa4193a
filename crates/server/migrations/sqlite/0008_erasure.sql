-- What is erased of an op, one bit for each leaf. It follows from the server's own log; the op itself may still be to come.
CREATE TABLE erasure (
    op      BLOB    PRIMARY KEY,
    leaves  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Files that only erased entries linked: nobody brings them again, unless another op links them. Their bytes go after the
-- commit; gone = 0 says that this is still to do.
CREATE TABLE erased_blob (
    sha256  BLOB    PRIMARY KEY,
    gone    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Whether bytes of erased values may still lie in free pages or the write-ahead log.
ALTER TABLE server ADD COLUMN scrub_due INTEGER NOT NULL DEFAULT 0;
