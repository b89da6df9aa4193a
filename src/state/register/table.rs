//! A table from a file as records of a register: each column by its heading, each cell read as the form reads it, and nothing of
//! it taken while anything is wrong.

use greenshield_domain::city::{City, FieldDef, FieldType, Kind};
use greenshield_domain::merge::MergeRule;
use greenshield_domain::op::Entry;
use greenshield_domain::roster::{Table, letters};
use greenshield_domain::task;

use super::form::{Typed, asked, entries};
use crate::state::time::Now;
use crate::state::words::{self, t, tr};

/// Complaints that are told at once.
const MOST_FAULTS: usize = 100;

/// A record that a row makes.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    /// Its title.
    pub title: String,
    /// The rest of the row.
    pub facts: String,
    /// What it says.
    pub entries: Vec<Entry>,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// A record for each row.
    pub records: Vec<Planned>,
    /// Headings that mean no field here: their columns are left out.
    pub ignored: Vec<String>,
    /// How many records are there already, and left out.
    pub there: usize,
}

/// Reads a table.
///
/// # Errors
/// What is wrong, in words, with row and column as a spreadsheet counts them.
pub fn plan(city: &City, kind: &Kind, table: &Table, role: &str, now: Now) -> Result<Plan, Vec<String>> {
    let mut rows = table.rows.iter().enumerate().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty()));
    let Some((_, heading)) = rows.next() else { return Err(vec![t("register.import_empty").to_owned()]) };
    let columns: Vec<Option<&FieldDef>> = heading.iter().map(|word| field_of(kind, word)).collect();
    let is_unknown = |(word, field): &(&String, &Option<&FieldDef>)| field.is_none() && !word.trim().is_empty();
    let ignored = heading.iter().zip(&columns).filter(is_unknown).map(|(word, _)| word.clone()).collect();
    if columns.iter().flatten().all(|def| def.id != task::field::TITLE) {
        let title = kind.field(task::field::TITLE).map(|def| words::of(&def.label)).unwrap_or_default();
        return Err(vec![tr("register.import_no_title", &[("field", title)])]);
    }
    let (mut records, mut faults) = (Vec::new(), Vec::new());
    for (at, cells) in rows {
        let filled = columns.iter().zip(cells).filter_map(|(def, cell)| Some(((*def)?, cell)));
        let typed: Typed = filled.clone().map(|(def, cell)| (def.id, parts(def, cell))).collect();
        match entries(city, kind, &typed, None, role, now) {
            Ok(entries) => {
                let title = typed.get(&task::field::TITLE).map(|title| title.concat()).unwrap_or_default();
                let rest = filled.filter(|(def, cell)| def.id != task::field::TITLE && !cell.trim().is_empty());
                let facts = rest.map(|(def, cell)| format!("{} {}", words::of(&def.label), cell.trim()));
                records.push(Planned { title, facts: facts.collect::<Vec<_>>().join(" · "), entries });
            }
            Err(wrong) => faults.extend(wrong.into_iter().map(|(field, fault)| {
                let column = columns.iter().position(|def| def.is_some_and(|def| def.id == field));
                let label = kind.field(field).map(|def| words::of(&def.label)).unwrap_or_default();
                let column = column.map(letters).unwrap_or_default();
                let cell = format!("{column}{} {label}", at + 1);
                tr("register.import_fault", &[("cell", &cell), ("fault", &fault.words())])
            })),
        }
    }
    faults.truncate(MOST_FAULTS);
    match (faults.is_empty(), records.is_empty()) {
        (false, _) => Err(faults),
        (true, true) => Err(vec![t("register.import_empty").to_owned()]),
        (true, false) => Ok(Plan { records, ignored, there: 0 }),
    }
}

/// The field that a heading means: by its name in either language.
fn field_of<'a>(kind: &'a Kind, heading: &str) -> Option<&'a FieldDef> {
    let word = heading.trim();
    let means = |def: &&FieldDef| {
        def.label.zh == word || def.label.en.eq_ignore_ascii_case(word) || def.name.eq_ignore_ascii_case(word)
    };
    asked(kind, true).find(means)
}

/// The parts of a cell that takes several.
fn parts(def: &FieldDef, cell: &str) -> Vec<String> {
    if def.ty != FieldType::Options && def.rule != MergeRule::Set {
        return vec![cell.trim().to_owned()];
    }
    let is_of_day = |c: char| c == '/' && def.ty == FieldType::Time;
    let marks = [',', ';', '\u{3001}', '\u{ff0c}', '\u{ff1b}', '/', '\n'];
    let is_mark = |c: char| marks.contains(&c) && !is_of_day(c);
    cell.split(is_mark).map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}
