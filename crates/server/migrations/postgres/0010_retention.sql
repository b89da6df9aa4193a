-- One run of the retention job for each day, in the order in which they began: a clock may be set back. touched says when
-- somebody last went on with one that is not done, so that of two processes only one does.
CREATE TABLE retention_run (
    number   BIGINT  PRIMARY KEY,
    day      BIGINT  NOT NULL UNIQUE,
    touched  BIGINT  NOT NULL,
    run      TEXT    NOT NULL
);
