//! Where a record is, as its line tells it.

use serde::{Deserialize, Serialize};

/// Where a record is, as far as its line tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowPlace {
    /// The line was written before lines told it: only the record knows.
    #[default]
    Untold,
    /// The record has no position.
    Nowhere,
    /// Here.
    At {
        /// Latitude × 1e7.
        lat_e7: i64,
        /// Longitude × 1e7.
        lon_e7: i64,
    },
}
