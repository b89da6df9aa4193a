//! What a person is there to do by their record, and who may say so.
//!
//! Owns: how role, seat and term follow from the ops of a person's record, and the decision whether somebody may change them.
//! Invariant: whoever changes an office answers for it as it was and as it becomes, and for what they say themselves, so nobody
//! raises anybody, by any order of ops, to what they could not give.

use serde::{Deserialize, Serialize};

use super::{Action, Person, Rules, Seat, Standing, Target, authorize};
use crate::cbor::Value;
use crate::ids::AccountId;
use crate::merge::{MergeRule, Merged, RecordOp, merge};
use crate::op::{Act, Entry};
use crate::person::{self, field};
use crate::policy::area;
use crate::wire::Verdict;

/// From when until when somebody has a role, ms since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Term {
    /// The first moment.
    pub from_millis: Option<i64>,
    /// The first moment after it.
    pub until_millis: Option<i64>,
}

impl Term {
    /// Whether it runs at a moment of the server's clock.
    #[must_use]
    pub fn runs_at(&self, millis: i64) -> bool {
        self.from_millis.is_none_or(|from| from <= millis) && self.until_millis.is_none_or(|until| millis < until)
    }
}

/// What somebody is there to do, where, and for how long.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Office {
    /// Role word; one that the city does not know gives no rights.
    pub role: String,
    /// Where.
    pub seat: Seat,
    /// For how long.
    pub term: Term,
}

/// A name with an office.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Appointed {
    /// Name to show.
    pub name: String,
    /// What for.
    pub office: Office,
}

/// Whether an entry of a person's record is for those who answer for the person. The others are as the grants say.
#[must_use]
pub fn appoints(entry: &Entry) -> bool {
    // Named one by one, so that a field of a newer app is never free by accident of its number.
    !matches!(entry.field, field::PHONE | crate::incident::field::NOTE) && entry.field < super::AREA
}

/// The merge rule of a field of a person's record.
#[must_use]
fn rule(field: u32) -> MergeRule {
    if field == field::AREAS { MergeRule::Set } else { MergeRule::Lww }
}

/// A person after all that the record says. What it never said is as `before`, which an operator may have set.
#[must_use]
pub fn appointed(before: &Appointed, ops: &[RecordOp]) -> Appointed {
    let merged = merge(ops, rule);
    let text = |field| merged.value(field).map(|value| value.as_text().unwrap_or_default().to_owned());
    let time = |field, known| merged.value(field).map_or(known, Value::as_int);
    let Office { role, seat, term } = &before.office;
    let term =
        Term { from_millis: time(field::FROM, term.from_millis), until_millis: time(field::UNTIL, term.until_millis) };
    let role = text(field::ROLE).unwrap_or_else(|| role.clone());
    let name = text(field::NAME).filter(|name| !name.is_empty()).unwrap_or_else(|| before.name.clone());
    Appointed { name, office: Office { role, seat: seat_of(seat, &merged, ops), term } }
}

/// Where the person of a record works, as far as the record says it.
pub(super) fn seat_said(known: &Seat, ops: &[RecordOp]) -> Seat {
    seat_of(known, &merge(ops, rule), ops)
}

fn seat_of(known: &Seat, merged: &Merged, ops: &[RecordOp]) -> Seat {
    // A set whose last element was removed has no trace in the merge, and means the whole city.
    let counted = ops.iter().filter(|op| op.verdict == Verdict::Ok);
    let says = |entry: &Entry| entry.field == field::AREAS && code_of(entry).is_some();
    let is_said = counted.flat_map(|op| &op.entries).any(says);
    let said = merged.elements(field::AREAS).filter_map(|area| area.value.as_text().filter(|code| area::is_code(code)));
    let areas = if is_said { said.map(str::to_owned).collect() } else { known.areas.clone() };
    let unit = match merged.value(field::UNIT) {
        Some(value) => value.as_text().filter(|unit| !unit.is_empty()).map(str::to_owned),
        None => known.unit.clone(),
    };
    Seat { areas, unit }
}

fn code_of(entry: &Entry) -> Option<&str> {
    entry.value.as_text().filter(|code| area::is_code(code))
}

/// A change of a person's record.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    /// Whose record.
    pub account: AccountId,
    /// As the person is; `None` = there is no account yet.
    pub before: Option<&'a Appointed>,
    /// As the person becomes.
    pub after: &'a Appointed,
    /// What the author says alone, put over what is there: it may win later, when something else does not count any more.
    pub said: &'a Appointed,
}

/// Whether somebody answers for all of a change.
#[must_use]
pub fn may_appoint(rules: &Rules, who: &Standing, change: &Change<'_>) -> bool {
    let answers = |office: &Office| {
        // A role that the city does not know gives nothing, so nobody has to answer for it.
        let person = Person { account: Some(change.account), role: &office.role, seat: &office.seat };
        !rules.knows(&office.role) || authorize(rules, who, Action::People, Target::Person(person))
    };
    change.before.is_none_or(|before| answers(&before.office))
        && answers(&change.after.office)
        && answers(&change.said.office)
}

/// What an op says alone over what is there.
#[must_use]
pub fn said_alone(before: &Appointed, op: &RecordOp) -> Appointed {
    let mut alone = RecordOp { verdict: Verdict::Ok, ..op.clone() };
    // Areas are said one by one: those that are there stay unless they are taken away.
    let is_taken = |code: &String| op.entries.iter().any(|entry| entry.act == Act::Remove && says_area(entry, code));
    let stay = before.office.seat.areas.iter().filter(|code| !is_taken(code));
    let stay = stay.map(|code| Entry { field: field::AREAS, act: Act::Add, value: Value::text(code) });
    if op.entries.iter().any(|entry| entry.field == field::AREAS) {
        alone.entries.extend(stay.collect::<Vec<_>>());
    }
    appointed(before, &[alone])
}

fn says_area(entry: &Entry, code: &str) -> bool {
    entry.field == field::AREAS && entry.value.as_text() == Some(code)
}

/// Whether a record of this kind is about a person.
#[must_use]
pub fn is_person(kind: u32) -> bool {
    kind == person::KIND
}
