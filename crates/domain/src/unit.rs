//! The unit as code sees it: a department, a station, a team of helpers.
//!
//! Owns: its kind, the numbers of its fields (the same as in `city/kinds.json`, kind `unit`), what was said about one. Where it
//! lies is the area of its record. Refuses: the people in it; each of them names the unit.

use serde::{Deserialize, Serialize};

use crate::cbor::Value;
use crate::ids::RecordId;
use crate::merge::Merged;
use crate::op::Entry;
use crate::policy::AREA;

/// The kind number of a unit.
pub const KIND: u32 = 30;

/// The words of the level, the greatest first.
pub const LEVELS: [&str; 4] = ["city", "county", "station", "helpers"];

/// Field numbers of a unit; never reused.
pub mod field {
    /// Its name (`lww`, text); the same number as the title of a task.
    pub const NAME: u32 = crate::task::field::TITLE;
    /// City, county, station or helpers (`lww`, a word of [`super::LEVELS`]).
    pub const LEVEL: u32 = 21;
    /// The department that it belongs to (`lww`, a word of the catalogue).
    pub const DEPARTMENT: u32 = 22;
    /// The unit above it (`lww`, 16 bytes).
    pub const PARENT: u32 = 23;
    /// Whether it is no more (`lww`, 0 or 1).
    pub const CLOSED: u32 = 24;
}

/// What is said about a unit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Unit {
    /// Its name.
    pub name: String,
    /// A word of [`LEVELS`].
    pub level: Option<String>,
    /// A department of the catalogue.
    pub department: Option<String>,
    /// The unit above it.
    pub parent: Option<RecordId>,
    /// Code of the area where it works.
    pub area: Option<String>,
    /// Whether it is no more.
    pub is_closed: bool,
}

impl Unit {
    /// Of a merged record.
    #[must_use]
    pub fn of(merged: &Merged) -> Self {
        let text = |field| merged.value(field).and_then(Value::as_text).filter(|text| !text.is_empty());
        Self {
            name: text(field::NAME).unwrap_or_default().to_owned(),
            level: text(field::LEVEL).map(str::to_owned),
            department: text(field::DEPARTMENT).map(str::to_owned),
            parent: merged.value(field::PARENT).and_then(Value::as_array_of).map(RecordId),
            area: text(AREA).map(str::to_owned),
            is_closed: merged.value(field::CLOSED).and_then(Value::as_int) == Some(1),
        }
    }

    /// What has to be said so that `before` becomes this.
    #[must_use]
    pub fn changes(&self, before: &Self) -> Vec<Entry> {
        let text = |value: &Option<String>| value.as_ref().map_or(Value::Null, Value::text);
        let parent = |unit: &Self| unit.parent.map_or(Value::Null, |parent| parent.to_value());
        let fields = [
            (field::NAME, Value::text(&before.name), Value::text(&self.name)),
            (field::LEVEL, text(&before.level), text(&self.level)),
            (field::DEPARTMENT, text(&before.department), text(&self.department)),
            (field::PARENT, parent(before), parent(self)),
            (AREA, text(&before.area), text(&self.area)),
            (field::CLOSED, Value::Int(before.is_closed.into()), Value::Int(self.is_closed.into())),
        ];
        let changed = fields.into_iter().filter(|(_, before, after)| before != after);
        changed.map(|(field, _, after)| Entry::set(field, after)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_said() {
        let unit = Unit { name: "a".to_owned(), area: Some("620723".to_owned()), ..Unit::default() };
        let fields = |entries: Vec<Entry>| entries.iter().map(|entry| entry.field).collect::<Vec<_>>();
        assert_eq!(fields(unit.changes(&Unit::default())), [field::NAME, AREA]);
        assert_eq!(fields(Unit { is_closed: true, area: None, ..unit.clone() }.changes(&unit)), [AREA, field::CLOSED]);
        assert!(unit.changes(&unit).is_empty());
    }
}
