//! What a caller may see of the records: the gate in front of everything that leaves the server about them.
//!
//! Owns: asking `domain::policy` with what the store knows. Refuses: to decide, and to tell what is absent from what is
//! forbidden. Who reads everything is given the server's order as it is; for the others each stretch of it is sifted.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::audit::KIND_AUDIT;
use greenshield_domain::ids::{BlobId, LogId, RecordId};
use greenshield_domain::incident::{self, BlobLink, field};
use greenshield_domain::op::{Act, SignedOp};
use greenshield_domain::policy::{self, Action, Facts, Passing, Rules, Standing, Target};
use greenshield_domain::task;
use greenshield_domain::verdict::SERVER_ACCOUNT;
use greenshield_domain::wire::PulledOp;

use crate::store::{RecordSpan, Store, StoreError, Stored};

/// Stretches of the order that one request looks through at most when nothing in them is for the caller.
const MOST_STRETCHES: usize = 50;

/// A caller with the rules.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The policy of the city.
    pub rules: &'a Rules,
    /// Who asks.
    pub who: &'a Standing,
    /// The log of the audit, which nobody pulls.
    pub notes: LogId,
}

/// A part of the server's order as a caller may see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sifted {
    /// Ops, ascending by position.
    pub ops: Vec<PulledOp>,
    /// Records that are not for the caller any more.
    pub left: Vec<RecordId>,
    /// The position up to which this is all.
    pub upto: u64,
}

impl Sifted {
    /// Whether there is nothing to tell.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ops.is_empty() && self.left.is_empty()
    }
}

/// Where records belonged, by record, each ascending.
type Histories = BTreeMap<RecordId, Vec<(u64, Facts)>>;

impl Scope<'_> {
    /// Whether the caller may do something with a record.
    #[must_use]
    pub fn allows(&self, action: Action, facts: &Facts) -> bool {
        facts.kind != KIND_AUDIT && policy::authorize(self.rules, self.who, action, Target::Record(facts))
    }

    /// Where a record belongs, if it is there and the caller may do this with it.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn record<S: Store>(&self, store: &S, record: RecordId, action: Action) -> Stored<Option<Facts>> {
        let history = store.histories(&[record]).await?;
        Ok(history.into_iter().next_back().map(|(.., facts)| facts).filter(|facts| self.allows(action, facts)))
    }

    /// Which of these records the caller may do this with.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn records<S: Store>(
        &self,
        store: &S,
        records: &[RecordId],
        action: Action,
    ) -> Stored<BTreeSet<RecordId>> {
        let histories = histories(store, records).await?;
        let allowed = histories.into_iter().filter(|(_, history)| {
            let now = history.last().map(|(_, facts)| facts);
            now.is_some_and(|facts| self.allows(action, facts))
        });
        Ok(allowed.map(|(record, _)| record).collect())
    }

    /// The ops after a position, at most about `max_ops` and `max_bytes`; a record that comes into the scope is given whole.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn ops_after<S: Store>(&self, store: &S, pos: u64, max_ops: usize, max_bytes: usize) -> Stored<Sifted> {
        if self.rules.reads_all(self.who) {
            let mut ops = store.ops_after(pos, max_ops, max_bytes).await?;
            let upto = ops.last().map_or(pos, |op| op.pos);
            self.drop_notes(&mut ops)?;
            return Ok(Sifted { ops, left: Vec::new(), upto });
        }
        let mut sifted = Sifted { upto: pos, ..Sifted::default() };
        for _ in 0..MOST_STRETCHES {
            let mut stretch = store.ops_after(sifted.upto, max_ops, max_bytes).await?;
            let Some(upto) = stretch.last().map(|op| op.pos) else { break };
            self.drop_notes(&mut stretch)?;
            sifted = self.sift(store, stretch, sifted.upto, upto).await?;
            if !sifted.is_empty() {
                break;
            }
        }
        Ok(sifted)
    }

    /// The notes of the audit are pulled by nobody.
    fn drop_notes(&self, ops: &mut Vec<PulledOp>) -> Stored<()> {
        let mut is_note = Vec::with_capacity(ops.len());
        for pulled in &*ops {
            is_note.push(pulled.account == SERVER_ACCOUNT && read(pulled)?.header().log == self.notes);
        }
        let mut is_note = is_note.into_iter();
        ops.retain(|_| !is_note.next().unwrap_or(false));
        Ok(())
    }

    async fn sift<S: Store>(&self, store: &S, stretch: Vec<PulledOp>, after: u64, upto: u64) -> Stored<Sifted> {
        let mut by_record: BTreeMap<RecordId, Vec<PulledOp>> = BTreeMap::new();
        for pulled in stretch {
            by_record.entry(read(&pulled)?.header().record).or_default().push(pulled);
        }
        let histories = histories(store, &by_record.keys().copied().collect::<Vec<_>>()).await?;
        let (mut ops, mut whole, mut left) = (Vec::new(), Vec::new(), Vec::new());
        for (record, found) in by_record {
            let history = histories.get(&record).map_or(&[][..], Vec::as_slice);
            match policy::passing(self.rules, self.who, history, after, upto) {
                Passing::Nothing => {}
                Passing::Ops => ops.extend(found),
                Passing::Whole => whole.push(record),
                Passing::Left => left.push(record),
            }
        }
        ops.extend(store.ops_of_records(&whole, 1..=upto, usize::MAX, usize::MAX).await?);
        ops.sort_unstable_by_key(|op| op.pos);
        Ok(Sifted { ops: self.hide(ops, &histories)?, left, upto })
    }

    /// Hides the fields that are not for the caller.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn show<S: Store>(&self, store: &S, mut ops: Vec<PulledOp>) -> Stored<Vec<PulledOp>> {
        self.drop_notes(&mut ops)?;
        if self.rules.reads_all(self.who) {
            return Ok(ops);
        }
        let records = ops.iter().map(|op| Ok(read(op)?.header().record)).collect::<Stored<BTreeSet<_>>>()?;
        let histories = histories(store, &records.into_iter().collect::<Vec<_>>()).await?;
        self.hide(ops, &histories)
    }

    fn hide(&self, ops: Vec<PulledOp>, histories: &Histories) -> Stored<Vec<PulledOp>> {
        let mut shown = Vec::with_capacity(ops.len());
        for pulled in ops {
            let op = read(&pulled)?;
            let now = histories.get(&op.header().record).and_then(|history| history.last());
            if let Some((_, facts)) = now.filter(|(_, facts)| self.allows(Action::Read, facts)) {
                let op = policy::shown(self.rules, self.who, facts, op).bytes().to_vec();
                shown.push(PulledOp { op, ..pulled });
            }
        }
        Ok(shown)
    }

    /// Of records with their places in the server's order those that a snapshot of `upto` gives to the caller.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn spans<S: Store>(&self, store: &S, spans: Vec<RecordSpan>, upto: u64) -> Stored<Vec<RecordSpan>> {
        if self.rules.reads_all(self.who) {
            return Ok(spans);
        }
        let histories = histories(store, &spans.iter().map(|span| span.record).collect::<Vec<_>>()).await?;
        let is_given = |span: &RecordSpan| {
            let history = histories.get(&span.record).map_or(&[][..], Vec::as_slice);
            policy::passing(self.rules, self.who, history, 0, upto) == Passing::Ops
        };
        Ok(spans.into_iter().filter(is_given).collect())
    }

    /// Whether a blob is linked by a field of the record that the caller may read. A photo as it came tells where it was taken: whoever may
    /// not know that of the record that linked it first is given its smaller copies only.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn links<S: Store>(&self, store: &S, record: RecordId, facts: &Facts, blob: BlobId) -> Stored<bool> {
        if self.rules.reads_all(self.who) {
            return Ok(true);
        }
        let here = self.link_of(store, record, facts, blob).await?;
        if !here.is_readable || !here.is_original {
            return Ok(here.is_readable);
        }
        let mut first = here;
        let others: Vec<RecordId> =
            store.records_linking(blob).await?.into_iter().filter(|other| *other != record).collect();
        for (other, history) in histories(store, &others).await? {
            let Some((_, facts)) = history.last() else { continue };
            let there = self.link_of(store, other, facts, blob).await?;
            if there.is_original && there.pos < first.pos {
                first = there;
            }
        }
        Ok(!first.is_kept_from)
    }

    /// How a record links a blob, in the eyes of the caller.
    async fn link_of<S: Store>(&self, store: &S, record: RecordId, facts: &Facts, blob: BlobId) -> Stored<LinkSeen> {
        let may =
            |facts: &Facts, field| policy::authorize(self.rules, self.who, Action::Read, Target::Field(facts, field));
        // A task may be about such a report, and its photos taken at the same place.
        let mut is_guarded = facts.kind == task::KIND;
        let mut seen = LinkSeen { pos: u64::MAX, ..LinkSeen::default() };
        for pulled in store.ops_of_records(&[record], 1..=i64::MAX.unsigned_abs(), usize::MAX, usize::MAX).await? {
            for entry in read(&pulled)?.body().entries() {
                if facts.kind == incident::KIND {
                    let category = entry.value.as_text().filter(|_| entry.field == field::CATEGORY);
                    is_guarded |= entry.field == field::EXACT_PLACE || category.is_some_and(|id| self.rules.guards(id));
                }
                let link = (entry.act == Act::Link).then(|| BlobLink::from_value(&entry.value)).flatten();
                let Some(link) = link.filter(|link| link.blob == blob || link.original == Some(blob)) else { continue };
                seen.pos = seen.pos.min(pulled.pos);
                seen.is_readable |= may(facts, entry.field);
                seen.is_original |=
                    link.mime.starts_with("image/") && link.original.is_none_or(|original| original == blob);
            }
        }
        let as_report = Facts { kind: incident::KIND, ..facts.clone() };
        seen.is_kept_from = is_guarded && !may(&as_report, field::EXACT_PLACE);
        Ok(seen)
    }
}

/// How a record links a blob.
#[derive(Debug, Clone, Copy, Default)]
struct LinkSeen {
    /// Where in the order of the server it was linked first.
    pos: u64,
    /// Whether the caller may read a field that links it.
    is_readable: bool,
    /// Whether it is a photo as it came.
    is_original: bool,
    /// Whether the exact place of the record is not for the caller.
    is_kept_from: bool,
}

async fn histories<S: Store>(store: &S, records: &[RecordId]) -> Stored<Histories> {
    let mut by_record = Histories::new();
    for (record, since, facts) in store.histories(records).await? {
        by_record.entry(record).or_default().push((since, facts));
    }
    Ok(by_record)
}

fn read(pulled: &PulledOp) -> Stored<SignedOp> {
    SignedOp::decode(&pulled.op).map_err(|_| StoreError::Corrupt { table: "op", column: "bytes" })
}
