//! `POST /v1/erasures` and `POST /v1/holds`, in JSON.

use serde::{Deserialize, Serialize};

use crate::erasure::Basis;
use crate::ids::{BlobId, OpId, RecordId};

/// Erases everything that was ever said of some fields of a record, and single files of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureRequest {
    /// The record.
    pub record: RecordId,
    /// Numbers of its fields.
    pub fields: Vec<u32>,
    /// Single photos, voice notes and documents, by their original: it goes with all its copies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<BlobId>,
    /// By what right.
    pub basis: Basis,
    /// A note for people, which stays for good.
    #[serde(default)]
    pub note: String,
}

/// It is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasureResponse {
    /// The ops of the server's log that say so; none when nothing of it was left.
    pub erasures: Vec<OpId>,
    /// How many values were erased.
    pub values: usize,
    /// Whether no byte of them is left on the medium; if not, the server goes on trying.
    pub clean: bool,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

/// Begins or ends a legal hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldRequest {
    /// The record.
    pub record: RecordId,
    /// Whether it begins or ends.
    pub held: bool,
    /// Why, for people.
    pub reason: String,
}

/// It is so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldResponse {
    /// The op of the server's log that says so; `None` when it was so already.
    pub decision: Option<OpId>,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}
