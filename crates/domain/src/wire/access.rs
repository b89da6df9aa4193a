//! `POST /v1/access-keys`, `GET /v1/access-keys` and `POST /v1/access-keys/{id}/revoke`, in JSON: keys for programs that can not
//! sign. A key reads what its person may take out, and only from `/ogc`.

use serde::{Deserialize, Serialize};

use crate::ids::{AccessKeyId, AccountId};

/// Longest name of a key, in bytes.
pub const MAX_KEY_NAME_BYTES: usize = 100;
/// Most days that a key is good for.
pub const MAX_KEY_DAYS: u32 = 366;

/// Makes a key for the person who signs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeyRequest {
    /// What it is for, for people.
    pub name: String,
    /// How many days it is good for, 1 to [`MAX_KEY_DAYS`].
    pub days: u32,
}

/// A new key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeyResponse {
    /// Names it.
    pub id: AccessKeyId,
    /// Opens the door. The server keeps only its hash, so this is the only time that it is told.
    pub secret: String,
    /// From when on it is refused, ms since 1970, server clock.
    pub expires_millis: i64,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

/// A key that somebody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeyRow {
    /// Names it.
    pub id: AccessKeyId,
    /// What it is for.
    pub name: String,
    /// Whose it is.
    pub account: AccountId,
    /// The name of that person.
    pub owner: String,
    /// The role of that person.
    pub role: String,
    /// When it was made, ms since 1970, server clock.
    pub created_millis: i64,
    /// From when on it is refused.
    pub expires_millis: i64,
    /// When it was revoked.
    pub revoked_millis: Option<i64>,
    /// When it was used last, about: the first time of that day.
    pub used_millis: Option<i64>,
}

/// Keys of the caller, and of the people for whom the caller answers; the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessKeysResponse {
    /// Keys.
    pub keys: Vec<AccessKeyRow>,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}
