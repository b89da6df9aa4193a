//! The shapes of stored rows.

use greenshield_domain::ids::{AccountId, BlobId, CheckpointId, Epoch, LogId, OpId, RecordId};
use greenshield_domain::policy::{Appointed, Office, Seat, Standing, Term};
use greenshield_domain::signature::PublicKey;
use greenshield_domain::statement::Signed;
use greenshield_domain::wire::{Began, Verdict, WipeState};

/// Facts about this database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerRow {
    /// Its incarnation.
    pub epoch: Epoch,
    /// The server's key, PKCS #8.
    pub key_pkcs8: Vec<u8>,
    /// Where this incarnation began; `None` = it is the first, or began when this was not kept.
    pub began: Option<Began>,
}

/// What a store tells of other processes that write to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard {
    /// Its incarnation.
    pub epoch: Epoch,
    /// Position of the newest op.
    pub newest_pos: u64,
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountRow {
    /// Id.
    pub id: AccountId,
    /// Name to show.
    pub name: String,
    /// Role word.
    pub role: String,
}

/// A person with all that rights are decided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountState {
    /// Who.
    pub id: AccountId,
    /// Name and office that hold.
    pub now: Appointed,
    /// Name and office as an operator set them; the same as `now` until the person's record says something.
    pub base: Appointed,
    /// Since when the person is revoked.
    pub revoked_at: Option<i64>,
}

impl AccountState {
    /// How the policy sees this person at a moment, whichever phone they use.
    #[must_use]
    pub fn standing(&self, at_millis: i64) -> Standing {
        standing(self.id, &self.now.office, self.revoked_at, at_millis)
    }

    /// As a row.
    #[must_use]
    pub fn row(&self) -> AccountRow {
        AccountRow { id: self.id, name: self.now.name.clone(), role: self.now.office.role.clone() }
    }
}

/// A term that does not run is as good as a revocation: nothing is read, and what arrives is kept and held.
fn standing(account: AccountId, office: &Office, revoked_at: Option<i64>, at_millis: i64) -> Standing {
    let is_over = revoked_at.is_some_and(|since| since <= at_millis) || !office.term.runs_at(at_millis);
    Standing { account, role: office.role.clone(), seat: office.seat.clone(), revoked: is_over }
}

/// A one-time code; only its hash is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InviteRow {
    /// SHA-256 of the code.
    pub code_hash: [u8; 32],
    /// Whom it enrols.
    pub account: AccountRow,
    /// What the genesis must quote.
    pub nonce: [u8; 16],
    /// From when on it is refused.
    pub expires_at: i64,
    /// The log that used it up.
    pub used_by: Option<LogId>,
    /// Who invites; `None` = whoever runs the server.
    pub invited_by: Option<AccountId>,
}

/// A log and whom it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogRow {
    /// Id.
    pub id: LogId,
    /// Owner.
    pub account: AccountRow,
    /// Where the owner works.
    pub seat: Seat,
    /// How long the owner has the role.
    pub term: Term,
    /// The key that signs it.
    pub public_key: PublicKey,
    /// The earlier of the revocations of log and account.
    pub revoked_at: Option<i64>,
    /// End of the main branch.
    pub head: Option<(u64, OpId)>,
    /// Lease that the next push presents.
    pub lease_current: Option<[u8; 16]>,
    /// Lease that the last push presented, still good while its reply may be lost.
    pub lease_previous: Option<[u8; 16]>,
    /// The certificate, as signed at enrolment.
    pub certificate: Signed,
    /// Whether the phone shall wipe itself, and whether it said that it did.
    pub wipe: Option<WipeState>,
}

impl LogRow {
    /// How the policy sees this log at a moment.
    #[must_use]
    pub fn standing(&self, at_millis: i64) -> Standing {
        let office = Office { role: self.account.role.clone(), seat: self.seat.clone(), term: self.term };
        standing(self.account.id, &office, self.revoked_at, at_millis)
    }
}

/// A new log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLog {
    /// Id.
    pub id: LogId,
    /// Owner.
    pub account: AccountId,
    /// The key that signs it.
    pub public_key: PublicKey,
    /// The signed certificate.
    pub certificate: Signed,
    /// When.
    pub enrolled_at: i64,
}

/// An applied op.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpRow {
    /// Place in the server's order.
    pub pos: u64,
    /// Id.
    pub id: OpId,
    /// Log.
    pub log: LogId,
    /// Place in the log.
    pub seq: u64,
    /// Whether it stands on a side branch.
    pub fork: bool,
    /// Record.
    pub record: RecordId,
    /// Kind.
    pub kind: u32,
    /// Owner of the log.
    pub account: AccountId,
    /// The phone's clock.
    pub wall_millis: i64,
    /// Orders concurrent values.
    pub eff_millis: i64,
    /// When it arrived.
    pub received_millis: i64,
    /// May it show?
    pub verdict: Verdict,
    /// Exact bytes.
    pub bytes: Vec<u8>,
}

/// What a decision about an op must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedOp {
    /// Its record.
    pub record: RecordId,
    /// Its kind.
    pub kind: u32,
    /// The verdict that counts.
    pub verdict: Verdict,
    /// When that was decided; `None` when it was at arrival.
    pub decided_millis: Option<i64>,
}

/// What is known of an op that arrives again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownOp {
    /// Id.
    pub id: OpId,
    /// When it arrived first.
    pub received_millis: i64,
    /// Where it is.
    pub place: Place,
}

/// Where a stored op is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Applied on the main branch.
    Main,
    /// Applied on a side branch.
    Fork,
    /// Waits for the ops before it.
    Waiting,
}

/// An op that waits for the ops before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitingRow {
    /// Id.
    pub id: OpId,
    /// Log.
    pub log: LogId,
    /// Place in the log.
    pub seq: u64,
    /// When it arrived.
    pub received_millis: i64,
    /// Exact bytes.
    pub bytes: Vec<u8>,
}

/// A record in the server's order, as far as an upper position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecordSpan {
    /// The record.
    pub record: RecordId,
    /// Position of its first op.
    pub first: u64,
    /// Position of its last op.
    pub last: u64,
    /// Its ops.
    pub ops: usize,
    /// Their bytes.
    pub size_bytes: usize,
}

/// A signed head of the Merkle log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckpointRow {
    /// Id that ops quote.
    pub id: CheckpointId,
    /// Leaves.
    pub size: u64,
    /// When.
    pub time_millis: i64,
    /// As signed.
    pub signed: Signed,
}

/// A complete blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobRow {
    /// Its name.
    pub id: BlobId,
    /// Bytes.
    pub size_bytes: u64,
    /// As the uploader said.
    pub mime: String,
    /// When its last byte arrived.
    pub received_millis: i64,
}

/// A running or finished upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRow {
    /// Unguessable name.
    pub id: String,
    /// Who uploads.
    pub account: AccountId,
    /// What the bytes must hash to.
    pub blob: BlobId,
    /// MIME type.
    pub mime: String,
    /// Bytes to come in all.
    pub length: u64,
    /// Bytes on the medium.
    pub received: u64,
    /// Whether the blob is stored.
    pub complete: bool,
    /// When it is forgotten.
    pub expires_at: i64,
}
