//! A roster in words: what its columns are called, what is wrong with it, and what it would change.

use greenshield_client::rows::ListRow;
use greenshield_domain::city::City;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::field::NOTE;
use greenshield_domain::person::{self, GROUPS, LEVELS, Person};
use greenshield_domain::policy::area;
use greenshield_domain::roster::{CellError, Column, Problem, Vocabulary, letters};

use super::people::{areas_words, givable, group_words, level_words, role_words, unit_words, units};
use super::words::{self, t, tr};

/// What becomes of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// The record; `None` = a new person.
    pub record: Option<RecordId>,
    /// As the person is known.
    pub before: Person,
    /// As the row wants it.
    pub after: Person,
}

impl Planned {
    /// Whether the row says anything new.
    #[must_use]
    pub fn is_change(&self) -> bool {
        self.record.is_none() || self.before != self.after
    }
}

/// The words of a table that somebody of a role may bring. Columns are called as the fields of a person, in either language.
#[must_use]
pub fn vocabulary(city: &City, rows: &[ListRow], role: &str) -> Vocabulary {
    use person::field as f;
    let meaning = |field| {
        Some(match field {
            f::NAME => Column::Name,
            f::GROUP => Column::Group,
            f::ROLE => Column::Role,
            f::UNIT => Column::Unit,
            f::AREAS => Column::Areas,
            f::LEVEL => Column::Level,
            f::FROM => Column::From,
            f::UNTIL => Column::Until,
            f::PHONE => Column::Phone,
            _ => return None,
        })
    };
    let fields = city.kind(person::KIND).map_or(&[][..], |kind| kind.fields.as_slice());
    let columns = fields.iter().filter_map(|field| {
        let column = meaning(field.id)?;
        Some([&field.label.zh, &field.label.en, &field.name].map(|name| (name.clone(), column)))
    });
    let roles = givable(city, role).into_iter();
    let departments = city.catalog.departments.iter();
    let recorded = units(rows).into_iter().filter(|(_, unit)| !unit.is_closed);
    let both = |id: &str, text: &greenshield_domain::city::Text| {
        [text.zh.clone(), text.en.clone(), id.to_owned()].map(|word| (word, id.to_owned()))
    };
    let own = |word: &str, shown: &str| [shown, word].map(|name| (name.to_owned(), word.to_owned()));
    Vocabulary {
        columns: columns.flatten().collect(),
        roles: roles.flat_map(|role| both(&role.id, &role.name)).collect(),
        groups: GROUPS.iter().flat_map(|word| own(word, group_words(word))).collect(),
        units: departments
            .flat_map(|known| both(&known.id, &known.name))
            .chain(recorded.map(|(record, unit)| (unit.name, record.to_hex())))
            .collect(),
        levels: LEVELS.iter().flat_map(|word| own(word, level_words(word))).collect(),
    }
}

/// The code of an area by its name, or the code itself when it lies in the city.
#[must_use]
pub fn area_of(city: &City, name: &str) -> Option<String> {
    if area::is_code(name) {
        return area::contains(&city.info.division, name).then(|| name.to_owned());
    }
    city.divisions.code_of(name).map(str::to_owned)
}

/// The heading of an empty table, as people copy it.
#[must_use]
pub fn heading(city: &City) -> String {
    let fields = city.kind(person::KIND).map_or(&[][..], |kind| kind.fields.as_slice());
    let known = fields.iter().filter(|field| ![NOTE, person::field::SUBSTITUTE].contains(&field.id));
    known.map(|field| words::of(&field.label)).collect::<Vec<_>>().join(",")
}

/// What the rows would do. Somebody with the same name and number, or the same name where there is no number, is the same
/// person; what a row leaves empty stays.
#[must_use]
pub fn plan(people: Vec<Person>, rows: &[ListRow]) -> Vec<Planned> {
    let known: Vec<(RecordId, &Person)> =
        rows.iter().filter_map(|row| Some((row.record, row.person.as_deref()?))).collect();
    let mut planned: Vec<Planned> = Vec::with_capacity(people.len());
    for new in people {
        let is_same = |known: &Person| {
            known.name == new.name && (new.phone.is_none() || known.phone.is_none() || known.phone == new.phone)
        };
        let mut found = known.iter().filter(|(_, known)| is_same(known));
        match (found.next(), found.next()) {
            (Some((record, known)), None) => {
                // A second row about somebody goes on where the first one ended.
                if let Some(first) = planned.iter_mut().find(|planned| planned.record == Some(*record)) {
                    first.after = over(&first.after, new);
                } else {
                    let before = (*known).clone();
                    let after = over(&before, new);
                    planned.push(Planned { record: Some(*record), before, after });
                }
            }
            _ => planned.push(Planned { record: None, before: Person::default(), after: new }),
        }
    }
    planned
}

fn over(before: &Person, new: Person) -> Person {
    let areas = if new.areas.is_empty() { before.areas.clone() } else { new.areas };
    Person {
        name: new.name,
        group: new.group.or_else(|| before.group.clone()),
        role: new.role.or_else(|| before.role.clone()),
        unit: new.unit.or_else(|| before.unit.clone()),
        areas,
        level: new.level.or_else(|| before.level.clone()),
        substitute: before.substitute,
        from_millis: new.from_millis.or(before.from_millis),
        until_millis: new.until_millis.or(before.until_millis),
        phone: new.phone.or_else(|| before.phone.clone()),
        also: before.also.clone(),
    }
}

/// A row in words: name, and what it says.
#[must_use]
pub fn planned_words(planned: &Planned, city: &City, rows: &[ListRow]) -> (String, String) {
    let person = &planned.after;
    let what = match (planned.record.is_some(), planned.is_change()) {
        (false, _) => "roster.new",
        (true, true) => "roster.changed",
        (true, false) => "roster.same",
    };
    let parts = [
        Some(t(what).to_owned()),
        person.role.as_deref().map(|role| role_words(city, role)),
        person.unit.as_deref().map(|unit| unit_words(city, rows, unit)),
        Some(areas_words(city, &person.areas)),
        person.phone.clone(),
    ];
    (person.name.clone(), parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// A complaint in words, with its cell.
#[must_use]
pub fn error_words(error: &CellError) -> String {
    let row = error.row.to_string();
    let place = match error.column {
        Some(column) => tr("roster.cell", &[("row", &row), ("column", &letters(column))]),
        None => tr("roster.row", &[("row", &row)]),
    };
    let with = |key: &'static str, text: &str| tr(key, &[("text", text)]);
    let what = match &error.problem {
        Problem::Empty => t("roster.error_empty").to_owned(),
        Problem::TooMany(most) => with("roster.error_many", &most.to_string()),
        Problem::Quote => t("roster.error_quote").to_owned(),
        Problem::NoNames => t("roster.error_names").to_owned(),
        Problem::Twice => t("roster.error_twice").to_owned(),
        Problem::NoName => t("people.name_missing").to_owned(),
        Problem::Role(text) => with("roster.error_role", text),
        Problem::Unit(text) => with("roster.error_unit", text),
        Problem::Area(text) => with("roster.error_area", text),
        Problem::Group(text) => with("roster.error_group", text),
        Problem::Level(text) => with("roster.error_level", text),
        Problem::Date(text) => with("roster.error_date", text),
        Problem::Term => t("roster.error_term").to_owned(),
        Problem::Again(first) => with("roster.error_again", &first.to_string()),
    };
    format!("{place}{what}")
}

#[cfg(test)]
mod tests {
    use greenshield_domain::roster::{people, read_csv};

    use super::super::item::tests::{city, row};
    use super::*;

    fn read(text: &str) -> Result<Vec<Person>, Vec<CellError>> {
        let city = city();
        people(&read_csv(text).unwrap(), &vocabulary(&city, &[], "chief"), |name| area_of(&city, name), 480)
    }

    #[test]
    fn a_roster_in_the_words_of_the_city_reads_and_what_a_chief_may_not_give_is_told() {
        let city = city();
        assert!(heading(&city).starts_with("姓名,人员类别,角色,单位,负责区域"), "{}", heading(&city));
        let text = format!("{}\n李山,义警：河湖,生态义警,水务局,临泽县沙河镇,,,,139\n", heading(&city));
        let found = read(&text).unwrap();
        assert_eq!(found[0].group.as_deref(), Some("volunteer-water"));
        assert_eq!(
            (found[0].unit.as_deref(), found[0].areas.as_slice()),
            (Some("water"), &["620723101".to_owned()][..])
        );
        let errors = read("姓名,角色\n李山,值班员\n").unwrap_err();
        assert_eq!(error_words(&errors[0]), "第 2 行 B 列：“值班员”不是你能给的角色");
    }

    #[test]
    fn somebody_who_is_known_is_changed_and_what_a_row_leaves_empty_stays() {
        let known = Person {
            name: "李山".to_owned(),
            role: Some("volunteer".to_owned()),
            areas: vec!["620723".to_owned()],
            ..Person::default()
        };
        let rows = [ListRow { kind: person::KIND, person: Some(Box::new(known)), ..row(1) }];
        let new =
            |name: &str, role: &str| Person { name: name.to_owned(), role: Some(role.to_owned()), ..Person::default() };
        let planned = plan(vec![new("李山", "auxiliary"), new("王河", "volunteer")], &rows);
        assert_eq!(
            (planned[0].record, planned[0].after.areas.as_slice()),
            (Some(rows[0].record), &["620723".to_owned()][..])
        );
        assert!(planned[0].is_change() && planned[1].is_change() && planned[1].record.is_none());
        assert!(!plan(vec![new("李山", "volunteer")], &rows)[0].is_change());
        let twice = plan(
            vec![new("李山", "auxiliary"), Person { role: None, level: Some("village".to_owned()), ..new("李山", "") }],
            &rows,
        );
        assert_eq!(
            (twice.len(), twice[0].after.role.as_deref(), twice[0].after.level.as_deref()),
            (1, Some("auxiliary"), Some("village"))
        );
        let entries = planned[0].after.changes(&planned[0].before);
        assert_eq!(entries.iter().map(|entry| entry.field).collect::<Vec<_>>(), [person::field::ROLE]);
    }
}
