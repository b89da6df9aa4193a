-- How far each receiver of webhooks is: all up to pos was told, or was not for it. Who holds the turn sends, and nobody else until then.
CREATE TABLE webhook (
    name         TEXT    PRIMARY KEY,
    pos          BIGINT  NOT NULL,
    turn_of      BYTEA,
    turn_until   BIGINT,
    -- Deliveries that failed since the last one that did not, and why.
    failures     BIGINT  NOT NULL,
    error        TEXT,
    next_at      BIGINT,
    delivered_at BIGINT,
    paused_at    BIGINT
);
