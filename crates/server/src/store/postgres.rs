//! The store in a PostgreSQL database, which several server processes may share.
//!
//! Owns: opening, what each session is set to, migrations, the reads, and hearing of other processes. Refuses: a database
//! that may forget what it confirmed. Invariants: a write transaction holds the lock [`SEQUENCER`], so that there is one at
//! a time among all processes; it waits at most `LOCK_WITHIN` for it; a process that hangs inside one is thrown out.

mod access;
mod city;
mod erasing;
mod listen;
mod retention;
mod rows;
mod tx;
mod webhook;

use std::ops::RangeInclusive;
use std::str::FromStr as _;

use greenshield_domain::ids::{AccountId, BlobId, LogId, OpId, RecordId};
use greenshield_domain::log::LogHead;
use greenshield_domain::policy::{Facts, Seat};
use greenshield_domain::verdict::SERVER_ACCOUNT;
use greenshield_domain::wire::{DeviceRow, HeldRow, PersonRow, PulledOp};
use sqlx::ConnectOptions as _;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};

use self::rows::{fixed, uint};
pub use self::tx::PostgresTx;
use super::{
    AccountRow, AccountState, BlobRow, CheckpointRow, InviteRow, LogRow, RecordSpan, ServerRow, Store, StoreError,
    Stored, UploadRow,
};

/// Advisory lock of whoever writes.
const SEQUENCER: i64 = 0x6773_0001;
/// Advisory lock that every serving process shares.
const SERVING: i64 = 0x6773_0002;
/// Where commits are told.
const CHANNEL: &str = "greenshield";

/// How long a writer waits for one in another process.
const LOCK_WITHIN: &str = "10s";
/// A transaction that stands still for so long belongs to a process that hangs: its session ends.
const IDLE_WITHIN: &str = "30s";
const READERS: u32 = 8;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/postgres");

/// The PostgreSQL store.
#[derive(Debug, Clone)]
pub struct PostgresStore {
    writer: PgPool,
    readers: PgPool,
}

impl PostgresStore {
    /// Whether a text names a database of this kind.
    #[must_use]
    pub fn is_url(text: &str) -> bool {
        text.starts_with("postgres://") || text.starts_with("postgresql://")
    }

    /// Opens the database of a URL and brings it to the newest schema; one process at a time does that.
    ///
    /// # Errors
    /// [`StoreError`]; a database written by a newer server is refused by the migrations.
    pub async fn open(url: &str) -> Stored<Self> {
        let options = PgConnectOptions::from_str(url).map_err(fault)?.application_name("greenshield");
        let options = options.disable_statement_logging().options([
            ("synchronous_commit", "on"),
            ("default_transaction_isolation", "read committed"),
            ("idle_in_transaction_session_timeout", IDLE_WITHIN),
        ]);
        let migrating = PgPoolOptions::new().max_connections(1).connect_with(options.clone()).await.map_err(fault)?;
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            let value = sqlx::query_scalar("SELECT current_setting($1)").bind(setting);
            let value: String = value.fetch_one(&migrating).await.map_err(fault)?;
            if value != "on" {
                return Err(StoreError::Unsafe { setting, value });
            }
        }
        MIGRATIONS.run(&migrating).await.map_err(|error| StoreError::Backend(Box::new(error)))?;
        migrating.close().await;
        let writer = PgPoolOptions::new().max_connections(1).idle_timeout(None).max_lifetime(None);
        let writer = writer.connect_lazy_with(options.clone().options([("lock_timeout", LOCK_WITHIN)]));
        let readers = PgPoolOptions::new().max_connections(READERS).idle_timeout(None).max_lifetime(None);
        let readers = readers.connect_lazy_with(options.options([("default_transaction_read_only", "on")]));
        Ok(Self { writer, readers })
    }
}

impl Store for PostgresStore {
    type Tx = PostgresTx;

    async fn begin(&self) -> Stored<PostgresTx> {
        let mut tx = self.writer.begin().await.map_err(fault)?;
        // Alone in a statement: what comes after it sees what the one before committed.
        let lock = sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(SEQUENCER);
        lock.execute(&mut *tx).await.map_err(fault)?;
        Ok(PostgresTx::new(tx))
    }

    async fn server(&self) -> Stored<Option<ServerRow>> {
        let row = sqlx::query(rows::SERVER).fetch_optional(&self.readers).await;
        row.map_err(fault)?.as_ref().map(rows::server).transpose()
    }

    async fn base_url(&self) -> Stored<Option<String>> {
        let url = sqlx::query_scalar::<_, Option<String>>("SELECT base_url FROM server").fetch_optional(&self.readers);
        Ok(url.await.map_err(fault)?.flatten())
    }

    async fn log(&self, log: LogId) -> Stored<Option<LogRow>> {
        let row = sqlx::query(rows::LOG).bind(&log.0[..]).fetch_optional(&self.readers).await;
        row.map_err(fault)?.as_ref().map(rows::log).transpose()
    }

    async fn invite(&self, code_hash: [u8; 32]) -> Stored<Option<InviteRow>> {
        let row = sqlx::query(rows::INVITE).bind(&code_hash[..]).fetch_optional(&self.readers).await;
        row.map_err(fault)?.as_ref().map(rows::invite).transpose()
    }

    async fn account_named(&self, name: &str, role: &str) -> Stored<Option<AccountRow>> {
        let row =
            sqlx::query("SELECT id AS account, name, role FROM account WHERE name = $1 AND role = $2 ORDER BY created")
                .bind(name)
                .bind(role)
                .fetch_optional(&self.readers)
                .await;
        row.map_err(fault)?.as_ref().map(rows::account).transpose()
    }

    async fn account(&self, id: AccountId) -> Stored<Option<AccountState>> {
        let found = sqlx::query(rows::ACCOUNTS).bind(vec![id.0.to_vec()]);
        found.fetch_optional(&self.readers).await.map_err(fault)?.as_ref().map(rows::account_state).transpose()
    }

    async fn ops_after(&self, pos: u64, max_ops: usize, max_bytes: usize) -> Stored<Vec<PulledOp>> {
        let mut found = sqlx::query(
            "SELECT pos, eff, received, verdict, account, bytes FROM op WHERE pos > $1 ORDER BY pos LIMIT $2",
        )
        .bind(int(pos))
        .bind(int(max_ops as u64))
        .fetch(&self.readers);
        rows::page(&mut found, max_bytes).await
    }

    async fn ops_down_from(&self, log: LogId, below: u64, max: usize) -> Stored<Vec<PulledOp>> {
        let mut found = sqlx::query(
            "SELECT pos, eff, received, verdict, account, bytes FROM op
             WHERE log = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3",
        )
        .bind(&log.0[..])
        .bind(int(below))
        .bind(int(max as u64))
        .fetch(&self.readers);
        rows::page(&mut found, usize::MAX).await
    }

    async fn records_down_from(&self, from: u64, upto: u64, max: usize) -> Stored<Vec<RecordSpan>> {
        let found = sqlx::query(rows::RECORDS_DOWN_FROM)
            .bind(int(from))
            .bind(int(upto))
            .bind(int(max as u64))
            .fetch_all(&self.readers)
            .await;
        found.map_err(fault)?.iter().map(rows::record_span).collect()
    }

    async fn ops_of_records(
        &self,
        records: &[RecordId],
        span: RangeInclusive<u64>,
        max_ops: usize,
        max_bytes: usize,
    ) -> Stored<Vec<PulledOp>> {
        let mut found = sqlx::query(
            "SELECT pos, eff, received, verdict, account, bytes FROM op
             WHERE record = ANY($1) AND pos BETWEEN $2 AND $3 ORDER BY pos LIMIT $4",
        )
        .bind(Vec::from_iter(records.iter().map(|id| &id.0[..])))
        .bind(int(*span.start()))
        .bind(int(*span.end()))
        .bind(int(max_ops as u64))
        .fetch(&self.readers);
        rows::page(&mut found, max_bytes).await
    }

    async fn histories(&self, records: &[RecordId]) -> Stored<Vec<(RecordId, u64, Facts)>> {
        let found = sqlx::query(rows::HISTORIES).bind(Vec::from_iter(records.iter().map(|id| &id.0[..])));
        found.fetch_all(&self.readers).await.map_err(fault)?.iter().map(rows::history).collect()
    }

    async fn facts_after(&self, after: Option<RecordId>, max: usize) -> Stored<Vec<(RecordId, Facts)>> {
        let after = after.map_or(Vec::new(), |record| record.0.to_vec());
        let found = sqlx::query(rows::FACTS_AFTER).bind(after).bind(int(max as u64));
        found.fetch_all(&self.readers).await.map_err(fault)?.iter().map(rows::facts).collect()
    }

    async fn owned_since(&self, account: AccountId) -> Stored<Vec<(u32, u64)>> {
        let found = sqlx::query(rows::OWNED_SINCE).bind(&account.0[..]).fetch_all(&self.readers).await;
        found.map_err(fault)?.iter().map(rows::owned_since).collect()
    }

    async fn newest_pos(&self) -> Stored<u64> {
        let row = sqlx::query("SELECT coalesce(max(pos), 0) AS pos FROM op").fetch_one(&self.readers).await;
        uint(&row.map_err(fault)?, "op", "pos")
    }

    async fn people(&self, accounts: &[AccountId]) -> Stored<Vec<PersonRow>> {
        let ids = Vec::from_iter(accounts.iter().map(|id| &id.0[..]));
        let found = sqlx::query(
            "SELECT id AS account, name, role FROM account
             WHERE id = ANY($1) ORDER BY id",
        )
        .bind(ids)
        .fetch_all(&self.readers)
        .await
        .map_err(fault)?;
        let person =
            |row| rows::account(row).map(|AccountRow { id, name, role }| PersonRow { account: id, name, role });
        found.iter().map(person).collect()
    }

    async fn newest_checkpoint(&self) -> Stored<Option<CheckpointRow>> {
        let row = sqlx::query(rows::NEWEST_CHECKPOINT).fetch_optional(&self.readers).await;
        row.map_err(fault)?.as_ref().map(rows::checkpoint).transpose()
    }

    async fn checkpoint_of_size(&self, size: u64) -> Stored<Option<CheckpointRow>> {
        let row = sqlx::query(rows::CHECKPOINT_OF_SIZE).bind(int(size)).fetch_optional(&self.readers).await;
        row.map_err(fault)?.as_ref().map(rows::checkpoint).transpose()
    }

    async fn op_pos(&self, op: OpId) -> Stored<Option<u64>> {
        let row = sqlx::query("SELECT pos FROM op WHERE id = $1").bind(&op.0[..]).fetch_optional(&self.readers).await;
        row.map_err(fault)?.as_ref().map(|row| uint(row, "op", "pos")).transpose()
    }

    async fn record_of(&self, op: OpId) -> Stored<Option<RecordId>> {
        let row = sqlx::query("SELECT record FROM op WHERE id = $1").bind(&op.0[..]);
        let row = row.fetch_optional(&self.readers).await.map_err(fault)?;
        row.as_ref().map(|row| Ok(RecordId(fixed(row, "op", "record")?))).transpose()
    }

    async fn op_ids_after(&self, pos: u64, max: usize) -> Stored<Vec<OpId>> {
        let found = sqlx::query("SELECT id FROM op WHERE pos > $1 ORDER BY pos LIMIT $2")
            .bind(int(pos))
            .bind(int(max as u64))
            .fetch_all(&self.readers)
            .await;
        found.map_err(fault)?.iter().map(|row| Ok(OpId(fixed(row, "op", "id")?))).collect()
    }

    async fn held_after(&self, pos: u64, max: usize) -> Stored<Vec<HeldRow>> {
        let found = sqlx::query(rows::HELD_AFTER).bind(int(pos)).bind(int(max as u64)).fetch_all(&self.readers).await;
        found.map_err(fault)?.iter().map(rows::held).collect()
    }

    async fn devices(&self, now_millis: i64) -> Stored<Vec<(DeviceRow, Seat)>> {
        let found = sqlx::query(rows::DEVICES).bind(&SERVER_ACCOUNT.0[..]).fetch_all(&self.readers).await;
        found.map_err(fault)?.iter().map(|row| rows::device(row, now_millis)).collect()
    }

    async fn heads(&self, logs: &[LogId]) -> Stored<Vec<LogHead>> {
        let ids = Vec::from_iter(logs.iter().map(|id| &id.0[..]));
        let found = sqlx::query(
            "SELECT id, head_seq, head_id FROM log
             WHERE head_seq IS NOT NULL AND id = ANY($1) ORDER BY id",
        )
        .bind(ids)
        .fetch_all(&self.readers)
        .await
        .map_err(fault)?;
        let head = |row| {
            let (log, id) = (LogId(fixed(row, "log", "id")?), OpId(fixed(row, "log", "head_id")?));
            Ok(LogHead { log, seq: uint(row, "log", "head_seq")?, id })
        };
        found.iter().map(head).collect()
    }

    async fn blob(&self, blob: BlobId) -> Stored<Option<BlobRow>> {
        let row = sqlx::query("SELECT sha256, size, mime, received FROM blob WHERE sha256 = $1")
            .bind(&blob.0[..])
            .fetch_optional(&self.readers)
            .await;
        row.map_err(fault)?.as_ref().map(rows::blob).transpose()
    }

    async fn records_linking(&self, blob: BlobId) -> Stored<Vec<RecordId>> {
        let found = sqlx::query("SELECT record FROM op_blob WHERE sha256 = $1 ORDER BY record")
            .bind(&blob.0[..])
            .fetch_all(&self.readers)
            .await;
        found.map_err(fault)?.iter().map(|row| Ok(RecordId(fixed(row, "op_blob", "record")?))).collect()
    }

    async fn blob_of_record(&self, record: RecordId, blob: BlobId) -> Stored<Option<BlobRow>> {
        let row = sqlx::query(
            "SELECT b.sha256, b.size, b.mime, b.received FROM blob b JOIN op_blob l ON l.sha256 = b.sha256
             WHERE l.record = $1 AND l.sha256 = $2",
        )
        .bind(&record.0[..])
        .bind(&blob.0[..])
        .fetch_optional(&self.readers)
        .await;
        row.map_err(fault)?.as_ref().map(rows::blob).transpose()
    }

    async fn upload(&self, id: &str) -> Stored<Option<UploadRow>> {
        // It comes from an address and may be anything; PostgreSQL has no text with this character.
        if id.contains('\0') {
            return Ok(None);
        }
        let row = sqlx::query("SELECT * FROM upload WHERE id = $1").bind(id).fetch_optional(&self.readers).await;
        row.map_err(fault)?.as_ref().map(rows::upload).transpose()
    }

    async fn expired_uploads(&self, now_millis: i64) -> Stored<Vec<UploadRow>> {
        let found =
            sqlx::query("SELECT * FROM upload WHERE expires_at <= $1").bind(now_millis).fetch_all(&self.readers).await;
        found.map_err(fault)?.iter().map(rows::upload).collect()
    }

    async fn check_writable(&self) -> Stored<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE server SET created = created").execute(&mut *tx.tx).await.map_err(fault)?;
        tx.tx.rollback().await.map_err(fault)
    }

    async fn scrub(&self) -> Stored<bool> {
        // Dead rows keep their bytes until their room is used again: the tables are written anew.
        sqlx::raw_sql("VACUUM (FULL) op, pen, rejected").execute(&self.writer).await.map_err(fault)?;
        Ok(true)
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// PostgreSQL's integers are signed; ours count things and never come near the limit.
fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// SQLSTATE `disk_full`, the one code that callers must tell from the others.
const DISK_FULL: &str = "53100";

fn has_code(error: &sqlx::Error, code: &str) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|found| found == code)
}

fn fault(error: sqlx::Error) -> StoreError {
    if has_code(&error, DISK_FULL) { StoreError::Full } else { StoreError::Backend(Box::new(error)) }
}

#[cfg(test)]
mod tests;
