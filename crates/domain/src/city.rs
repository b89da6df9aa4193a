//! The city package: everything about a city as data, checked before anything uses it.
//!
//! Owns: reading its files, and every rule that a package must keep. Refuses: to guess. Each fault names the file, the path
//! inside it and what is wrong, and all faults are told at once.

mod catalog;
mod check;
mod compare;
mod division;
mod fault;
mod following;
mod holidays;
mod kind;
pub mod paper;
mod policy;
mod preset;
mod quiz;
mod referral;
mod register;
mod retention;
mod safety;
mod workflow;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use catalog::{Catalog, Category, CategoryField, Choice, DepartmentRule, DepartmentWhen, Group, Named, Urgency};
pub use compare::{Became, Change, compare, lacks};
pub use division::{Division, Divisions};
pub use fault::{CityFault, FaultCode, Thing, Wrong};
pub use following::follows;
pub use holidays::{CountBy, DaysOff, HolidayYear, Holidays, Limit};
pub use kind::{FieldDef, FieldType, Kind};
pub use paper::{Block, Paper, Papers, Place as PaperPlace, fill, gaps};
pub use policy::{ANY, Grant, PeopleGrant, Policy, Relation, RolePolicy};
pub use preset::{PatrolPreset, preset_for};
pub use quiz::{Question, Quiz, Quizzes};
pub use referral::{Flow, Referrals, StepClock};
pub use register::{Count, Figure, Register, RegisterGroup, Registers, Source};
pub use retention::{Retention, RetentionAct, RetentionClass};
pub use safety::{Ban, Date, EmergencyNumber, NoYearDay, Season, YearDay, bans_on, seasons_on};
pub use workflow::{State, Transition, Workflow};

use crate::geo::Position;
use crate::merge::MergeRule;
use crate::policy::is_several;
use crate::task;

/// One text in both languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Simplified Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A role of this city.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Role {
    /// Stable word.
    pub id: String,
    /// Name to show.
    pub name: Text,
}

/// `city.json`: what the city is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityInfo {
    /// Stable word.
    pub id: String,
    /// Version of the package, growing.
    pub version: u32,
    /// Name to show.
    pub name: Text,
    /// GB/T 2260 code.
    pub division: String,
    /// Whether people and places are invented; shown on every screen.
    #[serde(default)]
    pub demo: bool,
    /// Roles, least first.
    pub roles: Vec<Role>,
    /// West, south, east and north end of the city, degrees × 1e7, WGS-84.
    #[serde(default)]
    pub bbox_e7: [i64; 4],
    /// Numbers to call in need, the first one first.
    #[serde(default)]
    pub emergency: Vec<EmergencyNumber>,
    /// Number that takes text messages of rangers, if the city has one.
    #[serde(default)]
    pub sms: Option<String>,
    /// Seasons with rules of their own.
    #[serde(default)]
    pub seasons: Vec<Season>,
    /// What is forbidden on some days of one year.
    #[serde(default)]
    pub bans: Vec<Ban>,
    /// What a patrol usually is, the most special first.
    #[serde(default)]
    pub patrol_presets: Vec<PatrolPreset>,
}

/// A checked city package.
#[derive(Debug, Clone, PartialEq)]
pub struct City {
    /// What the city is.
    pub info: CityInfo,
    /// Kinds of records.
    pub kinds: Vec<Kind>,
    /// Workflows of kinds.
    pub workflows: Vec<Workflow>,
    /// Incident categories.
    pub catalog: Catalog,
    /// Pictures.
    pub icons: Icons,
    /// Who may do what.
    pub policy: Policy,
    /// Days off.
    pub holidays: Holidays,
    /// How units hand over.
    pub referrals: Referrals,
    /// Papers.
    pub papers: Papers,
    /// Names of areas.
    pub divisions: Divisions,
    /// Groups of registers, and figures.
    pub registers: Registers,
    /// How long records are kept.
    pub retention: Retention,
    /// What people learn, as questions.
    pub quizzes: Quizzes,
}

/// `icons.json`: names of symbols in the sprite.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Icons {
    /// By group id.
    pub groups: BTreeMap<String, String>,
    /// By category id.
    pub categories: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct KindsFile {
    kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct WorkflowsFile {
    workflows: Vec<Workflow>,
}

#[derive(Deserialize)]
struct Bundle {
    #[serde(rename = "city.json")]
    info: CityInfo,
    #[serde(rename = "kinds.json")]
    kinds: KindsFile,
    #[serde(rename = "workflows.json")]
    workflows: WorkflowsFile,
    #[serde(rename = "catalog.json")]
    catalog: Catalog,
    #[serde(rename = "icons.json")]
    icons: Icons,
    #[serde(rename = "policy.json")]
    policy: Policy,
    #[serde(rename = "calendar.json")]
    holidays: Holidays,
    #[serde(rename = "referrals.json")]
    referrals: Referrals,
    #[serde(rename = "papers.json")]
    papers: Papers,
    #[serde(rename = "divisions.json", default)]
    divisions: Divisions,
    #[serde(rename = "registers.json", default)]
    registers: Registers,
    #[serde(rename = "retention.json", default)]
    retention: Retention,
    #[serde(rename = "quiz.json", default)]
    quizzes: Quizzes,
}

/// The files of a package.
pub const FILES: [&str; 13] = [
    "city.json",
    "kinds.json",
    "workflows.json",
    "catalog.json",
    "icons.json",
    "policy.json",
    "calendar.json",
    "referrals.json",
    "papers.json",
    "divisions.json",
    "registers.json",
    "retention.json",
    "quiz.json",
];

impl City {
    /// Reads a package given as file name → text, and checks it.
    ///
    /// # Errors
    /// All faults found: first those of reading, then those between the files.
    pub fn from_files(files: &BTreeMap<String, String>) -> Result<Self, Vec<CityFault>> {
        let mut faults = Vec::new();
        let info = read::<CityInfo>(files, FILES[0], &mut faults);
        let kinds = read::<KindsFile>(files, FILES[1], &mut faults);
        let workflows = read::<WorkflowsFile>(files, FILES[2], &mut faults);
        let catalog = read::<Catalog>(files, FILES[3], &mut faults);
        let icons = read(files, FILES[4], &mut faults);
        let policy = read(files, FILES[5], &mut faults);
        let holidays = read(files, FILES[6], &mut faults);
        let referrals = read(files, FILES[7], &mut faults);
        let papers = read(files, FILES[8], &mut faults);
        let divisions = read(files, FILES[9], &mut faults);
        let (Some(info), Some(kinds), Some(workflows), Some(catalog), Some(icons), Some(policy)) =
            (info, kinds, workflows, catalog, icons, policy)
        else {
            return Err(faults);
        };
        let registers = read(files, FILES[10], &mut faults);
        let retention = read_later(files, FILES[11], &mut faults);
        let quizzes = read_later(files, FILES[12], &mut faults);
        let (Some(holidays), Some(referrals), Some(papers), Some(divisions), Some(registers)) =
            (holidays, referrals, papers, divisions, registers)
        else {
            return Err(faults);
        };
        let (Some(retention), Some(quizzes)) = (retention, quizzes) else {
            return Err(faults);
        };
        let (kinds, workflows) = (kinds.kinds, workflows.workflows);
        let city = Self {
            info,
            kinds,
            workflows,
            catalog,
            icons,
            policy,
            holidays,
            referrals,
            papers,
            divisions,
            registers,
            retention,
            quizzes,
        };
        let faults = check::faults(&city);
        if faults.is_empty() { Ok(city) } else { Err(faults) }
    }

    /// Reads a bundle: one JSON object of file name → content.
    ///
    /// # Errors
    /// As [`City::from_files`]; a bundle that is no such object is a fault of `city.json`.
    pub fn from_bundle(bundle: &str) -> Result<Self, Vec<CityFault>> {
        let no_object = |error: serde_json::Error| {
            let (path, wrong) = (".".to_owned(), Wrong::of(FaultCode::Shape));
            vec![CityFault { file: FILES[0], path, wrong, problem: error.to_string() }]
        };
        let files: BTreeMap<String, serde_json::Value> = serde_json::from_str(bundle).map_err(no_object)?;
        Self::from_files(&files.into_iter().map(|(name, content)| (name, content.to_string())).collect())
    }

    /// Reads a bundle that was checked when it was built into an app: in one pass, without the paths and rules of
    /// [`City::from_bundle`], which a phone would only carry around.
    ///
    /// # Errors
    /// When the bundle is torn or of another version.
    pub fn from_checked_bundle(bundle: &str) -> Result<Self, serde_json::Error> {
        let bundle: Bundle = serde_json::from_str(bundle)?;
        Ok(Self {
            info: bundle.info,
            kinds: bundle.kinds.kinds,
            workflows: bundle.workflows.workflows,
            catalog: bundle.catalog,
            icons: bundle.icons,
            policy: bundle.policy,
            holidays: bundle.holidays,
            referrals: bundle.referrals,
            papers: bundle.papers,
            divisions: bundle.divisions,
            registers: bundle.registers,
            retention: bundle.retention,
            quizzes: bundle.quizzes,
        })
    }

    /// The middle of the city.
    #[must_use]
    pub fn centre(&self) -> Position {
        let [west, south, east, north] = self.info.bbox_e7;
        Position { lat_e7: south.midpoint(north), lon_e7: west.midpoint(east) }
    }

    /// A kind by its number.
    #[must_use]
    pub fn kind(&self, id: u32) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.id == id)
    }

    /// A kind by its word.
    #[must_use]
    pub fn kind_named(&self, name: &str) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.name == name)
    }

    /// A workflow by its name.
    #[must_use]
    pub fn workflow(&self, id: &str) -> Option<&Workflow> {
        self.workflows.iter().find(|workflow| workflow.id == id)
    }

    /// The merge rule of a field; unknown kinds and fields are carried as `lww`.
    #[must_use]
    pub fn rule(&self, kind: u32, field: u32) -> MergeRule {
        // Of any kind, as the server reads it; and what came to a kind that packages had before keeps its meaning without them.
        if is_several(field) || (kind == task::KIND && [task::field::REVIEWS, task::field::REVIEWED].contains(&field)) {
            return MergeRule::Set;
        }
        self.kind(kind).and_then(|kind| kind.field(field)).map_or(MergeRule::Lww, |field| field.rule)
    }
}

fn read<T: DeserializeOwned>(
    files: &BTreeMap<String, String>,
    file: &'static str,
    faults: &mut Vec<CityFault>,
) -> Option<T> {
    let Some(text) = files.get(file) else {
        let (path, wrong) = (".".to_owned(), Wrong::of(FaultCode::File));
        faults.push(CityFault { file, path, wrong, problem: "the file is missing".to_owned() });
        return None;
    };
    let mut json = serde_json::Deserializer::from_str(text);
    match serde_path_to_error::deserialize(&mut json) {
        Ok(value) => Some(value),
        Err(error) => {
            let (path, problem) = (error.path().to_string(), error.into_inner().to_string());
            faults.push(CityFault { file, path, wrong: Wrong::of_json(&problem), problem });
            None
        }
    }
}

/// Reads a file that packages from before it was thought of lack: then it says nothing.
fn read_later<T: DeserializeOwned + Default>(
    files: &BTreeMap<String, String>,
    file: &'static str,
    faults: &mut Vec<CityFault>,
) -> Option<T> {
    if files.contains_key(file) { read(files, file, faults) } else { Some(T::default()) }
}

#[cfg(test)]
mod tests;
