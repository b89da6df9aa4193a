//! The store that this binary runs on: one of those that there are, chosen at start.
//!
//! Owns: the choice, and nothing more: every call goes on to the store behind it. A new method of the port is one line here.

use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::path::Path;

use greenshield_domain::ids::{AccessKeyId, AccountId, BlobId, CheckpointId, Epoch, LogId, OpId, RecordId};
use greenshield_domain::log::LogHead;
use greenshield_domain::op::Leaves;
use greenshield_domain::policy::{Facts, Seat};
use greenshield_domain::statement::Signed;
use greenshield_domain::tree::Frontier;
use greenshield_domain::verdict::Decision;
use greenshield_domain::wire::{DeviceRow, HealthReport, HeldRow, PersonRow, PulledOp, Verdict};

use super::postgres::{PostgresStore, PostgresTx};
use super::sqlite::{SqliteStore, SqliteTx};
use super::{
    AccountRow, AccountState, BlobRow, CheckpointRow, CityRow, CityStore, CityTx, ErasingTx, Heard, InviteRow,
    JudgedOp, KeyRow, KeyStore, KeyTx, KnownOp, LogRow, NewLog, OpRow, RecordSpan, RetentionStore, RetentionTx, RunRow,
    ServerRow, Store, StoreTx, Stored, UploadRow, WaitingRow, WebhookRow, WebhookStore, WebhookTx,
};

/// One of the stores.
#[derive(Debug, Clone)]
pub enum AnyStore {
    /// A file in the data directory, of one server process.
    Sqlite(SqliteStore),
    /// A database that several server processes may share.
    Postgres(PostgresStore),
}

/// Its transaction.
#[derive(Debug)]
pub enum AnyTx {
    /// Of SQLite.
    Sqlite(SqliteTx),
    /// Of PostgreSQL.
    Postgres(PostgresTx),
}

impl AnyStore {
    /// Opens the database of a URL, or without one the file in the data directory.
    ///
    /// # Errors
    /// [`StoreError`](super::StoreError).
    pub async fn open(data: &Path, url: Option<&str>) -> Stored<Self> {
        match url {
            Some(url) => Ok(Self::Postgres(PostgresStore::open(url).await?)),
            None => Ok(Self::Sqlite(SqliteStore::open(data).await?)),
        }
    }

    /// Which database it is, as a word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Sqlite(_) => "sqlite",
            Self::Postgres(_) => "postgresql",
        }
    }

    /// Whether several processes may work on it at one time.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Tells of commits of other processes, until it is dropped. A store of one process has nothing to tell.
    pub async fn follow(&self, tell: impl FnMut(Heard) + Send) -> Infallible {
        match self {
            Self::Sqlite(_) => std::future::pending().await,
            Self::Postgres(store) => store.follow(tell).await,
        }
    }
}

/// Methods that go on to the store behind.
macro_rules! pass_on {
    ($(fn $name:ident($($arg:ident: $kind:ty),*) -> $out:ty;)*) => {
        $(async fn $name(&self, $($arg: $kind),*) -> Stored<$out> {
            match self {
                Self::Sqlite(store) => store.$name($($arg),*).await,
                Self::Postgres(store) => store.$name($($arg),*).await,
            }
        })*
    };
    (mut $(fn $name:ident($($arg:ident: $kind:ty),*) -> $out:ty;)*) => {
        $(async fn $name(&mut self, $($arg: $kind),*) -> Stored<$out> {
            match self {
                Self::Sqlite(tx) => tx.$name($($arg),*).await,
                Self::Postgres(tx) => tx.$name($($arg),*).await,
            }
        })*
    };
}

impl Store for AnyStore {
    type Tx = AnyTx;

    async fn begin(&self) -> Stored<AnyTx> {
        match self {
            Self::Sqlite(store) => store.begin().await.map(AnyTx::Sqlite),
            Self::Postgres(store) => store.begin().await.map(AnyTx::Postgres),
        }
    }

    async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }

    pass_on! {
        fn server() -> Option<ServerRow>;
        fn base_url() -> Option<String>;
        fn log(log: LogId) -> Option<LogRow>;
        fn invite(code_hash: [u8; 32]) -> Option<InviteRow>;
        fn account_named(name: &str, role: &str) -> Option<AccountRow>;
        fn account(id: AccountId) -> Option<AccountState>;
        fn ops_after(pos: u64, max_ops: usize, max_bytes: usize) -> Vec<PulledOp>;
        fn ops_down_from(log: LogId, below: u64, max: usize) -> Vec<PulledOp>;
        fn records_down_from(from: u64, upto: u64, max: usize) -> Vec<RecordSpan>;
        fn ops_of_records(records: &[RecordId], span: RangeInclusive<u64>, max_ops: usize, max_bytes: usize) -> Vec<PulledOp>;
        fn histories(records: &[RecordId]) -> Vec<(RecordId, u64, Facts)>;
        fn facts_after(after: Option<RecordId>, max: usize) -> Vec<(RecordId, Facts)>;
        fn owned_since(account: AccountId) -> Vec<(u32, u64)>;
        fn newest_pos() -> u64;
        fn people(accounts: &[AccountId]) -> Vec<PersonRow>;
        fn newest_checkpoint() -> Option<CheckpointRow>;
        fn checkpoint_of_size(size: u64) -> Option<CheckpointRow>;
        fn op_pos(op: OpId) -> Option<u64>;
        fn record_of(op: OpId) -> Option<RecordId>;
        fn op_ids_after(pos: u64, max: usize) -> Vec<OpId>;
        fn held_after(pos: u64, max: usize) -> Vec<HeldRow>;
        fn devices(now_millis: i64) -> Vec<(DeviceRow, Seat)>;
        fn heads(logs: &[LogId]) -> Vec<LogHead>;
        fn blob(blob: BlobId) -> Option<BlobRow>;
        fn records_linking(blob: BlobId) -> Vec<RecordId>;
        fn blob_of_record(record: RecordId, blob: BlobId) -> Option<BlobRow>;
        fn upload(id: &str) -> Option<UploadRow>;
        fn expired_uploads(now_millis: i64) -> Vec<UploadRow>;
        fn check_writable() -> ();
        fn scrub() -> bool;
    }
}

impl KeyStore for AnyStore {
    pass_on! {
        fn access_key(secret_hash: [u8; 32]) -> Option<KeyRow>;
        fn access_keys() -> Vec<KeyRow>;
    }
}

impl KeyTx for AnyTx {
    pass_on! { mut
        fn put_access_key(key: &KeyRow, secret_hash: [u8; 32]) -> ();
        fn revoke_access_key(id: AccessKeyId, now_millis: i64) -> bool;
        fn use_access_key(id: AccessKeyId, now_millis: i64) -> ();
    }
}

impl CityStore for AnyStore {
    pass_on! {
        fn city_versions() -> Vec<CityRow>;
        fn city_package(version: u32) -> Option<String>;
    }
}

impl CityTx for AnyTx {
    pass_on! { mut
        fn city_versions() -> Vec<CityRow>;
        fn put_city_version(row: &CityRow, package: &str) -> ();
        fn withdraw_city_version(version: u32, now_millis: i64) -> bool;
    }
}

impl RetentionStore for AnyStore {
    pass_on! {
        fn retention_runs(max: usize) -> Vec<RunRow>;
    }
}

impl RetentionTx for AnyTx {
    pass_on! { mut
        fn retention_run(day: i64) -> Option<RunRow>;
        fn put_retention_run(row: &RunRow) -> ();
    }
}

impl WebhookStore for AnyStore {
    pass_on! {
        fn webhooks() -> Vec<WebhookRow>;
    }
}

impl WebhookTx for AnyTx {
    pass_on! { mut
        fn webhook(name: &str) -> Option<WebhookRow>;
        fn put_webhook(row: &WebhookRow) -> ();
    }
}

impl ErasingTx for AnyTx {
    pass_on! { mut
        fn erased(ops: &[OpId]) -> Vec<(OpId, Leaves)>;
        fn put_erased(op: OpId, leaves: Leaves) -> ();
        fn overwrite(op: OpId, bytes: &[u8]) -> ();
        fn all_waiting() -> Vec<WaitingRow>;
        fn delete_rejected() -> ();
        fn unlink_blob(record: RecordId, blob: BlobId) -> ();
        fn is_erased_blob(blob: BlobId) -> bool;
        fn doomed_blobs() -> Vec<BlobId>;
        fn set_blob_gone(blob: BlobId, gone: bool) -> ();
        fn uploads_of(blob: BlobId) -> Vec<UploadRow>;
        fn scrub_due() -> bool;
        fn set_scrub_due(due: bool) -> ();
    }
}

impl StoreTx for AnyTx {
    async fn commit(self) -> Stored<()> {
        match self {
            Self::Sqlite(tx) => tx.commit().await,
            Self::Postgres(tx) => tx.commit().await,
        }
    }

    pass_on! { mut
        fn server() -> Option<ServerRow>;
        fn put_server(row: &ServerRow, now_millis: i64) -> ();
        fn set_epoch(epoch: Epoch) -> ();
        fn set_base_url(url: &str) -> ();
        fn put_account(account: &AccountRow, now_millis: i64) -> ();
        fn set_seat(account: AccountId, role: &str, seat: &Seat) -> bool;
        fn accounts(accounts: &[AccountId]) -> Vec<AccountState>;
        fn appoint(state: &AccountState) -> bool;
        fn put_invite(invite: &InviteRow, now_millis: i64) -> ();
        fn invite(code_hash: [u8; 32]) -> Option<InviteRow>;
        fn use_invite(code_hash: [u8; 32], log: LogId, now_millis: i64) -> ();
        fn put_log(log: &NewLog) -> ();
        fn log(log: LogId) -> Option<LogRow>;
        fn set_head(log: LogId, seq: u64, id: OpId) -> ();
        fn flag_fork(log: LogId, now_millis: i64) -> ();
        fn set_lease(log: LogId, current: [u8; 16], previous: Option<[u8; 16]>) -> ();
        fn revoke_log(log: LogId, now_millis: i64) -> bool;
        fn revoke_for(log: LogId, by: AccountId, reason: &str, now_millis: i64) -> bool;
        fn ask_wipe(log: LogId, by: AccountId, reason: &str, now_millis: i64) -> bool;
        fn put_wiped(log: LogId, word: &Signed, now_millis: i64) -> bool;
        fn revoke_account(account: AccountId, now_millis: i64) -> bool;
        fn put_health(log: LogId, report: &HealthReport, now_millis: i64) -> ();
        fn known(ids: &[OpId]) -> Vec<KnownOp>;
        fn judged(op: OpId) -> Option<JudgedOp>;
        fn put_decision(decision: &Decision) -> ();
        fn first_ops(records: &[RecordId]) -> Vec<(RecordId, AccountId, Vec<u8>)>;
        fn newest_on_record(log: LogId, record: RecordId) -> Option<Verdict>;
        fn put_op(op: &OpRow) -> ();
        fn facts(records: &[RecordId]) -> Vec<(RecordId, Facts)>;
        fn put_facts(record: RecordId, since: u64, facts: &Facts) -> ();
        fn ops_of_record(record: RecordId) -> Vec<PulledOp>;
        fn link_blob(record: RecordId, blob: BlobId) -> ();
        fn waiting_count(log: LogId) -> u64;
        fn waiting_at(log: LogId, seq: u64) -> Vec<WaitingRow>;
        fn put_waiting(row: &WaitingRow) -> ();
        fn delete_waiting(id: OpId) -> ();
        fn put_rejected(reason: &str, bytes: &[u8], now_millis: i64, keep: u64) -> ();
        fn delete_rejected_before(millis: i64) -> ();
        fn frontier() -> Frontier;
        fn put_checkpoint(frontier: &Frontier, checkpoint: &CheckpointRow) -> ();
        fn newest_checkpoint() -> Option<CheckpointRow>;
        fn checkpoint_time(id: CheckpointId) -> Option<i64>;
        fn put_upload(upload: &UploadRow) -> ();
        fn set_upload_received(id: &str, received: u64, expires_at: i64) -> ();
        fn complete_upload(id: &str, blob: &BlobRow) -> BlobRow;
        fn delete_upload(id: &str) -> ();
    }
}
