//! `GET /v1/audit`, in JSON: what was done with records and people, newest first.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, LogId, OpId, RecordId};

/// A line of the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRow {
    /// The op of the server's log that says it; `GET /v1/log/proof/inclusion` proves that it stands there.
    pub op: OpId,
    /// Its position in the server's order: whoever pulls everything has all leaves of the tree but these.
    pub pos: u64,
    /// Its place in that log.
    pub seq: u64,
    /// When, ms since 1970, server clock.
    pub at_millis: i64,
    /// `began` (the log of the audit itself), `export`, `files`, `snapshot`, `audit`, `decision`, `erasure`, `hold`,
    /// `key_made`, `key_ended`, `key_used`, `invited`, `revoked`, `wipe_asked`, `wiped`, `package_kept`, `package_withdrawn`,
    /// `rights_changed`, or `other` for one of a later version.
    pub deed: String,
    /// Who.
    pub by: AccountId,
    /// Their name.
    pub name: String,
    /// The role of the account now.
    pub role: String,
    /// With which phone.
    pub log: LogId,
    /// With which record.
    pub record: Option<RecordId>,
    /// With whom.
    pub about: Option<AccountId>,
    /// Their name; empty without one, and from servers before it.
    #[serde(default)]
    pub about_name: String,
    /// With all records of which kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<u32>,
}

/// A page of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// Lines, newest first.
    pub rows: Vec<AuditRow>,
    /// What to ask for next as `before`; none at the end.
    pub next: Option<u64>,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}
