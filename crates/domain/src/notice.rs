//! The notice as code sees it: what the desk tells people, from when, until when, and whom.
//!
//! Owns: its kind, the numbers of its fields (the same as in `city/kinds.json`, kind `notice`), what a new one says. Fields that
//! mean the same as in an incident have the same number. Refuses: clocks; whether it holds now is asked with the time.

use crate::cbor::Value;
use crate::incident::field as shared;
use crate::merge::Merged;
use crate::op::{Act, Entry};

/// The kind number of a notice.
pub const KIND: u32 = 21;

/// The state of a notice that was taken back; without a state it holds.
pub const WITHDRAWN: &str = "withdrawn";

/// Field numbers of a notice; never reused. Its words are the note.
pub mod field {
    /// A few words (`lww`, text); the same number as the title of a task.
    pub const TITLE: u32 = crate::task::field::TITLE;
    /// From when (`lww`, ms since 1970); without it at once.
    pub const FROM: u32 = 21;
    /// Until when (`lww`, ms since 1970); without it until it is taken back.
    pub const UNTIL: u32 = 22;
    /// For whom (`set` of role words); none = everybody.
    pub const AUDIENCE: u32 = 23;
}

/// What the desk tells.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewNotice {
    /// A few words.
    pub title: String,
    /// The rest; may be empty.
    pub text: String,
    /// From when, ms since 1970.
    pub from_millis: Option<i64>,
    /// Until when, ms since 1970.
    pub until_millis: Option<i64>,
    /// Role words; none = everybody.
    pub audience: Vec<String>,
}

impl NewNotice {
    /// The op that makes it.
    #[must_use]
    pub fn to_entries(&self, now_millis: i64) -> Vec<Entry> {
        let text = |field, text: &str| (!text.is_empty()).then(|| Entry::set(field, Value::text(text)));
        let time = |field, at: Option<i64>| at.map(|at| Entry::set(field, Value::Int(at)));
        let fixed = [
            Some(Entry::set(shared::FOUND_AT, Value::Int(now_millis))),
            text(field::TITLE, &self.title),
            text(shared::NOTE, &self.text),
            time(field::FROM, self.from_millis),
            time(field::UNTIL, self.until_millis),
        ];
        let add = |role: &String| Entry { field: field::AUDIENCE, act: Act::Add, value: Value::text(role) };
        fixed.into_iter().flatten().chain(self.audience.iter().map(add)).collect()
    }
}

/// Typed view of a merged notice.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a>(pub &'a Merged);

impl Notice<'_> {
    fn int(&self, field: u32) -> Option<i64> {
        self.0.value(field).and_then(Value::as_int)
    }

    /// From when, ms since 1970.
    #[must_use]
    pub fn from_millis(&self) -> Option<i64> {
        self.int(field::FROM)
    }

    /// Until when, ms since 1970.
    #[must_use]
    pub fn until_millis(&self) -> Option<i64> {
        self.int(field::UNTIL)
    }

    /// Role words; none = everybody.
    #[must_use]
    pub fn audience(&self) -> Vec<String> {
        self.0.elements(field::AUDIENCE).filter_map(|role| role.value.as_text().map(str::to_owned)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_notice_says_only_what_was_said() {
        let notice = NewNotice { title: "t".to_owned(), until_millis: Some(9), ..NewNotice::default() };
        let fields: Vec<u32> = notice.to_entries(5).iter().map(|entry| entry.field).collect();
        assert_eq!(fields, [shared::FOUND_AT, field::TITLE, field::UNTIL]);
    }
}
