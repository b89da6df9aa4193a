//! The queries of SQLite, and the values of its rows.

use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use super::fault;
use crate::store::read::Columns;
use crate::store::{StoreError, Stored};

pub(super) use crate::store::read::{
    access_key, account, account_state, blob, bytes, checkpoint, city_version, device, facts, first_op, fixed, held,
    history, int, invite, judged, log, owned_since, page, pulled, record_span, retention_run, server, uint, upload,
    verdict_text, waiting, webhook,
};

/// The facts about this database.
pub(super) const SERVER: &str = "SELECT epoch, key_pkcs8, began_after, began_size FROM server";

/// A log with its owner.
pub(super) const LOG: &str =
    "SELECT l.id, l.account, a.name, a.role, a.seat, a.term_from, a.term_until, l.public_key, l.certificate,
    l.certificate_sig, l.wipe_asked_at, l.wiped_at, l.revoked_at, a.revoked_at AS account_revoked_at, l.head_seq, l.head_id, l.lease_current, l.lease_previous
    FROM log l JOIN account a ON a.id = l.account WHERE l.id = ?";

/// People with all that rights are decided by, of a list.
pub(super) const ACCOUNTS: &str = "SELECT id AS account, name, role, seat, term_from, term_until, base, revoked_at
    FROM account WHERE id IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY id";

/// What a person's record says holds from now on.
pub(super) const APPOINT: &str = "UPDATE account SET name = ?1, role = ?2, seat = ?3, term_from = ?4,
    term_until = ?5, base = ?6 WHERE id = ?7";

/// Revokes a phone and says why; the first time stays.
pub(super) const REVOKE_FOR: &str =
    "UPDATE log SET revoked_by = CASE WHEN revoked_at IS NULL THEN ?1 ELSE revoked_by END,
    revoke_reason = CASE WHEN revoked_at IS NULL THEN ?2 ELSE revoke_reason END,
    revoked_at = coalesce(revoked_at, ?3) WHERE id = ?4";

/// Asks a phone to wipe itself; the first time stays.
pub(super) const ASK_WIPE: &str = "UPDATE log SET wipe_by = CASE WHEN wipe_asked_at IS NULL THEN ?1 ELSE wipe_by END,
    wipe_reason = CASE WHEN wipe_asked_at IS NULL THEN ?2 ELSE wipe_reason END,
    wipe_asked_at = coalesce(wipe_asked_at, ?3) WHERE id = ?4";

/// Keeps the word of a phone that it wiped itself; the first one stays.
pub(super) const PUT_WIPED: &str = "UPDATE log SET wiped_at = ?1, wiped = ?2, wiped_sig = ?3
    WHERE id = ?4 AND wipe_asked_at IS NOT NULL AND wiped_at IS NULL";

/// An invite with its account.
pub(super) const INVITE: &str = "SELECT i.code_hash, i.account, a.name, a.role, i.nonce, i.expires_at, i.used_by_log,
    i.invited_by FROM invite i JOIN account a ON a.id = i.account WHERE i.code_hash = ?";

/// The newest checkpoint.
pub(super) const NEWEST_CHECKPOINT: &str =
    "SELECT id, size, time, payload, signature FROM checkpoint ORDER BY number DESC LIMIT 1";

/// Ops that wait: held at arrival and not decided about, or held by a decision.
pub(super) const HELD_AFTER: &str = "SELECT o.pos, o.id, o.record, o.log, o.account, o.received, h.reason
    FROM (SELECT n.pos, n.verdict AS reason FROM op n
          WHERE n.verdict <> '' AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.op = n.id)
          UNION ALL
          SELECT n.pos, d.verdict AS reason FROM decision d JOIN op n ON n.id = d.op WHERE d.verdict <> '') h
    JOIN op o ON o.pos = h.pos
    WHERE h.pos > ?1 ORDER BY h.pos LIMIT ?2";

/// Phones with their last report.
pub(super) const DEVICES: &str = "SELECT l.id, l.account, a.name, a.role, a.seat, l.enrolled_at, l.revoked_at,
    a.revoked_at AS account_revoked_at, o.received AS op_received, h.received, h.report, l.revoke_reason,
    l.wipe_asked_at, l.wiped_at
    FROM log l JOIN account a ON a.id = l.account
    LEFT JOIN op o ON o.id = l.head_id LEFT JOIN device_health h ON h.log = l.id
    WHERE l.account <> ?1 AND NOT EXISTS
        (SELECT 1 FROM device_health n JOIN log m ON m.id = n.log WHERE n.continues = l.id AND m.account = l.account)
    ORDER BY a.name, l.enrolled_at, l.id";

/// Keeps the last report of a phone.
pub(super) const PUT_HEALTH: &str = "INSERT INTO device_health (log, received, continues, report)
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (log) DO UPDATE
    SET received = excluded.received, continues = excluded.continues, report = excluded.report";

/// An op with the decision about it, if there is one.
pub(super) const JUDGED: &str = "SELECT o.record, o.kind, o.verdict AS arrived, d.eff AS decided, d.verdict AS verdict
    FROM op o LEFT JOIN decision d ON d.op = o.id WHERE o.id = ?1";

/// The same for the newest op of a log on a record.
pub(super) const NEWEST_ON_RECORD: &str = "SELECT o.record, o.kind, o.verdict AS arrived, d.eff AS decided,
    d.verdict AS verdict FROM op o LEFT JOIN decision d ON d.op = o.id
    WHERE o.record = ?1 AND o.log = ?2 ORDER BY o.pos DESC LIMIT 1";

/// Keeps the decision with the greater rank.
pub(super) const PUT_DECISION: &str = "INSERT INTO decision (op, eff, seq, id, verdict) VALUES (?1, ?2, ?3, ?4, ?5)
    ON CONFLICT (op) DO UPDATE
    SET eff = excluded.eff, seq = excluded.seq, id = excluded.id, verdict = excluded.verdict
    WHERE (excluded.eff, excluded.seq, excluded.id) > (decision.eff, decision.seq, decision.id)";

/// The first op of the city's kinds on each record.
pub(super) const FIRST_OPS: &str = "SELECT record, account, bytes FROM op WHERE pos IN
    (SELECT min(pos) FROM op WHERE record IN (SELECT unhex(value) FROM json_each(?1)) AND kind >= 10 GROUP BY record)";

/// Where records belong now, of a list.
pub(super) const FACTS: &str = "SELECT b.record, b.facts FROM belongs b
    WHERE b.record IN (SELECT unhex(value) FROM json_each(?1))
    AND b.since = (SELECT max(n.since) FROM belongs n WHERE n.record = b.record)";

/// Where records belong now, in the order of their ids.
pub(super) const FACTS_AFTER: &str = "SELECT b.record, b.facts FROM belongs b
    WHERE b.record > ?1 AND b.since = (SELECT max(n.since) FROM belongs n WHERE n.record = b.record)
    ORDER BY b.record LIMIT ?2";

/// Where records of a list belonged.
pub(super) const HISTORIES: &str = "SELECT record, since, facts FROM belongs
    WHERE record IN (SELECT unhex(value) FROM json_each(?1)) ORDER BY record, since";

/// Kinds of which somebody said the first word of a record, with where that stands. Decisions may stand before it.
pub(super) const OWNED_SINCE: &str = "SELECT o.kind, min(o.pos) AS pos FROM log l JOIN op o ON o.log = l.id
    WHERE l.account = ?1 AND o.kind >= 10
    AND NOT EXISTS (SELECT 1 FROM op e WHERE e.record = o.record AND e.pos < o.pos AND e.kind >= 10)
    GROUP BY o.kind ORDER BY o.kind";

/// The newest checkpoint of a size.
pub(super) const CHECKPOINT_OF_SIZE: &str =
    "SELECT id, size, time, payload, signature FROM checkpoint WHERE size = ? ORDER BY number DESC LIMIT 1";

/// Records by where they began; the index of records finds an earlier op of the same record, if there is one.
pub(super) const RECORDS_DOWN_FROM: &str = "SELECT b.record, b.first, max(o.pos) AS last, count(*) AS ops,
    sum(length(o.bytes)) AS size
    FROM (SELECT n.record, n.pos AS first FROM op n
          WHERE n.pos <= ?1 AND n.kind <> 2 AND NOT EXISTS (SELECT 1 FROM op e WHERE e.record = n.record AND e.pos < n.pos)
          ORDER BY n.pos DESC LIMIT ?3) b
    CROSS JOIN op o ON o.record = b.record AND o.pos <= ?2
    GROUP BY b.record, b.first ORDER BY b.first DESC";

impl Columns for SqliteRow {
    fn fault(error: sqlx::Error) -> StoreError {
        fault(error)
    }

    fn bytes_or_null(&self, column: &'static str) -> Stored<Option<&[u8]>> {
        self.try_get(column).map_err(fault)
    }

    fn int_or_null(&self, column: &'static str) -> Stored<Option<i64>> {
        self.try_get(column).map_err(fault)
    }

    fn text_or_null(&self, column: &'static str) -> Stored<Option<String>> {
        self.try_get(column).map_err(fault)
    }

    fn flag(&self, column: &'static str) -> Stored<bool> {
        self.try_get::<i64, _>(column).map(|flag| flag != 0).map_err(fault)
    }
}
