//! The person as code sees it: who somebody is, what they are there to do, where, and for how long.
//!
//! Owns: its kind, the numbers of its fields (the same as in `city/kinds.json`, kind `person`), what was said about one. The id
//! of the record is the id of the account: what the record says of role, areas, unit and term holds for every phone of that
//! person as soon as the server has it. Refuses: who may say so, which is `policy`.

use serde::{Deserialize, Serialize};

use crate::cbor::Value;
use crate::ids::{AccountId, RecordId};
use crate::merge::Merged;
use crate::op::{Act, Entry};
use crate::policy::Term;

/// The kind number of a person.
pub const KIND: u32 = 31;

/// The words of the group: what somebody is by law and by appointment.
pub const GROUPS: [&str; 7] =
    ["official", "auxiliary", "volunteer-forest", "volunteer-water", "volunteer-wetland", "volunteer-other", "other"];

/// The words of the level of a chief, the highest first.
pub const LEVELS: [&str; 4] = ["city", "county", "station", "village"];

/// Field numbers of a person; never reused.
pub mod field {
    /// Name to show (`lww`, text); the same number as the title of a task.
    pub const NAME: u32 = crate::task::field::TITLE;
    /// What somebody is (`lww`, a word of [`super::GROUPS`]).
    pub const GROUP: u32 = 21;
    /// Role (`lww`, a word of the city).
    pub const ROLE: u32 = 22;
    /// Unit (`lww`): a department of the catalogue, or the id of a unit's record in hex.
    pub const UNIT: u32 = 23;
    /// Where somebody works (`set` of codes of areas); none = the whole city.
    pub const AREAS: u32 = 24;
    /// Level of a chief (`lww`, a word of [`super::LEVELS`]).
    pub const LEVEL: u32 = 25;
    /// Who stands in (`lww`, an account).
    pub const SUBSTITUTE: u32 = 26;
    /// From when (`lww`, ms since 1970).
    pub const FROM: u32 = 27;
    /// Until when (`lww`, ms since 1970); from then on the person has no rights.
    pub const UNTIL: u32 = 28;
    /// Number of the telephone (`lww`, text).
    pub const PHONE: u32 = 29;
    /// What somebody is besides (`lww`, array of words of [`super::GROUPS`]).
    pub const ALSO: u32 = 30;
}

/// What is said about a person.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    /// Name to show.
    pub name: String,
    /// A word of [`GROUPS`].
    pub group: Option<String>,
    /// Role word.
    pub role: Option<String>,
    /// A department of the catalogue, or the id of a unit's record in hex.
    pub unit: Option<String>,
    /// Codes of areas; none = the whole city.
    pub areas: Vec<String>,
    /// A word of [`LEVELS`].
    pub level: Option<String>,
    /// Who stands in.
    pub substitute: Option<AccountId>,
    /// From when, ms since 1970.
    pub from_millis: Option<i64>,
    /// Until when, ms since 1970.
    pub until_millis: Option<i64>,
    /// Number of the telephone.
    pub phone: Option<String>,
    /// What somebody is besides: words of [`GROUPS`].
    pub also: Vec<String>,
}

impl Person {
    /// Of a merged record.
    #[must_use]
    pub fn of(merged: &Merged) -> Self {
        let text = |field| {
            let text = merged.value(field).and_then(Value::as_text).filter(|text| !text.is_empty());
            text.map(str::to_owned)
        };
        let int = |field| merged.value(field).and_then(Value::as_int);
        let areas = merged.elements(field::AREAS).filter_map(|area| area.value.as_text().map(str::to_owned));
        Self {
            name: text(field::NAME).unwrap_or_default(),
            group: text(field::GROUP),
            role: text(field::ROLE),
            unit: text(field::UNIT),
            areas: areas.collect(),
            level: text(field::LEVEL),
            substitute: merged.value(field::SUBSTITUTE).and_then(Value::as_array_of).map(AccountId),
            from_millis: int(field::FROM),
            until_millis: int(field::UNTIL),
            phone: text(field::PHONE),
            also: texts(merged, field::ALSO),
        }
    }

    /// Whether somebody serves at a moment, ms since 1970.
    #[must_use]
    pub fn serves_at(&self, millis: i64) -> bool {
        Term { from_millis: self.from_millis, until_millis: self.until_millis }.runs_at(millis)
    }

    /// All that somebody is: the group, and what else; each word once.
    #[must_use]
    pub fn hats(&self) -> Vec<String> {
        let mut hats: Vec<String> = Vec::new();
        for word in self.group.iter().chain(&self.also) {
            if !hats.contains(word) {
                hats.push(word.clone());
            }
        }
        hats
    }

    /// What has to be said so that `before` becomes this.
    #[must_use]
    pub fn changes(&self, before: &Self) -> Vec<Entry> {
        let text = |value: &Option<String>| value.as_ref().map_or(Value::Null, Value::text);
        let time = |value: Option<i64>| value.map_or(Value::Null, Value::Int);
        let account = |value: Option<AccountId>| value.map_or(Value::Null, |account| account.to_value());
        let words = |words: &Vec<String>| match words.is_empty() {
            true => Value::Null,
            false => Value::Array(words.iter().map(Value::text).collect()),
        };
        let fields = [
            (field::NAME, Value::text(&before.name), Value::text(&self.name)),
            (field::GROUP, text(&before.group), text(&self.group)),
            (field::ROLE, text(&before.role), text(&self.role)),
            (field::UNIT, text(&before.unit), text(&self.unit)),
            (field::LEVEL, text(&before.level), text(&self.level)),
            (field::SUBSTITUTE, account(before.substitute), account(self.substitute)),
            (field::FROM, time(before.from_millis), time(self.from_millis)),
            (field::UNTIL, time(before.until_millis), time(self.until_millis)),
            (field::PHONE, text(&before.phone), text(&self.phone)),
            (field::ALSO, words(&before.also), words(&self.also)),
        ];
        let changed = fields.into_iter().filter(|(_, before, after)| before != after);
        let changed = changed.map(|(field, _, after)| Entry::set(field, after));
        let area = |act, area: &String| Entry { field: field::AREAS, act, value: Value::text(area) };
        let gone = before.areas.iter().filter(|code| !self.areas.contains(code)).map(|code| area(Act::Remove, code));
        let new = self.areas.iter().filter(|code| !before.areas.contains(code)).map(|code| area(Act::Add, code));
        changed.chain(gone).chain(new).collect()
    }
}

/// The texts of a field that holds several.
fn texts(merged: &Merged, field: u32) -> Vec<String> {
    let all = merged.value(field).and_then(Value::as_array).unwrap_or_default();
    all.iter().filter_map(|text| text.as_text().map(str::to_owned)).collect()
}

/// The account of a person's record.
#[must_use]
pub fn account_of(record: RecordId) -> AccountId {
    AccountId(record.0)
}

/// The record of an account's person.
#[must_use]
pub fn record_of(account: AccountId) -> RecordId {
    RecordId(account.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_said_and_areas_one_by_one() {
        let before = Person {
            name: "a".to_owned(),
            role: Some("volunteer".to_owned()),
            areas: vec!["620723".to_owned(), "620724".to_owned()],
            ..Person::default()
        };
        let after = Person { role: None, areas: vec!["620724".to_owned(), "620725".to_owned()], ..before.clone() };
        let said: Vec<(u32, Act, Value)> =
            after.changes(&before).into_iter().map(|entry| (entry.field, entry.act, entry.value)).collect();
        assert_eq!(
            said,
            [
                (field::ROLE, Act::Set, Value::Null),
                (field::AREAS, Act::Remove, Value::text("620723")),
                (field::AREAS, Act::Add, Value::text("620725")),
            ]
        );
        assert!(before.changes(&before).is_empty());
    }
}
