-- Where somebody works, as JSON: codes of areas (none = the whole city), unit.
ALTER TABLE account ADD COLUMN seat TEXT NOT NULL DEFAULT '{}';

-- Where a record belonged from a position on, as JSON: what the rights over it are decided by. It follows from the ops.
CREATE TABLE belongs (
    record  BLOB    NOT NULL,
    since   INTEGER NOT NULL,
    facts   TEXT    NOT NULL,
    PRIMARY KEY (record, since)
) STRICT, WITHOUT ROWID;

-- What was here before belongs to who made it, in no area.
INSERT INTO belongs (record, since, facts)
SELECT o.record, b.first, json_object('kind', o.kind, 'owner', lower(hex(o.account)))
FROM (SELECT record, min(pos) AS first, coalesce(min(CASE WHEN kind >= 10 THEN pos END), min(pos)) AS made
      FROM op GROUP BY record) b
JOIN op o ON o.pos = b.made;
