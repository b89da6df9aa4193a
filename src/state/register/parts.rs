//! Parts of a record that several units share: each has a task of its own, with its own deadline, and the whole is not done before
//! they are. Who sees only some tasks is told of those, and of no other that it is missing.

use greenshield_client::rows::ListRow;
use greenshield_domain::city::{ANY, City, Grant, Kind, Relation};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::policy::Action;
use greenshield_domain::register::LineValue;
use greenshield_domain::task;

use crate::state::lamp::state_words;
use crate::state::options::options_of;
use crate::state::rights::unit_of;
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
    /// Whether whoever looks would see its task if there was one.
    pub is_known: bool,
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
    /// Whether the unit has still something to do, as far as whoever looks can tell.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.is_known && self.task.as_ref().is_none_or(|task| task.is_open)
    }
}

/// Which tasks somebody of a role sees, as far as they are parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// Those of every unit.
    All,
    /// Those of the own unit, and those that stand close to the person.
    OwnUnit,
    /// Only those that stand close to the person.
    Near,
    /// None.
    Nothing,
}

/// What somebody of a role sees of tasks. One that is read without its unit and the record that it came from is no part.
fn sight(city: &City, role: &str) -> Sight {
    let Some(kind) = city.kind(task::KIND) else { return Sight::Nothing };
    let shows = |grant: &Grant, name: &str| {
        grant.fields.iter().any(|field| field == ANY || field == name)
            && !grant.except.iter().any(|field| field == name)
    };
    let reads = |grant: &&Grant| {
        grant.actions.contains(&Action::Read) && grant.means(kind) && shows(grant, "leadUnit") && shows(grant, "about")
    };
    let grants = city.policy.roles.iter().filter(|known| known.role == role).flat_map(|known| &known.grants);
    let relations: Vec<Relation> = grants.filter(reads).flat_map(|grant| grant.relations.iter().copied()).collect();
    let has = |relation| relations.contains(&relation);
    if has(Relation::All) || has(Relation::Area) {
        Sight::All
    } else if has(Relation::Unit) {
        Sight::OwnUnit
    } else if relations.is_empty() {
        Sight::Nothing
    } else {
        Sight::Near
    }
}

/// The parts of a record; none for kinds that nobody shares, and for those who see no task of them.
#[must_use]
pub fn parts(kind: &Kind, row: &ListRow, city: &City, rows: &[ListRow], (me, role): (AccountId, &str)) -> Vec<Part> {
    let sight = sight(city, role);
    if sight == Sight::Nothing {
        return Vec::new();
    }
    let own_unit = unit_of(rows, me).filter(|_| sight == Sight::OwnUnit);
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
        let task = task_of(unit);
        let is_known = task.is_some() || sight == Sight::All || own_unit == Some(unit.as_str());
        Part { unit: unit.clone(), name, task, is_known }
    };
    let parts: Vec<Part> = row.values.get(&def.id).map_or(&[][..], LineValue::texts).iter().map(part).collect();
    if parts.iter().any(|part| part.is_known) { parts } else { Vec::new() }
}
