//! What is wrong with a package, as data: which sort of fault it is, and the words and numbers that belong to it.
//!
//! Owns: the codes, for which pages have words in every language, and the English sentence for the command line. Refuses: to find
//! faults; `check`, `compare` and `following` do.

use std::fmt::Display;

use thiserror::Error;

/// A fault in a package.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{file}: {path}: {problem}")]
pub struct CityFault {
    /// The file, e.g. `kinds.json`.
    pub file: &'static str,
    /// Path inside it, e.g. `kinds[0].fields[3].rule`.
    pub path: String,
    /// Which sort of fault it is, and what it is about.
    pub wrong: Wrong,
    /// What is wrong and what is expected, in English.
    pub problem: String,
}

/// A sort of fault. Its word is never used again for another sort.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultCode {
    /// A value does not read.
    Shape,
    /// A value is missing; the word is its key.
    Missing,
    /// There is no such key.
    Key,
    /// The word is none of those that may stand here.
    Choice,
    /// A file is missing.
    File,
    /// The word names a [`Thing`] that is not there.
    Unknown,
    /// The word is used twice.
    Twice,
    /// It ends before it begins.
    Order,
    /// It has to stand before the word.
    Sorting,
    /// The first number is not between the second and the third.
    Range,
    /// The first number is below the second: the protocol keeps those.
    Reserved,
    /// The first number is not as the second.
    Counts,
    /// It is not in the year of the number.
    Year,
    /// The word is no code of an area of the city.
    Area,
    /// It needs words in both languages.
    Words,
    /// It names nothing.
    Empty,
    /// The category of the word has no icon.
    Icon,
    /// Of the role of the word nothing is said.
    Rights,
    /// An export takes every field.
    Export,
    /// Records are the source of a record field, and of no other.
    Source,
    /// Records of the kind of the word are erased by hand alone.
    Guarded,
    /// The state of the word is not ended.
    Open,
    /// Some records are also of the class of the word.
    Overlap,
    /// The programs need the word as it is.
    Programs,
    /// It is the package of another city.
    City,
    /// The first number is not above the second, the highest one that was given.
    Version,
    /// The role of the word could not bring another package.
    Lockout,
}

impl FaultCode {
    /// All of them.
    pub const ALL: [FaultCode; 27] = [
        FaultCode::Shape,
        FaultCode::Missing,
        FaultCode::Key,
        FaultCode::Choice,
        FaultCode::File,
        FaultCode::Unknown,
        FaultCode::Twice,
        FaultCode::Order,
        FaultCode::Sorting,
        FaultCode::Range,
        FaultCode::Reserved,
        FaultCode::Counts,
        FaultCode::Year,
        FaultCode::Area,
        FaultCode::Words,
        FaultCode::Empty,
        FaultCode::Icon,
        FaultCode::Rights,
        FaultCode::Export,
        FaultCode::Source,
        FaultCode::Guarded,
        FaultCode::Open,
        FaultCode::Overlap,
        FaultCode::Programs,
        FaultCode::City,
        FaultCode::Version,
        FaultCode::Lockout,
    ];

    /// Its word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            FaultCode::Shape => "shape",
            FaultCode::Missing => "missing",
            FaultCode::Key => "key",
            FaultCode::Choice => "choice",
            FaultCode::File => "file",
            FaultCode::Unknown => "unknown",
            FaultCode::Twice => "twice",
            FaultCode::Order => "order",
            FaultCode::Sorting => "sorting",
            FaultCode::Range => "range",
            FaultCode::Reserved => "reserved",
            FaultCode::Counts => "counts",
            FaultCode::Year => "year",
            FaultCode::Area => "area",
            FaultCode::Words => "words",
            FaultCode::Empty => "empty",
            FaultCode::Icon => "icon",
            FaultCode::Rights => "rights",
            FaultCode::Export => "export",
            FaultCode::Source => "source",
            FaultCode::Guarded => "guarded",
            FaultCode::Open => "open",
            FaultCode::Overlap => "overlap",
            FaultCode::Programs => "programs",
            FaultCode::City => "city",
            FaultCode::Version => "version",
            FaultCode::Lockout => "lockout",
        }
    }
}

/// What a package names by a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    /// A role.
    Role,
    /// A workflow.
    Workflow,
    /// A state of a workflow.
    State,
    /// A group of categories or registers.
    Group,
    /// A department.
    Department,
    /// An urgency.
    Urgency,
    /// A kind of records.
    Kind,
    /// A field of a kind.
    Field,
    /// A way in which units hand over.
    Flow,
    /// A paper.
    Paper,
    /// A picture.
    Picture,
    /// A gap of a paper.
    Gap,
}

impl Thing {
    /// All of them.
    pub const ALL: [Thing; 12] = [
        Thing::Role,
        Thing::Workflow,
        Thing::State,
        Thing::Group,
        Thing::Department,
        Thing::Urgency,
        Thing::Kind,
        Thing::Field,
        Thing::Flow,
        Thing::Paper,
        Thing::Picture,
        Thing::Gap,
    ];

    /// Its word in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Thing::Role => "role",
            Thing::Workflow => "workflow",
            Thing::State => "state",
            Thing::Group => "group",
            Thing::Department => "department",
            Thing::Urgency => "urgency",
            Thing::Kind => "kind",
            Thing::Field => "field",
            Thing::Flow => "flow",
            Thing::Paper => "paper",
            Thing::Picture => "picture",
            Thing::Gap => "gap",
        }
    }
}

/// A sort of fault with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// The sort.
    pub code: FaultCode,
    /// What is not there, of [`FaultCode::Unknown`].
    pub thing: Option<Thing>,
    /// The word that it is about; empty where there is none.
    pub word: String,
    /// The numbers that it is about, in the order that the code says.
    pub numbers: Vec<i64>,
}

impl Wrong {
    /// A sort that needs no word.
    pub(super) fn of(code: FaultCode) -> Self {
        Self { code, thing: None, word: String::new(), numbers: Vec::new() }
    }

    /// A sort with the word that it is about.
    pub(super) fn about(code: FaultCode, word: impl Display) -> Self {
        Self { word: word.to_string(), ..Self::of(code) }
    }

    /// A sort with numbers.
    pub(super) fn numbers(code: FaultCode, numbers: &[i64]) -> Self {
        Self { numbers: numbers.to_vec(), ..Self::of(code) }
    }

    /// Something of this name is not there.
    pub(super) fn unknown(thing: Thing, word: impl Display) -> Self {
        Self { thing: Some(thing), ..Self::about(FaultCode::Unknown, word) }
    }

    /// A value that does not read. Of keys and words serde tells which one, between backticks.
    pub(super) fn of_json(said: &str) -> Self {
        let word = said.split('`').nth(1).unwrap_or_default();
        let sorts = [
            ("missing field ", FaultCode::Missing),
            ("unknown field ", FaultCode::Key),
            ("unknown variant ", FaultCode::Choice),
        ];
        let sort = sorts.into_iter().find(|(begins, _)| said.starts_with(begins));
        sort.map_or_else(|| Self::of(FaultCode::Shape), |(_, code)| Self::about(code, word))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_and_thing_has_a_word_of_its_own() {
        let codes: BTreeSet<&str> = FaultCode::ALL.into_iter().map(FaultCode::word).collect();
        let things: BTreeSet<&str> = Thing::ALL.into_iter().map(Thing::word).collect();
        assert_eq!((codes.len(), things.len()), (FaultCode::ALL.len(), Thing::ALL.len()));
    }

    #[test]
    fn what_serde_says_tells_which_key_or_word() {
        let of = |text: &str| {
            let error = serde_json::from_str::<super::super::Urgency>(text).unwrap_err();
            let wrong = Wrong::of_json(&error.to_string());
            (wrong.code, wrong.word)
        };
        assert_eq!(of("{}"), (FaultCode::Missing, "id".to_owned()));
        assert_eq!(of("7"), (FaultCode::Shape, String::new()));
        let said = "unknown variant `newest`, expected `lww` or `once`";
        assert_eq!(Wrong::of_json(said), Wrong::about(FaultCode::Choice, "newest"));
        assert_eq!(Wrong::of_json("unknown field `x`, expected `a`"), Wrong::about(FaultCode::Key, "x"));
    }
}
