-- Versions of the city package that somebody brought to the server. A number is given once, also when its version was withdrawn.
-- holds_from is the moment at which its day begins on the city's clock.
CREATE TABLE city_version (
    version       BIGINT  PRIMARY KEY,
    holds_from    BIGINT  NOT NULL,
    sha256        BYTEA   NOT NULL,
    package       TEXT    NOT NULL,
    account       BYTEA   NOT NULL REFERENCES account (id),
    note          TEXT    NOT NULL,
    kept          BIGINT  NOT NULL,
    withdrawn_at  BIGINT
);
