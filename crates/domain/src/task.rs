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
        fixed.into_iter().flatten().chain(people).chain(units).collect()
    }
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
