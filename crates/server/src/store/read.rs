//! From the rows of either database to the rows of the port. A value of the wrong width is a fault, never a panic.
//!
//! Owns: what the columns of every query mean; the queries are `sqlite::rows` and `postgres::rows`, which share their names.

use futures_util::{Stream, TryStreamExt as _};
use greenshield_domain::ids::{AccessKeyId, AccountId, BlobId, CheckpointId, Epoch, LogId, OpId, RecordId};
use greenshield_domain::policy::{Appointed, Facts, Office, Seat, Term};
use greenshield_domain::signature::{PublicKey, Signature};
use greenshield_domain::statement::Signed;
use greenshield_domain::wire::{AccessKeyRow, Began, DeviceRow, HealthReport, HeldRow, PulledOp, Verdict, WipeState};
use serde::de::DeserializeOwned;

use super::retention::Kept;
use super::{
    AccountRow, AccountState, BlobRow, CheckpointRow, CityRow, InviteRow, JudgedOp, KeyRow, LogRow, RecordSpan, RunRow,
    ServerRow, StoreError, Stored, Turn, UploadRow, WaitingRow, WebhookRow,
};

/// A row whose values are asked for by the names of their columns.
pub(in crate::store) trait Columns {
    /// What an error of this database is to the port.
    fn fault(error: sqlx::Error) -> StoreError;
    /// A byte string, `None` = NULL.
    fn bytes_or_null(&self, column: &'static str) -> Stored<Option<&[u8]>>;
    /// A number, `None` = NULL.
    fn int_or_null(&self, column: &'static str) -> Stored<Option<i64>>;
    /// A text, `None` = NULL.
    fn text_or_null(&self, column: &'static str) -> Stored<Option<String>>;
    /// True or false.
    fn flag(&self, column: &'static str) -> Stored<bool>;
}

/// A value of a column that is never NULL.
fn known<R: Columns + ?Sized, T>(_row: &R, column: &'static str, value: Option<T>) -> Stored<T> {
    value.ok_or_else(|| {
        R::fault(sqlx::Error::ColumnDecode { index: column.into(), source: Box::new(sqlx::error::UnexpectedNullError) })
    })
}

/// A byte string of a fixed width.
pub(in crate::store) fn fixed<const N: usize>(
    row: &impl Columns,
    table: &'static str,
    column: &'static str,
) -> Stored<[u8; N]> {
    let bytes = known(row, column, row.bytes_or_null(column)?)?;
    bytes.try_into().map_err(|_| StoreError::Corrupt { table, column })
}

fn optional<const N: usize>(row: &impl Columns, table: &'static str, column: &'static str) -> Stored<Option<[u8; N]>> {
    let bytes = row.bytes_or_null(column)?;
    bytes.map(|bytes| bytes.try_into().map_err(|_| StoreError::Corrupt { table, column })).transpose()
}

/// A byte string.
pub(in crate::store) fn bytes(row: &impl Columns, column: &'static str) -> Stored<Vec<u8>> {
    known(row, column, row.bytes_or_null(column)?).map(<[u8]>::to_vec)
}

/// A count.
pub(in crate::store) fn uint(row: &impl Columns, table: &'static str, column: &'static str) -> Stored<u64> {
    u64::try_from(int(row, column)?).map_err(|_| StoreError::Corrupt { table, column })
}

/// A signed number.
pub(in crate::store) fn int(row: &impl Columns, column: &'static str) -> Stored<i64> {
    known(row, column, row.int_or_null(column)?)
}

fn text(row: &impl Columns, column: &'static str) -> Stored<String> {
    known(row, column, row.text_or_null(column)?)
}

/// A row of `SERVER`.
pub(in crate::store) fn server(row: &impl Columns) -> Stored<ServerRow> {
    let is_first = row.bytes_or_null("began_after")?.is_none();
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

/// A column of JSON.
fn json<T: DeserializeOwned>(row: &impl Columns, table: &'static str, column: &'static str) -> Stored<T> {
    serde_json::from_str(&text(row, column)?).map_err(|_| StoreError::Corrupt { table, column })
}

/// A row of `belongs`.
pub(in crate::store) fn facts(row: &impl Columns) -> Stored<(RecordId, Facts)> {
    Ok((RecordId(fixed(row, "belongs", "record")?), json(row, "belongs", "facts")?))
}

/// A row of `belongs` with its position.
pub(in crate::store) fn history(row: &impl Columns) -> Stored<(RecordId, u64, Facts)> {
    let (record, found) = facts(row)?;
    Ok((record, uint(row, "belongs", "since")?, found))
}

/// A row of `OWNED_SINCE`.
pub(in crate::store) fn owned_since(row: &impl Columns) -> Stored<(u32, u64)> {
    let kind = u32::try_from(int(row, "kind")?).map_err(|_| StoreError::Corrupt { table: "op", column: "kind" })?;
    Ok((kind, uint(row, "op", "pos")?))
}

/// Columns `account`, `name`, `role`.
pub(in crate::store) fn account(row: &impl Columns) -> Stored<AccountRow> {
    let id = AccountId(fixed(row, "account", "account")?);
    Ok(AccountRow { id, name: text(row, "name")?, role: text(row, "role")? })
}

/// A row of `ACCOUNTS`.
pub(in crate::store) fn account_state(row: &impl Columns) -> Stored<AccountState> {
    let AccountRow { id, name, role } = account(row)?;
    let now = Appointed { name, office: Office { role, seat: json(row, "account", "seat")?, term: term(row)? } };
    let corrupt = |_| StoreError::Corrupt { table: "account", column: "base" };
    let base = row.text_or_null("base")?.map(|base| serde_json::from_str(&base).map_err(corrupt)).transpose()?;
    let base = base.unwrap_or_else(|| now.clone());
    Ok(AccountState { id, now, base, revoked_at: row.int_or_null("revoked_at")? })
}

fn term(row: &impl Columns) -> Stored<Term> {
    Ok(Term { from_millis: row.int_or_null("term_from")?, until_millis: row.int_or_null("term_until")? })
}

/// Columns `wipe_asked_at` and `wiped_at`.
fn wipe(row: &impl Columns) -> Stored<Option<WipeState>> {
    let asked = row.int_or_null("wipe_asked_at")?;
    let wiped_millis = row.int_or_null("wiped_at")?;
    Ok(asked.map(|asked_millis| WipeState { asked_millis, wiped_millis }))
}

/// A row of `INVITE`.
pub(in crate::store) fn invite(row: &impl Columns) -> Stored<InviteRow> {
    Ok(InviteRow {
        code_hash: fixed(row, "invite", "code_hash")?,
        account: account(row)?,
        nonce: fixed(row, "invite", "nonce")?,
        expires_at: int(row, "expires_at")?,
        used_by: optional(row, "invite", "used_by_log")?.map(LogId),
        invited_by: optional(row, "invite", "invited_by")?.map(AccountId),
    })
}

/// A row of `LOG`.
pub(in crate::store) fn log(row: &impl Columns) -> Stored<LogRow> {
    let seq = row.int_or_null("head_seq")?;
    let head_id = optional(row, "log", "head_id")?.map(OpId);
    let revoked = [row.int_or_null("revoked_at")?, row.int_or_null("account_revoked_at")?];
    Ok(LogRow {
        id: LogId(fixed(row, "log", "id")?),
        account: account(row)?,
        seat: json(row, "account", "seat")?,
        term: term(row)?,
        wipe: wipe(row)?,
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

/// A row of `NEWEST_CHECKPOINT`.
pub(in crate::store) fn checkpoint(row: &impl Columns) -> Stored<CheckpointRow> {
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
pub(in crate::store) fn pulled(row: &impl Columns) -> Stored<PulledOp> {
    Ok(PulledOp {
        pos: uint(row, "op", "pos")?,
        eff_millis: int(row, "eff")?,
        received_millis: int(row, "received")?,
        verdict: verdict_of(row.text_or_null("verdict")?),
        account: AccountId(fixed(row, "op", "account")?),
        op: bytes(row, "bytes")?,
    })
}

/// Reads ops from a query until they pass `max_bytes`; one is given however large it is.
pub(in crate::store) async fn page<R: Columns>(
    found: &mut (impl Stream<Item = Result<R, sqlx::Error>> + Unpin),
    max_bytes: usize,
) -> Stored<Vec<PulledOp>> {
    let (mut ops, mut size) = (Vec::new(), 0);
    while let Some(row) = found.try_next().await.map_err(R::fault)? {
        let op = pulled(&row)?;
        size += op.op.len();
        if size > max_bytes && !ops.is_empty() {
            break;
        }
        ops.push(op);
    }
    Ok(ops)
}

/// A row of `RECORDS_DOWN_FROM`.
pub(in crate::store) fn record_span(row: &impl Columns) -> Stored<RecordSpan> {
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

/// A row of `access_key` with its owner.
pub(in crate::store) fn access_key(row: &impl Columns) -> Stored<KeyRow> {
    let owner = account(row)?;
    let told = AccessKeyRow {
        id: AccessKeyId(fixed(row, "access_key", "id")?),
        name: text(row, "key_name")?,
        account: owner.id,
        owner: owner.name,
        role: owner.role,
        created_millis: int(row, "created")?,
        expires_millis: int(row, "expires_at")?,
        revoked_millis: row.int_or_null("revoked_at")?,
        used_millis: row.int_or_null("used_at")?,
    };
    Ok(KeyRow { told, seat: json(row, "account", "seat")?, log: LogId(fixed(row, "access_key", "log")?) })
}

/// A row of `city_version`, without the package.
pub(in crate::store) fn city_version(row: &impl Columns) -> Stored<CityRow> {
    let table = "city_version";
    let version = uint(row, table, "version")?.try_into();
    Ok(CityRow {
        version: version.map_err(|_| StoreError::Corrupt { table, column: "version" })?,
        from_millis: int(row, "holds_from")?,
        sha256: fixed(row, table, "sha256")?,
        size_bytes: uint(row, table, "size")?,
        by: AccountId(fixed(row, table, "account")?),
        note: text(row, "note")?,
        kept_millis: int(row, "kept")?,
        withdrawn_millis: row.int_or_null("withdrawn_at")?,
    })
}

/// A row of `retention_run`.
pub(in crate::store) fn retention_run(row: &impl Columns) -> Stored<RunRow> {
    let Kept { epoch, run } = json(row, "retention_run", "run")?;
    Ok(RunRow { day: int(row, "day")?, touched_millis: int(row, "touched")?, epoch, run })
}

/// A row of `webhook`.
pub(in crate::store) fn webhook(row: &impl Columns) -> Stored<WebhookRow> {
    let turn = optional(row, "webhook", "turn_of")?.zip(row.int_or_null("turn_until")?);
    Ok(WebhookRow {
        name: text(row, "name")?,
        pos: uint(row, "webhook", "pos")?,
        turn: turn.map(|(of, until_millis)| Turn { of, until_millis }),
        failures: uint(row, "webhook", "failures")?,
        error: row.text_or_null("error")?,
        next_millis: row.int_or_null("next_at")?,
        delivered_millis: row.int_or_null("delivered_at")?,
        paused_millis: row.int_or_null("paused_at")?,
    })
}

/// A row of `JUDGED`.
pub(in crate::store) fn judged(row: &impl Columns) -> Stored<JudgedOp> {
    let decided_millis = row.int_or_null("decided")?;
    let verdict = row.text_or_null(if decided_millis.is_some() { "verdict" } else { "arrived" })?;
    let kind = u32::try_from(int(row, "kind")?).map_err(|_| StoreError::Corrupt { table: "op", column: "kind" })?;
    Ok(JudgedOp { record: RecordId(fixed(row, "op", "record")?), kind, verdict: verdict_of(verdict), decided_millis })
}

/// A row of `HELD_AFTER`.
pub(in crate::store) fn held(row: &impl Columns) -> Stored<HeldRow> {
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

/// A row of `DEVICES`: the phone, and where its person works.
pub(in crate::store) fn device(row: &impl Columns, now_millis: i64) -> Stored<(DeviceRow, Seat)> {
    let report = row.bytes_or_null("report")?.map(HealthReport::decode).transpose();
    let corrupt = |_| StoreError::Corrupt { table: "device_health", column: "report" };
    let (owner, enrolled_millis) = (account(row)?, int(row, "enrolled_at")?);
    let revoked = [row.int_or_null("revoked_at")?, row.int_or_null("account_revoked_at")?];
    let heard = [row.int_or_null("op_received")?, row.int_or_null("received")?];
    let device = DeviceRow {
        log: LogId(fixed(row, "log", "id")?),
        account: owner.id,
        name: owner.name,
        role: owner.role,
        enrolled_millis,
        revoked: revoked.into_iter().flatten().any(|since| since <= now_millis),
        contact_millis: heard.into_iter().flatten().fold(enrolled_millis, i64::max),
        report: report.map_err(corrupt)?,
        revoke_reason: row.text_or_null("revoke_reason")?,
        wipe: wipe(row)?,
    };
    Ok((device, json(row, "account", "seat")?))
}

/// A row of `FIRST_OPS`.
pub(in crate::store) fn first_op(row: &impl Columns) -> Stored<(RecordId, AccountId, Vec<u8>)> {
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
pub(in crate::store) fn verdict_text(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Ok => None,
        Verdict::Void => Some(""),
        Verdict::Held(reason) => Some(reason),
    }
}

/// A row of `pen`.
pub(in crate::store) fn waiting(row: &impl Columns) -> Stored<WaitingRow> {
    Ok(WaitingRow {
        id: OpId(fixed(row, "pen", "id")?),
        log: LogId(fixed(row, "pen", "log")?),
        seq: uint(row, "pen", "seq")?,
        received_millis: int(row, "received")?,
        bytes: bytes(row, "bytes")?,
    })
}

/// A row of `blob`.
pub(in crate::store) fn blob(row: &impl Columns) -> Stored<BlobRow> {
    Ok(BlobRow {
        id: BlobId(fixed(row, "blob", "sha256")?),
        size_bytes: uint(row, "blob", "size")?,
        mime: text(row, "mime")?,
        received_millis: int(row, "received")?,
    })
}

/// A row of `upload`.
pub(in crate::store) fn upload(row: &impl Columns) -> Stored<UploadRow> {
    Ok(UploadRow {
        id: text(row, "id")?,
        account: AccountId(fixed(row, "upload", "account")?),
        blob: BlobId(fixed(row, "upload", "sha256")?),
        mime: text(row, "mime")?,
        length: uint(row, "upload", "length")?,
        received: uint(row, "upload", "received")?,
        complete: row.flag("complete")?,
        expires_at: int(row, "expires_at")?,
    })
}
