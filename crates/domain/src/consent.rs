//! What a person agreed to about their own data, as code sees it: one record a person, whose answers only that person writes.
//!
//! Owns: its kind, the numbers of its fields (the same as in `city/kinds.json`, kind `consent`), the bytes of an answer. Invariant:
//! an answer is added and never changed, so that it stays known what was agreed to when; the newest of a purpose counts.
//! Source: PIPL art. 13–15, 29 (separate consent for whereabouts; it can be withdrawn, and refusing costs nothing else).

use crate::cbor::Value;
use crate::ids::{AccountId, RecordId, sha256};
use crate::merge::Merged;
use crate::op::{Act, Entry};

/// The kind number of a person's consents.
pub const KIND: u32 = 32;

/// The purpose: recording where the person walks on a patrol.
pub const TRACKS: &str = "tracks";
/// The words that were shown for [`TRACKS`]; grows with every change of what they say.
pub const TRACKS_VERSION: i64 = 1;

/// Field numbers of a person's consents; never reused.
pub mod field {
    /// What was answered (`set`).
    pub const ANSWERS: u32 = 20;
}

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// For what, a word such as [`TRACKS`].
    pub purpose: String,
    /// Whether it was agreed to.
    pub is_given: bool,
    /// When, ms since 1970.
    pub at_millis: i64,
    /// Which words were shown.
    pub version: i64,
}

impl Answer {
    /// The entry that adds it.
    #[must_use]
    pub fn to_entry(&self) -> Entry {
        let given = Value::Int(i64::from(self.is_given));
        let parts = vec![Value::text(&self.purpose), given, Value::Int(self.at_millis), Value::Int(self.version)];
        Entry { field: field::ANSWERS, act: Act::Add, value: Value::Array(parts) }
    }

    /// Reads the value of an entry.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let [purpose, given, at, version] = value.as_array()? else { return None };
        Some(Self {
            purpose: purpose.as_text()?.to_owned(),
            is_given: given.as_int()? == 1,
            at_millis: at.as_int()?,
            version: version.as_int()?,
        })
    }
}

/// All answers of a record, oldest first; of two at the same moment the refusal comes last.
#[must_use]
pub fn answers(merged: &Merged) -> Vec<Answer> {
    let mut found: Vec<Answer> =
        merged.elements(field::ANSWERS).filter_map(|element| Answer::from_value(&element.value)).collect();
    found.sort_by(|a, b| (a.at_millis, !a.is_given, &a.purpose).cmp(&(b.at_millis, !b.is_given, &b.purpose)));
    found
}

/// The answer that counts for a purpose; `None` = never asked.
#[must_use]
pub fn newest<'a>(answers: &'a [Answer], purpose: &str) -> Option<&'a Answer> {
    answers.iter().rfind(|answer| answer.purpose == purpose)
}

/// The record of an account's consents: the same on all phones of the person.
#[must_use]
pub fn record_of(account: AccountId) -> RecordId {
    let hash = sha256(&[b"gs/consent/1\0", &account.0]);
    let mut id = [0; 16];
    id.copy_from_slice(&hash[..16]);
    RecordId(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(is_given: bool, at_millis: i64) -> Answer {
        Answer { purpose: TRACKS.to_owned(), is_given, at_millis, version: TRACKS_VERSION }
    }

    #[test]
    fn an_answer_comes_back_as_it_was() {
        let told = answer(true, 7);
        assert_eq!(Answer::from_value(&told.to_entry().value), Some(told));
        assert_eq!(Answer::from_value(&Value::Int(1)), None);
    }

    #[test]
    fn the_newest_counts_and_a_refusal_wins_a_tie() {
        let told = [answer(false, 1), answer(true, 2)];
        assert_eq!(newest(&told, TRACKS).map(|told| told.is_given), Some(true));
        assert_eq!(newest(&told, "photos"), None);
        assert_ne!(record_of(AccountId([1; 16])), record_of(AccountId([2; 16])));
    }
}
