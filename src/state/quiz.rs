//! Quizzes as pages show them: which there are and how they went, and one that is being done, question by question.
//!
//! Owns: what is shown of an attempt in the making, which survives a closed page. Refuses: to compare people.

use greenshield_client::rows::ListRow;
use greenshield_domain::attempt::{self, Outcome};
use greenshield_domain::city::{City, Question, Quiz};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::order;
use greenshield_domain::register::field;
use serde::{Deserialize, Serialize};

use super::lamp::{Lamp, Tone};
use super::time::Now;
use super::words::{self, t, tr};

/// A quiz that is being done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Version of the quiz.
    version: u32,
    /// The training that asks for it.
    pub about: Option<RecordId>,
    /// Answers, counted from 1, in the order of the questions.
    pub answers: Vec<u32>,
    /// Questions that are done with: answered, and the why was read.
    seen: usize,
}

impl Run {
    /// From the first question.
    #[must_use]
    pub fn begin(quiz: &Quiz, about: Option<RecordId>) -> Self {
        Self { version: quiz.version, about, answers: Vec::new(), seen: 0 }
    }

    /// Goes on with what was kept, if it is of this version; else from the first question.
    #[must_use]
    pub fn resume(kept: Option<&[u8]>, quiz: &Quiz, about: Option<RecordId>) -> Self {
        let kept = kept.and_then(|bytes| serde_json::from_slice::<Self>(bytes).ok());
        let is_sound = |run: &Self| {
            let n = run.answers.len();
            run.version == quiz.version && n <= quiz.questions.len() && (run.seen == n || run.seen + 1 == n)
        };
        match kept.filter(is_sound) {
            Some(run) => Self { about: about.or(run.about), ..run },
            None => Self::begin(quiz, about),
        }
    }

    /// As it is kept.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        // Plain data always becomes JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Which question is on the screen, counted from 0; past the last one it is over.
    #[must_use]
    pub fn at(&self) -> usize {
        self.seen
    }

    /// Whether every question is answered and read.
    #[must_use]
    pub fn is_over(&self, quiz: &Quiz) -> bool {
        self.seen >= quiz.questions.len()
    }

    /// Answers the question on the screen; a second answer to the same question is none.
    pub fn answer(&mut self, quiz: &Quiz, answer: u32) {
        if self.answers.len() == self.seen && !self.is_over(quiz) {
            self.answers.push(answer);
        }
    }

    /// What was answered to the question on the screen.
    #[must_use]
    pub fn answered(&self) -> Option<u32> {
        self.answers.get(self.seen).copied()
    }

    /// On to the next question, once this one is answered.
    pub fn go_on(&mut self) {
        if self.answered().is_some() {
            self.seen += 1;
        }
    }
}

/// A question on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which of how many, in words.
    pub which: String,
    /// What is asked.
    pub text: String,
    /// A picture.
    pub icon: Option<String>,
    /// The answers, each with its number, words and picture.
    pub answers: Vec<(u32, String, Option<String>)>,
    /// Whether it is the last one.
    pub is_last: bool,
}

impl Asked {
    /// The question of a number, counted from 0.
    #[must_use]
    pub fn of(quiz: &Quiz, at: usize) -> Option<Self> {
        let question = quiz.questions.get(at)?;
        let n = quiz.questions.len();
        let answer = |(at, number): (usize, u32)| {
            (number, words::of(&question.answers[at]).to_owned(), question.pictures.get(at).cloned())
        };
        Some(Self {
            which: tr("quiz.which", &[("i", &(at + 1).to_string()), ("n", &n.to_string())]),
            text: words::of(&question.text).to_owned(),
            icon: question.icon.clone(),
            answers: (0..question.answers.len()).zip(1..).map(answer).collect(),
            is_last: at + 1 == n,
        })
    }
}

/// What is said after an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The answer that was given.
    pub chosen: u32,
    /// The right one.
    pub right: u32,
    /// Whether they are the same.
    pub is_right: bool,
    /// Why.
    pub why: String,
    /// Where it stands.
    pub source: String,
}

impl Told {
    /// After an answer to a question.
    #[must_use]
    pub fn of(question: &Question, chosen: u32) -> Self {
        Self {
            chosen,
            right: question.right,
            is_right: question.is_right(chosen),
            why: words::of(&question.why).to_owned(),
            source: tr("quiz.source", &[("source", words::of(&question.source))]),
        }
    }
}

/// What stands beside an answer after one was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// For `data-mark`.
    pub word: &'static str,
    /// Picture, a name of the sprite.
    pub icon: &'static str,
    /// Words, by their key.
    pub key: &'static str,
}

impl Told {
    /// The mark of an answer; none for those that were neither right nor chosen.
    #[must_use]
    pub fn mark(&self, answer: u32) -> Option<Mark> {
        let mark = |word, icon, key| Some(Mark { word, icon, key });
        match answer {
            _ if answer == self.right && self.is_right => mark("right", "circle-check", "quiz.right"),
            _ if answer == self.right => mark("right", "circle-check", "quiz.right_one"),
            _ if answer == self.chosen => mark("wrong", "circle-x", "quiz.chosen"),
            _ => None,
        }
    }
}

/// What is read aloud: the question with its answers, and what is said after one was given.
#[must_use]
pub fn spoken(asked: &Asked, told: Option<&Told>) -> String {
    match told {
        None => {
            let answers = asked
                .answers
                .iter()
                .map(|(i, answer, _)| tr("quiz.spoken_answer", &[("i", &i.to_string()), ("answer", answer)]));
            std::iter::once(asked.text.clone()).chain(answers).collect::<Vec<_>>().join("\n")
        }
        Some(told) => {
            let right = asked.answers.iter().find(|(i, ..)| *i == told.right).map(|(_, answer, _)| answer.as_str());
            [t(verdict_key(told.is_right)), right.unwrap_or_default(), told.why.as_str()].join("\n")
        }
    }
}

/// Whether an answer was right, as the key of its words.
#[must_use]
pub fn verdict_key(is_right: bool) -> &'static str {
    if is_right { "quiz.right" } else { "quiz.wrong" }
}

/// How a quiz ended, in words.
#[must_use]
pub fn result_words(outcome: Outcome) -> String {
    tr("quiz.result", &[("right", &outcome.right.to_string()), ("n", &outcome.asked.to_string())])
}

/// Whether a quiz was passed, as a lamp; `None` = nobody has tried.
#[must_use]
pub fn passed_lamp(passed: Option<bool>) -> Lamp {
    let lamp = |tone, icon, key| Lamp { tone, icon, words: t(key).to_owned() };
    match passed {
        Some(true) => lamp(Tone::Plain, "circle-check", "quiz.passed"),
        Some(false) => lamp(Tone::Warn, "refresh", "quiz.not_passed"),
        None => lamp(Tone::Plain, "circle", "quiz.not_done"),
    }
}

/// A quiz as a line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuizLine {
    /// Where it is done.
    pub href: String,
    /// What it is about.
    pub title: String,
    /// How many questions, and the last result.
    pub facts: String,
    /// Whether it was ever passed.
    pub lamp: Lamp,
}

/// The number of the quiz that belongs to a record, or that an attempt is at.
#[must_use]
pub fn quiz_of(row: &ListRow) -> Option<u32> {
    row.values.get(&field::QUIZ)?.texts().first()?.parse().ok()
}

/// All quizzes with the results of a person. One that a training asks the person for belongs to that training.
#[must_use]
pub fn lines(city: &City, rows: &[ListRow], asked_by: &[ListRow], me: Option<AccountId>, now: Now) -> Vec<QuizLine> {
    let line = |quiz: &Quiz| {
        let outcomes = outcomes(rows, me, quiz.number);
        let questions = tr("quiz.questions", &[("n", &quiz.questions.len().to_string())]);
        let last = outcomes
            .last()
            .map(|(outcome, at)| tr("quiz.last", &[("result", &result_words(*outcome)), ("day", &now.day(*at))]));
        let training = asked_by.iter().find(|row| quiz_of(row) == Some(quiz.number));
        let query = training.map(|row| format!("?about={}", row.record)).unwrap_or_default();
        QuizLine {
            href: format!("/training/{}{query}", quiz.number),
            title: words::of(&quiz.title).to_owned(),
            facts: std::iter::once(questions).chain(last).collect::<Vec<_>>().join(" · "),
            lamp: passed_lamp(outcomes.iter().map(|(outcome, _)| outcome.passed).reduce(|one, other| one || other)),
        }
    };
    city.quizzes.quizzes.iter().map(line).collect()
}

/// The attempts of a person at a quiz, oldest first, each with its moment.
fn outcomes(rows: &[ListRow], of: Option<AccountId>, quiz: u32) -> Vec<(Outcome, i64)> {
    let own = rows.iter().filter(|row| row.kind == attempt::KIND && of.is_some() && row.reporter == of);
    let read = own.filter_map(|row| Some((Outcome::of_line(&row.values)?, row.sort_millis)));
    let mut found: Vec<(Outcome, i64)> = read.filter(|(outcome, _)| outcome.quiz == quiz).collect();
    order::sort_by_key(&mut found, |(_, at)| *at);
    found
}

#[cfg(test)]
mod tests {
    use greenshield_domain::register::LineValue;

    use super::super::item::tests::{city, row};
    use super::*;

    const ME: AccountId = AccountId([1; 16]);
    const NOW: Now = Now { millis: 1_795_654_800_000, zone_minutes: 480 };

    fn attempt(n: u8, who: AccountId, quiz: &Quiz, answers: &[u32]) -> ListRow {
        let Outcome { right, asked, passed, .. } = Outcome::of(quiz, answers);
        let values = [
            (field::QUIZ, LineValue::Text(quiz.number.to_string())),
            (attempt::field::RIGHT, LineValue::Int(i64::from(right) * 1_000)),
            (attempt::field::ASKED, LineValue::Int(i64::from(asked) * 1_000)),
            (attempt::field::PASSED, LineValue::Int(i64::from(passed))),
        ];
        let at = NOW.millis - i64::from(n);
        ListRow { kind: attempt::KIND, reporter: Some(who), values: values.into(), sort_millis: at, ..row(n) }
    }

    fn right(quiz: &Quiz) -> Vec<u32> {
        quiz.questions.iter().map(|question| question.right).collect()
    }

    #[test]
    fn a_question_takes_one_answer_and_goes_on_when_the_why_was_read() {
        let city = city();
        let quiz = &city.quizzes.quizzes[0];
        let mut run = Run::begin(quiz, None);
        run.go_on();
        assert_eq!((run.at(), run.answered()), (0, None), "nothing is skipped");
        run.answer(quiz, 1);
        run.answer(quiz, 2);
        assert_eq!((run.at(), run.answered()), (0, Some(1)), "the first word counts");
        run.go_on();
        assert_eq!((run.at(), run.answered()), (1, None));
        for question in &quiz.questions[1..] {
            run.answer(quiz, question.right);
            run.go_on();
        }
        assert!(run.is_over(quiz));
        let outcome = Outcome::of(quiz, &run.answers);
        assert_eq!((outcome.right, outcome.asked, outcome.passed), (6, 7, true));
        run.answer(quiz, 1);
        assert_eq!(run.answers.len(), 7);
    }

    #[test]
    fn a_closed_page_goes_on_where_it_was_unless_the_questions_changed() {
        let city = city();
        let quiz = city.quizzes.quizzes[0].clone();
        let training = Some(RecordId([7; 16]));
        let mut run = Run::begin(&quiz, training);
        run.answer(&quiz, 2);
        let kept = run.to_bytes();
        assert_eq!(Run::resume(Some(&kept), &quiz, None), run, "the why of the last answer is still there");
        let newer = Quiz { version: quiz.version + 1, ..quiz.clone() };
        assert_eq!(Run::resume(Some(&kept), &newer, None), Run::begin(&newer, None));
        let torn = br#"{"version":1,"about":null,"answers":[1],"seen":5}"#;
        for kept in [None, Some(&b"torn"[..]), Some(&torn[..])] {
            assert_eq!(Run::resume(kept, &quiz, training), Run::begin(&quiz, training));
        }
    }

    #[test]
    fn what_was_passed_once_stays_passed_and_other_people_are_never_shown() {
        let city = city();
        let (fire, calls) = (&city.quizzes.quizzes[0], &city.quizzes.quizzes[1]);
        let wrong = vec![0; fire.questions.len()];
        let rows = [
            attempt(9, ME, fire, &right(fire)),
            attempt(5, ME, fire, &wrong),
            attempt(4, AccountId([2; 16]), calls, &right(calls)),
        ];
        let training = ListRow { values: [(field::QUIZ, LineValue::Text("2".to_owned()))].into(), ..row(7) };
        let lines = lines(&city, &rows, &[training], Some(ME), NOW);
        assert_eq!((lines[0].href.as_str(), lines[0].lamp.icon), ("/training/1", "circle-check"));
        assert!(lines[0].facts.contains('0') && lines[0].facts.contains("今天"), "{}", lines[0].facts);
        assert_eq!(lines[1].href, format!("/training/2?about={}", "07".repeat(16)));
        assert_eq!(lines[1].lamp, passed_lamp(None));
        assert_eq!(lines[1].facts, "7 题");
    }

    #[test]
    fn aloud_it_is_the_question_with_its_answers_and_then_what_is_right() {
        let city = city();
        let quiz = &city.quizzes.quizzes[0];
        let asked = Asked::of(quiz, 1).unwrap();
        assert_eq!(spoken(&asked, None).lines().count(), 4);
        let told = Told::of(&quiz.questions[1], 2);
        let marks = [1, 2, 3].map(|answer| told.mark(answer).map(|mark| mark.key));
        assert_eq!(marks, [Some("quiz.right_one"), Some("quiz.chosen"), None]);
        assert!(!told.is_right && spoken(&asked, Some(&told)).contains("12119"));
        assert!(Asked::of(quiz, 6).unwrap().is_last && Asked::of(quiz, 7).is_none());
    }
}
