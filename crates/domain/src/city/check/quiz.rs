//! The rules of `quiz.json`: each question can be answered, each quiz can be passed, and what came of it can be kept.

use super::Faults;
use crate::attempt::{self, field};
use crate::city::{City, FILES, FieldType, Question, Quiz, Text};
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
        faults.add(file, format!("{at}.pass"), format!("{} is not between 1 and {n}, the questions", quiz.pass));
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
        faults.add(file, format!("{at}.answers"), format!("{n} is not between 2 and 4"));
    }
    for (k, answer) in question.answers.iter().enumerate() {
        words(answer, &format!("{at}.answers[{k}]"), faults);
        if question.answers[..k].iter().any(|other| other.zh == answer.zh || other.en == answer.en) {
            faults.add(file, format!("{at}.answers[{k}]"), "it says the same as another answer".to_owned());
        }
    }
    if question.right == 0 || question.right as usize > n {
        faults.add(file, format!("{at}.right"), format!("there is no answer {}; they count from 1", question.right));
    }
    let has_icon = |icon: &String| city.icons.groups.values().chain(city.icons.categories.values()).any(|n| n == icon);
    for icon in question.icon.iter().chain(&question.pictures).filter(|icon| !has_icon(icon)) {
        faults.add(file, format!("{at}.icon"), format!("icons.json has no picture {icon:?}"));
    }
    if !question.pictures.is_empty() && question.pictures.len() != question.answers.len() {
        let (n, m) = (question.pictures.len(), question.answers.len());
        faults.add(file, format!("{at}.pictures"), format!("{n} pictures for {m} answers"));
    }
}

fn words(text: &Text, at: &str, faults: &mut Faults) {
    if text.zh.trim().is_empty() || text.en.trim().is_empty() {
        faults.add(FILES[12], at.to_owned(), "it needs words in both languages".to_owned());
    }
}

/// What came of a quiz is a record, so its kind must be there.
fn kept(city: &City, faults: &mut Faults) {
    let known = city.kind(attempt::KIND).filter(|kind| kind.name == attempt::NAME);
    let Some(kind) = known else {
        let problem = format!("quizzes need the kind {} with the name {:?}", attempt::KIND, attempt::NAME);
        faults.add(FILES[1], "kinds".to_owned(), problem);
        return;
    };
    for (id, ty) in FIELDS {
        if kind.field(id).is_none_or(|field| (field.rule, field.ty) != (MergeRule::Once, ty)) {
            let problem = format!("quizzes need its field {id} with rule Once and type {ty:?}");
            faults.add(FILES[1], format!("kind {}", attempt::KIND), problem);
        }
    }
}
