//! Retention: which records were kept as long as the city keeps such records, and what keeps others longer.
//!
//! Owns: the class of a record, the end of its time, and what keeps it all the same. Refuses: to erase, and to say who may
//! (`erasure`, `policy`). Invariants: what is open, under a legal hold, waits for something, or is named by a record that stays,
//! is never due; neither is a record about which something was said since, or that a clock put into the future.

use std::collections::{BTreeMap, BTreeSet};

use crate::calendar::{civil, day_of};
use crate::cbor::Value;
use crate::city::{City, FieldType, RetentionClass};
use crate::erasure::{self, Hold};
use crate::ids::RecordId;
use crate::merge::{RecordOp, merge};
use crate::op::SignedOp;
use crate::verdict::{FIRST_CITY_KIND, judged};
use crate::wire::{PulledOp, Verdict};

const DAY_MILLIS: i64 = 86_400_000;
const MINUTE_MILLIS: i64 = 60_000;

/// What the time of a record is decided by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordFacts {
    /// Its kind.
    pub kind: u32,
    /// Its state, the first one where none is said; `None` for a kind without a workflow.
    pub state: Option<String>,
    /// Fields of which some op said a value that is still readable.
    pub said: BTreeSet<u32>,
    /// Fields of which something is left that an erasure would take.
    pub erasable: BTreeSet<u32>,
    /// When the last op was said or arrived, whichever is later, ms since 1970, server clock; the beginning of a hold that still
    /// runs is none.
    pub last_millis: i64,
    /// Whether a legal hold runs.
    pub is_held: bool,
    /// Whether an op of it waits for a decision or for the ops before it, or two people said different states.
    pub waits: bool,
    /// The records that its ops name, in whichever field.
    pub links: BTreeSet<RecordId>,
}

/// An op of a record with its place.
pub type Placed<'a> = (&'a SignedOp, &'a PulledOp);

impl RecordFacts {
    /// By all ops of a record; `pending` are those that wait for ops before them. `None` for a record without an op that is
    /// placed.
    #[must_use]
    pub fn of(city: &City, kind: u32, record: RecordId, ops: &[Placed<'_>], pending: &[&SignedOp]) -> Option<Self> {
        let is_held = erasure::hold_of(ops.iter().map(|(op, at)| (*op, at.account, at.eff_millis)));
        let is_held = is_held.is_some_and(|hold| hold.is_held);
        let is_begin = |(op, at): &Placed<'_>| Hold::of(op, at.account).is_some_and(|hold| hold.is_held);
        let counts = ops.iter().filter(|placed| !(is_held && is_begin(placed)));
        // What a phone brings after a year without a network was seen by nobody yet.
        let last_millis = counts.map(|(_, at)| at.eff_millis.max(at.received_millis)).max()?;
        let merging = |(op, at): &Placed<'_>| RecordOp::new(op, at.account, at.eff_millis, at.verdict.clone());
        let judged = judged(ops.iter().map(|placed| (placed.0, merging(placed))));
        let merged = merge(&judged, |field| city.rule(kind, field));
        let known = city.kind(kind);
        let workflow = known.and_then(|kind| kind.workflow.as_deref()).and_then(|id| city.workflow(id));
        let state = known.and_then(|kind| kind.field_named("state")).map(|field| field.id);
        let said_state = state.and_then(|field| merged.value(field)).and_then(Value::as_text).map(str::to_owned);
        let disputed = state.and_then(|field| merged.fields.get(&field)).is_some_and(|said| !said.conflicts.is_empty());
        let waits = disputed || !pending.is_empty() || judged.iter().any(|op| matches!(op.verdict, Verdict::Held(_)));
        let all = || ops.iter().map(|(op, _)| *op).chain(pending.iter().copied());
        let (mut links, mut said, mut erasable) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        links.extend(all().flat_map(named_in));
        // What the server says of a record is none of it.
        for op in all().filter(|op| op.header().kind >= FIRST_CITY_KIND) {
            for entry in op.body().entries().filter(|entry| entry.value != Value::Null) {
                said.insert(entry.field);
            }
            let fields = op.body().entries().map(|entry| entry.field);
            erasable.extend(fields.filter(|field| may_go(city, op.header().kind, *field)));
        }
        links.remove(&record);
        let state = workflow.map(|workflow| said_state.unwrap_or_else(|| workflow.initial.clone()));
        Some(Self { kind, state, said, erasable, last_millis, is_held, waits, links })
    }
}

/// Whether a field may be erased: as [`erasure::is_erasable`], and no state, whichever number it has. A field of a newer city is
/// what somebody wrote.
#[must_use]
pub fn may_go(city: &City, kind: u32, field: u32) -> bool {
    let known = city.kind(kind).and_then(|known| known.field(field));
    erasure::is_erasable(kind, field) && known.is_none_or(|known| known.ty != FieldType::State)
}

/// How it stands with a record that has a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Its time runs.
    Runs,
    /// Its time is over.
    Due,
    /// Its time is over, and a legal hold keeps it.
    Held,
    /// Its time is over, and an op of it waits.
    Waits,
    /// Its time is over, and what it says of a hand-over keeps it.
    Bound,
}

/// The class of a record; `None` when it has none, is not ended, or nothing of it is left to erase.
#[must_use]
pub fn class_of<'a>(city: &'a City, facts: &RecordFacts) -> Option<&'a RetentionClass> {
    let kind = city.kind(facts.kind)?;
    let workflow = kind.workflow.as_deref().and_then(|id| city.workflow(id));
    // A state of a newer city may be an open one.
    let is_ended = match (workflow, &facts.state) {
        (None, _) => true,
        (Some(workflow), Some(state)) => workflow.state(state).is_some_and(|state| !state.open),
        (Some(_), None) => false,
    };
    let fits = |class: &&RetentionClass| {
        class.kinds.contains(&kind.name)
            && (class.states.is_empty() || facts.state.as_ref().is_some_and(|state| class.states.contains(state)))
    };
    city.retention.classes.iter().find(fits).filter(|_| is_ended && !facts.erasable.is_empty())
}

/// How it stands with a record at a moment, ms since 1970, by itself: others may still name it ([`linked`]).
#[must_use]
pub fn judge<'a>(city: &'a City, facts: &RecordFacts, now_millis: i64) -> Option<(&'a RetentionClass, Outcome)> {
    let class = class_of(city, facts)?;
    let is_bound = || {
        let kind = city.kind(facts.kind);
        let field = |name: &String| kind.and_then(|kind| kind.field_named(name));
        class.held_by.iter().any(|name| field(name).is_none_or(|field| facts.said.contains(&field.id)))
    };
    let outcome = if now_millis < ends_millis(facts.last_millis, class.months, city.holidays.zone_minutes) {
        Outcome::Runs
    } else if facts.is_held {
        Outcome::Held
    } else if facts.waits {
        Outcome::Waits
    } else if is_bound() {
        Outcome::Bound
    } else {
        Outcome::Due
    };
    Some((class, outcome))
}

/// The class of a record whose time is over at a moment, ms since 1970, and that nothing of its own keeps.
#[must_use]
pub fn due<'a>(city: &'a City, facts: &RecordFacts, now_millis: i64) -> Option<&'a RetentionClass> {
    judge(city, facts, now_millis).filter(|(_, outcome)| *outcome == Outcome::Due).map(|(class, _)| class)
}

/// When the time of a record is over, ms since 1970: with the end of the day that has the same number, so many months later,
/// or of the last day of that month where it has no such day (Civil Code, article 202), on a clock `zone_minutes` east of UTC.
#[must_use]
pub fn ends_millis(last_millis: i64, months: u32, zone_minutes: i32) -> i64 {
    let zone_millis = i64::from(zone_minutes) * MINUTE_MILLIS;
    let (year, month, day) = civil(last_millis.saturating_add(zone_millis).div_euclid(DAY_MILLIS));
    let month_after = |n: i64| (year + (month - 1 + n).div_euclid(12), (month - 1 + n).rem_euclid(12) + 1);
    let ((to_year, to_month), (next_year, next_month)) =
        (month_after(i64::from(months)), month_after(i64::from(months) + 1));
    let last = (day_of(to_year, to_month, 1) + day - 1).min(day_of(next_year, next_month, 1) - 1);
    (last + 1).saturating_mul(DAY_MILLIS).saturating_sub(zone_millis)
}

/// Those of the due records, each with what it names, that stay because a record that stays names them. `kept` is what all others
/// name. A record that stays so keeps what it names itself.
#[must_use]
pub fn linked(due: &BTreeMap<RecordId, BTreeSet<RecordId>>, kept: &BTreeSet<RecordId>) -> BTreeSet<RecordId> {
    let mut stays = BTreeSet::new();
    let mut open: Vec<RecordId> = kept.iter().copied().collect();
    while let Some(record) = open.pop() {
        if let Some(names) = due.get(&record)
            && stays.insert(record)
        {
            open.extend(names.iter().copied());
        }
    }
    stays
}

/// The records that an op of the city may name, in whichever field; what the server says names none.
#[must_use]
pub fn named_in(op: &SignedOp) -> BTreeSet<RecordId> {
    let mut found = BTreeSet::new();
    for entry in op.body().entries().filter(|_| op.header().kind >= FIRST_CITY_KIND) {
        named(&entry.value, &mut found);
    }
    found
}

/// Every value that may be the id of a record.
fn named(value: &Value, found: &mut BTreeSet<RecordId>) {
    match value {
        Value::Bytes(bytes) => found.extend(<[u8; 16]>::try_from(bytes.as_slice()).map(RecordId)),
        Value::Array(items) => items.iter().for_each(|item| named(item, found)),
        Value::Map(pairs) => pairs.iter().for_each(|(key, item)| {
            named(key, found);
            named(item, found);
        }),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
