//! From SQLite rows to the rows of the port. A value of the wrong width is a fault, never a panic.

use futures_util::{Stream, TryStreamExt as _};
use greenshield_domain::ids::{AccountId, BlobId, CheckpointId, Epoch, LogId, OpId, RecordId};
use greenshield_domain::signature::{PublicKey, Signature};
use greenshield_domain::statement::Signed;
use greenshield_domain::wire::{Began, DeviceRow, HealthReport, HeldRow, PulledOp, Verdict};
use sqlx::Row as _;
use sqlx::sqlite::SqliteRow;

use crate::store::{
    AccountRow, BlobRow, CheckpointRow, InviteRow, JudgedOp, LogRow, RecordSpan, ServerRow, StoreError, Stored,
    UploadRow, WaitingRow,
};

/// The facts about this database.
pub(super) const SERVER: &str = "SELECT epoch, key_pkcs8, began_after, began_size FROM server";

/// A log with its owner.
pub(super) const LOG: &str = "SELECT l.id, l.account, a.name, a.role, l.public_key, l.certificate, l.certificate_sig,
    l.revoked_at, a.revoked_at AS account_revoked_at, l.head_seq, l.head_id, l.lease_current, l.lease_previous
    FROM log l JOIN account a ON a.id = l.account WHERE l.id = ?";

/// An invite with its account.
pub(super) const INVITE: &str = "SELECT i.code_hash, i.account, a.name, a.role, i.nonce, i.expires_at, i.used_by_log
    FROM invite i JOIN account a ON a.id = i.account WHERE i.code_hash = ?";

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
pub(super) const DEVICES: &str = "SELECT l.id, l.account, a.name, a.role, l.enrolled_at, l.revoked_at,
    a.revoked_at AS account_revoked_at, o.received AS op_received, h.received, h.report
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

/// The newest checkpoint of a size.
pub(super) const CHECKPOINT_OF_SIZE: &str =
    "SELECT id, size, time, payload, signature FROM checkpoint WHERE size = ? ORDER BY number DESC LIMIT 1";

/// Records by where they began; the index of records finds an earlier op of the same record, if there is one.
pub(super) const RECORDS_DOWN_FROM: &str = "SELECT b.record, b.first, max(o.pos) AS last, count(*) AS ops,
    sum(length(o.bytes)) AS size
    FROM (SELECT n.record, n.pos AS first FROM op n
          WHERE n.pos <= ?1 AND NOT EXISTS (SELECT 1 FROM op e WHERE e.record = n.record AND e.pos < n.pos)
          ORDER BY n.pos DESC LIMIT ?3) b
    CROSS JOIN op o ON o.record = b.record AND o.pos <= ?2
    GROUP BY b.record, b.first ORDER BY b.first DESC";

/// A byte string of a fixed width.
pub(super) fn fixed<const N: usize>(row: &SqliteRow, table: &'static str, column: &'static str) -> Stored<[u8; N]> {
    let bytes: &[u8] = row.try_get(column).map_err(super::fault)?;
    bytes.try_into().map_err(|_| StoreError::Corrupt { table, column })
}

fn optional<const N: usize>(row: &SqliteRow, table: &'static str, column: &'static str) -> Stored<Option<[u8; N]>> {
    let bytes: Option<&[u8]> = row.try_get(column).map_err(super::fault)?;
    bytes.map(|bytes| bytes.try_into().map_err(|_| StoreError::Corrupt { table, column })).transpose()
}

/// A byte string.
pub(super) fn bytes(row: &SqliteRow, column: &'static str) -> Stored<Vec<u8>> {
    row.try_get(column).map_err(super::fault)
}

/// A count.
pub(super) fn uint(row: &SqliteRow, table: &'static str, column: &'static str) -> Stored<u64> {
    u64::try_from(int(row, column)?).map_err(|_| StoreError::Corrupt { table, column })
}

/// A signed number.
pub(super) fn int(row: &SqliteRow, column: &'static str) -> Stored<i64> {
    row.try_get(column).map_err(super::fault)
}

fn text(row: &SqliteRow, column: &'static str) -> Stored<String> {
    row.try_get(column).map_err(super::fault)
}

/// A row of [`SERVER`].
pub(super) fn server(row: &SqliteRow) -> Stored<ServerRow> {
    let is_first = row.try_get::<Option<&[u8]>, _>("began_after").map_err(super::fault)?.is_none();
    let began = || {
        let after = Epoch(fixed(row, "server", "began_after")?);
        Ok(Began { after, size: uint(row, "server", "began_size")? })
    };
    Ok(ServerRow {
        epoch: Epoch(fixed(row, "server", "epoch")?),
        key_pkcs8: bytes(row, "key_pkcs8")?,
        began: if is_first { None } else { Some(began()?) },
    })
}

/// Columns `account`, `name`, `role`.
pub(super) fn account(row: &SqliteRow) -> Stored<AccountRow> {
    let id = AccountId(fixed(row, "account", "account")?);
    Ok(AccountRow { id, name: text(row, "name")?, role: text(row, "role")? })
}

/// A row of [`INVITE`].
pub(super) fn invite(row: &SqliteRow) -> Stored<InviteRow> {
    Ok(InviteRow {
        code_hash: fixed(row, "invite", "code_hash")?,
        account: account(row)?,
        nonce: fixed(row, "invite", "nonce")?,
        expires_at: int(row, "expires_at")?,
        used_by: optional(row, "invite", "used_by_log")?.map(LogId),
    })
}

/// A row of [`LOG`].
pub(super) fn log(row: &SqliteRow) -> Stored<LogRow> {
    let seq: Option<i64> = row.try_get("head_seq").map_err(super::fault)?;
    let head_id = optional(row, "log", "head_id")?.map(OpId);
    let revoked: [Option<i64>; 2] =
        [row.try_get("revoked_at").map_err(super::fault)?, row.try_get("account_revoked_at").map_err(super::fault)?];
    Ok(LogRow {
        id: LogId(fixed(row, "log", "id")?),
        account: account(row)?,
        public_key: PublicKey(fixed(row, "log", "public_key")?),
        revoked_at: revoked.into_iter().flatten().min(),
        head: seq.and_then(|seq| u64::try_from(seq).ok()).zip(head_id),
        lease_current: optional(row, "log", "lease_current")?,
        lease_previous: optional(row, "log", "lease_previous")?,
        certificate: Signed {
            payload: bytes(row, "certificate")?,
            signature: Signature(fixed(row, "log", "certificate_sig")?),
        },
    })
}

/// A row of [`NEWEST_CHECKPOINT`].
pub(super) fn checkpoint(row: &SqliteRow) -> Stored<CheckpointRow> {
    Ok(CheckpointRow {
        id: CheckpointId(fixed(row, "checkpoint", "id")?),
        size: uint(row, "checkpoint", "size")?,
        time_millis: int(row, "time")?,
        signed: Signed {
            payload: bytes(row, "payload")?,
            signature: Signature(fixed(row, "checkpoint", "signature")?),
        },
    })
}

/// Columns `pos`, `eff`, `received`, `verdict`, `account`, `bytes`.
pub(super) fn pulled(row: &SqliteRow) -> Stored<PulledOp> {
    let verdict: Option<String> = row.try_get("verdict").map_err(super::fault)?;
    Ok(PulledOp {
        pos: uint(row, "op", "pos")?,
        eff_millis: int(row, "eff")?,
        received_millis: int(row, "received")?,
        verdict: verdict_of(verdict),
        account: AccountId(fixed(row, "op", "account")?),
        op: bytes(row, "bytes")?,
    })
}

/// Reads ops from a query until they pass `max_bytes`; one is given however large it is.
pub(super) async fn page(
    found: &mut (impl Stream<Item = Result<SqliteRow, sqlx::Error>> + Unpin),
    max_bytes: usize,
) -> Stored<Vec<PulledOp>> {
    let (mut ops, mut size) = (Vec::new(), 0);
    while let Some(row) = found.try_next().await.map_err(super::fault)? {
        let op = pulled(&row)?;
        size += op.op.len();
        if size > max_bytes && !ops.is_empty() {
            break;
        }
        ops.push(op);
    }
    Ok(ops)
}

/// A row of [`RECORDS_DOWN_FROM`].
pub(super) fn record_span(row: &SqliteRow) -> Stored<RecordSpan> {
    let count =
        |column| usize::try_from(uint(row, "op", column)?).map_err(|_| StoreError::Corrupt { table: "op", column });
    Ok(RecordSpan {
        record: RecordId(fixed(row, "op", "record")?),
        first: uint(row, "op", "first")?,
        last: uint(row, "op", "last")?,
        ops: count("ops")?,
        size_bytes: count("size")?,
    })
}

/// A row of [`JUDGED`].
pub(super) fn judged(row: &SqliteRow) -> Stored<JudgedOp> {
    let decided_millis: Option<i64> = row.try_get("decided").map_err(super::fault)?;
    let verdict = row.try_get(if decided_millis.is_some() { "verdict" } else { "arrived" }).map_err(super::fault)?;
    let kind = u32::try_from(int(row, "kind")?).map_err(|_| StoreError::Corrupt { table: "op", column: "kind" })?;
    Ok(JudgedOp { record: RecordId(fixed(row, "op", "record")?), kind, verdict: verdict_of(verdict), decided_millis })
}

/// A row of [`HELD_AFTER`].
pub(super) fn held(row: &SqliteRow) -> Stored<HeldRow> {
    Ok(HeldRow {
        pos: uint(row, "op", "pos")?,
        op: OpId(fixed(row, "op", "id")?),
        record: RecordId(fixed(row, "op", "record")?),
        log: LogId(fixed(row, "op", "log")?),
        account: AccountId(fixed(row, "op", "account")?),
        received_millis: int(row, "received")?,
        reason: text(row, "reason")?,
    })
}

/// A row of [`DEVICES`].
pub(super) fn device(row: &SqliteRow, now_millis: i64) -> Stored<DeviceRow> {
    let time = |column| row.try_get::<Option<i64>, _>(column).map_err(super::fault);
    let report: Option<&[u8]> = row.try_get("report").map_err(super::fault)?;
    let corrupt = |_| StoreError::Corrupt { table: "device_health", column: "report" };
    let (owner, enrolled_millis) = (account(row)?, int(row, "enrolled_at")?);
    let revoked = [time("revoked_at")?, time("account_revoked_at")?];
    let heard = [time("op_received")?, time("received")?];
    Ok(DeviceRow {
        log: LogId(fixed(row, "log", "id")?),
        account: owner.id,
        name: owner.name,
        role: owner.role,
        enrolled_millis,
        revoked: revoked.into_iter().flatten().any(|since| since <= now_millis),
        contact_millis: heard.into_iter().flatten().fold(enrolled_millis, i64::max),
        report: report.map(HealthReport::decode).transpose().map_err(corrupt)?,
    })
}

/// A row of [`FIRST_OPS`].
pub(super) fn first_op(row: &SqliteRow) -> Stored<(RecordId, AccountId, Vec<u8>)> {
    let (record, account) = (RecordId(fixed(row, "op", "record")?), AccountId(fixed(row, "op", "account")?));
    Ok((record, account, bytes(row, "bytes")?))
}

fn verdict_of(column: Option<String>) -> Verdict {
    match column {
        None => Verdict::Ok,
        Some(reason) if reason.is_empty() => Verdict::Void,
        Some(reason) => Verdict::Held(reason),
    }
}

/// The column `verdict` of an op.
pub(super) fn verdict_text(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Ok => None,
        Verdict::Void => Some(""),
        Verdict::Held(reason) => Some(reason),
    }
}

/// A row of `pen`.
pub(super) fn waiting(row: &SqliteRow) -> Stored<WaitingRow> {
    Ok(WaitingRow {
        id: OpId(fixed(row, "pen", "id")?),
        log: LogId(fixed(row, "pen", "log")?),
        seq: uint(row, "pen", "seq")?,
        received_millis: int(row, "received")?,
        bytes: bytes(row, "bytes")?,
    })
}

/// A row of `blob`.
pub(super) fn blob(row: &SqliteRow) -> Stored<BlobRow> {
    Ok(BlobRow {
        id: BlobId(fixed(row, "blob", "sha256")?),
        size_bytes: uint(row, "blob", "size")?,
        mime: text(row, "mime")?,
        received_millis: int(row, "received")?,
    })
}

/// A row of `upload`.
pub(super) fn upload(row: &SqliteRow) -> Stored<UploadRow> {
    Ok(UploadRow {
        id: text(row, "id")?,
        account: AccountId(fixed(row, "upload", "account")?),
        blob: BlobId(fixed(row, "upload", "sha256")?),
        mime: text(row, "mime")?,
        length: uint(row, "upload", "length")?,
        received: uint(row, "upload", "received")?,
        complete: int(row, "complete")? != 0,
        expires_at: int(row, "expires_at")?,
    })
}
