//! Answers to the questions of a category: between form, entry and words.

use greenshield_domain::cbor::Value;
use greenshield_domain::city::{Catalog, CategoryField, City, FieldDef, FieldType, Workflow};
use serde::{Deserialize, Serialize};

use super::options::options_of;
use super::people;
use super::words;

/// An answer as the form holds it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// The id of one option.
    Option(String),
    /// Ids of options.
    Options(Vec<String>),
    /// A number × 1000.
    Number(i64),
    /// Yes or no.
    Bool(bool),
    /// Words.
    Text(String),
}

impl Answer {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Answer::Option(text) | Answer::Text(text) => text.trim().is_empty(),
            Answer::Options(ids) => ids.is_empty(),
            Answer::Number(_) | Answer::Bool(_) => false,
        }
    }

    /// As the value of a field of this type. Some questions take one option in one category and several in another: their
    /// field holds several.
    #[must_use]
    pub fn to_value(&self, ty: FieldType) -> Value {
        match self {
            Answer::Option(text) if ty == FieldType::Options => Value::Array(vec![Value::text(text)]),
            Answer::Option(text) => Value::text(text),
            Answer::Text(text) => Value::text(text.trim()),
            Answer::Options(ids) => Value::Array(ids.iter().map(Value::text).collect()),
            Answer::Number(millis) => Value::Int(*millis),
            Answer::Bool(yes) => Value::Int(i64::from(*yes)),
        }
    }

    /// Reads the value of a field of this type.
    #[must_use]
    pub fn from_value(value: &Value, ty: FieldType) -> Option<Self> {
        Some(match ty {
            FieldType::Option => Answer::Option(value.as_text()?.to_owned()),
            FieldType::Options => {
                Answer::Options(value.as_array()?.iter().filter_map(Value::as_text).map(str::to_owned).collect())
            }
            FieldType::Number => Answer::Number(value.as_int()?),
            FieldType::Bool => Answer::Bool(value.as_int()? != 0),
            FieldType::Text => Answer::Text(value.as_text()?.to_owned()),
            _ => return None,
        })
    }

    /// In the shape that a question asks for.
    #[must_use]
    pub fn as_asked(self, question: &CategoryField) -> Self {
        match self {
            Answer::Options(ids) if question.ty == "select" => {
                Answer::Option(ids.into_iter().next().unwrap_or_default())
            }
            other => other,
        }
    }

    /// In words, with the options and the unit of the question.
    #[must_use]
    pub fn in_words(&self, question: Option<&CategoryField>) -> String {
        let option = |id: &String| {
            let choice = question.and_then(|question| question.options.iter().find(|choice| choice.id == *id));
            choice.map_or_else(|| id.clone(), |choice| words::of(&choice.label).to_owned())
        };
        match self {
            Answer::Option(id) => option(id),
            Answer::Options(ids) => ids.iter().map(option).collect::<Vec<_>>().join(", "),
            Answer::Number(milli) => match question.and_then(|question| question.unit.as_ref()) {
                Some(unit) => format!("{} {}", number_words(*milli), words::of(unit)),
                None => number_words(*milli),
            },
            Answer::Bool(yes) => words::t(if *yes { "answer.yes" } else { "answer.no" }).to_owned(),
            Answer::Text(text) => text.clone(),
        }
    }
}

/// A number × 1000 without needless zeros.
#[must_use]
pub fn number_words(milli: i64) -> String {
    let (sign, milli) = (if milli < 0 { "-" } else { "" }, milli.abs());
    let fraction = format!("{:03}", milli % 1_000);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{}", milli / 1_000) } else { format!("{sign}{}.{fraction}", milli / 1_000) }
}

/// What was typed as a number × 1000; `None` when it is no number.
#[must_use]
pub fn milli_of(text: &str) -> Option<i64> {
    let number: f64 = text.trim().parse().ok()?;
    (number.is_finite() && number.abs() < 1e12).then(|| (number * 1_000.0).round() as i64)
}

/// A number × 1000 inside what a question allows.
#[must_use]
pub fn allowed(question: &CategoryField, milli: i64) -> i64 {
    let milli_of = |bound: f64| (bound * 1_000.0).round() as i64;
    let least = question.min.map_or(0, milli_of);
    milli.min(question.max.map_or(i64::MAX, milli_of)).max(least)
}

/// The question of a category that a field stands for; when the category asks something else, any that has this id.
#[must_use]
pub fn question<'a>(catalog: &'a Catalog, category: Option<&str>, field: &FieldDef) -> Option<&'a CategoryField> {
    let id = field.catalog.as_deref()?;
    let own = category.and_then(|category| catalog.category(category)).into_iter();
    own.chain(&catalog.categories).flat_map(|category| &category.fields).find(|question| question.id == id)
}

/// Any field's value in words; `None` for those that only code reads.
#[must_use]
pub fn value_words(city: &City, category: Option<&str>, field: &FieldDef, value: &Value) -> Option<String> {
    if *value == Value::Null {
        return Some(words::t("answer.none").to_owned());
    }
    match field.name.as_str() {
        "category" => {
            let id = value.as_text()?;
            return Some(city.catalog.category(id).map_or(id, |category| words::of(&category.name)).to_owned());
        }
        "urgency" => {
            let id = value.as_text()?;
            return Some(city.catalog.urgency(id).map_or(id, |urgency| words::of(&urgency.name)).to_owned());
        }
        "role" => return Some(people::role_words(city, value.as_text()?)),
        "group" => return Some(people::group_words(value.as_text()?).to_owned()),
        "chiefLevel" => return Some(people::level_words(value.as_text()?).to_owned()),
        "level" => return Some(people::unit_level_words(value.as_text()?).to_owned()),
        "areas" => return Some(people::area_words(city, value.as_text()?)),
        "inUnit" | "department" => return Some(people::unit_words(city, &[], value.as_text()?)),
        _ => {}
    }
    if field.ty == FieldType::State {
        let id = value.as_text()?;
        let own = |workflow: &&Workflow| field.workflow.as_ref().is_none_or(|name| *name == workflow.id);
        let state = city.workflows.iter().filter(own).find_map(|workflow| workflow.state(id));
        return Some(state.map_or(id, |state| words::of(&state.label)).to_owned());
    }
    let options = options_of(city, field);
    if !options.is_empty() {
        let texts = value.as_array().unwrap_or(std::slice::from_ref(value)).iter().filter_map(Value::as_text);
        let words = texts.map(|id| options.iter().find(|(known, _)| known == id).map_or(id, |(_, words)| words));
        return Some(words.collect::<Vec<_>>().join(words::t("list.comma")));
    }
    Some(Answer::from_value(value, field.ty)?.in_words(question(&city.catalog, category, field)))
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::city;
    use super::*;

    #[test]
    fn numbers_are_shown_as_they_were_typed() {
        for (text, milli) in [("3", 3_000), ("0.5", 500), ("-1.25", -1_250), ("1200", 1_200_000)] {
            assert_eq!((milli_of(text), number_words(milli).as_str()), (Some(milli), text));
        }
        assert_eq!(milli_of("many"), None);
    }

    #[test]
    fn a_number_stays_inside_what_is_asked_and_says_its_unit() {
        let city = city();
        let asked = |id: &str| city.catalog.categories.iter().flat_map(|c| &c.fields).find(|f| f.id == id).unwrap();
        let bearing = asked("bearing");
        assert_eq!([-5_000, 90_000, 400_000].map(|milli| allowed(bearing, milli)), [0, 90_000, 359_000]);
        assert_eq!(allowed(asked("areaMu"), 9_000_000), 9_000_000);
        assert_eq!(Answer::Number(2_500).in_words(Some(asked("areaMu"))), "2.5 亩");
    }

    #[test]
    fn a_state_is_named_by_its_own_workflow() {
        let city = city();
        let words = |kind, field, state: &str| {
            let field = city.kind(kind).and_then(|kind| kind.field(field)).unwrap();
            value_words(&city, None, field, &Value::text(state)).unwrap_or_default()
        };
        assert_eq!((words(20, 7, "accepted"), words(40, 7, "accepted")), ("已完成".to_owned(), "已受理".to_owned()));
        assert_eq!(words(10, 19, "accepted"), "已受理", "what the report is told of its referral");
        assert_eq!((words(10, 7, "closed"), words(12, 7, "closed")), ("已办结".to_owned(), "已解除".to_owned()));
    }

    #[test]
    fn every_question_of_the_catalogue_has_a_field_and_reads_back() {
        let city = city();
        let kind = city.kind(10).unwrap();
        for question in city.catalog.categories.iter().flat_map(|category| &category.fields) {
            let field = kind.catalog_field(&question.id).unwrap();
            let answer = match question.ty.as_str() {
                "select" => Answer::Option(question.options[0].id.clone()),
                "multi" => Answer::Options(question.options.iter().map(|o| o.id.clone()).collect()),
                "number" => Answer::Number(2_000),
                "bool" => Answer::Bool(true),
                _ => Answer::Text("x".to_owned()),
            };
            let read = Answer::from_value(&answer.to_value(field.ty), field.ty).map(|read| read.as_asked(question));
            assert_eq!(read, Some(answer.clone()), "{}", question.id);
            assert!(!answer.in_words(Some(question)).is_empty());
        }
    }
}
