//! An attempt at a quiz 测验 as code sees it: which quiz, what was answered, how many were right, and whether that passed.
//!
//! Owns: its kind and the numbers of its fields (the same as in `city/kinds.json`, kind `quizAttempt`). A record is one attempt and
//! is never changed: every field is `once`. Refuses: to judge the answers again by another version of the quiz.

use std::collections::BTreeMap;

use crate::cbor::Value;
use crate::city::Quiz;
use crate::ids::RecordId;
use crate::incident::field as shared;
use crate::op::Entry;
use crate::register::{self, LineValue};
use crate::task::field::ABOUT;

/// The kind number of an attempt.
pub const KIND: u32 = 74;
/// Its word in a package that has quizzes.
pub const NAME: &str = "quizAttempt";

/// Field numbers of an attempt; never reused. The training that it belongs to is the origin, as of a task.
pub mod field {
    /// Which quiz (`once`, its number as text).
    pub const QUIZ: u32 = super::register::field::QUIZ;
    /// Which version of it (`once`, × 1000).
    pub const VERSION: u32 = 53;
    /// What was answered (`once`, array of numbers counted from 1, in the order of the questions).
    pub const ANSWERS: u32 = 54;
    /// How many were right (`once`, × 1000).
    pub const RIGHT: u32 = 55;
    /// Of how many (`once`, × 1000).
    pub const ASKED: u32 = 56;
    /// Whether that passed (`once`, 0 or 1).
    pub const PASSED: u32 = 57;
}

/// What came of a quiz.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// The number of the quiz.
    pub quiz: u32,
    /// Right answers.
    pub right: u32,
    /// Questions.
    pub asked: u32,
    /// Whether it was passed.
    pub passed: bool,
}

impl Outcome {
    /// Of answers, counted from 1 and in the order of the questions.
    #[must_use]
    pub fn of(quiz: &Quiz, answers: &[u32]) -> Self {
        let right = quiz.count_right(answers);
        let asked = u32::try_from(quiz.questions.len()).unwrap_or(u32::MAX);
        Self { quiz: quiz.number, right, asked, passed: right >= quiz.pass }
    }

    /// Of the line of an attempt.
    #[must_use]
    pub fn of_line(values: &BTreeMap<u32, LineValue>) -> Option<Self> {
        let whole = |field| match values.get(&field) {
            Some(LineValue::Int(milli)) => u32::try_from(milli / 1_000).ok(),
            _ => None,
        };
        let quiz = values.get(&field::QUIZ)?.texts().first()?.parse().ok()?;
        let passed = matches!(values.get(&field::PASSED), Some(LineValue::Int(1)));
        Some(Self { quiz, right: whole(field::RIGHT)?, asked: whole(field::ASKED)?, passed })
    }
}

/// The op that keeps an attempt; `about` is the training that asked for it.
#[must_use]
pub fn entries(quiz: &Quiz, answers: &[u32], about: Option<RecordId>, now_millis: i64) -> Vec<Entry> {
    let Outcome { right, asked, passed, .. } = Outcome::of(quiz, answers);
    let number = |field, n: u32| Entry::set(field, Value::Int(i64::from(n) * 1_000));
    let said = Value::Array(answers.iter().map(|answer| Value::Int(i64::from(*answer))).collect());
    let fixed = [
        Entry::set(shared::FOUND_AT, Value::Int(now_millis)),
        Entry::set(field::QUIZ, Value::text(quiz.number.to_string())),
        number(field::VERSION, quiz.version),
        Entry::set(field::ANSWERS, said),
        number(field::RIGHT, right),
        number(field::ASKED, asked),
        Entry::set(field::PASSED, Value::Int(i64::from(passed))),
    ];
    let origin = about.map(|record| Entry::set(ABOUT, record.to_value()));
    fixed.into_iter().chain(origin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::city::{Question, Text};
    use crate::merge::{FieldState, MergeRule, Merged};

    fn quiz() -> Quiz {
        let text = |word: &str| Text { zh: word.to_owned(), en: word.to_owned() };
        let question = |right| Question {
            text: text("q"),
            icon: None,
            answers: vec![text("a"), text("b")],
            pictures: Vec::new(),
            right,
            why: text("w"),
            source: text("s"),
        };
        Quiz {
            number: 7,
            version: 2,
            title: text("t"),
            pass: 2,
            questions: vec![question(1), question(2), question(1)],
        }
    }

    #[test]
    fn what_is_kept_reads_back_as_a_line_with_its_count() {
        for (answers, right, passed) in [([1, 2, 2], 2, true), ([2, 2, 2], 1, false), ([1, 2, 1], 3, true)] {
            let fields = entries(&quiz(), &answers, Some(RecordId([9; 16])), 5).into_iter().map(|entry| {
                let shown = vec![crate::merge::Candidate {
                    value: entry.value,
                    op: crate::ids::OpId([1; 32]),
                    account: crate::ids::AccountId([2; 16]),
                    eff_millis: 5,
                }];
                (entry.field, FieldState { rule: MergeRule::Once, shown, conflicts: Vec::new() })
            });
            let merged = Merged { fields: fields.collect(), ..Merged::default() };
            let line = register::line_values(KIND, &merged);
            assert_eq!(Outcome::of_line(&line), Some(Outcome { quiz: 7, right, asked: 3, passed }));
        }
        assert_eq!(Outcome::of_line(&BTreeMap::new()), None);
    }
}
