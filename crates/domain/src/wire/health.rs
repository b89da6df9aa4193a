//! `POST /v1/health`, in CBOR: how a phone is; and `GET /v1/devices`, in JSON: how all of them are.

use serde::{Deserialize, Serialize};

use super::{WipeState, WireError};
use crate::cbor::{self, Value};
use crate::ids::{AccountId, LogId};
use crate::statement::{read_uint, uint};

/// Most bytes of a report.
pub const MAX_HEALTH_BYTES: usize = 1024;
/// Most bytes of each of its words.
const MAX_WORD_BYTES: usize = 64;

/// How a phone is. `None` = its browser does not say, or there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HealthReport {
    /// The phone's clock, ms since 1970.
    pub wall_millis: i64,
    /// Ops without a receipt.
    pub ops_unsent: u64,
    /// Files without a receipt.
    pub files_unsent: u64,
    /// Since when the oldest of them waits, by the phone's clock, ms since 1970.
    pub oldest_unsent_millis: Option<i64>,
    /// Version of the app.
    pub version: String,
    /// Build of the app, as its service worker names it; empty = none works for it.
    pub build: String,
    /// Family of the browser, a word such as `wechat` or `chrome`.
    pub browser: String,
    /// Whether the app was started from the home screen.
    pub is_standalone: bool,
    /// Whether the browser promised not to clear the app's data away.
    pub is_persisted: Option<bool>,
    /// Bytes that the app uses.
    pub used_bytes: Option<u64>,
    /// Bytes that it may use at most.
    pub quota_bytes: Option<u64>,
    /// Server clock minus the phone's, as the phone measured it, ms.
    pub skew_millis: Option<i64>,
    /// The log that this install wrote before this one.
    pub continues: Option<LogId>,
}

impl HealthReport {
    /// Canonical bytes. Words are cut to their limit, so that a strange browser can not keep a phone silent.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let flag = |is: bool| Value::Int(i64::from(is));
        let word = |word: &str| Value::text(&word[..word.floor_char_boundary(MAX_WORD_BYTES)]);
        let known = [
            (1, Value::Int(self.wall_millis)),
            (2, uint(self.ops_unsent)),
            (3, uint(self.files_unsent)),
            (5, word(&self.version)),
            (6, word(&self.build)),
            (7, word(&self.browser)),
            (8, flag(self.is_standalone)),
        ];
        let perhaps = [
            (4, self.oldest_unsent_millis.map(Value::Int)),
            (9, self.is_persisted.map(flag)),
            (10, self.used_bytes.map(uint)),
            (11, self.quota_bytes.map(uint)),
            (12, self.skew_millis.map(Value::Int)),
            (13, self.continues.map(|log| log.to_value())),
        ];
        let perhaps = perhaps.into_iter().filter_map(|(key, value)| Some((key, value?)));
        cbor::encode(&Value::int_map(known.into_iter().chain(perhaps)))
    }

    /// Reads canonical bytes; what a newer app says more is left aside.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let value = cbor::decode(bytes)?;
        Self::from_value(&value).ok_or(WireError::Shape("health report"))
    }

    fn from_value(value: &Value) -> Option<Self> {
        let flag = |value: &Value| match value.as_int()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        };
        let word = |key| Some(value.get(key)?.as_text().filter(|word| word.len() <= MAX_WORD_BYTES)?.to_owned());
        Some(Self {
            wall_millis: value.get(1)?.as_int()?,
            ops_unsent: read_uint(value.get(2)?)?,
            files_unsent: read_uint(value.get(3)?)?,
            oldest_unsent_millis: perhaps(value.get(4), Value::as_int)?,
            version: word(5)?,
            build: word(6)?,
            browser: word(7)?,
            is_standalone: flag(value.get(8)?)?,
            is_persisted: perhaps(value.get(9), flag)?,
            used_bytes: perhaps(value.get(10), read_uint)?,
            quota_bytes: perhaps(value.get(11), read_uint)?,
            skew_millis: perhaps(value.get(12), Value::as_int)?,
            continues: perhaps(value.get(13), |log| Some(LogId(log.as_array_of()?)))?,
        })
    }
}

/// A field that may be missing; what is there must read.
fn perhaps<T>(value: Option<&Value>, read: impl Fn(&Value) -> Option<T>) -> Option<Option<T>> {
    match value {
        None => Some(None),
        Some(value) => read(value).map(Some),
    }
}

/// A phone as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRow {
    /// Its log.
    pub log: LogId,
    /// Whose it is.
    pub account: AccountId,
    /// The name of that person.
    pub name: String,
    /// The role of that person.
    pub role: String,
    /// When it was enrolled, ms since 1970, server clock.
    pub enrolled_millis: i64,
    /// Whether phone or person were revoked.
    pub revoked: bool,
    /// When it was last heard: enrolment, newest op or report; ms since 1970, server clock.
    pub contact_millis: i64,
    /// Its last report; `None` = its app is older than reports.
    pub report: Option<HealthReport>,
    /// Why it was revoked, if somebody said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoke_reason: Option<String>,
    /// Whether it shall wipe itself, and whether it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wipe: Option<WipeState>,
}

/// All phones that are in use: a log that another one of the same person went on from is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DevicesResponse {
    /// By name, then the one enrolled first.
    pub devices: Vec<DeviceRow>,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full() -> HealthReport {
        HealthReport {
            wall_millis: -5,
            ops_unsent: 3,
            files_unsent: 7,
            oldest_unsent_millis: Some(-9),
            version: "1.2.3".to_owned(),
            build: "0123abcd".to_owned(),
            browser: "huawei".to_owned(),
            is_standalone: true,
            is_persisted: Some(false),
            used_bytes: Some(1 << 33),
            quota_bytes: Some(1 << 34),
            skew_millis: Some(-120_000),
            continues: Some(LogId([7; 32])),
        }
    }

    #[test]
    fn a_report_reads_back_and_stays_small() {
        for report in [full(), HealthReport::default()] {
            assert_eq!(HealthReport::decode(&report.encode()), Ok(report));
        }
        let long = HealthReport { browser: "山".repeat(500), version: "v".repeat(500), ..full() };
        let bytes = long.encode();
        assert!(bytes.len() < MAX_HEALTH_BYTES, "{}", bytes.len());
        assert_eq!(HealthReport::decode(&bytes).map(|read| read.browser), Ok("山".repeat(21)));
    }

    #[test]
    fn what_is_wrong_is_refused_and_what_is_new_is_left_aside() {
        let with = |key: i64, value: Value| {
            let Ok(Value::Map(mut pairs)) = cbor::decode(&full().encode()) else { return Vec::new() };
            pairs.retain(|(known, _)| *known != Value::Int(key));
            pairs.push((Value::Int(key), value));
            cbor::encode(&Value::map(pairs))
        };
        assert_eq!(HealthReport::decode(&with(14, Value::text("of a newer app"))), Ok(full()));
        for (key, value) in [
            (2, Value::Int(-1)),
            (5, Value::text("v".repeat(65))),
            (8, Value::Int(2)),
            (9, Value::Null),
            (13, Value::bytes([1; 31])),
        ] {
            assert_eq!(HealthReport::decode(&with(key, value)), Err(WireError::Shape("health report")), "{key}");
        }
    }
}
