//! `POST /v1/invites`, `POST /v1/devices/{log}/revoke` and `POST /v1/devices/{log}/wipe`, in JSON: what those do who answer for
//! a person. `POST /v1/health` tells a phone that it shall wipe itself.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, LogId};

/// MIME type of the file of a spreadsheet, for `POST /v1/roster/preview`.
pub const XLSX_MIME: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Longest reason, in bytes.
pub const MAX_PEOPLE_REASON_BYTES: usize = 500;
/// Hours that an invite is good for when nobody says it.
pub const INVITE_HOURS: u32 = 72;
/// Most hours that an invite is good for.
pub const MAX_INVITE_HOURS: u32 = 24 * 31;

/// Invites a person once more: a first phone, a second one, a new one are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRequest {
    /// Whom.
    pub account: AccountId,
    /// How long the code is good for; `None` = [`INVITE_HOURS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<u32>,
}

/// A one-time code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteResponse {
    /// The code; the server keeps only its hash.
    pub code: String,
    /// Whom it invites.
    pub account: AccountId,
    /// The name of that person.
    pub name: String,
    /// The role of that person.
    pub role: String,
    /// From when on it is refused, ms since 1970, server clock.
    pub expires_millis: i64,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

/// `GET /v1/me`: who signed the request, as the server has it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MeResponse {
    /// The account.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its role.
    pub role: String,
    /// The log.
    pub log: LogId,
}

/// Revokes a phone, or asks it to wipe itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonRequest {
    /// Why, for people.
    pub reason: String,
}

/// It is done and durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonResponse {
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

/// Somebody asked a phone to wipe itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WipeState {
    /// When, ms since 1970, server clock.
    pub asked_millis: i64,
    /// When the phone's signed word came that it did, ms since 1970, server clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wiped_millis: Option<i64>,
}

/// What a phone that told how it is gets to know, if there is anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthResponse {
    /// It shall wipe itself once everything is delivered.
    pub wipe: WipeState,
}
