//! `POST /v1/enrol/begin` and `POST /v1/enrol`, in JSON, and the one shape of every error.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, LogId};
use crate::signature::Signature;
use crate::statement::Signed;

/// A signed statement in JSON: both parts base64url without padding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedJson {
    /// Canonical CBOR payload.
    pub payload: String,
    /// 64 bytes r ‖ s.
    pub signature: String,
}

impl From<&Signed> for SignedJson {
    fn from(signed: &Signed) -> Self {
        Self { payload: URL_SAFE_NO_PAD.encode(&signed.payload), signature: URL_SAFE_NO_PAD.encode(signed.signature.0) }
    }
}

impl SignedJson {
    /// Back to bytes; `None` when a part is not base64url or the signature has another length.
    #[must_use]
    pub fn to_signed(&self) -> Option<Signed> {
        Some(Signed {
            payload: URL_SAFE_NO_PAD.decode(&self.payload).ok()?,
            signature: Signature(URL_SAFE_NO_PAD.decode(&self.signature).ok()?.try_into().ok()?),
        })
    }
}

/// Asks who a code is for. Does not use it up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginRequest {
    /// The one-time code of the invite.
    pub code: String,
}

/// What a genesis needs to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BeginResponse {
    /// 16 bytes in hex, to be put into the genesis.
    pub nonce: String,
    /// The account that the code enrols.
    pub account: AccountId,
    /// Its name.
    pub name: String,
    /// Its role: volunteer, auxiliary, officer, desk.
    pub role: String,
    /// Id of the city package.
    pub city: String,
    /// The server's public key: 65 bytes in hex.
    pub server_key: String,
    /// Newest checkpoint.
    pub checkpoint: SignedJson,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

/// Enrols a log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolRequest {
    /// The one-time code of the invite.
    pub code: String,
    /// The genesis op, base64url without padding.
    pub op: String,
}

/// The log is enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnrolResponse {
    /// The log.
    pub log: LogId,
    /// The account.
    pub account: AccountId,
    /// Signed [`crate::statement::Certificate`].
    pub certificate: SignedJson,
    /// Signed [`crate::statement::Receipt`] for the genesis.
    pub receipt: SignedJson,
    /// 16 bytes in hex: the lease to present with the first push.
    pub lease: String,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

/// `GET /v1/keys`: the public keys of the server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeysResponse {
    /// The key that signs, 65 bytes in hex. Trust the one of the enrolment, not this.
    pub server_key: String,
    /// Signed [`crate::statement::SealingKey`].
    pub sealing_key: SignedJson,
}

/// The body of every HTTP error.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// Stable word for programs.
    pub code: String,
    /// A sentence for people who read logs; apps show their own words by `code`.
    pub message: String,
    /// Facts that belong to the code.
    #[serde(default, skip_serializing_if = "serde_json::Value::is_null")]
    pub detail: serde_json::Value,
}
