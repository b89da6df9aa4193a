-- How far each receiver of webhooks is: all up to pos was told, or was not for it. Who holds the turn sends, and nobody else until then.
CREATE TABLE webhook (
    name         TEXT    PRIMARY KEY,
    pos          INTEGER NOT NULL,
    turn_of      BLOB,
    turn_until   INTEGER,
    -- Deliveries that failed since the last one that did not, and why.
    failures     INTEGER NOT NULL,
    error        TEXT,
    next_at      INTEGER,
    delivered_at INTEGER,
    paused_at    INTEGER
) STRICT, WITHOUT ROWID;
