//! Parts of a record that several units share: each has a task of its own, with its own deadline, and the whole is not done before
//! they are.

use greenshield_client::rows::ListRow;
use greenshield_domain::city::{City, Kind, Relation};
use greenshield_domain::ids::RecordId;
use greenshield_domain::policy::Action;
use greenshield_domain::register::LineValue;
use greenshield_domain::task;

use crate::state::lamp::state_words;
use crate::state::options::options_of;
use crate::state::task::is_open;

/// The part of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The unit, a word of the catalogue.
    pub unit: String,
    /// What people call it.
    pub name: String,
    /// Its task, once somebody gave it.
    pub task: Option<PartTask>,
}

/// The task of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartTask {
    /// Its record.
    pub record: RecordId,
    /// How it stands, in words.
    pub state: String,
    /// Until when, ms since 1970.
    pub due_millis: Option<i64>,
    /// Whether it still has to be done.
    pub is_open: bool,
}

impl Part {
    /// Whether the unit has still something to do.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.task.as_ref().is_none_or(|task| task.is_open)
    }
}

/// Whether somebody of a role sees the tasks of others; to everybody else all of them would seem to be missing.
fn sees_tasks(city: &City, role: &str) -> bool {
    let Some(kind) = city.kind(task::KIND) else { return false };
    let mut grants = city.policy.roles.iter().filter(|known| known.role == role).flat_map(|known| &known.grants);
    grants.any(|grant| {
        let reads = grant.actions.contains(&Action::Read) && grant.means(kind);
        reads && grant.relations.iter().any(|relation| [Relation::Area, Relation::All].contains(relation))
    })
}

/// The parts of a record; none for kinds that nobody shares, and for those who see no tasks.
#[must_use]
pub fn parts(kind: &Kind, row: &ListRow, city: &City, rows: &[ListRow], role: &str) -> Vec<Part> {
    if !sees_tasks(city, role) {
        return Vec::new();
    }
    let shared = kind.register.as_ref().and_then(|register| register.parts.as_deref());
    let Some(def) = shared.and_then(|name| kind.field_named(name)) else { return Vec::new() };
    let options = options_of(city, def);
    let task_of = |unit: &String| {
        let is_of = |task: &&ListRow| {
            let lead = task.values.get(&task::field::UNIT).map_or(&[][..], LineValue::texts);
            // One that was taken back is none.
            let is_given = task.state.as_deref() != Some(task::state::CANCELLED);
            task.kind == task::KIND && task.about == Some(row.record) && lead.contains(unit) && is_given
        };
        // A task that was given again counts by the newest.
        let newest = rows.iter().filter(is_of).max_by_key(|task| task.sort_millis)?;
        Some(PartTask {
            record: newest.record,
            state: state_words(newest, city),
            due_millis: newest.due_millis,
            is_open: is_open(newest, city),
        })
    };
    let part = |unit: &String| {
        let name = options.iter().find(|(id, _)| id == unit).map_or(unit, |(_, name)| name).clone();
        Part { unit: unit.clone(), name, task: task_of(unit) }
    };
    row.values.get(&def.id).map_or(&[][..], LineValue::texts).iter().map(part).collect()
}
