//! `GET /v1/coverage`, in JSON: which parts of the areas nobody visited for some days.

use serde::{Deserialize, Serialize};

use crate::geo::Position;
use crate::ids::RecordId;

/// Most days that can be asked for.
pub const MAX_COVERAGE_DAYS: u32 = 366;
/// Areas that are told at most.
pub const MAX_COVERAGE_AREAS: usize = 500;

/// How an area stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageRow {
    /// Its record.
    pub record: RecordId,
    /// What people call it.
    pub name: String,
    /// Which element it is, a word of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub element: Option<String>,
    /// Who looks after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keeper: Option<String>,
    /// After how many days somebody has to be there again, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub need_days: Option<u32>,
    /// Its cells.
    pub cells: u32,
    /// Cells that somebody visited on the ground within the days that were asked for.
    pub ground: u32,
    /// Cells that a drone visited within them.
    pub air: u32,
    /// Cells that were visited in either way within them.
    pub seen: u32,
    /// The last visit on the ground that is known, ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_ground_millis: Option<i64>,
    /// The last visit in the air that is known, ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_air_millis: Option<i64>,
    /// Height and width of a cell, degrees × 1e7.
    pub step_e7: (i64, i64),
    /// Cells that nobody visited within the days: row, first and last column, counted from 0°, 0°. Of very many not all are told.
    pub gaps: Vec<(i64, i64, i64)>,
    /// The middle of the longest run of them, latitude and longitude × 1e7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_e7: Option<(i64, i64)>,
}

impl CoverageRow {
    /// Where somebody should go.
    #[must_use]
    pub fn target(&self) -> Option<Position> {
        self.target_e7.map(|(lat_e7, lon_e7)| Position { lat_e7, lon_e7 })
    }
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CoverageReport {
    /// The days that were asked for.
    pub days: u32,
    /// So many days were looked back for last visits.
    pub looked_days: u32,
    /// The areas that the caller may read, the most overdue first, at most [`MAX_COVERAGE_AREAS`].
    pub areas: Vec<CoverageRow>,
    /// Areas beyond the limit.
    pub areas_left: u64,
    /// Patrols whose track was read.
    pub tracks: u64,
    /// Patrols whose track was not read, because the answer would have taken too long.
    pub tracks_left: u64,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}
