//! What the city package says of a field, a kind and its steps, in the words of the language that is shown.

use greenshield_domain::city::{City, FieldDef, Kind, Source, Workflow};
use greenshield_domain::incident::field as shared;

use super::words;

/// The options of a field: id and words.
#[must_use]
pub fn options_of(city: &City, field: &FieldDef) -> Vec<(String, String)> {
    match &field.source {
        Some(Source::Counties) => {
            let whole = (city.info.division.clone(), words::of(&city.info.name).to_owned());
            std::iter::once(whole).chain(counties(city)).collect()
        }
        Some(Source::Departments) => {
            let departments = city.catalog.departments.iter();
            departments.map(|known| (known.id.clone(), words::of(&known.name).to_owned())).collect()
        }
        Some(Source::Elements) => {
            let elements = city.catalog.elements.iter();
            elements.map(|known| (known.id.clone(), words::of(&known.name).to_owned())).collect()
        }
        Some(Source::Quizzes) => {
            let quizzes = city.quizzes.quizzes.iter();
            quizzes.map(|quiz| (quiz.number.to_string(), words::of(&quiz.title).to_owned())).collect()
        }
        _ => field.options.iter().map(|known| (known.id.clone(), words::of(&known.label).to_owned())).collect(),
    }
}

/// The counties of a city: code and name.
pub fn counties(city: &City) -> impl Iterator<Item = (String, String)> {
    let all = city.divisions.divisions.iter().filter(|known| known.code.len() == 6);
    all.map(|known| (known.code.clone(), words::of(&known.name).to_owned()))
}

/// The fields of a kind as people read them: the title first, free words last.
#[must_use]
pub fn in_order(kind: &Kind) -> Vec<&FieldDef> {
    let mut fields: Vec<&FieldDef> = kind.fields.iter().collect();
    fields.sort_by_key(|def| match def.id {
        greenshield_domain::task::field::TITLE => 0,
        shared::NOTE => 2,
        shared::ANSWER => 3,
        shared::FOUND_AT => 4,
        _ => 1,
    });
    fields
}

/// The workflow of a kind.
#[must_use]
pub fn workflow_of<'a>(city: &'a City, kind: &Kind) -> Option<&'a Workflow> {
    kind.workflow.as_deref().and_then(|id| city.workflow(id))
}
