//! Quizzes 测验: what people have to know, as questions with one right answer, why it is right, and where that stands.

use serde::{Deserialize, Serialize};

use super::Text;

/// A question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// What is asked.
    pub text: Text,
    /// A picture, one of `icons.json`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub icon: Option<String>,
    /// Two to four.
    pub answers: Vec<Text>,
    /// A picture for each answer, of `icons.json`; none = answers in words alone.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<String>,
    /// Which of them is right, counted from 1.
    pub right: u32,
    /// Why, in a few words.
    pub why: Text,
    /// Where that stands: a law, or a part of this package.
    pub source: Text,
}

impl Question {
    /// Whether an answer, counted from 1, is the right one.
    #[must_use]
    pub fn is_right(&self, answer: u32) -> bool {
        self.right == answer
    }
}

/// Questions that are asked together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quiz {
    /// Number, never reused.
    pub number: u32,
    /// Grows when a question, an answer or what is right changes, so that old attempts still read.
    pub version: u32,
    /// Name to show.
    pub title: Text,
    /// How many right answers pass.
    pub pass: u32,
    /// In the order in which they are asked.
    pub questions: Vec<Question>,
}

impl Quiz {
    /// How many of these answers, counted from 1 and in the order of the questions, are right.
    #[must_use]
    pub fn count_right(&self, answers: &[u32]) -> u32 {
        let right = self.questions.iter().zip(answers).filter(|(question, answer)| question.is_right(**answer));
        u32::try_from(right.count()).unwrap_or(u32::MAX)
    }
}

/// `quiz.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quizzes {
    /// In the order in which they are shown.
    pub quizzes: Vec<Quiz>,
}

impl Quizzes {
    /// A quiz by its number.
    #[must_use]
    pub fn get(&self, number: u32) -> Option<&Quiz> {
        self.quizzes.iter().find(|quiz| quiz.number == number)
    }
}
