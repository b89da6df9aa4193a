//! The one task that gives ops their place: a queue of pushes and enrolments, committed in groups.
//!
//! Owns: the order of the server, the Merkle log, checkpoints, leases. Refuses: HTTP, signatures of ops (done before) and
//! SQL. Invariants: nobody is answered before the commit is durable; one group is one transaction; an op has one position.

mod batch;
mod belongs;
mod erase;
mod judge;
mod pen;
mod people;
mod runs;

use std::sync::Arc;

use greenshield_domain::audit::Note;
use greenshield_domain::erasure::Hold;
use greenshield_domain::ids::{AccountId, Epoch, LogId, OpId, RecordId};
use greenshield_domain::log::LogHead;
use greenshield_domain::op::{Genesis, VerifiedOp};
use greenshield_domain::statement::{Receipt, Signed};
use greenshield_domain::verdict::Ruling;
use greenshield_domain::wire::OpResult;
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use self::batch::Batch;
pub use self::erase::{Erase, Erased};
use crate::clock::Clock;
use crate::entropy::EntropyError;
use crate::holding::Holding;
use crate::ingest::Arrived;
use crate::keys::{KeyError, ServerKey};
use crate::live::Live;
use crate::metrics;
use crate::own_log::{self, OwnOpError};
use crate::scrub::ScrubDue;
use crate::store::{CheckpointRow, Store, StoreError, StoreTx as _};

/// Jobs that may wait before callers are told to come back later.
const QUEUE: usize = 256;
/// Ops after which a group is closed.
const GROUP_OPS: usize = 4_000;

/// Why a job was not done. Nothing of it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SequencerError {
    /// The queue is full.
    #[error("the queue is full")]
    Busy,
    /// The server goes down.
    #[error("the server goes down")]
    Stopped,
    /// The lease is older than the last two.
    #[error("an older copy of this profile pushes")]
    StaleCopy,
    /// No invite has this code.
    #[error("no invite has this code")]
    CodeUnknown,
    /// The invite is past its time.
    #[error("the invite is past its time")]
    CodeExpired,
    /// Another log used the invite.
    #[error("the invite was used by another log")]
    CodeUsed,
    /// The genesis names another account, nonce or old log.
    #[error("the genesis does not fit")]
    NotYours,
    /// There is no op of the city's records with this id.
    #[error("there is no such op")]
    OpUnknown,
    /// The decision would give or take an office that its author does not answer for.
    #[error("whoever decides does not answer for this person")]
    NotAnswering,
    /// A legal hold forbids it.
    #[error("a legal hold forbids to erase anything of the record")]
    OnHold,
    /// Something was said of the record since whoever asks looked at it.
    #[error("something was said of the record since")]
    Changed,
    /// No room on the medium.
    #[error("the disk is full")]
    Full,
    /// A fault; logged.
    #[error("a fault of the server")]
    Fault,
}

/// A push whose ops were verified.
#[derive(Debug, Clone)]
pub struct Push {
    /// What came, in its order.
    pub items: Vec<Arrived>,
    /// The log that signed the request, and the lease that it presented.
    pub caller: Option<(LogId, Option<[u8; 16]>)>,
}

/// What became of a push.
#[derive(Debug, Clone)]
pub struct PushDone {
    /// Everything that was not simply stored.
    pub results: Vec<OpResult>,
    /// Heads of the logs that the push names.
    pub heads: Vec<LogHead>,
    /// What the server can vouch for, not yet signed.
    pub receipts: Vec<Receipt>,
    /// The next lease of the caller.
    pub lease: Option<[u8; 16]>,
    /// The checkpoint right after the commit.
    pub checkpoint: Signed,
    /// Server clock.
    pub time_millis: i64,
}

/// What vouches for a new log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voucher {
    /// A one-time code, by its hash.
    Code([u8; 32]),
    /// The log that the new one carries on, and that signed the request.
    OldLog(LogId),
}

/// A genesis that was verified with its own key.
#[derive(Debug, Clone)]
pub struct Enrol {
    /// The op.
    pub op: Arc<VerifiedOp>,
    /// What it says.
    pub genesis: Genesis,
    /// What vouches for it.
    pub voucher: Voucher,
}

/// A log is enrolled.
#[derive(Debug, Clone)]
pub struct EnrolDone {
    /// Its owner.
    pub account: AccountId,
    /// The signed certificate.
    pub certificate: Signed,
    /// For the genesis, not yet signed.
    pub receipt: Receipt,
    /// The lease of the first push.
    pub lease: [u8; 16],
    /// Server clock.
    pub time_millis: i64,
}

/// What is asked.
#[derive(Debug)]
enum Request {
    Push(Push),
    Enrol(Box<Enrol>),
    Judge(Ruling),
    Note(Note),
    /// With the newest position of the record that whoever asks looked at, where something said since keeps it.
    Erase(Erase, Option<u64>),
    Hold(RecordId, Hold),
}

impl Request {
    fn authentic(&self) -> impl Iterator<Item = &Arc<VerifiedOp>> {
        let (items, enrol): (&[Arrived], _) = match self {
            Request::Push(push) => (&push.items, None),
            Request::Enrol(enrol) => (&[], Some(&enrol.op)),
            Request::Judge(_) | Request::Note(_) | Request::Erase(..) | Request::Hold(..) => (&[], None),
        };
        let pushed = items.iter().filter_map(|item| match item {
            Arrived::Authentic(op) => Some(op),
            Arrived::Refused { .. } => None,
        });
        pushed.chain(enrol)
    }
}

/// What is answered.
enum Done {
    Push(PushDone),
    Enrol(EnrolDone),
    Judge(Option<OpId>),
    Note(OpId),
    Erase(Erased),
    Hold(Option<OpId>),
}

type Answer = Result<Done, SequencerError>;

struct Job {
    request: Request,
    reply: oneshot::Sender<Answer>,
}

/// The way to the sequencer.
#[derive(Debug, Clone)]
pub struct Sequencer {
    jobs: mpsc::Sender<Job>,
}

impl Sequencer {
    /// Stores a push.
    ///
    /// # Errors
    /// [`SequencerError`]; nothing of the push is stored then.
    pub async fn push(&self, push: Push) -> Result<PushDone, SequencerError> {
        let items = push.items.len();
        match self.ask(Request::Push(push)).await? {
            Done::Push(done) => {
                metrics::pushed(items, &done.results, done.receipts.len());
                Ok(done)
            }
            _ => Err(SequencerError::Fault),
        }
    }

    /// Decides about an op; gives the op of the decision, `None` when that verdict counts already.
    ///
    /// # Errors
    /// [`SequencerError`].
    pub async fn judge(&self, ruling: Ruling) -> Result<Option<OpId>, SequencerError> {
        match self.ask(Request::Judge(ruling)).await? {
            Done::Judge(decision) => Ok(decision),
            _ => Err(SequencerError::Fault),
        }
    }

    /// Notes a deed; gives the op that says it.
    ///
    /// # Errors
    /// [`SequencerError`].
    pub async fn note(&self, note: Note) -> Result<OpId, SequencerError> {
        match self.ask(Request::Note(note)).await? {
            Done::Note(op) => Ok(op),
            _ => Err(SequencerError::Fault),
        }
    }

    /// Erases from the database what is asked; the bytes on the medium are for [`crate::erasing`].
    ///
    /// # Errors
    /// [`SequencerError`].
    pub async fn erase(&self, erase: Erase) -> Result<Erased, SequencerError> {
        match self.ask(Request::Erase(erase, None)).await? {
            Done::Erase(erased) => Ok(erased),
            _ => Err(SequencerError::Fault),
        }
    }

    /// As [`Sequencer::erase`], but nothing when something of the record stands behind `upto` or waits.
    ///
    /// # Errors
    /// [`SequencerError::Changed`], or another one.
    pub async fn erase_untouched(&self, erase: Erase, upto: u64) -> Result<Erased, SequencerError> {
        match self.ask(Request::Erase(erase, Some(upto))).await? {
            Done::Erase(erased) => Ok(erased),
            _ => Err(SequencerError::Fault),
        }
    }

    /// Begins or ends a legal hold; gives the op that says it, `None` when it is so already.
    ///
    /// # Errors
    /// [`SequencerError`].
    pub async fn hold(&self, record: RecordId, hold: Hold) -> Result<Option<OpId>, SequencerError> {
        match self.ask(Request::Hold(record, hold)).await? {
            Done::Hold(op) => Ok(op),
            _ => Err(SequencerError::Fault),
        }
    }

    /// Enrols a log.
    ///
    /// # Errors
    /// [`SequencerError`].
    pub async fn enrol(&self, enrol: Enrol) -> Result<EnrolDone, SequencerError> {
        match self.ask(Request::Enrol(Box::new(enrol))).await? {
            Done::Enrol(done) => Ok(done),
            _ => Err(SequencerError::Fault),
        }
    }

    /// Jobs that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.jobs.max_capacity() - self.jobs.capacity()
    }

    async fn ask(&self, request: Request) -> Answer {
        let (reply, answer) = oneshot::channel();
        self.jobs.try_send(Job { request, reply }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => SequencerError::Busy,
            mpsc::error::TrySendError::Closed(_) => SequencerError::Stopped,
        })?;
        answer.await.map_err(|_| SequencerError::Stopped)?
    }
}

/// What the task works with.
pub struct Work<S> {
    /// The database.
    pub store: S,
    /// The key that signs checkpoints and certificates.
    pub key: Arc<ServerKey>,
    /// The key of the audit's log.
    pub audit_key: Arc<ServerKey>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Whom to tell of new ops.
    pub live: Arc<Live>,
    /// The database incarnation.
    pub epoch: Epoch,
    /// Who may do what: one group goes by one package.
    pub holding: Arc<Holding>,
    /// Where to say that bytes of erased values may still lie about.
    pub scrub: Arc<ScrubDue>,
}

/// Starts the task. It ends when every [`Sequencer`] is dropped.
pub fn start<S: Store>(work: Work<S>) -> (Sequencer, tokio::task::JoinHandle<()>) {
    let (jobs, queue) = mpsc::channel(QUEUE);
    (Sequencer { jobs }, tokio::spawn(run(work, queue)))
}

async fn run<S: Store>(work: Work<S>, mut queue: mpsc::Receiver<Job>) {
    while let Some(first) = queue.recv().await {
        let mut size = first.request.authentic().count();
        let mut jobs = vec![first];
        while size < GROUP_OPS
            && jobs.len() < QUEUE
            && let Ok(job) = queue.try_recv()
        {
            size += job.request.authentic().count();
            jobs.push(job);
        }
        let requests: Vec<&Request> = jobs.iter().map(|job| &job.request).collect();
        let begun = tokio::time::Instant::now();
        let committed = commit(&work, &requests).await;
        metrics::committed(begun, size, committed.is_ok());
        let answers = match committed {
            Ok(answers) => answers,
            Err(error) => {
                tracing::error!(%error, jobs = jobs.len(), "a group was rolled back");
                let full = matches!(error, GroupError::Store(StoreError::Full));
                let error = if full { SequencerError::Full } else { SequencerError::Fault };
                jobs.iter().map(|_| Err(error)).collect()
            }
        };
        for (job, answer) in jobs.into_iter().zip(answers) {
            // A caller that went away will ask again.
            drop(job.reply.send(answer));
        }
    }
}

/// Why a whole group failed.
#[derive(Debug, Error)]
enum GroupError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error(transparent)]
    Entropy(#[from] EntropyError),
    #[error(transparent)]
    OwnOp(#[from] OwnOpError),
    #[error("the server's own log has no row")]
    NoOwnLog,
    #[error("there is no checkpoint")]
    NoCheckpoint,
    #[error("the database has another epoch than at the start")]
    OtherEpoch,
}

/// Decides about an op in a process of its own, beside a server that may be running.
///
/// # Errors
/// [`SequencerError`]; faults are logged.
pub async fn judge_alone<S: Store>(work: &Work<S>, ruling: Ruling) -> Result<Option<OpId>, SequencerError> {
    let answers = commit(work, &[&Request::Judge(ruling)]).await.map_err(|error| {
        tracing::error!(%error, "a decision was rolled back");
        SequencerError::Fault
    })?;
    match answers.into_iter().next() {
        Some(Ok(Done::Judge(decision))) => Ok(decision),
        Some(Err(error)) => Err(error),
        _ => Err(SequencerError::Fault),
    }
}

/// Whether a push brings what stands behind the beginning of a log.
fn brings_own(push: &Push, log: LogId) -> bool {
    push.items
        .iter()
        .any(|item| matches!(item, Arrived::Authentic(op) if op.header().log == log && op.header().seq > 0))
}

/// One transaction for all requests; it returns when that is durable.
async fn commit<S: Store>(work: &Work<S>, requests: &[&Request]) -> Result<Vec<Answer>, GroupError> {
    let now = work.clock.now_millis();
    let mut tx = work.store.begin().await?;
    // A receipt with an epoch that is over would be worth nothing to a phone.
    if tx.server().await?.is_none_or(|row| row.epoch != work.epoch) {
        return Err(GroupError::OtherEpoch);
    }
    let mut batch = Batch::new(tx, now, work.holding.rules()).await?;
    batch.recognise(requests.iter().flat_map(|request| request.authentic())).await?;
    let mut drafts = Vec::new();
    for request in requests {
        drafts.push(match request {
            Request::Push(push) => {
                // The beginning of the server's log follows from its key, and phones that see one area never had it.
                if brings_own(push, own_log::id(&work.key)) {
                    batch.begun_head(&work.key, batch.now).await?;
                }
                batch.push(push).await?.map(Draft::Push)
            }
            Request::Enrol(enrol) => batch.enrol(enrol, &work.key).await?.map(Draft::Enrol),
            Request::Judge(ruling) => batch.judge(ruling, &work.key).await?.map(Draft::Judge),
            Request::Note(note) => Ok(Draft::Note(batch.note(note, &work.audit_key).await?)),
            Request::Erase(erase, upto) => batch.erase(erase, *upto, &work.key).await?.map(Draft::Erase),
            Request::Hold(record, hold) => batch.hold(*record, hold, &work.key).await?.map(Draft::Hold),
        });
        // In the same transaction: no rights change without the note.
        batch.note_rights(&work.audit_key).await?;
    }
    let erases = batch.erases;
    let (tx, pos, checkpoint) = batch.close(work.epoch, &work.key).await?;
    tx.commit().await?;
    if erases {
        work.scrub.set();
    }
    work.live.advance(pos);
    Ok(drafts.into_iter().map(|draft| draft.map(|draft| draft.finish(work.epoch, now, &checkpoint))).collect())
}

/// An answer that still misses the checkpoint.
enum Draft {
    Push(batch::PushDraft),
    Enrol(batch::EnrolDraft),
    Judge(Option<OpId>),
    Note(OpId),
    Erase(Erased),
    Hold(Option<OpId>),
}

impl Draft {
    fn finish(self, epoch: Epoch, now: i64, checkpoint: &CheckpointRow) -> Done {
        match self {
            Draft::Judge(decision) => Done::Judge(decision),
            Draft::Note(op) => Done::Note(op),
            Draft::Erase(erased) => Done::Erase(erased),
            Draft::Hold(op) => Done::Hold(op),
            Draft::Push(draft) => Done::Push(PushDone {
                results: draft.results,
                heads: draft.heads,
                receipts: runs::receipts(draft.landed, epoch, checkpoint.id),
                lease: draft.lease,
                checkpoint: checkpoint.signed.clone(),
                time_millis: now,
            }),
            Draft::Enrol(draft) => Done::Enrol(EnrolDone {
                account: draft.account,
                certificate: draft.certificate,
                receipt: draft.landed.receipt(epoch, checkpoint.id),
                lease: draft.lease,
                time_millis: now,
            }),
        }
    }
}

/// Signs and stores a checkpoint over the tree as it is.
///
/// # Errors
/// [`StoreError`] or [`KeyError`], as the caller's error.
pub async fn sign_checkpoint<T, E>(tx: &mut T, key: &ServerKey, epoch: Epoch, now: i64) -> Result<CheckpointRow, E>
where
    T: crate::store::StoreTx,
    E: From<StoreError> + From<KeyError>,
{
    let frontier = tx.frontier().await?;
    let row = batch::checkpoint(&frontier, key, epoch, now)?;
    tx.put_checkpoint(&frontier, &row).await?;
    Ok(row)
}
