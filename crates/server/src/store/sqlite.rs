//! The store in one SQLite file: WAL, `synchronous=FULL`, one writer connection, a pool of readers.
//!
//! Owns: opening, pragmas, migrations, and the reads. Refuses: a second writer in this process; `greenshield admin` in
//! another process waits its turn by `busy_timeout`.

mod access;
mod city;
pub mod copy;
mod erasing;
mod retention;
mod rows;
mod tx;
mod webhook;

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use greenshield_domain::ids::{AccountId, BlobId, LogId, OpId, RecordId, to_hex};
use greenshield_domain::log::LogHead;
use greenshield_domain::policy::{Facts, Seat};
use greenshield_domain::verdict::SERVER_ACCOUNT;
use greenshield_domain::wire::{DeviceRow, HeldRow, PersonRow, PulledOp};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions as _, Row as _};

use self::rows::{fixed, uint};
pub use self::tx::SqliteTx;
use super::{
    AccountRow, AccountState, BlobRow, CheckpointRow, InviteRow, LogRow, RecordSpan, ServerRow, Store, StoreError,
    Stored, UploadRow,
};

/// Name of the file in the data directory.
pub const FILE: &str = "greenshield.db";

/// How long a writer waits for one in another process.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);
const READERS: u32 = 8;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

/// The SQLite store.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens or creates the file and brings it to the newest schema.
    ///
    /// # Errors
    /// [`StoreError`]; a file written by a newer server is refused by the migrations.
    pub async fn open(data: &Path) -> Stored<Self> {
        let options = SqliteConnectOptions::new()
            .filename(data.join(FILE))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("wal_autocheckpoint", "4000")
            // What is erased is overwritten, too.
            .pragma("secure_delete", "ON")
            .disable_statement_logging();
        let one = SqlitePoolOptions::new().min_connections(1).max_connections(1).idle_timeout(None).max_lifetime(None);
        let writer = one.connect_with(options.clone()).await.map_err(fault)?;
        MIGRATIONS.run(&writer).await.map_err(|error| StoreError::Backend(Box::new(error)))?;
        let readers = SqlitePoolOptions::new().max_connections(READERS).idle_timeout(None).max_lifetime(None);
        let readers = readers.connect_with(options.pragma("query_only", "ON")).await.map_err(fault)?;
        Ok(Self { writer, readers })
    }
}

impl Store for SqliteStore {
    type Tx = SqliteTx;

    async fn begin(&self) -> Stored<SqliteTx> {
        let begun = match self.writer.begin_with("BEGIN IMMEDIATE").await {
            // What met a full disk was rolled back by SQLite itself, and the driver still counts it as open: this connection
            // would never begin again.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await.map_err(fault)?.close().await.map_err(fault)?;
                self.writer.begin_with("BEGIN IMMEDIATE").await
            }
            begun => begun,
        };
        Ok(SqliteTx(begun.map_err(fault)?))
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
            sqlx::query("SELECT id AS account, name, role FROM account WHERE name = ? AND role = ? ORDER BY created")
                .bind(name)
                .bind(role)
                .fetch_optional(&self.readers)
                .await;
        row.map_err(fault)?.as_ref().map(rows::account).transpose()
    }

    async fn account(&self, id: AccountId) -> Stored<Option<AccountState>> {
        let found = sqlx::query(rows::ACCOUNTS).bind(id_list([&id.0[..]].into_iter()));
        found.fetch_optional(&self.readers).await.map_err(fault)?.as_ref().map(rows::account_state).transpose()
    }

    async fn ops_after(&self, pos: u64, max_ops: usize, max_bytes: usize) -> Stored<Vec<PulledOp>> {
        let mut found = sqlx::query(
            "SELECT pos, eff, received, verdict, account, bytes FROM op WHERE pos > ? ORDER BY pos LIMIT ?",
        )
        .bind(int(pos))
        .bind(int(max_ops as u64))
        .fetch(&self.readers);
        rows::page(&mut found, max_bytes).await
    }

    async fn ops_down_from(&self, log: LogId, below: u64, max: usize) -> Stored<Vec<PulledOp>> {
        let mut found = sqlx::query(
            "SELECT pos, eff, received, verdict, account, bytes FROM op
             WHERE log = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3",
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
             WHERE record IN (SELECT unhex(value) FROM json_each(?1)) AND pos BETWEEN ?2 AND ?3 ORDER BY pos LIMIT ?4",
        )
        .bind(id_list(records.iter().map(|id| &id.0[..])))
        .bind(int(*span.start()))
        .bind(int(*span.end()))
        .bind(int(max_ops as u64))
        .fetch(&self.readers);
        rows::page(&mut found, max_bytes).await
    }

    async fn histories(&self, records: &[RecordId]) -> Stored<Vec<(RecordId, u64, Facts)>> {
        let found = sqlx::query(rows::HISTORIES).bind(id_list(records.iter().map(|id| &id.0[..])));
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
        let ids = id_list(accounts.iter().map(|id| &id.0[..]));
        let found = sqlx::query(
            "SELECT id AS account, name, role FROM account
             WHERE id IN (SELECT unhex(value) FROM json_each(?)) ORDER BY id",
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
        let row = sqlx::query("SELECT pos FROM op WHERE id = ?").bind(&op.0[..]).fetch_optional(&self.readers).await;
        row.map_err(fault)?.as_ref().map(|row| uint(row, "op", "pos")).transpose()
    }

    async fn record_of(&self, op: OpId) -> Stored<Option<RecordId>> {
        let row = sqlx::query("SELECT record FROM op WHERE id = ?").bind(&op.0[..]);
        let row = row.fetch_optional(&self.readers).await.map_err(fault)?;
        row.as_ref().map(|row| Ok(RecordId(fixed(row, "op", "record")?))).transpose()
    }

    async fn op_ids_after(&self, pos: u64, max: usize) -> Stored<Vec<OpId>> {
        let found = sqlx::query("SELECT id FROM op WHERE pos > ? ORDER BY pos LIMIT ?")
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
        let ids = id_list(logs.iter().map(|id| &id.0[..]));
        let found = sqlx::query(
            "SELECT id, head_seq, head_id FROM log
             WHERE head_seq IS NOT NULL AND id IN (SELECT unhex(value) FROM json_each(?)) ORDER BY id",
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
        let row = sqlx::query("SELECT sha256, size, mime, received FROM blob WHERE sha256 = ?")
            .bind(&blob.0[..])
            .fetch_optional(&self.readers)
            .await;
        row.map_err(fault)?.as_ref().map(rows::blob).transpose()
    }

    async fn records_linking(&self, blob: BlobId) -> Stored<Vec<RecordId>> {
        let found = sqlx::query("SELECT record FROM op_blob WHERE sha256 = ? ORDER BY record")
            .bind(&blob.0[..])
            .fetch_all(&self.readers)
            .await;
        found.map_err(fault)?.iter().map(|row| Ok(RecordId(fixed(row, "op_blob", "record")?))).collect()
    }

    async fn blob_of_record(&self, record: RecordId, blob: BlobId) -> Stored<Option<BlobRow>> {
        let row = sqlx::query(
            "SELECT b.sha256, b.size, b.mime, b.received FROM blob b JOIN op_blob l ON l.sha256 = b.sha256
             WHERE l.record = ? AND l.sha256 = ?",
        )
        .bind(&record.0[..])
        .bind(&blob.0[..])
        .fetch_optional(&self.readers)
        .await;
        row.map_err(fault)?.as_ref().map(rows::blob).transpose()
    }

    async fn upload(&self, id: &str) -> Stored<Option<UploadRow>> {
        let row = sqlx::query("SELECT * FROM upload WHERE id = ?").bind(id).fetch_optional(&self.readers).await;
        row.map_err(fault)?.as_ref().map(rows::upload).transpose()
    }

    async fn expired_uploads(&self, now_millis: i64) -> Stored<Vec<UploadRow>> {
        let found =
            sqlx::query("SELECT * FROM upload WHERE expires_at <= ?").bind(now_millis).fetch_all(&self.readers).await;
        found.map_err(fault)?.iter().map(rows::upload).collect()
    }

    async fn check_writable(&self) -> Stored<()> {
        let mut tx = self.begin().await?;
        sqlx::query("UPDATE server SET created = created").execute(&mut *tx.0).await.map_err(fault)?;
        tx.0.rollback().await.map_err(fault)
    }

    async fn scrub(&self) -> Stored<bool> {
        let mut writer = self.writer.acquire().await.map_err(fault)?;
        // Pages that were split keep old cells in their free room: all are written anew. Then no old page is in the log, either.
        sqlx::query("VACUUM").execute(&mut *writer).await.map_err(fault)?;
        let row = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut *writer).await.map_err(fault)?;
        Ok(row.try_get::<i64, _>("busy").map_err(fault)? == 0)
    }

    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// A list of ids as one bound value.
fn id_list<'a>(ids: impl Iterator<Item = &'a [u8]>) -> String {
    let quoted: Vec<String> = ids.map(|id| format!("\"{}\"", to_hex(id))).collect();
    format!("[{}]", quoted.join(","))
}

/// SQLite's integers are signed; ours count things and never come near the limit.
fn int(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// `SQLITE_FULL`, the one primary result code that callers must tell from the others.
const SQLITE_FULL: i32 = 13;
/// `SQLITE_IOERR_SHMSIZE`: the index of the write-ahead log has no room to grow.
const SQLITE_IOERR_SHMSIZE: i32 = 4874;

fn fault(error: sqlx::Error) -> StoreError {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<i32>().ok());
    match code {
        Some(code) if code & 0xff == SQLITE_FULL || code == SQLITE_IOERR_SHMSIZE => StoreError::Full,
        _ => StoreError::Backend(Box::new(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::store::{StoreTx as _, conformance};

    async fn store() -> (tempfile::TempDir, SqliteStore) {
        let dir = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(dir.path()).await.unwrap();
        (dir, store)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn sqlite_keeps_the_contract_of_a_store() {
        let (_dir, store) = store().await;
        conformance::everything_written_reads_back(&store).await;
        let (_dir, store) = self::store().await;
        conformance::a_dropped_transaction_leaves_no_trace(&store).await;
        let (_dir, store) = self::store().await;
        conformance::pages_stop_at_their_limits(&store).await;
        let (_dir, store) = self::store().await;
        conformance::records_are_told_by_where_they_began(&store).await;
        let (_dir, store) = self::store().await;
        conformance::the_decision_with_the_greatest_rank_counts(&store).await;
        let (_dir, store) = self::store().await;
        conformance::where_a_record_belonged_is_told_by_position(&store).await;
        let (_dir, store) = self::store().await;
        conformance::people_are_appointed_and_their_phones_end(&store).await;
        let (_dir, store) = self::store().await;
        conformance::what_is_erased_is_overwritten_and_its_files_are_doomed(&store).await;
        let (_dir, store) = self::store().await;
        conformance::keys_of_programs_are_found_by_their_secret_and_end(&store).await;
        let (_dir, store) = self::store().await;
        conformance::runs_are_kept_by_day_and_told_by_when_they_began(&store).await;
        let (_dir, store) = self::store().await;
        conformance::receivers_are_kept_by_name_and_read_back(&store).await;
        let (_dir, store) = self::store().await;
        conformance::versions_of_the_city_are_kept_by_number_and_withdrawn_once(&store).await;
        let (_dir, store) = self::store().await;
        conformance::what_somebody_has_is_told_by_kind_since_its_first_position(&store).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_committed_is_there_after_reopening() {
        let (dir, store) = store().await;
        let row = conformance::first_start(&store).await;
        store.close().await;
        let store = SqliteStore::open(dir.path()).await.unwrap();
        assert_eq!(store.server().await.unwrap(), Some(row));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_full_disk_is_told_from_other_faults() {
        let (_dir, store) = store().await;
        conformance::first_start(&store).await;
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.writer).await.unwrap();
        let limit = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {}", pages + 1));
        sqlx::query(limit).execute(&store.writer).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let error = tx.put_rejected("shape", &vec![0; 100_000], 1, 10).await.unwrap_err();
        assert!(matches!(error, StoreError::Full), "{error}");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_pragmas_that_the_promises_rest_on_are_set() {
        let (_dir, store) = store().await;
        let read = async |name| {
            let row =
                sqlx::query(sqlx::AssertSqlSafe(format!("PRAGMA {name}"))).fetch_one(&store.writer).await.unwrap();
            row.try_get::<i64, _>(0).map(|n| n.to_string()).or_else(|_| row.try_get::<String, _>(0)).unwrap()
        };
        assert_eq!(read("journal_mode").await, "wal");
        assert_eq!(read("synchronous").await, "2");
        assert_eq!(read("foreign_keys").await, "1");
    }
}
