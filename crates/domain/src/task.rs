//! The task as code sees it: what somebody asks of somebody until when, and what came of it.
//!
//! Owns: its kind, the numbers of its fields (the same as in `city/kinds.json`, kind `task`), its states, the bytes of its values.
//! Fields that mean the same as in an incident have the same number. Every step and every report of progress is an op of its
//! own, so that who said what and when is never lost. Refuses: who may take which step, which is data of the workflow.

use crate::cbor::Value;
use crate::ids::{AccountId, RecordId};
use crate::incident::{Place, field as shared};
use crate::merge::Merged;
use crate::op::{Act, Entry};
use crate::policy::HELPERS;

/// The kind number of a task.
pub const KIND: u32 = 20;

/// States of a task, the words of `city/workflows.json`.
pub mod state {
    /// Given to somebody who has not signed for it.
    pub const ASSIGNED: &str = "assigned";
    /// Signed for.
    pub const SIGNED: &str = "signed";
    /// Under way.
    pub const UNDER_WAY: &str = "underway";
    /// The people say that it is done; whoever gave it looks at it.
    pub const DONE: &str = "done";
    /// It is done.
    pub const ACCEPTED: &str = "accepted";
    /// Taken back.
    pub const CANCELLED: &str = "cancelled";

    /// Whether the people who do it bring a task into this state; all others are for whoever gave it.
    #[must_use]
    pub fn is_of_doers(state: &str) -> bool {
        [SIGNED, UNDER_WAY, DONE].contains(&state)
    }

    /// Whether its deadline still counts.
    #[must_use]
    pub fn is_running(state: Option<&str>) -> bool {
        !matches!(state, Some(DONE | ACCEPTED | CANCELLED))
    }
}

/// Field numbers of a task; never reused. What to do is the note, the word of the desk is the answer, the proof are the photos.
pub mod field {
    /// What it is about in a few words (`lww`, text).
    pub const TITLE: u32 = 20;
    /// For whom (`set` of accounts); none = everybody of the unit.
    pub const ASSIGNEES: u32 = 21;
    /// Until when (`lww`, ms since 1970).
    pub const DUE: u32 = 22;
    /// The unit that answers for it (`lww`): a department of the catalogue.
    pub const UNIT: u32 = 23;
    /// Units that help (`set` of texts).
    pub const CO_UNITS: u32 = 24;
    /// How far it is (`set`).
    pub const PROGRESS: u32 = 25;
    /// What was done (`lww`, text).
    pub const RESULT: u32 = 26;
    /// The record that it came from (`once`, 16 bytes).
    pub const ABOUT: u32 = 27;
    /// Why the deadline moved, said with the new one (`lww`, text).
    pub const DUE_REASON: u32 = 28;
    /// The days on which somebody looks whether it goes on (`set` of ms since 1970, the first of the day).
    pub const REVIEWS: u32 = 29;
    /// What was found on such a day (`set`).
    pub const REVIEWED: u32 = 33;
}

/// What somebody asks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewTask {
    /// A few words.
    pub title: String,
    /// What to do; may be empty.
    pub text: String,
    /// For whom.
    pub assignees: Vec<AccountId>,
    /// Until when, ms since 1970.
    pub due_millis: Option<i64>,
    /// The unit that answers for it.
    pub unit: Option<String>,
    /// Units that help.
    pub co_units: Vec<String>,
    /// Of a task that is there: the units that see it because they help ([`crate::policy::HELPERS`]).
    pub helpers: Vec<String>,
    /// The days on which it is reviewed, ms since 1970, each the first of its day.
    pub reviews: Vec<i64>,
    /// The record that it came from.
    pub about: Option<RecordId>,
    /// Where it is to be done.
    pub place: Option<Place>,
}

impl NewTask {
    /// The op that makes it.
    #[must_use]
    pub fn to_entries(&self, now_millis: i64) -> Vec<Entry> {
        let text = |field, text: &str| (!text.is_empty()).then(|| Entry::set(field, Value::text(text)));
        let add = |field, value| Entry { field, act: Act::Add, value };
        let fixed = [
            Some(Entry::set(shared::FOUND_AT, Value::Int(now_millis))),
            Some(Entry::set(shared::STATE, Value::text(state::ASSIGNED))),
            text(field::TITLE, &self.title),
            text(shared::NOTE, &self.text),
            self.due_millis.map(|due| Entry::set(field::DUE, Value::Int(due))),
            self.unit.as_deref().and_then(|unit| text(field::UNIT, unit)),
            self.about.map(|record| Entry::set(field::ABOUT, record.to_value())),
            self.place.map(|place| Entry::set(shared::PLACE, place.to_value())),
        ];
        let people = self.assignees.iter().map(|account| add(field::ASSIGNEES, account.to_value()));
        let units = self.co_units.iter().map(|unit| add(field::CO_UNITS, Value::text(unit)));
        let reviews = self.reviews.iter().map(|day| add(field::REVIEWS, Value::Int(*day)));
        fixed.into_iter().flatten().chain(people).chain(units).chain(reviews).collect()
    }

    /// What a task that is there asks.
    #[must_use]
    pub fn of(merged: &Merged) -> Self {
        let job = Task(merged);
        let text = |field| job.text(field).unwrap_or_default().to_owned();
        Self {
            title: text(field::TITLE),
            text: text(shared::NOTE),
            assignees: job.assignees(),
            due_millis: job.due_millis(),
            unit: Some(text(field::UNIT)).filter(|unit| !unit.is_empty()),
            co_units: job.co_units().into_iter().map(str::to_owned).collect(),
            helpers: helpers(merged),
            reviews: job.reviews(),
            about: job.about(),
            place: job.place(),
        }
    }

    /// Whether a deadline that `before` had is another one now, or none.
    #[must_use]
    pub fn moves_deadline(&self, before: &Self) -> bool {
        before.due_millis.is_some() && self.due_millis != before.due_millis
    }

    /// What has to be said so that `before` becomes this; with another deadline why it moved, if that was said. Where a task came
    /// from, and where it is to be done, stays.
    #[must_use]
    pub fn changes(&self, before: &Self, reason: &str) -> Vec<Entry> {
        let text = |text: &str| if text.is_empty() { Value::Null } else { Value::text(text) };
        let time = |time: Option<i64>| time.map_or(Value::Null, Value::Int);
        let unit = |task: &Self| text(task.unit.as_deref().unwrap_or_default());
        let fields = [
            (field::TITLE, text(&before.title), text(&self.title)),
            (shared::NOTE, text(&before.text), text(&self.text)),
            (field::DUE, time(before.due_millis), time(self.due_millis)),
            (field::UNIT, unit(before), unit(self)),
        ];
        let changed = fields.into_iter().filter(|(_, before, after)| before != after);
        let why = self.due_millis != before.due_millis && !reason.is_empty();
        let why = why.then(|| Entry::set(field::DUE_REASON, Value::text(reason)));
        let people = of_set(field::ASSIGNEES, &before.assignees, &self.assignees, |account| account.to_value());
        let units = of_set(field::CO_UNITS, &before.co_units, &self.co_units, |unit| Value::Text(unit.clone()));
        let reviews = of_set(field::REVIEWS, &before.reviews, &self.reviews, |day| Value::Int(*day));
        let changed = changed.map(|(field, _, after)| Entry::set(field, after));
        changed.chain(why).chain(people).chain(units).chain(reviews).collect()
    }
}

/// The units that see a record because they help with it.
#[must_use]
pub fn helpers(merged: &Merged) -> Vec<String> {
    merged.elements(HELPERS).filter_map(|unit| unit.value.as_text().map(str::to_owned)).collect()
}

/// The entries that lead from one set to another.
#[must_use]
pub fn of_set<T: PartialEq>(field: u32, before: &[T], after: &[T], value: impl Fn(&T) -> Value) -> Vec<Entry> {
    let entry = |act, item: &T| Entry { field, act, value: value(item) };
    let gone = before.iter().filter(|item| !after.contains(item)).map(|item| entry(Act::Remove, item));
    let new = after.iter().filter(|item| !before.contains(item)).map(|item| entry(Act::Add, item));
    gone.chain(new).collect()
}

/// Somebody says how far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// When, ms since 1970.
    pub at_millis: i64,
    /// In words.
    pub text: String,
    /// 0 to 100, if somebody says so.
    pub percent: Option<u8>,
}

impl Progress {
    /// The entry that adds it.
    #[must_use]
    pub fn to_entry(&self) -> Entry {
        let percent = self.percent.map_or(Value::Null, |percent| Value::Int(percent.into()));
        let value = Value::Array(vec![Value::Int(self.at_millis), Value::text(&self.text), percent]);
        Entry { field: field::PROGRESS, act: Act::Add, value }
    }

    /// Reads the value of an entry.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let [at, text, percent] = value.as_array()? else { return None };
        let percent = percent.as_int().and_then(|percent| u8::try_from(percent).ok()).filter(|n| *n <= 100);
        Some(Self { at_millis: at.as_int()?, text: text.as_text()?.to_owned(), percent })
    }
}

/// Somebody looked on a day of review whether it goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// For which of its days, ms since 1970.
    pub day_millis: i64,
    /// When it was said, ms since 1970.
    pub at_millis: i64,
    /// In words.
    pub text: String,
}

impl Review {
    /// The entry that adds it.
    #[must_use]
    pub fn to_entry(&self) -> Entry {
        let (day, at) = (Value::Int(self.day_millis), Value::Int(self.at_millis));
        let value = Value::Array(vec![day, at, Value::text(&self.text)]);
        Entry { field: field::REVIEWED, act: Act::Add, value }
    }

    /// Reads the value of an entry.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let [day, at, text] = value.as_array()? else { return None };
        Some(Self { day_millis: day.as_int()?, at_millis: at.as_int()?, text: text.as_text()?.to_owned() })
    }
}

/// Typed view of a merged task.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a>(pub &'a Merged);

impl<'a> Task<'a> {
    /// The text of a text-like field.
    #[must_use]
    pub fn text(&self, field: u32) -> Option<&'a str> {
        self.0.value(field).and_then(Value::as_text)
    }

    /// Until when, ms since 1970.
    #[must_use]
    pub fn due_millis(&self) -> Option<i64> {
        self.0.value(field::DUE).and_then(Value::as_int)
    }

    /// For whom.
    #[must_use]
    pub fn assignees(&self) -> Vec<AccountId> {
        let accounts = self.0.elements(field::ASSIGNEES).filter_map(|who| who.value.as_array_of().map(AccountId));
        accounts.collect()
    }

    /// Units that help.
    #[must_use]
    pub fn co_units(&self) -> Vec<&'a str> {
        self.0.elements(field::CO_UNITS).filter_map(|unit| unit.value.as_text()).collect()
    }

    /// The record that it came from.
    #[must_use]
    pub fn about(&self) -> Option<RecordId> {
        self.0.value(field::ABOUT).and_then(Value::as_array_of).map(RecordId)
    }

    /// Where it is to be done.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.0.value(shared::PLACE).and_then(Place::from_value)
    }

    /// How far it was when, oldest first, and who said so.
    #[must_use]
    pub fn progress(&self) -> Vec<(Progress, AccountId)> {
        let read = self.0.elements(field::PROGRESS);
        let mut all: Vec<_> =
            read.filter_map(|told| Some((Progress::from_value(&told.value)?, told.account))).collect();
        crate::order::sort_by_key(&mut all, |(progress, _)| progress.at_millis);
        all
    }

    /// The days on which it is reviewed, ms since 1970, ascending.
    #[must_use]
    pub fn reviews(&self) -> Vec<i64> {
        let days = self.0.elements(field::REVIEWS).filter_map(|day| day.value.as_int());
        crate::order::set_of(days).into_iter().collect()
    }

    /// What was found on such days, by day, and who said so.
    #[must_use]
    pub fn reviewed(&self) -> Vec<(Review, AccountId)> {
        let read = self.0.elements(field::REVIEWED);
        let mut all: Vec<_> = read.filter_map(|told| Some((Review::from_value(&told.value)?, told.account))).collect();
        crate::order::sort_by_key(&mut all, |(review, _)| (review.day_millis, review.at_millis));
        all
    }

    /// The first day of review of which nobody said anything, ms since 1970.
    #[must_use]
    pub fn next_review_millis(&self) -> Option<i64> {
        let done = self.reviewed();
        self.reviews().into_iter().find(|day| done.iter().all(|(review, _)| review.day_millis != *day))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merge::{MergeRule, RecordOp, merge};

    const SETS: [u32; 5] = [field::ASSIGNEES, field::CO_UNITS, field::PROGRESS, field::REVIEWS, field::REVIEWED];

    /// A task after these ops of one person.
    fn merged(ops: &[Vec<Entry>]) -> Merged {
        let ops: Vec<RecordOp> = ops.iter().zip(1..).map(|(said, n)| RecordOp::said(n, 1, said.clone())).collect();
        merge(&ops, |field| if SETS.contains(&field) { MergeRule::Set } else { MergeRule::Lww })
    }

    fn new() -> NewTask {
        NewTask {
            title: "t".to_owned(),
            text: "w".to_owned(),
            assignees: vec![AccountId([7; 16])],
            due_millis: Some(50),
            unit: Some("water".to_owned()),
            co_units: vec!["police".to_owned()],
            reviews: vec![20, 40],
            ..NewTask::default()
        }
    }

    #[test]
    fn a_review_reads_back_and_anything_else_is_none() {
        let review = Review { day_millis: 20, at_millis: 21, text: "goes on".to_owned() };
        assert_eq!(Review::from_value(&review.to_entry().value), Some(review));
        for other in [Value::Int(1), Value::Array(vec![Value::Int(1), Value::text("x"), Value::Int(2)])] {
            assert_eq!(Review::from_value(&other), None);
        }
    }

    #[test]
    fn the_next_review_is_the_first_day_of_which_nobody_said_anything() {
        let review = |day_millis, at_millis| Review { day_millis, at_millis, text: "x".to_owned() }.to_entry();
        let mut ops = vec![new().to_entries(1)];
        assert_eq!(Task(&merged(&ops)).reviews(), [20, 40]);
        assert_eq!(Task(&merged(&ops)).next_review_millis(), Some(20));
        // Somebody looks at the second day first.
        ops.push(vec![review(40, 30)]);
        assert_eq!(Task(&merged(&ops)).next_review_millis(), Some(20));
        ops.push(vec![review(20, 31)]);
        let task = merged(&ops);
        let told: Vec<_> = Task(&task).reviewed().iter().map(|(review, who)| (review.day_millis, who.0[0])).collect();
        assert_eq!((told, Task(&task).next_review_millis()), (vec![(20, 1), (40, 1)], None));
    }

    #[test]
    fn a_task_reads_back_as_it_was_given_and_only_what_changed_is_said() {
        let before = new();
        assert_eq!(NewTask::of(&merged(&[before.to_entries(1)])), before);
        assert!(before.changes(&before, "why").is_empty());
        let after = NewTask {
            text: String::new(),
            assignees: Vec::new(),
            due_millis: None,
            co_units: vec!["police".to_owned(), "wetland".to_owned()],
            reviews: vec![40, 60],
            ..before.clone()
        };
        let add = |field, act, value| Entry { field, act, value };
        let said = after.changes(&before, "long-term");
        assert_eq!(
            said,
            [
                Entry::set(shared::NOTE, Value::Null),
                Entry::set(field::DUE, Value::Null),
                Entry::set(field::DUE_REASON, Value::text("long-term")),
                add(field::ASSIGNEES, Act::Remove, AccountId([7; 16]).to_value()),
                add(field::CO_UNITS, Act::Add, Value::text("wetland")),
                add(field::REVIEWS, Act::Remove, Value::Int(20)),
                add(field::REVIEWS, Act::Add, Value::Int(60)),
            ]
        );
        let read = NewTask::of(&merged(&[before.to_entries(1), said]));
        assert_eq!((read.due_millis, &read.reviews, read.co_units.len()), (None, &after.reviews, 2));
        assert!(after.moves_deadline(&before) && !before.moves_deadline(&after), "the first deadline moves none");
        let renamed = NewTask { title: "u".to_owned(), unit: None, ..before.clone() };
        let said = renamed.changes(&before, "");
        assert_eq!(said, [Entry::set(field::TITLE, Value::text("u")), Entry::set(field::UNIT, Value::Null)]);
    }

    #[test]
    fn progress_reads_back_with_and_without_a_number() {
        let progress = Progress { at_millis: 5, text: "half".to_owned(), percent: Some(50) };
        for progress in [progress.clone(), Progress { percent: None, ..progress }] {
            assert_eq!(Progress::from_value(&progress.to_entry().value), Some(progress));
        }
        assert_eq!(Progress::from_value(&Value::Int(1)), None);
    }

    #[test]
    fn a_new_task_says_only_what_was_said() {
        let task = NewTask { title: "t".to_owned(), assignees: vec![AccountId([7; 16])], ..NewTask::default() };
        let fields: Vec<u32> = task.to_entries(9).iter().map(|entry| entry.field).collect();
        assert_eq!(fields, [shared::FOUND_AT, shared::STATE, field::TITLE, field::ASSIGNEES]);
    }
}
