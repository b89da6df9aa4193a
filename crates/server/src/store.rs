//! What the server keeps, as a port: rows, transactions, errors.
//!
//! Owns: the shapes of stored rows and the contract of every database behind them. Refuses: decisions (what becomes of an op
//! is decided by `sequencer` and `domain`) and HTTP. SQL lives below this module and in `migrations/` only.
//!
//! Invariants: a [`StoreTx`] that is dropped leaves no trace; after [`StoreTx::commit`] returned, a power loss keeps all of
//! it; ops are only ever added, and what is erased of one is overwritten in its place. `conformance` proves the contract for any implementation.

mod access;
mod any;
mod city;
#[cfg(test)]
mod conformance;
mod erasing;
pub mod geopackage;
pub mod postgres;
mod read;
mod retention;
mod shapes;
pub mod sqlite;
mod webhook;

use std::future::Future;
use std::ops::RangeInclusive;

use greenshield_domain::ids::{AccountId, BlobId, CheckpointId, Epoch, LogId, OpId, RecordId};
use greenshield_domain::log::LogHead;
use greenshield_domain::policy::{Facts, Seat};
use greenshield_domain::statement::Signed;
use greenshield_domain::tree::Frontier;
use greenshield_domain::verdict::Decision;
use greenshield_domain::wire::{DeviceRow, HealthReport, HeldRow, PersonRow, PulledOp, Verdict};
use thiserror::Error;

pub use self::access::{KeyRow, KeyStore, KeyTx};
pub use self::any::{AnyStore, AnyTx};
pub use self::city::{CityRow, CityStore, CityTx};
pub use self::erasing::ErasingTx;
pub use self::retention::{RetentionStore, RetentionTx, RunRow};
pub use self::shapes::{
    AccountRow, AccountState, BlobRow, CheckpointRow, Heard, InviteRow, JudgedOp, KnownOp, LogRow, NewLog, OpRow,
    Place, RecordSpan, ServerRow, UploadRow, WaitingRow,
};
pub use self::webhook::{Turn, WebhookRow, WebhookStore, WebhookTx};

/// Why the database did not do it. Nothing of the transaction is stored.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No room on the medium.
    #[error("the disk of the database is full")]
    Full,
    /// A row does not read.
    #[error("a row of {table} does not read: {column}")]
    Corrupt {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
    },
    /// A server runs on this database, and what was asked needs that none does.
    #[error("a server is running on this database")]
    Serving,
    /// The database is set up so that it may forget what it confirmed.
    #[error("the database runs with {setting} = {value}: it may forget what it confirmed")]
    Unsafe {
        /// The setting.
        setting: &'static str,
        /// Its value.
        value: String,
    },
    /// Anything else.
    #[error("the database failed: {0}")]
    Backend(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Result of a store call.
pub type Stored<T> = Result<T, StoreError>;

/// One database.
pub trait Store: CityStore + KeyStore + RetentionStore + WebhookStore + 'static {
    /// Its transaction.
    type Tx: StoreTx;

    /// Starts the one write transaction; waits while another one runs.
    fn begin(&self) -> impl Future<Output = Stored<Self::Tx>> + Send;
    /// Facts about this database.
    fn server(&self) -> impl Future<Output = Stored<Option<ServerRow>>> + Send;
    /// The address for invite links that the last start said.
    fn base_url(&self) -> impl Future<Output = Stored<Option<String>>> + Send;
    /// The log, if it is enrolled.
    fn log(&self, log: LogId) -> impl Future<Output = Stored<Option<LogRow>>> + Send;
    /// An invite by the hash of its code.
    fn invite(&self, code_hash: [u8; 32]) -> impl Future<Output = Stored<Option<InviteRow>>> + Send;
    /// The first account with this name and role.
    fn account_named(&self, name: &str, role: &str) -> impl Future<Output = Stored<Option<AccountRow>>> + Send;
    /// A person with all that rights are decided by.
    fn account(&self, id: AccountId) -> impl Future<Output = Stored<Option<AccountState>>> + Send;
    /// Ops after a position, ascending: at most `max_ops`, and not more once `max_bytes` are passed.
    fn ops_after(
        &self,
        pos: u64,
        max_ops: usize,
        max_bytes: usize,
    ) -> impl Future<Output = Stored<Vec<PulledOp>>> + Send;
    /// Ops of a log whose place in it is below this, the newest first.
    fn ops_down_from(&self, log: LogId, below: u64, max: usize) -> impl Future<Output = Stored<Vec<PulledOp>>> + Send;
    /// Records of the city and of the protocol, without the notes of the audit, whose first op stands at or before `from`, the one that began last first, at most `max`, as far as `upto`.
    fn records_down_from(
        &self,
        from: u64,
        upto: u64,
        max: usize,
    ) -> impl Future<Output = Stored<Vec<RecordSpan>>> + Send;
    /// Ops of these records at these positions, ascending; limited as [`Store::ops_after`].
    fn ops_of_records(
        &self,
        records: &[RecordId],
        span: RangeInclusive<u64>,
        max_ops: usize,
        max_bytes: usize,
    ) -> impl Future<Output = Stored<Vec<PulledOp>>> + Send;
    /// Where these records belonged from which position on: by record, ascending.
    fn histories(&self, records: &[RecordId]) -> impl Future<Output = Stored<Vec<(RecordId, u64, Facts)>>> + Send;
    /// Where records belong now: those behind `after`, ascending by record, at most `max`.
    fn facts_after(
        &self,
        after: Option<RecordId>,
        max: usize,
    ) -> impl Future<Output = Stored<Vec<(RecordId, Facts)>>> + Send;
    /// Of which kinds of the city somebody has records, ascending, and the position of the first op of the first of them. Whoever
    /// said the first word of a record has it.
    fn owned_since(&self, account: AccountId) -> impl Future<Output = Stored<Vec<(u32, u64)>>> + Send;
    /// Position of the newest op.
    fn newest_pos(&self) -> impl Future<Output = Stored<u64>> + Send;
    /// Names for accounts.
    fn people(&self, accounts: &[AccountId]) -> impl Future<Output = Stored<Vec<PersonRow>>> + Send;
    /// The newest checkpoint.
    fn newest_checkpoint(&self) -> impl Future<Output = Stored<Option<CheckpointRow>>> + Send;
    /// The newest checkpoint over a tree of this size.
    fn checkpoint_of_size(&self, size: u64) -> impl Future<Output = Stored<Option<CheckpointRow>>> + Send;
    /// Position of an applied op.
    fn op_pos(&self, op: OpId) -> impl Future<Output = Stored<Option<u64>>> + Send;
    /// The record of an applied op.
    fn record_of(&self, op: OpId) -> impl Future<Output = Stored<Option<RecordId>>> + Send;
    /// Ids of the ops after a position, ascending by position, at most `max`.
    fn op_ids_after(&self, pos: u64, max: usize) -> impl Future<Output = Stored<Vec<OpId>>> + Send;
    /// Ops after a position that wait for a decision, ascending, at most `max`.
    fn held_after(&self, pos: u64, max: usize) -> impl Future<Output = Stored<Vec<HeldRow>>> + Send;
    /// All logs of people that no other log of the same person went on from, by name, then the one enrolled first.
    fn devices(&self, now_millis: i64) -> impl Future<Output = Stored<Vec<(DeviceRow, Seat)>>> + Send;
    /// Heads of those of the logs that have one.
    fn heads(&self, logs: &[LogId]) -> impl Future<Output = Stored<Vec<LogHead>>> + Send;
    /// A complete blob.
    fn blob(&self, blob: BlobId) -> impl Future<Output = Stored<Option<BlobRow>>> + Send;
    /// The records of which an op links a blob, by their ids.
    fn records_linking(&self, blob: BlobId) -> impl Future<Output = Stored<Vec<RecordId>>> + Send;
    /// A complete blob, if an op of the record links it.
    fn blob_of_record(&self, record: RecordId, blob: BlobId) -> impl Future<Output = Stored<Option<BlobRow>>> + Send;
    /// An upload.
    fn upload(&self, id: &str) -> impl Future<Output = Stored<Option<UploadRow>>> + Send;
    /// Uploads that are past their time.
    fn expired_uploads(&self, now_millis: i64) -> impl Future<Output = Stored<Vec<UploadRow>>> + Send;
    /// Proves that a write transaction is possible, without changing anything.
    fn check_writable(&self) -> impl Future<Output = Stored<()>> + Send;
    /// After something was erased: takes its bytes out of free room and old writes; `false` when somebody who reads stands in the
    /// way, and it has to be tried again.
    fn scrub(&self) -> impl Future<Output = Stored<bool>> + Send;
    /// Flushes and closes.
    fn close(&self) -> impl Future<Output = ()> + Send;
}

/// The one write transaction.
pub trait StoreTx: CityTx + ErasingTx + KeyTx + RetentionTx + WebhookTx {
    /// Makes all of it durable.
    fn commit(self) -> impl Future<Output = Stored<()>> + Send;

    /// Facts about this database; nobody else can change them while the transaction runs.
    fn server(&mut self) -> impl Future<Output = Stored<Option<ServerRow>>> + Send;
    /// First start: the facts about this database, with an empty tree.
    fn put_server(&mut self, row: &ServerRow, now_millis: i64) -> impl Future<Output = Stored<()>> + Send;
    /// A new incarnation of what is here now, after a restore. [`StoreError::Serving`] where a store knows that a server runs on it.
    fn set_epoch(&mut self, epoch: Epoch) -> impl Future<Output = Stored<()>> + Send;
    /// The address for invite links.
    fn set_base_url(&mut self, url: &str) -> impl Future<Output = Stored<()>> + Send;

    /// A new person.
    fn put_account(&mut self, account: &AccountRow, now_millis: i64) -> impl Future<Output = Stored<()>> + Send;
    /// Says which role somebody has and where, as an operator does; `false` when there is no such account.
    fn set_seat(&mut self, account: AccountId, role: &str, seat: &Seat) -> impl Future<Output = Stored<bool>> + Send;
    /// Those of these people who have an account, ascending.
    fn accounts(&mut self, accounts: &[AccountId]) -> impl Future<Output = Stored<Vec<AccountState>>> + Send;
    /// Says name and office of a person by their record; `false` when there is no such account.
    fn appoint(&mut self, state: &AccountState) -> impl Future<Output = Stored<bool>> + Send;
    /// A new code.
    fn put_invite(&mut self, invite: &InviteRow, now_millis: i64) -> impl Future<Output = Stored<()>> + Send;
    /// An invite by the hash of its code.
    fn invite(&mut self, code_hash: [u8; 32]) -> impl Future<Output = Stored<Option<InviteRow>>> + Send;
    /// Uses an invite up.
    fn use_invite(
        &mut self,
        code_hash: [u8; 32],
        log: LogId,
        now_millis: i64,
    ) -> impl Future<Output = Stored<()>> + Send;

    /// A new log.
    fn put_log(&mut self, log: &NewLog) -> impl Future<Output = Stored<()>> + Send;
    /// The log, if it is enrolled.
    fn log(&mut self, log: LogId) -> impl Future<Output = Stored<Option<LogRow>>> + Send;
    /// Moves the end of the main branch.
    fn set_head(&mut self, log: LogId, seq: u64, id: OpId) -> impl Future<Output = Stored<()>> + Send;
    /// Notes that a log has two branches; the first time stays.
    fn flag_fork(&mut self, log: LogId, now_millis: i64) -> impl Future<Output = Stored<()>> + Send;
    /// Hands out a lease.
    fn set_lease(
        &mut self,
        log: LogId,
        current: [u8; 16],
        previous: Option<[u8; 16]>,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// Revokes a log; `false` when there is none. The first time stays.
    fn revoke_log(&mut self, log: LogId, now_millis: i64) -> impl Future<Output = Stored<bool>> + Send;
    /// Revokes a log as [`StoreTx::revoke_log`], and says who did and why.
    fn revoke_for(
        &mut self,
        log: LogId,
        by: AccountId,
        reason: &str,
        now_millis: i64,
    ) -> impl Future<Output = Stored<bool>> + Send;
    /// Notes that the phone of a log shall wipe itself; `false` when there is none. The first time stays.
    fn ask_wipe(
        &mut self,
        log: LogId,
        by: AccountId,
        reason: &str,
        now_millis: i64,
    ) -> impl Future<Output = Stored<bool>> + Send;
    /// Keeps the signed word of a phone that it wiped itself; `false` when nobody asked, or it said so before.
    fn put_wiped(&mut self, log: LogId, word: &Signed, now_millis: i64) -> impl Future<Output = Stored<bool>> + Send;
    /// Revokes an account with all its logs; `false` when there is none. The first time stays.
    fn revoke_account(&mut self, account: AccountId, now_millis: i64) -> impl Future<Output = Stored<bool>> + Send;

    /// Keeps what a phone says of itself, instead of what it said before.
    fn put_health(
        &mut self,
        log: LogId,
        report: &HealthReport,
        now_millis: i64,
    ) -> impl Future<Output = Stored<()>> + Send;

    /// Which of these ops are stored, applied or waiting.
    fn known(&mut self, ids: &[OpId]) -> impl Future<Output = Stored<Vec<KnownOp>>> + Send;
    /// The verdict that counts for an applied op.
    fn judged(&mut self, op: OpId) -> impl Future<Output = Stored<Option<JudgedOp>>> + Send;
    /// Keeps a decision, unless a later one about the same op is here. The op itself may still be to come.
    fn put_decision(&mut self, decision: &Decision) -> impl Future<Output = Stored<()>> + Send;
    /// The first op of each of these records that has one: record, whose it is, exact bytes.
    fn first_ops(
        &mut self,
        records: &[RecordId],
    ) -> impl Future<Output = Stored<Vec<(RecordId, AccountId, Vec<u8>)>>> + Send;
    /// The verdict that counts for the newest op of a log on a record.
    fn newest_on_record(
        &mut self,
        log: LogId,
        record: RecordId,
    ) -> impl Future<Output = Stored<Option<Verdict>>> + Send;
    /// Adds an applied op.
    fn put_op(&mut self, op: &OpRow) -> impl Future<Output = Stored<()>> + Send;
    /// Where these records belong now, of those that are known.
    fn facts(&mut self, records: &[RecordId]) -> impl Future<Output = Stored<Vec<(RecordId, Facts)>>> + Send;
    /// Says where a record belongs from a position on.
    fn put_facts(&mut self, record: RecordId, since: u64, facts: &Facts) -> impl Future<Output = Stored<()>> + Send;
    /// All ops of a record, ascending.
    fn ops_of_record(&mut self, record: RecordId) -> impl Future<Output = Stored<Vec<PulledOp>>> + Send;
    /// Notes that a record links a blob. One that was erased may come again.
    fn link_blob(&mut self, record: RecordId, blob: BlobId) -> impl Future<Output = Stored<()>> + Send;
    /// How many ops of a log wait.
    fn waiting_count(&mut self, log: LogId) -> impl Future<Output = Stored<u64>> + Send;
    /// The ops of a log that wait with this seq, oldest first.
    fn waiting_at(&mut self, log: LogId, seq: u64) -> impl Future<Output = Stored<Vec<WaitingRow>>> + Send;
    /// Lets an op wait.
    fn put_waiting(&mut self, row: &WaitingRow) -> impl Future<Output = Stored<()>> + Send;
    /// An op waits no longer.
    fn delete_waiting(&mut self, id: OpId) -> impl Future<Output = Stored<()>> + Send;
    /// Keeps bytes that are no op, up to `keep` of them: beyond that the oldest go.
    fn put_rejected(
        &mut self,
        reason: &str,
        bytes: &[u8],
        now_millis: i64,
        keep: u64,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// Forgets rejected bytes that arrived before a moment.
    fn delete_rejected_before(&mut self, millis: i64) -> impl Future<Output = Stored<()>> + Send;

    /// The Merkle tree's right edge.
    fn frontier(&mut self) -> impl Future<Output = Stored<Frontier>> + Send;
    /// Stores the right edge and the checkpoint signed over it.
    fn put_checkpoint(
        &mut self,
        frontier: &Frontier,
        checkpoint: &CheckpointRow,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// The newest checkpoint.
    fn newest_checkpoint(&mut self) -> impl Future<Output = Stored<Option<CheckpointRow>>> + Send;
    /// When a checkpoint was signed.
    fn checkpoint_time(&mut self, id: CheckpointId) -> impl Future<Output = Stored<Option<i64>>> + Send;

    /// A new upload.
    fn put_upload(&mut self, upload: &UploadRow) -> impl Future<Output = Stored<()>> + Send;
    /// Moves the offset and the time when it is forgotten.
    fn set_upload_received(
        &mut self,
        id: &str,
        received: u64,
        expires_at: i64,
    ) -> impl Future<Output = Stored<()>> + Send;
    /// Stores the blob, unless another upload was faster, and marks the upload complete. Gives the blob as stored.
    fn complete_upload(&mut self, id: &str, blob: &BlobRow) -> impl Future<Output = Stored<BlobRow>> + Send;
    /// Forgets an upload.
    fn delete_upload(&mut self, id: &str) -> impl Future<Output = Stored<()>> + Send;
}

/// A value as a column of JSON. Plain data with text keys always becomes JSON.
fn to_json<T: serde::Serialize>(value: &T) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
