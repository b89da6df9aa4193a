-- The last report of each phone about itself, as it was sent: `HealthReport` of docs/op-format.md.
CREATE TABLE device_health (
    log        BYTEA   PRIMARY KEY REFERENCES log (id),
    received   BIGINT  NOT NULL,
    -- The log that the same install wrote before: that one is no phone of its own.
    continues  BYTEA,
    report     BYTEA   NOT NULL
);
CREATE INDEX device_health_continues ON device_health (continues) WHERE continues IS NOT NULL;
