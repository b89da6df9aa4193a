//! The merge: from the set of ops of one record to what people see.
//!
//! Owns: causality (`deps` and the log's own order), the four field rules, effective time. Refuses: to look at arrival order,
//! positions or batches. Invariant: the result is a function of the set {(op, eff, verdict)}; duplicates and order can not
//! matter. The laws are in `tests/laws.rs`, the reasons in `docs/merge.md`.

mod causality;

use crate::order;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::causality::Causality;
use crate::cbor::{self, Value};
use crate::ids::{AccountId, LogId, OpId, OpRef};
use crate::op::{Act, Entry, MAX_DEPS, SignedOp};
use crate::wire::Verdict;

/// How concurrent values of a field meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MergeRule {
    /// The newest value shows, the others stay visible as conflicts.
    Lww,
    /// Elements are added and removed; an add that a remove did not see wins.
    Set,
    /// The first value stays; later ones stay visible as corrections.
    Once,
    /// The first value shows provisionally until somebody decides who has seen all of them.
    Review,
}

/// The time that orders concurrent values, ms since 1970: the phone's clock, kept between the time of the newest checkpoint
/// that the phone had seen and the arrival at the server.
#[must_use]
pub fn effective_millis(wall: i64, seen: Option<i64>, received: Option<i64>) -> i64 {
    wall.max(seen.unwrap_or(i64::MIN)).min(received.unwrap_or(i64::MAX))
}

/// An op as the merge needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordOp {
    /// Its id.
    pub id: OpId,
    /// Its log.
    pub log: LogId,
    /// Whose log.
    pub account: AccountId,
    /// Its place in the log.
    pub seq: u64,
    /// The op before it in the log, on whatever record; `None` where that is not known.
    pub prev: Option<OpId>,
    /// Other heads of the record that its author saw.
    pub deps: Vec<OpRef>,
    /// [`effective_millis`].
    pub eff_millis: i64,
    /// May it show?
    pub verdict: Verdict,
    /// What this reader can see of its changes.
    pub entries: Vec<Entry>,
}

impl RecordOp {
    /// Takes what the merge needs out of an op.
    #[must_use]
    pub fn new(op: &SignedOp, account: AccountId, eff_millis: i64, verdict: Verdict) -> Self {
        let header = op.header();
        Self {
            id: op.id(),
            log: header.log,
            account,
            seq: header.seq,
            prev: header.prev,
            deps: header.deps.clone(),
            eff_millis,
            verdict,
            entries: op.body().entries().cloned().collect(),
        }
    }
}

#[cfg(test)]
impl RecordOp {
    /// For tests: the `n`th op that somebody says, at the `n`th millisecond, seeing nothing.
    pub(crate) fn said(n: u8, account: u8, entries: Vec<Entry>) -> Self {
        Self {
            id: OpId([n; 32]),
            log: LogId([account; 32]),
            account: AccountId([account; 16]),
            seq: n.into(),
            prev: None,
            deps: Vec::new(),
            eff_millis: n.into(),
            verdict: Verdict::Ok,
            entries,
        }
    }
}

/// A value and where it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The value.
    pub value: Value,
    /// The op that set it.
    pub op: OpId,
    /// Who.
    pub account: AccountId,
    /// When, as [`effective_millis`].
    pub eff_millis: i64,
}

/// A field after the merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldState {
    /// The rule it was merged by.
    pub rule: MergeRule,
    /// What shows: one value, or the elements of a set in the order of their bytes.
    pub shown: Vec<Candidate>,
    /// Concurrent or later values that do not show but must stay visible, newest first.
    pub conflicts: Vec<Candidate>,
}

/// A record after the merge.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Merged {
    /// Fields that have a value.
    pub fields: BTreeMap<u32, FieldState>,
    /// Ops that no other op follows: the `deps` of the next one (less those of its own log), at most [`MAX_DEPS`].
    pub heads: Vec<OpRef>,
    /// Ops that wait for a decision.
    pub held: usize,
}

impl Merged {
    /// The shown value of a field.
    #[must_use]
    pub fn value(&self, field: u32) -> Option<&Value> {
        self.candidate(field).map(|candidate| &candidate.value)
    }

    /// The shown value of a field with its origin.
    #[must_use]
    pub fn candidate(&self, field: u32) -> Option<&Candidate> {
        self.fields.get(&field).and_then(|state| state.shown.first())
    }

    /// The elements of a set.
    pub fn elements(&self, field: u32) -> impl Iterator<Item = &Candidate> {
        self.fields.get(&field).into_iter().flat_map(|state| &state.shown)
    }
}

/// Merges the ops of one record. `rule` gives the merge rule of a field; fields unknown to the caller are `lww`.
#[must_use]
pub fn merge(ops: &[RecordOp], rule: impl Fn(u32) -> MergeRule) -> Merged {
    let mut ops: Vec<&RecordOp> = ops.iter().collect();
    order::sort_by(&mut ops, |a, b| a.id.cmp(&b.id).then_with(|| stricter(a, b)));
    ops.dedup_by_key(|op| op.id);
    let causality = Causality::of(&ops);

    let mut settings: BTreeMap<u32, Vec<Setting<'_>>> = BTreeMap::new();
    for (index, op) in ops.iter().enumerate().filter(|(_, op)| op.verdict == Verdict::Ok) {
        for (place, entry) in op.entries.iter().enumerate() {
            // Only a set has something to remove; a single value is cleared by setting null.
            if entry.act == Act::Remove && rule(entry.field) != MergeRule::Set {
                continue;
            }
            settings.entry(entry.field).or_default().push(Setting { index, place, op, entry });
        }
    }
    let fields = settings
        .into_iter()
        .map(|(field, settings)| (field, merge_field(rule(field), &settings, &causality)))
        .filter(|(_, state)| !state.shown.is_empty() || !state.conflicts.is_empty());
    let fields = order::map_of(fields);

    let mut heads: Vec<&RecordOp> = (0..ops.len()).filter(|i| causality.is_head(*i)).map(|i| ops[i]).collect();
    order::sort_by_key(&mut heads, |op| std::cmp::Reverse((op.eff_millis, op.id)));
    heads.truncate(MAX_DEPS);
    Merged {
        fields,
        heads: heads.iter().map(|op| op.id.short()).collect(),
        held: ops.iter().filter(|op| matches!(op.verdict, Verdict::Held(_))).count(),
    }
}

/// Callers give an op once. Should two versions of one meet, the earliest, strictest and most redacted counts, in any order.
fn stricter(a: &RecordOp, b: &RecordOp) -> std::cmp::Ordering {
    let bytes = |op: &RecordOp| op.entries.iter().map(|e| (e.field, e.act, cbor::encode(&e.value))).collect::<Vec<_>>();
    (a.eff_millis.cmp(&b.eff_millis))
        .then_with(|| b.verdict.cmp(&a.verdict))
        .then_with(|| a.entries.len().cmp(&b.entries.len()))
        .then_with(|| bytes(a).cmp(&bytes(b)))
}

/// One entry of one shown op.
struct Setting<'a> {
    index: usize,
    place: usize,
    op: &'a RecordOp,
    entry: &'a Entry,
}

impl Setting<'_> {
    fn candidate(&self) -> Candidate {
        Candidate {
            value: self.entry.value.clone(),
            op: self.op.id,
            account: self.op.account,
            eff_millis: self.op.eff_millis,
        }
    }

    /// Orders concurrent settings: time, then id, then place inside one op.
    fn rank(&self) -> (i64, OpId, usize) {
        (self.op.eff_millis, self.op.id, self.place)
    }

    fn follows(&self, other: &Self, causality: &Causality) -> bool {
        if self.index == other.index { self.place > other.place } else { causality.follows(self.index, other.index) }
    }
}

fn merge_field(rule: MergeRule, settings: &[Setting<'_>], causality: &Causality) -> FieldState {
    let (mut shown, mut conflicts) = match rule {
        MergeRule::Set => (elements(settings, causality), Vec::new()),
        MergeRule::Lww => {
            let mut open = unfollowed(settings, causality);
            order::sort_by_key(&mut open, |s| std::cmp::Reverse(s.rank()));
            split_first(open)
        }
        MergeRule::Review => {
            let mut open = unfollowed(settings, causality);
            order::sort_by_key(&mut open, |s| s.rank());
            split_first(open)
        }
        MergeRule::Once => {
            let is_first = |s: &&Setting<'_>| !settings.iter().any(|other| s.follows(other, causality));
            let first = settings.iter().filter(is_first).min_by_key(|s| s.rank());
            let mut rest: Vec<_> = settings.iter().filter(|s| first.is_some_and(|f| s.rank() != f.rank())).collect();
            order::sort_by_key(&mut rest, |s| s.rank());
            (first.into_iter().map(Setting::candidate).collect(), rest.into_iter().map(Setting::candidate).collect())
        }
    };
    // The same value said twice is no conflict.
    if rule != MergeRule::Set
        && let Some(winner) = shown.first()
    {
        conflicts.retain(|c: &Candidate| c.value != winner.value);
    }
    order::sort_by_key(&mut conflicts, |c| std::cmp::Reverse((c.eff_millis, c.op)));
    shown.shrink_to_fit();
    FieldState { rule, shown, conflicts }
}

/// Settings that no other setting of the field causally follows.
fn unfollowed<'a, 'b>(settings: &'a [Setting<'b>], causality: &Causality) -> Vec<&'a Setting<'b>> {
    settings.iter().filter(|s| !settings.iter().any(|other| other.follows(s, causality))).collect()
}

fn split_first(settings: Vec<&Setting<'_>>) -> (Vec<Candidate>, Vec<Candidate>) {
    let mut candidates: Vec<Candidate> = settings.into_iter().map(Setting::candidate).collect();
    let rest = candidates.split_off(candidates.len().min(1));
    (candidates, rest)
}

/// Add-wins: an element shows while one of its adds is followed by no remove of it.
fn elements(settings: &[Setting<'_>], causality: &Causality) -> Vec<Candidate> {
    let mut by_element: BTreeMap<Vec<u8>, Vec<&Setting<'_>>> = BTreeMap::new();
    for setting in settings {
        by_element.entry(cbor::encode(&setting.entry.value)).or_default().push(setting);
    }
    let shown = by_element.into_values().filter_map(|settings| {
        let (removes, adds): (Vec<_>, Vec<_>) = settings.into_iter().partition(|s| s.entry.act == Act::Remove);
        let alive = |add: &&&Setting<'_>| !removes.iter().any(|remove| remove.follows(add, causality));
        adds.iter().filter(alive).min_by_key(|add| add.rank()).map(|add| add.candidate())
    });
    shown.collect()
}
