//! What the line of a referral tells besides: which way it goes, and the days that its clocks count from.

use serde::{Deserialize, Serialize};

/// A referral in a line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ReferralRow {
    /// Word of its flow.
    pub flow: String,
    /// The unit that hands over.
    pub from_unit: String,
    /// The unit that takes over.
    pub to_unit: String,
    /// Its number on paper.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// When the last step was taken, ms since 1970: where its clock starts.
    pub since_millis: i64,
    /// When it was sent, ms since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_millis: Option<i64>,
    /// When the other side took it on, ms since 1970: by this it is counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted_millis: Option<i64>,
}
