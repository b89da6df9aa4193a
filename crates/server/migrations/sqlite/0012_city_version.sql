-- Versions of the city package that somebody brought to the server. A number is given once, also when its version was withdrawn.
-- holds_from is the moment at which its day begins on the city's clock.
CREATE TABLE city_version (
    version       INTEGER PRIMARY KEY,
    holds_from    INTEGER NOT NULL,
    sha256        BLOB    NOT NULL,
    package       TEXT    NOT NULL,
    account       BLOB    NOT NULL REFERENCES account (id),
    note          TEXT    NOT NULL,
    kept          INTEGER NOT NULL,
    withdrawn_at  INTEGER
) STRICT;
