//! `GET /v1/city/versions`, `GET /v1/city/versions/{version}`, `POST /v1/city/check`, `POST /v1/city/versions` and
//! `POST /v1/city/versions/{version}/withdraw`, in JSON: the versions of the city package with the days from which on they hold.

use serde::{Deserialize, Serialize};

use crate::city::{Became, Change, CityFault, Date};
use crate::ids::AccountId;

/// Most bytes of a package; one of a large city has a sixth of it.
pub const MAX_CITY_BYTES: usize = 2 * 1024 * 1024;
/// Longest note of a version, in bytes.
pub const MAX_CITY_NOTE_BYTES: usize = 500;

/// Where a version comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CitySource {
    /// The program brought it along.
    Build,
    /// Whoever runs the server named a file.
    File,
    /// Somebody brought it to the server, which keeps it.
    Kept,
}

/// How it stands with a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CityVersionState {
    /// Everything goes by it.
    Holds,
    /// Its day is to come.
    Coming,
    /// A later one holds.
    Over,
    /// It was withdrawn before its day.
    Withdrawn,
}

/// A version, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityVersionRow {
    /// Its number, which the package says of itself.
    pub version: u32,
    /// Where it comes from.
    pub source: CitySource,
    /// How it stands with it.
    pub state: CityVersionState,
    /// SHA-256 of its bytes, hex.
    pub sha256: String,
    /// Its bytes.
    pub size_bytes: u64,
    /// From when on it holds, ms since 1970; nothing for one that was not brought to the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_millis: Option<i64>,
    /// When it was kept, ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kept_millis: Option<i64>,
    /// Who brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<AccountId>,
    /// Their name.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What it is about, for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When it was withdrawn, ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub withdrawn_millis: Option<i64>,
}

/// All versions, the highest number first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityVersionsResponse {
    /// Them. One of them holds.
    pub versions: Vec<CityVersionRow>,
    /// The clock of the city, minutes east of UTC, by which its days begin.
    pub zone_minutes: i32,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

/// Asks what is wrong with a package and what it changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityCheckRequest {
    /// The package: one JSON object of file name → content, as text.
    pub package: String,
}

/// A fault of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityFaultRow {
    /// The file, e.g. `kinds.json`.
    pub file: String,
    /// Path inside it, e.g. `kinds[0].fields[3].rule`.
    pub path: String,
    /// What is wrong and what is expected, in English.
    pub problem: String,
    /// The sort of fault, a word of [`crate::city::FaultCode`]; empty from servers before there were any.
    #[serde(default)]
    pub code: String,
    /// What is not there, a word of [`crate::city::Thing`]; only of `unknown`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub thing: String,
    /// The word that it is about.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub word: String,
    /// The numbers that it is about, in the order that the code says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<i64>,
}

impl From<&CityFault> for CityFaultRow {
    fn from(fault: &CityFault) -> Self {
        let CityFault { file, path, wrong, problem } = fault;
        Self {
            file: (*file).to_owned(),
            path: path.clone(),
            problem: problem.clone(),
            code: wrong.code.word().to_owned(),
            thing: wrong.thing.map_or_else(String::new, |thing| thing.word().to_owned()),
            word: wrong.word.clone(),
            numbers: wrong.numbers.clone(),
        }
    }
}

/// A difference to the newest version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityChangeRow {
    /// The file.
    pub file: String,
    /// What it is about, by words.
    pub path: String,
    /// What became of it.
    pub became: Became,
    /// Whether records of before may not read or not show any more.
    pub breaks: bool,
}

impl From<&Change> for CityChangeRow {
    fn from(change: &Change) -> Self {
        let Change { file, path, became, breaks } = change;
        Self { file: (*file).to_owned(), path: path.clone(), became: *became, breaks: *breaks }
    }
}

/// What is wrong with a package and what it changes. It can be kept when there is no fault and nothing that breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityCheckResponse {
    /// All faults: what does not read, rules between the files, what the programs need, its number and its city.
    pub faults: Vec<CityFaultRow>,
    /// What becomes of numbers and words that records are written with; empty while it does not read.
    pub changes: Vec<CityChangeRow>,
    /// The version that it is compared with: the newest one that was not withdrawn.
    pub after: u32,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

impl CityCheckResponse {
    /// Whether the server would keep the package.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.faults.is_empty() && self.changes.iter().all(|change| !change.breaks)
    }
}

/// Brings a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CityKeepRequest {
    /// The package, as in [`CityCheckRequest`].
    pub package: String,
    /// The newest version that whoever brings it knows; when there is a newer one by now, nothing is kept.
    pub after: u32,
    /// The day from which on it holds, on the city's clock; without one at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// What it is about, for people.
    #[serde(default)]
    pub note: String,
}
