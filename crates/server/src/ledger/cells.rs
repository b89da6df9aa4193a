//! From the value of a field to the cell of a table: options by their labels, people by their names.
//!
//! Refuses: to lose anything: a value that does not fit the type of its field is told as it is.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, FixedOffset};
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, FieldDef, FieldType, Kind, Source};
use greenshield_domain::geo::{Position, decimal};
use greenshield_domain::ids::{AccountId, to_hex};
use greenshield_domain::incident::{BlobLink, Place};
use greenshield_domain::merge::{MergeRule, Merged};
use greenshield_domain::wire::PersonRow;

use super::asked::CITY_OFFSET_MILLIS;
use super::{Lang, Words};

/// A value as tables show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing was said.
    Empty,
    /// What was said is erased.
    Erased,
    /// Text.
    Text(String),
    /// A number × 1000.
    Number(i64),
    /// True or false.
    Bool(bool),
    /// Ms since 1970.
    Time(i64),
}

impl Cell {
    /// As text for people; times are those of the city's clock.
    #[must_use]
    pub fn text(&self, words: &Words) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Erased => words.of("erased").to_owned(),
            Self::Text(text) => text.clone(),
            Self::Number(thousandths) => number(*thousandths),
            Self::Bool(true) => words.of("yes").to_owned(),
            Self::Bool(false) => words.of("no").to_owned(),
            Self::Time(millis) => local(*millis),
        }
    }
}

/// A number × 1000 without zeros at its end.
pub(super) fn number(thousandths: i64) -> String {
    let (sign, n) = (if thousandths < 0 { "-" } else { "" }, thousandths.unsigned_abs());
    let text = format!("{sign}{}.{:03}", n / 1000, n % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn in_the_city(millis: i64) -> Option<DateTime<FixedOffset>> {
    let zone = FixedOffset::east_opt(i32::try_from(CITY_OFFSET_MILLIS / 1000).ok()?)?;
    Some(DateTime::from_timestamp_millis(millis)?.with_timezone(&zone))
}

/// `2026-11-23 17:00:00` on the city's clock; the number where no calendar has that moment.
pub(super) fn local(millis: i64) -> String {
    in_the_city(millis).map_or_else(|| millis.to_string(), |time| time.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// `2026-11-23T17:00:00+08:00`.
pub(super) fn iso(millis: i64) -> String {
    in_the_city(millis).map_or_else(|| millis.to_string(), |time| time.format("%Y-%m-%dT%H:%M:%S%:z").to_string())
}

/// The accounts that a value may name.
pub(super) fn accounts_in(value: &Value, found: &mut BTreeSet<AccountId>) {
    match value {
        Value::Bytes(_) => found.extend(value.as_array_of().map(AccountId)),
        Value::Array(items) => items.iter().for_each(|item| accounts_in(item, found)),
        Value::Map(pairs) => pairs.iter().for_each(|(_, item)| accounts_in(item, found)),
        Value::Null | Value::Int(_) | Value::Text(_) => {}
    }
}

/// What the values of one kind mean.
pub(super) struct Labels<'a> {
    city: &'a City,
    kind: &'a Kind,
    lang: Lang,
    words: Words,
    people: BTreeMap<AccountId, &'a str>,
    /// What the options of the catalogue's questions mean, of whatever category: question, option.
    options: BTreeMap<(&'a str, &'a str), &'a str>,
}

impl<'a> Labels<'a> {
    pub(super) fn new(city: &'a City, kind: &'a Kind, lang: Lang, people: &'a [PersonRow]) -> Self {
        let mut options = BTreeMap::new();
        for field in city.catalog.categories.iter().flat_map(|category| &category.fields) {
            for option in &field.options {
                options.entry((field.id.as_str(), option.id.as_str())).or_insert(lang.of(&option.label));
            }
        }
        let people = people.iter().map(|person| (person.account, person.name.as_str())).collect();
        Self { city, kind, lang, words: Words::load(lang), people, options }
    }

    /// The name of somebody.
    pub(super) fn person(&self, account: AccountId) -> String {
        self.people.get(&account).map_or_else(|| account.to_hex(), |name| (*name).to_owned())
    }

    /// A cell for each field of the kind.
    pub(super) fn cells(&self, merged: &Merged, gone: &BTreeSet<u32>) -> Vec<Cell> {
        let category = merged.fields.iter().find_map(|(field, state)| {
            let is_category = self.kind.field(*field).is_some_and(|field| field.name == "category");
            is_category.then(|| state.shown.first()).flatten().and_then(|found| found.value.as_text())
        });
        let cell = |field: &FieldDef| match merged.fields.get(&field.id).filter(|state| !state.shown.is_empty()) {
            None if gone.contains(&field.id) => Cell::Erased,
            None => self.unsaid(field),
            Some(state) if field.rule == MergeRule::Set => {
                let told: Vec<String> =
                    state.shown.iter().map(|found| self.told(field, category, &found.value)).collect();
                Cell::Text(told.join(self.words.of("and")))
            }
            Some(state) => match state.shown.first().map(|found| &found.value) {
                None | Some(Value::Null) if gone.contains(&field.id) => Cell::Erased,
                None | Some(Value::Null) => self.unsaid(field),
                Some(value) => self.cell(field, category, value),
            },
        };
        self.kind.fields.iter().map(cell).collect()
    }

    /// A record whose state nobody said is in the first one of its workflow.
    fn unsaid(&self, field: &FieldDef) -> Cell {
        let own = self.kind.workflow.as_deref().filter(|own| field.workflow.as_deref().is_none_or(|word| word == *own));
        let workflow = own.filter(|_| field.ty == FieldType::State);
        let workflow = workflow.and_then(|own| self.city.workflows.iter().find(|workflow| workflow.id == own));
        let first = workflow.and_then(|workflow| workflow.state(&workflow.initial));
        first.map_or(Cell::Empty, |state| Cell::Text(self.lang.of(&state.label).to_owned()))
    }

    fn cell(&self, field: &FieldDef, category: Option<&str>, value: &Value) -> Cell {
        match (field.ty, value) {
            (FieldType::Time, Value::Int(millis)) => Cell::Time(*millis),
            (FieldType::Number, Value::Int(thousandths)) => Cell::Number(*thousandths),
            (FieldType::Bool, Value::Int(flag)) if [0, 1].contains(flag) => Cell::Bool(*flag == 1),
            _ => Cell::Text(self.told(field, category, value)),
        }
    }

    fn told(&self, field: &FieldDef, category: Option<&str>, value: &Value) -> String {
        if let Some(link) = BlobLink::from_value(value) {
            return link.name.unwrap_or_else(|| format!("{} ({})", &link.blob.to_hex()[..16], link.mime));
        }
        if let Some(label) = value.as_text().and_then(|word| self.declared(field, word)) {
            return label.to_owned();
        }
        match (field.ty, value) {
            (FieldType::Text, Value::Text(text)) => self.known(field, text).unwrap_or_else(|| text.clone()),
            (FieldType::State, Value::Text(word)) => self.state(field, word),
            (_, Value::Text(word)) => self.option(field, category, word),
            (FieldType::Options, Value::Array(words)) => {
                let words = words.iter().map(|word| self.told(field, category, word));
                words.collect::<Vec<_>>().join(self.words.of("and"))
            }
            _ => self.plain(value),
        }
    }

    /// The label of an option that the field itself declares, or says where it comes from.
    fn declared<'b>(&'b self, field: &'b FieldDef, word: &str) -> Option<&'b str> {
        let own = field.options.iter().find(|option| option.id == word).map(|option| self.lang.of(&option.label));
        own.or_else(|| match field.source.as_ref()? {
            Source::Counties if word == self.city.info.division => Some(self.lang.of(&self.city.info.name)),
            Source::Counties => self.city.divisions.get(word).map(|found| self.lang.of(&found.name)),
            Source::Departments => self
                .city
                .catalog
                .departments
                .iter()
                .find(|found| found.id == word)
                .map(|found| self.lang.of(&found.name)),
            Source::Elements => {
                let element = self.city.catalog.elements.iter().find(|found| found.id == word);
                element.map(|found| self.lang.of(&found.name))
            }
            Source::Quizzes => {
                let quiz = word.parse().ok().and_then(|number| self.city.quizzes.get(number));
                quiz.map(|quiz| self.lang.of(&quiz.title))
            }
            Source::Records(_) => None,
        })
    }

    /// Text that is a word of the city: a department as a unit, the code of an area.
    fn known(&self, field: &FieldDef, word: &str) -> Option<String> {
        match field.name.as_str() {
            "inUnit" | "leadUnit" | "coUnits" | "fromUnit" | "toUnit" => {
                let department = self.city.catalog.departments.iter().find(|found| found.id == word);
                department.map(|found| self.lang.of(&found.name).to_owned())
            }
            "areas" | "code" => {
                let path: Vec<&str> = self.city.divisions.path(word).map(|part| self.lang.of(&part.name)).collect();
                (!path.is_empty()).then(|| format!("{} ({word})", path.join(" ")))
            }
            _ => None,
        }
    }

    fn state(&self, field: &FieldDef, word: &str) -> String {
        let own = field.workflow.as_deref().or(self.kind.workflow.as_deref());
        let of_own = self.city.workflows.iter().filter(|workflow| own.is_none_or(|own| workflow.id == own));
        let state = of_own.into_iter().find_map(|workflow| workflow.state(word));
        state.map_or(word, |state| self.lang.of(&state.label)).to_owned()
    }

    /// The label of an option: first as its category means it, then as any list of the city does.
    fn option(&self, field: &FieldDef, category: Option<&str>, word: &str) -> String {
        let catalog = &self.city.catalog;
        let found = match (field.catalog.as_deref(), field.name.as_str()) {
            (Some(question), _) => {
                let asked = category.and_then(|id| catalog.category(id)).map_or(&[][..], |found| &found.fields);
                let asked = asked.iter().find(|field| field.id == question);
                let option = asked.and_then(|field| field.options.iter().find(|option| option.id == word));
                option
                    .map(|option| self.lang.of(&option.label))
                    .or_else(|| self.options.get(&(question, word)).copied())
            }
            (None, "category") => catalog.category(word).map(|found| self.lang.of(&found.name)),
            (None, "urgency") => catalog.urgency(word).map(|found| self.lang.of(&found.name)),
            (None, "department") => {
                catalog.departments.iter().find(|found| found.id == word).map(|found| self.lang.of(&found.name))
            }
            (None, "role") => {
                self.city.info.roles.iter().find(|found| found.id == word).map(|found| self.lang.of(&found.name))
            }
            (None, "flow") => {
                self.city.referrals.flows.iter().find(|found| found.id == word).map(|found| self.lang.of(&found.name))
            }
            (None, name) => self.words.option(name, word),
        };
        found.unwrap_or(word).to_owned()
    }

    /// A value that only code reads.
    fn plain(&self, value: &Value) -> String {
        if let Some(place) = Place::from_value(value) {
            return format!("{} ±{} m", decimal(Position::of(&place)), place.accuracy_cm / 100);
        }
        let join = |items: &mut dyn Iterator<Item = &Value>| {
            let told: Vec<String> = items.map(|item| self.plain(item)).filter(|text| !text.is_empty()).collect();
            told.join(" ")
        };
        match value {
            Value::Null => String::new(),
            Value::Text(text) => text.clone(),
            Value::Int(n) if (1_000_000_000_000..10_000_000_000_000).contains(n) => local(*n),
            Value::Int(n) => n.to_string(),
            Value::Bytes(bytes) => {
                let named = value.as_array_of().and_then(|id| self.people.get(&AccountId(id)));
                named.map_or_else(|| to_hex(bytes), |name| (*name).to_owned())
            }
            Value::Array(items) => join(&mut items.iter()),
            Value::Map(pairs) => join(&mut pairs.iter().map(|(_, item)| item)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_no_idle_zeros_and_times_are_those_of_the_city() {
        assert_eq!([0, 1_000, -1_500, 12, 100_000].map(number), ["0", "1", "-1.5", "0.012", "100"]);
        assert_eq!(local(1_795_424_400_000), "2026-11-23 17:00:00");
        assert_eq!(iso(1_795_424_400_000), "2026-11-23T17:00:00+08:00");
        assert_eq!(local(i64::MAX), i64::MAX.to_string());
    }
}
