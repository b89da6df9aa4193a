//! Rows about this install: the logs that it wrote, and a change from one to the next.

use greenshield_domain::ids::LogId;
use serde::{Deserialize, Serialize};

use super::EnrollingRow;

/// A log that this install wrote before. Its key stays: a server restored to a time before the change has to be shown again
/// who vouched for the next log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldLog {
    /// The log.
    pub log: LogId,
    /// The number of its key.
    pub key: u32,
}

/// Why a log can not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The server says that a copy of this phone went on.
    StaleCopy,
    /// Another op stands at a place where one of ours should.
    Fork,
    /// The server has ops of this log that this phone never wrote.
    Behind,
}

/// A change of the log that was decided and is not done. Only its end, or nothing, removes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotatingRow {
    /// The log that ends.
    pub log: LogId,
    /// Why.
    pub cause: Cause,
    /// Since when, ms since 1970.
    pub since_millis: i64,
    /// The next log, once its genesis is made; kept so that a retry sends the same one.
    #[serde(default)]
    pub next: Option<EnrollingRow>,
    /// How often the server refused it.
    #[serde(default)]
    pub tries: u32,
    /// Not before this moment, ms since 1970.
    #[serde(default)]
    pub next_attempt_millis: i64,
}

/// The last change of the log that was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotatedRow {
    /// Why.
    pub cause: Cause,
    /// When, ms since 1970.
    pub millis: i64,
}

/// Somebody asked this phone to wipe itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeRow {
    /// When, ms since 1970, server clock.
    pub asked_millis: i64,
    /// When all was gone, by the phone's clock, ms since 1970.
    #[serde(default)]
    pub wiped_millis: Option<i64>,
}
