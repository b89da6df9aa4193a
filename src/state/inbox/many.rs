//! One step with many reports: each becomes the op that it would be alone, or stays as it was and says why.
//!
//! Owns: which steps many may take, what one of them saves, and what is told afterwards. Refuses: to save.

use greenshield_client::rows::ListRow;
use greenshield_domain::city::City;
use greenshield_domain::ids::RecordId;
use greenshield_domain::op::Entry;
use greenshield_domain::sos;

use super::decide::{Chosen, StepOption, decision};
use super::desk_steps;
use crate::state::item;
use crate::state::lamp::state_words;
use crate::state::words::{t, tr};

/// Steps that many may take, each with how many of them.
///
/// A call for help is answered alone. A step that only some kinds have words for asks for them.
#[must_use]
pub fn steps_of_many(rows: &[&ListRow], city: &City, role: &str) -> Vec<(StepOption, usize)> {
    let mut found: Vec<(StepOption, usize)> = Vec::new();
    for row in rows.iter().filter(|row| row.kind != sos::KIND) {
        for step in desk_steps(row, city, role) {
            let option = StepOption::of(step, row.kind, city);
            match found.iter_mut().find(|(known, _)| known.id == option.id) {
                Some((known, count)) => {
                    known.words = known.words.or(option.words);
                    *count += 1;
                }
                None => found.push((option, 1)),
            }
        }
    }
    found
}

/// What a step saves of one report; `None` = it is the one in which the others go on, and stays.
///
/// # Errors
/// Why it can not be taken, for people.
pub fn entries_of(
    row: Option<&ListRow>,
    (step, typed, chosen): (&StepOption, &str, &Chosen),
    city: &City,
    role: &str,
) -> Result<Option<Vec<Entry>>, String> {
    let row = row.ok_or_else(|| t("many.gone").to_owned())?;
    if row.kind == sos::KIND {
        return Err(t("many.call").to_owned());
    }
    if chosen.same == Some(row.record) {
        return Ok(None);
    }
    let own = desk_steps(row, city, role).into_iter().find(|known| known.id == step.id);
    let own = own.ok_or_else(|| tr("many.state", &[("state", &state_words(row, city))]))?;
    let entries = decision(Some(&StepOption::of(own, row.kind, city)), typed, chosen);
    entries.map(Some).map_err(|_| t("many.words").to_owned())
}

/// A report with which a step was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The record.
    pub record: RecordId,
    /// What and where.
    pub title: String,
    /// Why.
    pub why: String,
}

/// What became of many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the step is called.
    pub step: String,
    /// With how many it was taken.
    pub done: usize,
    /// The others, in their order.
    pub left: Vec<Left>,
}

impl Outcome {
    /// Nothing was done yet.
    #[must_use]
    pub fn new(step: &StepOption) -> Self {
        Self { step: step.label.clone(), done: 0, left: Vec::new() }
    }

    /// One more that stays as it was.
    pub fn leave(&mut self, record: RecordId, row: Option<&ListRow>, city: &City, why: String) {
        let title = row.map(|row| item::title(row, city)).unwrap_or_default();
        self.left.push(Left { record, title, why });
    }

    /// How many were done, and how many not.
    #[must_use]
    pub fn words(&self) -> String {
        let done = tr("many.done", &[("step", &self.step), ("n", &self.done.to_string())]);
        match self.left.len() {
            0 => done,
            n => format!("{done} {}", tr("many.left", &[("n", &n.to_string())])),
        }
    }
}

#[cfg(test)]
mod tests {
    use greenshield_domain::cbor::Value;
    use greenshield_domain::incident::field;

    use super::super::tests::{city, row};
    use super::*;

    fn rows() -> [ListRow; 4] {
        let mut call = row(4, "", None, 0);
        (call.kind, call.category) = (sos::KIND, None);
        [
            row(1, "garbage-dumping", None, 0),
            row(2, "poaching", Some("signed"), 0),
            row(3, "garbage-dumping", Some("closed"), 0),
            call,
        ]
    }

    fn step(id: &str) -> StepOption {
        let rows = rows();
        let all: Vec<&ListRow> = rows.iter().collect();
        let found = steps_of_many(&all, &city(), "desk").into_iter().find(|(step, _)| step.id == id);
        found.unwrap().0
    }

    #[test]
    fn many_may_take_what_one_of_them_may_and_it_is_told_with_how_many() {
        let rows = rows();
        let all: Vec<&ListRow> = rows.iter().collect();
        let counts = |role| {
            let steps = steps_of_many(&all, &city(), role);
            steps.into_iter().map(|(step, n)| (step.id, n)).collect::<Vec<_>>()
        };
        let desk = counts("desk");
        for (id, n) in [("sign", 1), ("handle", 2), ("assign", 2), ("close", 1), ("reopen", 1)] {
            assert!(desk.contains(&(id.to_owned(), n)), "{id}: {desk:?}");
        }
        assert!(counts("volunteer").is_empty());
    }

    #[test]
    fn each_saves_what_it_would_alone_and_the_others_say_why_not() {
        let (city, rows, sign) = (city(), rows(), step("sign"));
        let chosen = Chosen::default();
        let of = |row| entries_of(row, (&sign, "", &chosen), &city, "desk");
        assert_eq!(of(Some(&rows[0])), Ok(Some(vec![Entry::set(field::STATE, Value::text("signed"))])));
        for row in [Some(&rows[1]), Some(&rows[2]), Some(&rows[3]), None] {
            assert!(of(row).is_err_and(|why| !why.is_empty()));
        }
    }

    #[test]
    fn of_those_that_tell_the_same_one_goes_on() {
        let (city, rows, same) = (city(), rows(), step("duplicate"));
        let chosen = Chosen { same: Some(rows[1].record), ..Chosen::default() };
        let of = |row, words| entries_of(Some(row), (&same, words, &chosen), &city, "desk");
        assert_eq!(of(&rows[1], "有人报过"), Ok(None));
        let fields = of(&rows[0], "有人报过").unwrap().unwrap().iter().map(|entry| entry.field).collect::<Vec<_>>();
        assert_eq!(fields, [field::STATE, field::DUPLICATE_OF, field::ANSWER]);
        assert!(of(&rows[0], " ").is_err(), "the reporters are told");
    }

    #[test]
    fn what_was_done_and_what_was_not_is_said_in_numbers() {
        let rows = rows();
        let mut outcome = Outcome { done: 3, ..Outcome::new(&step("sign")) };
        assert!(outcome.words().contains('3'));
        outcome.leave(rows[1].record, Some(&rows[1]), &city(), "x".to_owned());
        assert!(outcome.words().contains('1') && !outcome.left[0].title.is_empty());
    }
}
