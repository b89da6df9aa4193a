-- What is erased of an op, one bit for each leaf. It follows from the server's own log; the op itself may still be to come.
CREATE TABLE erasure (
    op      BYTEA   PRIMARY KEY,
    leaves  BIGINT  NOT NULL
);

-- Files that only erased entries linked: nobody brings them again, unless another op links them. Their bytes go after the
-- commit; gone = 0 says that this is still to do.
CREATE TABLE erased_blob (
    sha256  BYTEA   PRIMARY KEY,
    gone    BIGINT  NOT NULL
);

-- Whether bytes of erased values may still lie in dead rows.
ALTER TABLE server ADD COLUMN scrub_due BIGINT NOT NULL DEFAULT 0;
