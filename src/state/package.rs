//! The city package as its page shows it: which versions there are, what is wrong with one in the making, and what it changes.
//!
//! Owns: words. What a package says is `leaves`, what is different `differ`, what is kept of a change `draft`, what people will
//! get of it `preview`.

pub mod differ;
pub mod draft;
pub mod leaves;
pub mod preview;

use greenshield_domain::city::{Became, City};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{
    CityChangeRow, CityFaultRow, CitySource, CityVersionRow, CityVersionState, CityVersionsResponse,
};

use self::differ::Difference;
use super::lamp::{Lamp, Tone};
use super::time::Now;
use super::words::{t, tr};

/// Files of a package with what they are called, in the order in which they are chosen.
pub const PARTS: [(&str, &str); 13] = [
    ("catalog.json", "package.part_catalog"),
    ("calendar.json", "package.part_calendar"),
    ("city.json", "package.part_city"),
    ("kinds.json", "package.part_kinds"),
    ("workflows.json", "package.part_workflows"),
    ("policy.json", "package.part_policy"),
    ("referrals.json", "package.part_referrals"),
    ("papers.json", "package.part_papers"),
    ("divisions.json", "package.part_divisions"),
    ("registers.json", "package.part_registers"),
    ("retention.json", "package.part_retention"),
    ("quiz.json", "package.part_quiz"),
    ("icons.json", "package.part_icons"),
];

/// What a file of a package is called.
#[must_use]
pub fn part_words(file: &str) -> String {
    PARTS.iter().find(|(known, _)| *known == file).map_or_else(|| file.to_owned(), |(_, key)| t(key).to_owned())
}

/// A version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionView {
    /// Its number.
    pub version: u32,
    /// That in words.
    pub title: String,
    /// How it stands with it.
    pub lamp: Lamp,
    /// From when on, by whom, how large.
    pub facts: String,
    /// What it is about.
    pub note: String,
    /// Whether it can be withdrawn.
    pub is_coming: bool,
}

impl VersionView {
    /// The words of a row.
    #[must_use]
    pub fn of(row: &CityVersionRow, zone_minutes: i32, now: Now) -> Self {
        let n = row.version.to_string();
        let (tone, icon, key) = match row.state {
            CityVersionState::Holds => (Tone::Sent, "circle-check", "package.holds"),
            CityVersionState::Coming => (Tone::Warn, "clock", "package.coming"),
            CityVersionState::Over => (Tone::Plain, "file-text", "package.over"),
            CityVersionState::Withdrawn => (Tone::Plain, "x", "package.withdrawn"),
        };
        let source = match row.source {
            CitySource::Build => Some(t("package.source_build").to_owned()),
            CitySource::File => Some(t("package.source_file").to_owned()),
            CitySource::Kept => None,
        };
        // Days begin on the clock of the city, wherever this device is.
        let city = Now { zone_minutes, ..now };
        let from = row.from_millis.map(|from| tr("package.from", &[("time", &city.date_time(from))]));
        let brought =
            row.kept_millis.map(|kept| tr("package.brought", &[("name", &row.name), ("time", &city.date_time(kept))]));
        let size = tr("package.size", &[("n", &row.size_bytes.div_ceil(1024).to_string())]);
        let facts: Vec<String> = [from, source, brought, Some(size)].into_iter().flatten().collect();
        Self {
            version: row.version,
            title: tr("package.version", &[("n", &n)]),
            lamp: Lamp { tone, icon, words: t(key).to_owned() },
            facts: facts.join(" · "),
            note: row.note.clone(),
            is_coming: row.state == CityVersionState::Coming,
        }
    }
}

/// The newest version that was not withdrawn: what the next one is made from.
#[must_use]
pub fn newest(list: &CityVersionsResponse) -> Option<&CityVersionRow> {
    let stands = |row: &&CityVersionRow| matches!(row.state, CityVersionState::Holds | CityVersionState::Coming);
    list.versions.iter().filter(stands).max_by_key(|row| row.version)
}

/// The highest number that was ever given.
#[must_use]
pub fn highest(list: &CityVersionsResponse) -> u32 {
    list.versions.iter().map(|row| row.version).max().unwrap_or_default()
}

/// A fault in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultView {
    /// The file.
    pub file: String,
    /// Its name, and the path in it.
    pub place: String,
    /// The path.
    pub path: String,
    /// What is wrong.
    pub words: String,
    /// What the check said in English, for those who know packages.
    pub said: String,
}

/// The sentence of each sort of fault. What it is about is `{word}`, `{thing}`, and the numbers `{a}`, `{b}` and `{c}`.
const FAULTS: [(&str, &str); 27] = [
    ("shape", "package.fault_shape"),
    ("missing", "package.fault_missing"),
    ("key", "package.fault_key"),
    ("choice", "package.fault_choice"),
    ("file", "package.fault_file"),
    ("unknown", "package.fault_unknown"),
    ("twice", "package.fault_twice"),
    ("order", "package.fault_order"),
    ("sorting", "package.fault_sorting"),
    ("range", "package.fault_range"),
    ("reserved", "package.fault_reserved"),
    ("counts", "package.fault_counts"),
    ("year", "package.fault_year"),
    ("area", "package.fault_area"),
    ("words", "package.fault_words"),
    ("empty", "package.fault_empty"),
    ("icon", "package.fault_icon"),
    ("rights", "package.fault_rights"),
    ("export", "package.fault_export"),
    ("source", "package.fault_source"),
    ("guarded", "package.fault_guarded"),
    ("open", "package.fault_open"),
    ("overlap", "package.fault_overlap"),
    ("programs", "package.fault_programs"),
    ("city", "package.fault_city"),
    ("version", "package.fault_version"),
    ("lockout", "package.fault_lockout"),
];

/// What things are called that are not there.
const THINGS: [(&str, &str); 12] = [
    ("role", "package.thing_role"),
    ("workflow", "package.thing_workflow"),
    ("state", "package.thing_state"),
    ("group", "package.thing_group"),
    ("department", "package.thing_department"),
    ("urgency", "package.thing_urgency"),
    ("kind", "package.thing_kind"),
    ("field", "package.thing_field"),
    ("flow", "package.thing_flow"),
    ("paper", "package.thing_paper"),
    ("picture", "package.thing_picture"),
    ("gap", "package.thing_gap"),
];

impl FaultView {
    /// The words of a fault.
    #[must_use]
    pub fn of(row: &CityFaultRow) -> Self {
        Self {
            file: row.file.clone(),
            place: format!("{} · {}", part_words(&row.file), row.path),
            path: if row.path == "." { String::new() } else { row.path.clone() },
            words: sentence(row),
            said: row.problem.clone(),
        }
    }
}

/// What is wrong as a sentence; of a code that this version does not know only that something is.
fn sentence(row: &CityFaultRow) -> String {
    let Some((_, key)) = FAULTS.iter().find(|(code, _)| *code == row.code) else {
        return t("package.fault").to_owned();
    };
    let thing = THINGS.iter().find(|(thing, _)| *thing == row.thing).map_or(row.thing.as_str(), |(_, key)| t(key));
    let number = |at: usize| row.numbers.get(at).map(i64::to_string).unwrap_or_default();
    let (a, b, c) = (number(0), number(1), number(2));
    tr(key, &[("word", &row.word), ("thing", thing), ("a", &a), ("b", &b), ("c", &c)])
}

/// What becomes of a number or word that records are written with, in words.
#[must_use]
pub fn change_words(row: &CityChangeRow) -> String {
    let key = match row.became {
        Became::Added => "package.became_added",
        Became::Gone => "package.became_gone",
        Became::Other => "package.became_other",
    };
    tr(key, &[("part", &part_words(&row.file)), ("path", &row.path)])
}

/// A changed value in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DifferenceView {
    /// What it is about.
    pub about: String,
    /// File and path.
    pub place: String,
    /// What it said, if it was there.
    pub before: Option<String>,
    /// What it says, if it is there.
    pub after: Option<String>,
}

impl DifferenceView {
    /// The words of a difference.
    #[must_use]
    pub fn of(difference: &Difference) -> Self {
        let Difference { file, place, about, before, after } = difference.clone();
        let about = if about.is_empty() { part_words(&file) } else { about };
        Self { about, place: format!("{} · {}", part_words(&file), place.words()), before, after }
    }
}

/// The city that a package describes, once it reads.
#[must_use]
pub fn city_of(text: &str) -> Option<City> {
    City::from_checked_bundle(text).ok()
}

/// Whether a role brings versions.
#[must_use]
pub fn may_bring(city: &City, role: &str) -> bool {
    let mut policies = city.policy.roles.iter().filter(|policy| policy.role == role);
    policies.any(|policy| policy.grants.iter().any(|grant| grant.actions.contains(&Action::Package)))
}

#[cfg(test)]
mod tests;
