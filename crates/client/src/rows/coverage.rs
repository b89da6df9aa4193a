//! The last answer about coverage, for a desk without a network.

use greenshield_domain::wire::CoverageReport;
use serde::{Deserialize, Serialize};

/// What the server said, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCoverage {
    /// The answer.
    pub report: CoverageReport,
    /// When it came, by the phone's clock, ms since 1970.
    pub wall_millis: i64,
}
