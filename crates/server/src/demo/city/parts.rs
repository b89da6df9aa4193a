//! The parts of a record that units share: a task for each unit, with a deadline of its own.

use std::collections::BTreeMap;

use greenshield_domain::cbor::Value;
use greenshield_domain::op::Entry;
use greenshield_domain::policy::{AREA, UNIT};
use greenshield_domain::task::{self, NewTask};
use serde::Deserialize;

use super::{Clerk, DAY_MILLIS, DemoError, Made};

/// The part of a unit.
#[derive(Deserialize)]
pub(super) struct Part {
    /// In which record of the batch, counted from 0.
    of: usize,
    /// One of the units that help there.
    unit: String,
    /// What it has to do.
    text: String,
    /// Until when, in days from today.
    due: i64,
    /// The states that its task went through.
    path: Vec<String>,
    /// What is said with the last step.
    #[serde(default)]
    late: BTreeMap<String, Vec<String>>,
}

/// Gives them, the day after the record was made.
pub(super) fn give(clerk: &mut Clerk<'_>, parts: &[Part], made: &[Made]) -> Result<(), DemoError> {
    let city = clerk.city;
    for (i, part) in parts.iter().enumerate() {
        let kind = city.kind(task::KIND).ok_or_else(|| DemoError::Unknown("task".to_owned()))?;
        let whole = made.get(part.of).ok_or_else(|| DemoError::Missing(format!("record {}", part.of)))?;
        let at = whole.at + DAY_MILLIS;
        let task = NewTask {
            title: whole.title.clone(),
            text: part.text.clone(),
            due_millis: Some(clerk.now + part.due * DAY_MILLIS),
            unit: Some(part.unit.clone()),
            about: Some(whole.record),
            ..NewTask::default()
        };
        let belongs = [Entry::set(AREA, Value::text(&whole.area)), Entry::set(UNIT, Value::text(&part.unit))];
        let entries = task.to_entries(at).into_iter().chain(belongs).collect();
        let record = clerk.record();
        clerk.say(record, kind.id, entries, at)?;
        clerk.steps(kind, (record, i, at), &part.path, &part.late)?;
    }
    Ok(())
}
