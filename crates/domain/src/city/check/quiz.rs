//! The rules of `quiz.json`: each question can be answered, each quiz can be passed, and what came of it can be kept.

use super::Faults;
use crate::attempt::{self, field};
use crate::city::{City, FILES, FaultCode, FieldType, Question, Quiz, Text, Thing, Wrong};
use crate::merge::MergeRule;
use crate::task::field::ABOUT;

/// The fields that an attempt is written into, with their types.
const FIELDS: [(u32, FieldType); 7] = [
    (ABOUT, FieldType::Map),
    (field::QUIZ, FieldType::Option),
    (field::VERSION, FieldType::Number),
    (field::ANSWERS, FieldType::Map),
    (field::RIGHT, FieldType::Number),
    (field::ASKED, FieldType::Number),
    (field::PASSED, FieldType::Bool),
];

pub(super) fn check(city: &City, faults: &mut Faults) {
    let (file, all) = (FILES[12], &city.quizzes.quizzes);
    faults.unique(file, all.iter().map(|quiz| quiz.number), |i| format!("quizzes[{i}].number"));
    for (i, quiz) in all.iter().enumerate() {
        of_quiz(city, quiz, &format!("quizzes[{i}]"), faults);
    }
    if !all.is_empty() {
        kept(city, faults);
    }
}

fn of_quiz(city: &City, quiz: &Quiz, at: &str, faults: &mut Faults) {
    let file = FILES[12];
    words(&quiz.title, &format!("{at}.title"), faults);
    let n = u32::try_from(quiz.questions.len()).unwrap_or(u32::MAX);
    if !(1..=n).contains(&quiz.pass) {
        let wrong = Wrong::numbers(FaultCode::Range, &[quiz.pass.into(), 1, n.into()]);
        let problem = format!("{} is not between 1 and {n}, the questions", quiz.pass);
        faults.add(file, format!("{at}.pass"), wrong, problem);
    }
    for (j, question) in quiz.questions.iter().enumerate() {
        of_question(city, question, &format!("{at}.questions[{j}]"), faults);
    }
}

fn of_question(city: &City, question: &Question, at: &str, faults: &mut Faults) {
    let file = FILES[12];
    for (part, text) in [("text", &question.text), ("why", &question.why), ("source", &question.source)] {
        words(text, &format!("{at}.{part}"), faults);
    }
    let n = question.answers.len();
    if !(2..=4).contains(&n) {
        let wrong = Wrong::numbers(FaultCode::Range, &[count(n), 2, 4]);
        faults.add(file, format!("{at}.answers"), wrong, format!("{n} is not between 2 and 4"));
    }
    for (k, answer) in question.answers.iter().enumerate() {
        words(answer, &format!("{at}.answers[{k}]"), faults);
        if question.answers[..k].iter().any(|other| other.zh == answer.zh || other.en == answer.en) {
            let wrong = Wrong::about(FaultCode::Twice, &answer.zh);
            faults.add(file, format!("{at}.answers[{k}]"), wrong, "it says the same as another answer".to_owned());
        }
    }
    if question.right == 0 || question.right as usize > n {
        let wrong = Wrong::numbers(FaultCode::Range, &[question.right.into(), 1, count(n)]);
        let problem = format!("there is no answer {}; they count from 1", question.right);
        faults.add(file, format!("{at}.right"), wrong, problem);
    }
    let has_icon = |icon: &String| city.icons.groups.values().chain(city.icons.categories.values()).any(|n| n == icon);
    for icon in question.icon.iter().chain(&question.pictures).filter(|icon| !has_icon(icon)) {
        let wrong = Wrong::unknown(Thing::Picture, icon);
        faults.add(file, format!("{at}.icon"), wrong, format!("icons.json has no picture {icon:?}"));
    }
    if !question.pictures.is_empty() && question.pictures.len() != question.answers.len() {
        let (n, m) = (question.pictures.len(), question.answers.len());
        let wrong = Wrong::numbers(FaultCode::Counts, &[count(n), count(m)]);
        faults.add(file, format!("{at}.pictures"), wrong, format!("{n} pictures for {m} answers"));
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

fn words(text: &Text, at: &str, faults: &mut Faults) {
    if text.zh.trim().is_empty() || text.en.trim().is_empty() {
        let wrong = Wrong::of(FaultCode::Words);
        faults.add(FILES[12], at.to_owned(), wrong, "it needs words in both languages".to_owned());
    }
}

/// What came of a quiz is a record, so its kind must be there.
fn kept(city: &City, faults: &mut Faults) {
    let known = city.kind(attempt::KIND).filter(|kind| kind.name == attempt::NAME);
    let Some(kind) = known else {
        let problem = format!("quizzes need the kind {} with the name {:?}", attempt::KIND, attempt::NAME);
        faults.add(FILES[1], "kinds".to_owned(), Wrong::about(FaultCode::Programs, attempt::NAME), problem);
        return;
    };
    for (id, ty) in FIELDS {
        if kind.field(id).is_none_or(|field| (field.rule, field.ty) != (MergeRule::Once, ty)) {
            let problem = format!("quizzes need its field {id} with rule Once and type {ty:?}");
            let wrong = Wrong::about(FaultCode::Programs, id);
            faults.add(FILES[1], format!("kind {}", attempt::KIND), wrong, problem);
        }
    }
}
