//! Erasing: the server's own log says what is gone, and in the same transaction it is.
//!
//! Owns: which leaves of which ops that are, what goes with them, and the legal hold that forbids it. Refuses: to take bytes from
//! the medium, which comes after the commit. Invariants: an op that says so is the only way, so what phones bring back to a
//! restored server erases again; of an op that comes later only what is left is stored; a redacted op is taken exactly when
//! all that it hides is erased here.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::erasure::{self, Basis, Erasure, Hold};
use greenshield_domain::ids::{AccountId, BlobId, OpId, RecordId};
use greenshield_domain::op::{Leaves, SignedOp, VerifiedOp};
use greenshield_domain::verdict::{KIND_ERASURE, KIND_HOLD, SERVER_ACCOUNT};
use greenshield_domain::wire::PulledOp;

use super::batch::Batch;
use super::{GroupError, SequencerError};
use crate::keys::ServerKey;
use crate::own_log;
use crate::store::{StoreError, StoreTx};

/// What somebody asks to erase.
#[derive(Debug, Clone)]
pub struct Erase {
    /// Of which record.
    pub record: RecordId,
    /// Everything that was ever said of these fields.
    pub fields: BTreeSet<u32>,
    /// Every link of these files and of their copies.
    pub files: BTreeSet<BlobId>,
    /// Who asks.
    pub by: AccountId,
    /// By what right.
    pub basis: Basis,
    /// A note for people.
    pub note: String,
}

/// What was erased.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Erased {
    /// The ops of the server's log that say so; none when nothing of it was left.
    pub ops: Vec<OpId>,
    /// How many values.
    pub values: usize,
}

/// An op of a record with its place.
struct Stored {
    pos: u64,
    op: SignedOp,
    account: AccountId,
    eff_millis: i64,
}

impl<T: StoreTx> Batch<T> {
    /// Erases; asked again it finds nothing left and changes nothing.
    pub(super) async fn erase(
        &mut self,
        asked: &Erase,
        upto: Option<u64>,
        key: &ServerKey,
    ) -> Result<Result<Erased, SequencerError>, GroupError> {
        let ops = self.stored(asked.record).await?;
        let Some(least) = least(&ops) else { return Ok(Err(SequencerError::OpUnknown)) };
        if hold_of(&ops).is_some_and(|hold| hold.is_held) {
            return Ok(Err(SequencerError::OnHold));
        }
        let (mut targets, mut said_fields): (BTreeMap<OpId, Leaves>, BTreeSet<u32>) = Default::default();
        let waiting = self.waiting_of(asked.record).await?;
        if upto.is_some_and(|upto| !waiting.is_empty() || ops.iter().any(|stored| stored.pos > upto)) {
            return Ok(Err(SequencerError::Changed));
        }
        for op in ops.iter().filter(|stored| stored.account != SERVER_ACCOUNT).map(|stored| &stored.op).chain(&waiting)
        {
            let kind = op.header().kind;
            let asked_fields = erasure::with_shadows(kind, &asked.fields);
            let fields = asked_fields.into_iter().filter(|field| erasure::is_erasable(kind, *field)).collect();
            let leaves = erasure::leaves_of(op, &fields) | erasure::leaves_linking(op, &asked.files);
            if !leaves.is_empty() {
                let gone = op.body().open_leaves().filter(|(index, _)| leaves.has(*index));
                said_fields.extend(gone.map(|(_, entry)| entry.field));
                targets.insert(op.id(), leaves);
            }
        }
        let values = targets.values().map(|leaves| leaves.count()).sum();
        let files = erasure::orphans(ops.iter().map(|stored| &stored.op).chain(&waiting), &targets);
        let (fields, note) = (said_fields, asked.note.clone());
        let whole = Erasure { targets, files, fields, by: asked.by, basis: Some(asked.basis), note };
        let mut said = Vec::new();
        for part in whole.parts() {
            let op = (asked.record, KIND_ERASURE, part.entries());
            said.push(self.say(op, least, self.now, key).await?);
        }
        Ok(Ok(Erased { ops: said, values }))
    }

    /// Begins or ends a legal hold; `None` when it is so already.
    pub(super) async fn hold(
        &mut self,
        record: RecordId,
        hold: &Hold,
        key: &ServerKey,
    ) -> Result<Result<Option<OpId>, SequencerError>, GroupError> {
        let ops = self.stored(record).await?;
        let Some(least) = least(&ops) else { return Ok(Err(SequencerError::OpUnknown)) };
        if hold_of(&ops).is_some_and(|known| known.is_held) == hold.is_held {
            return Ok(Ok(None));
        }
        // A clock that was set back must not let an older word count.
        let holds = ops.iter().filter(|stored| Hold::of(&stored.op, stored.account).is_some());
        let at_millis = holds.map(|stored| stored.eff_millis + 1).fold(self.now, i64::max);
        Ok(Ok(Some(self.say((record, KIND_HOLD, hold.entries()), least, at_millis, key).await?)))
    }

    async fn say(
        &mut self,
        (record, kind, entries): own_log::Said,
        least: OpId,
        at_millis: i64,
        key: &ServerKey,
    ) -> Result<OpId, GroupError> {
        let head = self.begun_head(key, at_millis).await?;
        let op = own_log::about(key, head, (record, kind, entries), least, at_millis)?;
        let id = op.id();
        self.append(op, key, at_millis).await?;
        Ok(id)
    }

    /// Does what the op of an erasure that was just put says.
    pub(super) async fn take_erasure(&mut self, record: RecordId, erasure: &Erasure) -> Result<(), StoreError> {
        let ops = self.stored(record).await?;
        let waiting = self.waiting_of(record).await?;
        let (mut files, mut linked, mut is_name) = (erasure.files.clone(), BTreeSet::new(), false);
        for (id, leaves) in &erasure.targets {
            self.tx.put_erased(*id, *leaves).await?;
            if let Some(known) = self.erased.get_mut(id) {
                *known = *known | *leaves;
            } else {
                self.erased.extend(self.tx.erased(&[*id]).await?);
            }
        }
        for op in ops.iter().filter(|stored| stored.account != SERVER_ACCOUNT).map(|stored| &stored.op).chain(&waiting)
        {
            files.extend(erasure::linked(op));
            let gone = erasure.targets.get(&op.id()).copied().unwrap_or_default();
            let left = op.hide(gone);
            is_name |= erasure::takes_name(op, gone);
            linked.extend(erasure::linked(&left));
            if left != *op {
                self.tx.overwrite(op.id(), left.bytes()).await?;
            }
        }
        for blob in files.difference(&linked) {
            self.tx.unlink_blob(record, *blob).await?;
        }
        self.tx.delete_rejected().await?;
        self.tx.set_scrub_due(true).await?;
        self.erases = true;
        if is_name {
            self.lose_name(record).await?;
        }
        Ok(())
    }

    /// What is left of an op that arrives, if something of it is erased.
    pub(super) fn left_of(&self, op: &VerifiedOp) -> Option<VerifiedOp> {
        self.erased.get(&op.id()).map(|gone| op.hide(*gone))
    }

    /// Whether an op hides what is not erased here: then somebody has it whole, and it would keep that one out. When the
    /// erasure is still to come, its bearer asks again.
    pub(super) fn is_cut(&self, op: &VerifiedOp) -> bool {
        let hidden = op.body().hidden();
        let gone = self.erased.get(&op.id()).copied().unwrap_or_default();
        !op.body().is_full() && (hidden.is_empty() || !hidden.are_among(gone))
    }

    async fn stored(&mut self, record: RecordId) -> Result<Vec<Stored>, StoreError> {
        let read = |pulled: PulledOp| {
            let corrupt = |_| StoreError::Corrupt { table: "op", column: "bytes" };
            let op = SignedOp::decode(&pulled.op).map_err(corrupt)?;
            Ok(Stored { pos: pulled.pos, op, account: pulled.account, eff_millis: pulled.eff_millis })
        };
        self.tx.ops_of_record(record).await?.into_iter().map(read).collect()
    }

    /// Ops of a record that wait for those before them; the server's own are not among them.
    async fn waiting_of(&mut self, record: RecordId) -> Result<Vec<SignedOp>, StoreError> {
        let corrupt = |_| StoreError::Corrupt { table: "pen", column: "bytes" };
        let mut found = Vec::new();
        for row in self.tx.all_waiting().await? {
            let op = SignedOp::decode(&row.bytes).map_err(corrupt)?;
            if op.header().record == record {
                found.push(op);
            }
        }
        Ok(found)
    }
}

/// The least id of what people wrote.
fn least(ops: &[Stored]) -> Option<OpId> {
    ops.iter().filter(|stored| stored.account != SERVER_ACCOUNT).map(|stored| stored.op.id()).min()
}

fn hold_of(ops: &[Stored]) -> Option<Hold> {
    erasure::hold_of(ops.iter().map(|stored| (&stored.op, stored.account, stored.eff_millis)))
}
