//! Packages that this phone carries: those of somebody else, and its own outbox sealed for the time when it is locked. These rows
//! are read without the data key.

use greenshield_domain::ids::{BlobId, LogId, OpId};
use serde::{Deserialize, Serialize};

/// A carried package: what its header says, and how far it is. Nothing of it belongs to this phone's own log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourierRow {
    /// SHA-256 of the file; for a package of this phone's own a random name, since it is stored while it is made.
    pub bundle: BlobId,
    /// SHA-256 of the file, where `bundle` is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<BlobId>,
    /// Ops of this phone that are inside: it is a package of its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_ops: Vec<OpId>,
    /// Files of this phone that are inside.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub own_blobs: Vec<BlobId>,
    /// Its size.
    pub size_bytes: u64,
    /// Ops inside.
    pub ops: u64,
    /// Files inside.
    pub blobs: u64,
    /// When it was made, ms since 1970, clock of the phone that made it.
    pub made_millis: i64,
    /// When this phone took it, ms since 1970.
    pub taken_millis: i64,
    /// Whether all its bytes are here; until then nobody sees it.
    pub whole: bool,
    /// When the server had it wholly, ms since 1970; set only together with verified receipts.
    #[serde(default)]
    pub delivered_millis: Option<i64>,
    /// Size of the receipts file that took the place of the package.
    #[serde(default)]
    pub receipts_bytes: u64,
    /// The server will never take it; `reason` says why. Its bytes are gone from here.
    #[serde(default)]
    pub refused: bool,
    /// The upload under way: its path on the server.
    #[serde(default)]
    pub upload_path: Option<String>,
    /// Bytes that the server has.
    #[serde(default)]
    pub offset_bytes: u64,
    /// How often it failed in a row.
    #[serde(default)]
    pub tries: u32,
    /// Not before this moment, ms since 1970.
    #[serde(default)]
    pub next_attempt_millis: i64,
    /// Why it is still here; empty = not tried yet or under way.
    #[serde(default)]
    pub reason: String,
}

impl CourierRow {
    /// Whether it holds work of this phone.
    #[must_use]
    pub fn is_own(&self) -> bool {
        !self.own_ops.is_empty() || !self.own_blobs.is_empty()
    }

    /// Under which name the server knows it.
    #[must_use]
    pub fn name(&self) -> BlobId {
        self.hash.unwrap_or(self.bundle)
    }

    /// Whether it still has to go to the server.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.whole && !self.refused && self.delivered_millis.is_none()
    }
}

/// What a locked phone needs to deliver its packages: who signs the requests, and whom to believe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierRow {
    /// The log of this install.
    pub log: LogId,
    /// The number of its key.
    pub key: u32,
    /// The server's public key, 65 bytes in hex.
    pub server_key: String,
}
