//! One group inside its transaction: every op gets its place, or is told why not.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use greenshield_domain::audit::Note;
use greenshield_domain::erasure::{self, Erasure};
use greenshield_domain::ids::{AccountId, CheckpointId, Epoch, LogId, OpId, RecordId};
use greenshield_domain::log::{Decision, LogHead, LogView, ingest};
use greenshield_domain::merge::effective_millis;
use greenshield_domain::op::{Header, Leaves, SignedOp, VerifiedOp};
use greenshield_domain::policy::{self, Facts, Origin, Rules};
use greenshield_domain::signature::{PublicKey, Signature, SignatureCheck};
use greenshield_domain::statement::{Certificate, Checkpoint, Signed, Statement as _};
use greenshield_domain::tree::{Frontier, leaf_hash};
use greenshield_domain::verdict;
use greenshield_domain::wire::{OpResult, ResultCode, Verdict};

use super::runs::Landed;
use super::{Enrol, GroupError, Push, SequencerError, Voucher};
use crate::entropy::random;
use crate::ingest::Arrived;
use crate::keys::{KeyError, ServerKey};
use crate::store::{AccountState, CheckpointRow, KnownOp, LogRow, NewLog, OpRow, Place, StoreError, StoreTx};

/// Ops of one log that may wait for the ops before them.
const MAX_WAITING: u64 = 5_000;
/// Rejected items that are kept at most; beyond that the oldest go.
const MAX_REJECTED: u64 = 5_000;

/// The answer to a push before the checkpoint is known.
pub(super) struct PushDraft {
    pub(super) results: Vec<OpResult>,
    pub(super) heads: Vec<LogHead>,
    pub(super) landed: Vec<Landed>,
    pub(super) lease: Option<[u8; 16]>,
}

/// The answer to an enrolment before the checkpoint is known.
pub(super) struct EnrolDraft {
    pub(super) account: AccountId,
    pub(super) certificate: Signed,
    pub(super) landed: Landed,
    pub(super) lease: [u8; 16],
}

/// A log while the group runs.
pub(super) struct LogState {
    pub(super) row: LogRow,
    pub(super) waiting: u64,
    moved: bool,
}

/// What became of one op.
pub(super) struct Placed {
    code: ResultCode,
    reason: String,
}

impl Placed {
    fn new(code: ResultCode, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

/// A group in its transaction.
pub(super) struct Batch<T> {
    pub(super) tx: T,
    pub(super) now: i64,
    frontier: Frontier,
    size_before: u64,
    pub(super) logs: HashMap<LogId, LogState>,
    pub(super) known: HashMap<OpId, KnownOp>,
    seen: HashMap<CheckpointId, Option<i64>>,
    /// First ops of records that ops of this group may make anew; asked once.
    origins: HashMap<RecordId, Option<Origin>>,
    /// Where records belong; asked once.
    pub(super) facts: HashMap<RecordId, Option<Facts>>,
    /// People with what rights are decided by; asked once.
    pub(super) accounts: HashMap<AccountId, Option<AccountState>>,
    /// Whose rights changed, and is still to be noted.
    pub(super) rights: Vec<Note>,
    pub(super) rules: Arc<Rules>,
    /// What is erased of the ops of this group; asked once.
    pub(super) erased: HashMap<OpId, Leaves>,
    /// Whether this group erases something.
    pub(super) erases: bool,
}

impl<T: StoreTx> Batch<T> {
    pub(super) async fn new(mut tx: T, now: i64, rules: Arc<Rules>) -> Result<Self, StoreError> {
        let frontier = tx.frontier().await?;
        let size_before = frontier.size();
        let (logs, known, seen) = (HashMap::new(), HashMap::new(), HashMap::new());
        let (origins, facts, accounts) = (HashMap::new(), HashMap::new(), HashMap::new());
        let (rights, erased, erases) = (Vec::new(), HashMap::new(), false);
        Ok(Self {
            tx,
            now,
            frontier,
            size_before,
            logs,
            known,
            seen,
            origins,
            facts,
            accounts,
            rights,
            rules,
            erased,
            erases,
        })
    }

    /// Asks once for all ops of the group which of them are stored, and who made the records that they seem to make.
    pub(super) async fn recognise(&mut self, ops: impl Iterator<Item = &Arc<VerifiedOp>>) -> Result<(), StoreError> {
        let ops: Vec<&Arc<VerifiedOp>> = ops.collect();
        let ids: Vec<OpId> = ops.iter().map(|op| op.id()).collect();
        let making = ops.iter().map(|op| op.header()).filter(|header| header.deps.is_empty());
        self.ask_origins(making.map(|header| header.record).collect()).await?;
        let records: HashSet<RecordId> = ops.iter().map(|op| op.header().record).collect();
        self.ask_facts(records.into_iter().collect()).await?;
        if !ids.is_empty() {
            self.known.extend(self.tx.known(&ids).await?.into_iter().map(|known| (known.id, known)));
            self.erased.extend(self.tx.erased(&ids).await?);
        }
        Ok(())
    }

    /// Stores a push, or refuses it as a whole because an older copy of the profile sends it.
    pub(super) async fn push(&mut self, push: &Push) -> Result<Result<PushDraft, SequencerError>, GroupError> {
        let lease = match push.caller {
            None => None,
            Some((log, presented)) => match self.next_lease(log, presented).await? {
                Some(lease) => Some(lease),
                None => return Ok(Err(SequencerError::StaleCopy)),
            },
        };
        let mut draft = PushDraft { results: Vec::new(), heads: Vec::new(), landed: Vec::new(), lease };
        let mut named = Vec::new();
        for (index, item) in push.items.iter().enumerate() {
            let (id, placed) = match item {
                Arrived::Authentic(op) => {
                    named.push(op.header().log);
                    (Some(op.id()), self.place(op, &mut draft.landed).await?)
                }
                Arrived::Refused { id, code, reason, bytes } => {
                    if !bytes.is_empty() {
                        self.tx.put_rejected(reason, bytes, self.now, MAX_REJECTED).await?;
                    }
                    (*id, Placed::new(*code, *reason))
                }
            };
            if placed.code != ResultCode::Stored {
                draft.results.push(OpResult { index: index as u64, id, code: placed.code, reason: placed.reason });
            }
        }
        // What waited and came by another push gets its receipt when its own carrier asks again.
        let mine: HashSet<OpId> = push.items.iter().filter_map(Arrived::authentic_id).collect();
        draft.landed.retain(|op| mine.contains(&op.id));
        named.sort_unstable();
        named.dedup();
        let head = |log: &LogId| self.logs.get(log).and_then(|state| state.row.head).map(|(seq, id)| (*log, seq, id));
        draft.heads = named.iter().filter_map(head).map(|(log, seq, id)| LogHead { log, seq, id }).collect();
        Ok(Ok(draft))
    }

    /// The next lease; `None` when the one presented is older than the last two.
    async fn next_lease(&mut self, log: LogId, presented: Option<[u8; 16]>) -> Result<Option<[u8; 16]>, GroupError> {
        let Some(state) = self.log(log).await? else { return Ok(None) };
        let (current, previous) = (state.row.lease_current, state.row.lease_previous);
        let still_good = match presented {
            // A phone that lost its lease is no copy of one that has it.
            None => current,
            Some(_) if current.is_none() || presented == current || presented == previous => presented,
            Some(_) => return Ok(None),
        };
        let next = random()?;
        (state.row.lease_current, state.row.lease_previous) = (Some(next), still_good);
        self.tx.set_lease(log, next, still_good).await?;
        Ok(Some(next))
    }

    /// Enrols a log and stores its genesis. The same genesis with the same voucher again gets the same answer.
    pub(super) async fn enrol(
        &mut self,
        enrol: &Enrol,
        key: &ServerKey,
    ) -> Result<Result<EnrolDraft, SequencerError>, GroupError> {
        let log = enrol.op.header().log;
        let account = match self.vouch(enrol).await? {
            Ok(account) => account,
            Err(error) => return Ok(Err(error)),
        };
        if self.log(log).await?.is_none() {
            let (id, role) = (account.id, account.role);
            let certificate = key.sign(&Certificate { log, account: id, role, issued_millis: self.now })?;
            let public_key = enrol.genesis.key;
            self.tx.put_log(&NewLog { id: log, account: id, public_key, certificate, enrolled_at: self.now }).await?;
            if let Voucher::Code(hash) = enrol.voucher {
                self.tx.use_invite(hash, log, self.now).await?;
            }
        }
        let mut landed = Vec::new();
        self.place(&enrol.op, &mut landed).await?;
        let Some(landed) = landed.into_iter().find(|op| op.id == enrol.op.id()) else {
            return Ok(Err(SequencerError::NotYours));
        };
        let row = self.log(log).await?.map(|state| (state.row.certificate.clone(), state.row.lease_current));
        let (certificate, lease) = row.ok_or(GroupError::NoCheckpoint)?;
        let lease = match lease {
            Some(lease) => lease,
            None => self.next_lease(log, None).await?.ok_or(GroupError::NoCheckpoint)?,
        };
        Ok(Ok(EnrolDraft { account: account.id, certificate, landed, lease }))
    }

    /// Whose log it becomes, if code or old log, account, nonce and a possible earlier enrolment all fit.
    async fn vouch(&mut self, enrol: &Enrol) -> Result<Result<crate::store::AccountRow, SequencerError>, StoreError> {
        use SequencerError as E;
        let (log, genesis) = (enrol.op.header().log, &enrol.genesis);
        let replay = self.known.contains_key(&enrol.op.id());
        let account = match enrol.voucher {
            Voucher::Code(hash) => {
                let Some(invite) = self.tx.invite(hash).await? else { return Ok(Err(E::CodeUnknown)) };
                match invite.used_by {
                    Some(by) if by == log && replay => {}
                    Some(_) => return Ok(Err(E::CodeUsed)),
                    None if invite.expires_at <= self.now => return Ok(Err(E::CodeExpired)),
                    None if genesis.nonce != invite.nonce => return Ok(Err(E::NotYours)),
                    None => {}
                }
                invite.account
            }
            Voucher::OldLog(old) => {
                let fits = genesis.continues.is_some_and(|continues| continues.log == old) && old != log;
                match self.log(old).await? {
                    Some(state) if fits => state.row.account.clone(),
                    _ => return Ok(Err(E::NotYours)),
                }
            }
        };
        let taken = self.log(log).await?.is_some() && !replay;
        if genesis.account != account.id || taken {
            return Ok(Err(E::NotYours));
        }
        Ok(Ok(account))
    }

    /// Gives an op its place, and then those that waited for it.
    async fn place(&mut self, op: &VerifiedOp, landed: &mut Vec<Landed>) -> Result<Placed, StoreError> {
        let header = op.header();
        if self.is_cut(op) {
            return Ok(Placed::new(ResultCode::Malformed, "redacted"));
        }
        let Some(state) = self.log(header.log).await? else {
            return Ok(Placed::new(ResultCode::UnknownLog, "unknown_log"));
        };
        let (head, waiting) = (state.row.head, state.waiting);
        let expected = format!("expected:{}", head.map_or(0, |(seq, _)| seq + 1));
        let known = self.known.get(&op.id()).copied();
        if let Some(known) = known {
            let fork = match known.place {
                Place::Waiting => return Ok(Placed::new(ResultCode::Gap, expected)),
                Place::Main => false,
                Place::Fork => true,
            };
            landed.push(landed_op(op, fork, known.received_millis));
            let (code, word) = if fork { (ResultCode::Fork, "fork") } else { (ResultCode::Duplicate, "duplicate") };
            return Ok(Placed::new(code, word));
        }
        let placed = match self.decide(head, op).await? {
            Decision::Accept => self.apply(op, false, self.now, landed).await?,
            Decision::Fork => self.apply(op, true, self.now, landed).await?,
            // `known` was asked before.
            Decision::Duplicate => Placed::new(ResultCode::Duplicate, "duplicate"),
            Decision::Gap { .. } if waiting >= MAX_WAITING => Placed::new(ResultCode::OverLimit, "waiting"),
            Decision::Gap { .. } => {
                self.wait(op).await?;
                Placed::new(ResultCode::Gap, expected)
            }
        };
        if matches!(placed.code, ResultCode::Stored | ResultCode::Held | ResultCode::Fork) {
            self.wake(header.log, header.seq, landed).await?;
        }
        Ok(placed)
    }

    /// The first op that is stored of the record of an op which names nothing that its author saw; of others it does not matter.
    pub(super) async fn origin_for(&mut self, header: &Header) -> Result<Option<Origin>, StoreError> {
        if header.deps.is_empty() {
            self.ask_origins(HashSet::from([header.record])).await?;
        }
        Ok(self.origins.get(&header.record).copied().flatten())
    }

    async fn ask_origins(&mut self, records: HashSet<RecordId>) -> Result<(), StoreError> {
        let records: Vec<RecordId> = records.into_iter().filter(|record| !self.origins.contains_key(record)).collect();
        if records.is_empty() {
            return Ok(());
        }
        self.origins.extend(records.iter().map(|record| (*record, None)));
        for (record, account, bytes) in self.tx.first_ops(&records).await? {
            let corrupt = |_| StoreError::Corrupt { table: "op", column: "bytes" };
            let origin = Origin::of(SignedOp::decode(&bytes).map_err(corrupt)?.header(), account);
            self.origins.insert(record, Some(origin));
        }
        Ok(())
    }

    /// What an op that just arrived may show. The record of a person is there with the account: nobody makes it anew.
    async fn verdict(
        &mut self,
        op: &VerifiedOp,
        owner: &LogRow,
        facts: &Facts,
        (eff_millis, received_millis): (i64, i64),
    ) -> Result<Verdict, StoreError> {
        let (header, account, author) = (op.header(), owner.account.id, owner.standing(received_millis));
        let verdict = policy::verdict(&self.rules, &author, facts, header, op.body().entries());
        let origin = self.origin_for(header).await?;
        let recreates = verdict == Verdict::Ok
            && !policy::is_person(facts.kind)
            && policy::may_recreate(header, account, origin)
            && policy::recreates(self.tx.newest_on_record(header.log, header.record).await?.as_ref());
        if policy::is_judged(header.kind)
            && let Some(unknown @ None) = self.origins.get_mut(&header.record)
        {
            *unknown = Some(Origin::of(header, account));
        }
        if recreates {
            return Ok(Verdict::Held(policy::RECREATED.to_owned()));
        }
        let is_free = verdict != Verdict::Ok || self.may_appoint(op, &author, facts, eff_millis).await?;
        Ok(if is_free { verdict } else { Verdict::Held(policy::FORBIDDEN.to_owned()) })
    }

    pub(super) async fn decide(&mut self, head: Option<(u64, OpId)>, op: &VerifiedOp) -> Result<Decision, StoreError> {
        let view = LogView { head, ..LogView::default() };
        let decision = ingest(&view, op);
        // Only a gap can hide that the op belongs to a side branch, and only then the store is asked.
        let (Decision::Gap { .. }, Some(prev)) = (decision, op.header().prev) else { return Ok(decision) };
        if !self.known.contains_key(&prev) {
            self.known.extend(self.tx.known(&[prev]).await?.into_iter().map(|known| (known.id, known)));
        }
        let after_fork = self.known.get(&prev).is_some_and(|known| known.place == Place::Fork);
        Ok(ingest(&LogView { after_fork, ..view }, op))
    }

    /// Appends to the server's order, without what is erased of it.
    pub(super) async fn apply(
        &mut self,
        op: &VerifiedOp,
        fork: bool,
        received_millis: i64,
        landed: &mut Vec<Landed>,
    ) -> Result<Placed, StoreError> {
        let (id, header) = (op.id(), op.header());
        let seen = self.seen(header.seen).await?;
        let eff_millis = effective_millis(header.wall_millis, seen, Some(received_millis));
        let Some(state) = self.log(header.log).await? else {
            return Ok(Placed::new(ResultCode::UnknownLog, "unknown_log"));
        };
        let owner = state.row.clone();
        if !fork {
            state.row.head = Some((header.seq, id));
            state.moved = true;
        }
        let account = owner.account.id;
        let (facts, is_first) = self.facts_for(op, &owner).await?;
        let (facts, is_first) = match self.facts_of_maker(op, &owner, &facts, is_first).await? {
            Some(facts) => (facts, true),
            None => (facts, is_first),
        };
        let verdict = self.verdict(op, &owner, &facts, (eff_millis, received_millis)).await?;
        let left = self.left_of(op);
        let op = left.as_ref().unwrap_or(op);
        let placed = match (&verdict, fork) {
            (_, true) => Placed::new(ResultCode::Fork, "fork"),
            (Verdict::Held(reason), false) => Placed::new(ResultCode::Held, reason),
            (Verdict::Ok | Verdict::Void, false) => Placed::new(ResultCode::Stored, ""),
        };
        self.frontier.push(leaf_hash(&id.0));
        let row = OpRow {
            pos: self.frontier.size(),
            id,
            log: header.log,
            seq: header.seq,
            fork,
            record: header.record,
            kind: header.kind,
            account,
            wall_millis: header.wall_millis,
            eff_millis,
            received_millis,
            verdict,
            bytes: op.bytes().to_vec(),
        };
        self.tx.put_op(&row).await?;
        if fork {
            self.tx.flag_fork(header.log, self.now).await?;
        }
        for blob in erasure::linked(op) {
            self.tx.link_blob(header.record, blob).await?;
        }
        let decision = verdict::Decision::of(op, account, eff_millis);
        if let Some(decision) = &decision {
            self.tx.put_decision(decision).await?;
        }
        if let Some(erasure) = Erasure::of(op, account) {
            self.take_erasure(header.record, &erasure).await?;
        }
        self.keep_facts(op, facts, is_first, self.frontier.size(), decision.as_ref()).await?;
        if policy::is_person(header.kind) || decision.is_some() {
            let by = decision.as_ref().map_or(account, |decision| decision.ruling.by);
            self.take_office_of(header.record, by, header.log).await?;
        }
        let place = if fork { Place::Fork } else { Place::Main };
        self.known.insert(id, KnownOp { id, received_millis, place });
        landed.push(landed_op(op, fork, received_millis));
        Ok(placed)
    }

    /// The log with what this group has changed; asked once.
    pub(super) async fn log(&mut self, log: LogId) -> Result<Option<&mut LogState>, StoreError> {
        if !self.logs.contains_key(&log) {
            let Some(row) = self.tx.log(log).await? else { return Ok(None) };
            let waiting = self.tx.waiting_count(log).await?;
            self.logs.insert(log, LogState { row, waiting, moved: false });
        }
        Ok(self.logs.get_mut(&log))
    }

    /// When a checkpoint was signed; asked once.
    async fn seen(&mut self, id: CheckpointId) -> Result<Option<i64>, StoreError> {
        if id == CheckpointId::NONE {
            return Ok(None);
        }
        if let Some(time) = self.seen.get(&id) {
            return Ok(*time);
        }
        let time = self.tx.checkpoint_time(id).await?;
        self.seen.insert(id, time);
        Ok(time)
    }

    /// Writes heads and the checkpoint. What is left is to commit.
    pub(super) async fn close(mut self, epoch: Epoch, key: &ServerKey) -> Result<(T, u64, CheckpointRow), GroupError> {
        for (log, state) in self.logs.iter().filter(|(_, state)| state.moved) {
            if let Some((seq, id)) = state.row.head {
                self.tx.set_head(*log, seq, id).await?;
            }
        }
        let row = if self.frontier.size() == self.size_before {
            self.tx.newest_checkpoint().await?.ok_or(GroupError::NoCheckpoint)?
        } else {
            let row = checkpoint(&self.frontier, key, epoch, self.now)?;
            self.tx.put_checkpoint(&self.frontier, &row).await?;
            row
        };
        Ok((self.tx, self.frontier.size(), row))
    }
}

/// Signs the head of a tree.
pub(super) fn checkpoint(
    frontier: &Frontier,
    key: &ServerKey,
    epoch: Epoch,
    time_millis: i64,
) -> Result<CheckpointRow, KeyError> {
    let checkpoint = Checkpoint { epoch, size: frontier.size(), root: frontier.root(), time_millis };
    let id = Checkpoint::id_of(&checkpoint.payload());
    Ok(CheckpointRow { id, size: checkpoint.size, time_millis, signed: key.sign(&checkpoint)? })
}

fn landed_op(op: &VerifiedOp, fork: bool, received_millis: i64) -> Landed {
    let header = op.header();
    Landed { log: header.log, fork, seq: header.seq, id: op.id(), prev: header.prev, received_millis }
}

/// Ops in the pen were verified before they were stored.
pub(super) struct VerifiedBefore;

impl SignatureCheck for VerifiedBefore {
    fn verify(&self, _: &PublicKey, _: &[u8], _: &Signature) -> bool {
        true
    }
}
