//! What a person asks about their own data: a copy of it, a correction, or that it is deleted; and what was answered.
//!
//! Owns: its kind, the numbers of its fields (the same as in `city/kinds.json`, kind `dataRequest`). Fields that mean the same as in
//! an incident have the same number. Source: PIPL art. 44–47, 50 (an answer in good time, and a refusal with its reason).

use crate::cbor::Value;
use crate::incident::field as shared;
use crate::op::Entry;

/// The kind number of a request about one's own data.
pub const KIND: u32 = 33;

/// The state of a request that was fulfilled; without a state nobody answered yet.
pub const DONE: &str = "done";
/// The state of a request that was refused, with its reason as the answer.
pub const REFUSED: &str = "refused";

/// Field numbers of a request; never reused. Its words are the note, the answer is the answer of an incident.
pub mod field {
    /// What is asked for (`once`): a word of [`super::Wish`].
    pub const WHAT: u32 = 20;
}

/// What can be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// A copy of all that is known of the person.
    Copy,
    /// A correction of what is wrong.
    Correct,
    /// That something is deleted.
    Delete,
}

impl Wish {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Copy, Self::Correct, Self::Delete];

    /// The word in an op.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Correct => "correct",
            Self::Delete => "delete",
        }
    }

    /// Reads a word; `None` for one that this version does not know.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|wish| wish.word() == word)
    }

    /// The op that makes a request; `area` is where the person works, so that its desk sees it.
    #[must_use]
    pub fn to_entries(self, words: &str, area: Option<&str>, now_millis: i64) -> Vec<Entry> {
        let fixed = [
            Some(Entry::set(shared::FOUND_AT, Value::Int(now_millis))),
            Some(Entry::set(field::WHAT, Value::text(self.word()))),
            (!words.is_empty()).then(|| Entry::set(shared::NOTE, Value::text(words))),
            area.map(|area| Entry::set(crate::policy::AREA, Value::text(area))),
        ];
        fixed.into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_says_only_what_was_said() {
        for wish in Wish::ALL {
            assert_eq!(Wish::from_word(wish.word()), Some(wish));
        }
        assert_eq!(Wish::from_word("else"), None);
        let fields: Vec<u32> = Wish::Delete.to_entries("", None, 5).iter().map(|entry| entry.field).collect();
        assert_eq!(fields, [shared::FOUND_AT, field::WHAT]);
        assert_eq!(Wish::Copy.to_entries("please", Some("620723"), 5).len(), 4);
    }
}
