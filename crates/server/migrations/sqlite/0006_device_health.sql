-- The last report of each phone about itself, as it was sent: `HealthReport` of docs/op-format.md.
CREATE TABLE device_health (
    log        BLOB    PRIMARY KEY REFERENCES log (id),
    received   INTEGER NOT NULL,
    -- The log that the same install wrote before: that one is no phone of its own.
    continues  BLOB,
    report     BLOB    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX device_health_continues ON device_health (continues) WHERE continues IS NOT NULL;
