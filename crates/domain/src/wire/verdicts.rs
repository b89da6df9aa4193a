//! `POST /v1/verdicts` and `GET /v1/held`, in JSON.

use serde::{Deserialize, Serialize};

use super::Verdict;
use crate::ids::{AccountId, LogId, OpId, RecordId};

/// The reason that an op is held for when somebody decided so.
pub const DECIDED: &str = "decided";

/// A verdict as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerdictWord {
    /// It shows.
    Ok,
    /// It waits.
    Held,
    /// It never shows.
    Void,
}

impl VerdictWord {
    /// The verdict that somebody asks for.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        match self {
            VerdictWord::Ok => Verdict::Ok,
            VerdictWord::Held => Verdict::Held(DECIDED.to_owned()),
            VerdictWord::Void => Verdict::Void,
        }
    }
}

/// Decides about an op.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictRequest {
    /// The op.
    pub op: OpId,
    /// What shall count.
    pub verdict: VerdictWord,
    /// Why, for people.
    pub reason: String,
}

/// It is decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictResponse {
    /// The op of the server's log that says so; `None` when that verdict held already.
    pub decision: Option<OpId>,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

/// An op that waits for a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldRow {
    /// Its position.
    pub pos: u64,
    /// Its id.
    pub op: OpId,
    /// Its record.
    pub record: RecordId,
    /// Its log.
    pub log: LogId,
    /// Whose log it is.
    pub account: AccountId,
    /// When it arrived, ms since 1970.
    pub received_millis: i64,
    /// Why it waits: `revoked`, `recreated` or `decided`.
    pub reason: String,
}

/// A page of them, by position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldResponse {
    /// The ops.
    pub held: Vec<HeldRow>,
    /// `after` of the next page; `None` at the end.
    pub next: Option<u64>,
}
