//! `GET /v1/retention`, in JSON: how long records are kept, what the daily runs did, and what is due now.

use serde::{Deserialize, Serialize};

use crate::ids::RecordId;

/// Records of one class that are told at most.
pub const MAX_RETENTION_ROWS: usize = 50;
/// Runs that are told at most.
pub const MAX_RETENTION_RUNS: usize = 12;

/// How it stood with the records of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RetentionCount {
    /// The class, by its number in `city/retention.json`.
    pub class: u32,
    /// Ended records of the class of which something is left.
    pub looked: u64,
    /// Those whose time is over and that nothing keeps.
    pub due: u64,
    /// Those that were erased.
    pub erased: u64,
    /// Those whose time is over and that a legal hold keeps.
    pub held: u64,
    /// Those whose time is over and that a record that stays names, or that name a hand-over.
    pub linked: u64,
    /// Those whose time is over and of which an op waits.
    pub waiting: u64,
    /// The last op of the oldest one that is due, ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_millis: Option<i64>,
}

/// A run of the job.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RetentionRun {
    /// When it began, ms since 1970, server clock.
    pub started_millis: i64,
    /// When it was done; none while it runs, or when the server was stopped in the middle and nobody went on yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_millis: Option<i64>,
    /// Whether it erases, or only tells.
    pub erases: bool,
    /// By class.
    pub counts: Vec<RetentionCount>,
}

/// A record that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionRow {
    /// Which.
    pub record: RecordId,
    /// Of which kind.
    pub kind: u32,
    /// Of which class.
    pub class: u32,
    /// Its last op, ms since 1970.
    pub last_millis: i64,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetentionReport {
    /// Whether the job erases here, or only tells.
    pub erases: bool,
    /// The last runs, the newest first.
    pub runs: Vec<RetentionRun>,
    /// How it stands now, by class.
    pub now: Vec<RetentionCount>,
    /// What is due now and the caller may read, the oldest first, of each class at most [`MAX_RETENTION_ROWS`].
    pub due: Vec<RetentionRow>,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}
