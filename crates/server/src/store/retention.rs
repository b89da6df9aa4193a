//! What the retention job needs of a store, as a part of the port.

use std::future::Future;

use greenshield_domain::ids::Epoch;
use greenshield_domain::wire::RetentionRun;
use serde::{Deserialize, Serialize};

use super::{Stored, to_json};

/// A run of the job as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its day, counted from 1970 as the job counts.
    pub day: i64,
    /// When somebody last went on with it, ms since 1970.
    pub touched_millis: i64,
    /// The incarnation of the database that it looked at.
    pub epoch: Epoch,
    /// As people are told.
    pub run: RetentionRun,
}

/// The column `run`.
#[derive(Serialize, Deserialize)]
pub(in crate::store) struct Kept {
    pub(in crate::store) epoch: Epoch,
    #[serde(flatten)]
    pub(in crate::store) run: RetentionRun,
}

impl RunRow {
    /// The text of the column `run`.
    pub(in crate::store) fn kept(&self) -> String {
        to_json(&Kept { epoch: self.epoch, run: self.run.clone() })
    }
}

/// The part of a store that reads runs.
pub trait RetentionStore: Send + Sync {
    /// The last runs, the one that began last first, at most `max`.
    fn retention_runs(&self, max: usize) -> impl Future<Output = Stored<Vec<RunRow>>> + Send;
}

/// The part of a write transaction that keeps runs.
pub trait RetentionTx: Send {
    /// The run of a day.
    fn retention_run(&mut self, day: i64) -> impl Future<Output = Stored<Option<RunRow>>> + Send;
    /// Keeps a run, instead of what was kept of that day before.
    fn put_retention_run(&mut self, row: &RunRow) -> impl Future<Output = Stored<()>> + Send;
}
