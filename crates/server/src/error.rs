//! Every error that a caller can get: a status, a stable code, a sentence, and the facts that belong to it.
//!
//! Refuses: to tell callers what went wrong inside (that is logged), and to put names, codes or places into a sentence.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use greenshield_domain::wire::ErrorBody;
use serde_json::{Value, json};
use thiserror::Error;

use crate::blobs::BlobError;
use crate::entropy::EntropyError;
use crate::evidence::EvidenceError;
use crate::invites::InviteError;
use crate::keys::KeyError;
use crate::ledger::{self, LedgerError};
use crate::packs::PackError;
use crate::proofs::ProofError;
use crate::sequencer::SequencerError;
use crate::store::StoreError;
use crate::versions::VersionError;

/// An error reply.
#[derive(Debug, Error)]
pub enum ApiError {
    /// The request can not be understood.
    #[error("{message}")]
    Bad {
        /// Stable word.
        code: &'static str,
        /// What is expected.
        message: &'static str,
    },
    /// A push whose frame breaks; the ops before are committed.
    #[error("the sequence of ops breaks after {whole} whole ops: {reason}")]
    BrokenFrame {
        /// Ops before the break.
        whole: usize,
        /// Why it does not read on.
        reason: String,
        /// The reply to those ops, base64url.
        reply: String,
    },
    /// Nobody known asks.
    #[error("{message}")]
    Unauthorized {
        /// Stable word.
        code: &'static str,
        /// What is expected.
        message: &'static str,
    },
    /// A program without a good access key.
    #[error("this call needs a good access key: as password of Basic, or as Bearer")]
    KeyNeeded,
    /// The request was signed at a time too far from the server's.
    #[error("the request was signed too far from the server's time")]
    Clock {
        /// The server's time.
        now_millis: i64,
    },
    /// The account or log was revoked.
    #[error("this account or device was revoked")]
    Revoked,
    /// The caller's role may not do this.
    #[error("this role may not do this")]
    Forbidden,
    /// Not there, or not for the caller.
    #[error("there is no such thing here")]
    NotFound,
    /// No such op or tree to prove something about.
    #[error("{message}")]
    NoProof {
        /// `unknown_op`, `unknown_size` or `not_in_tree`.
        code: &'static str,
        /// What is missing.
        message: String,
    },
    /// The path exists, the method does not.
    #[error("this path does not know this method")]
    Method,
    /// No such code.
    #[error("no invite has this code")]
    CodeUnknown,
    /// The code is past its time.
    #[error("this code is past its time")]
    CodeExpired,
    /// Another log used the code.
    #[error("this code was used by another device")]
    CodeUsed,
    /// A cursor of another database or another set of rights.
    #[error("the cursor belongs to another {code}")]
    Cursor {
        /// `epoch` or `scope`.
        code: &'static str,
        /// Where to start again.
        cursor: String,
    },
    /// An older copy of a profile pushes.
    #[error("this device was copied or restored: another copy of it has pushed since")]
    StaleCopy,
    /// An upload goes on at another place.
    #[error("the upload goes on at byte {offset}")]
    Offset {
        /// Bytes that are here.
        offset: u64,
    },
    /// Too much.
    #[error("{what} is over the limit of {limit}")]
    TooLarge {
        /// Stable word.
        code: &'static str,
        /// What.
        what: &'static str,
        /// How much is allowed.
        limit: u64,
    },
    /// Another content type or encoding than the call takes.
    #[error("this call takes {expected}")]
    MediaType {
        /// What it takes.
        expected: &'static str,
    },
    /// Another tus version.
    #[error("this server speaks tus 1.0.0")]
    TusVersion,
    /// Bytes that do not hash to what was said.
    #[error("{message}")]
    Checksum {
        /// `checksum` for a chunk, `hash_mismatch` for a whole blob.
        code: &'static str,
        /// What does not match.
        message: &'static str,
    },
    /// A rescue package that can not be taken; nothing of it was.
    #[error("{message}")]
    Bundle {
        /// `bundle_damaged`, `bundle_foreign` or `bundle_version`.
        code: &'static str,
        /// Why.
        message: &'static str,
    },
    /// A file whose links were all erased.
    #[error("this file was erased; it is not taken again")]
    Erased,
    /// A legal hold forbids it.
    #[error("the record is under a legal hold: nothing of it is erased until the hold ends")]
    OnHold,
    /// A city package that can not hold.
    #[error("the package has faults, or would make records of before unreadable; nothing was changed")]
    CityFaults {
        /// All of them, and what it changes.
        found: Value,
    },
    /// A version of the city package that can not be kept or withdrawn as things are by now.
    #[error("{message}")]
    CityOrder {
        /// `city_moved` or `city_past`.
        code: &'static str,
        /// Why.
        message: &'static str,
    },
    /// A range outside the blob.
    #[error("the range is outside the blob")]
    Range {
        /// Its size.
        size: u64,
    },
    /// The body did not arrive whole.
    #[error("the body did not arrive")]
    BodyCut,
    /// An address or a device asks too often.
    #[error("too many requests: wait {wait} s, nothing is lost")]
    TooOften {
        /// Seconds until the next one passes.
        wait: u64,
    },
    /// Too much to do.
    #[error("the server is busy")]
    Busy,
    /// Not able to work.
    #[error("the server is not ready: {reason}")]
    NotReady {
        /// Why.
        reason: &'static str,
    },
    /// No room.
    #[error("the disk of the server is full")]
    DiskFull,
    /// A fault of the server; logged.
    #[error("a fault of the server")]
    Internal,
}

/// What a busy client waits before the next try.
const RETRY_AFTER_SECONDS: &str = "5";

impl ApiError {
    fn status(&self) -> StatusCode {
        use StatusCode as S;
        match self {
            Self::Bad { .. } | Self::BrokenFrame { .. } | Self::BodyCut => S::BAD_REQUEST,
            Self::Unauthorized { .. } | Self::KeyNeeded | Self::Clock { .. } => S::UNAUTHORIZED,
            Self::Revoked | Self::Forbidden => S::FORBIDDEN,
            Self::NotFound | Self::NoProof { .. } | Self::CodeUnknown => S::NOT_FOUND,
            Self::Method => S::METHOD_NOT_ALLOWED,
            Self::CodeExpired | Self::Erased => S::GONE,
            Self::CodeUsed | Self::Cursor { .. } | Self::StaleCopy | Self::Offset { .. } => S::CONFLICT,
            Self::OnHold | Self::CityOrder { .. } => S::CONFLICT,
            Self::TooLarge { .. } => S::PAYLOAD_TOO_LARGE,
            Self::MediaType { .. } => S::UNSUPPORTED_MEDIA_TYPE,
            Self::TusVersion => S::PRECONDITION_FAILED,
            // The status that tus 1.0 gives to a checksum mismatch.
            Self::Checksum { .. } => S::from_u16(460).unwrap_or(S::BAD_REQUEST),
            Self::Bundle { .. } | Self::CityFaults { .. } => S::UNPROCESSABLE_ENTITY,
            Self::Range { .. } => S::RANGE_NOT_SATISFIABLE,
            Self::TooOften { .. } => S::TOO_MANY_REQUESTS,
            Self::Busy | Self::NotReady { .. } => S::SERVICE_UNAVAILABLE,
            Self::DiskFull => S::INSUFFICIENT_STORAGE,
            Self::Internal => S::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stable word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Bad { code, .. }
            | Self::Unauthorized { code, .. }
            | Self::Cursor { code, .. }
            | Self::TooLarge { code, .. }
            | Self::Bundle { code, .. }
            | Self::CityOrder { code, .. }
            | Self::NoProof { code, .. }
            | Self::Checksum { code, .. } => code,
            Self::BrokenFrame { .. } => "broken_frame",
            Self::KeyNeeded => "access_key",
            Self::Clock { .. } => "clock",
            Self::Revoked => "revoked",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Method => "method",
            Self::CodeUnknown => "unknown_code",
            Self::CodeExpired => "expired_code",
            Self::CodeUsed => "used_code",
            Self::StaleCopy => "stale_copy",
            Self::Offset { .. } => "offset",
            Self::MediaType { .. } => "media_type",
            Self::TusVersion => "tus_version",
            Self::Range { .. } => "range",
            Self::Erased => "erased",
            Self::OnHold => "on_hold",
            Self::CityFaults { .. } => "city_faults",
            Self::BodyCut => "body_cut",
            Self::TooOften { .. } => "rate_limited",
            Self::Busy => "busy",
            Self::NotReady { .. } => "not_ready",
            Self::DiskFull => "disk_full",
            Self::Internal => "internal",
        }
    }

    fn detail(&self) -> Value {
        match self {
            Self::BrokenFrame { whole, reply, .. } => json!({ "whole": whole, "reply": reply }),
            Self::Clock { now_millis } => json!({ "now": now_millis }),
            Self::Cursor { cursor, .. } => json!({ "cursor": cursor }),
            Self::Offset { offset } => json!({ "offset": offset }),
            Self::TooLarge { limit, .. } => json!({ "limit": limit }),
            Self::MediaType { expected } => json!({ "expected": expected }),
            Self::Range { size } => json!({ "size": size }),
            Self::CityFaults { found } => found.clone(),
            Self::NotReady { reason } => json!({ "reason": reason }),
            _ => Value::Null,
        }
    }

    fn header(&self) -> Option<(HeaderName, HeaderValue)> {
        let number = |name: &'static str, n: u64| Some((HeaderName::from_static(name), HeaderValue::from(n)));
        match self {
            Self::Busy | Self::NotReady { .. } => {
                Some((header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_SECONDS)))
            }
            Self::Unauthorized { .. } | Self::Clock { .. } => {
                Some((header::WWW_AUTHENTICATE, HeaderValue::from_static("Greenshield")))
            }
            Self::KeyNeeded => {
                let basic = HeaderValue::from_static("Basic realm=\"Greenshield\", charset=\"UTF-8\"");
                Some((header::WWW_AUTHENTICATE, basic))
            }
            Self::TooOften { wait } => number("retry-after", *wait),
            Self::Offset { offset } => number("upload-offset", *offset),
            Self::TusVersion => Some((HeaderName::from_static("tus-version"), HeaderValue::from_static("1.0.0"))),
            Self::Range { size } => {
                HeaderValue::from_str(&format!("bytes */{size}")).ok().map(|value| (header::CONTENT_RANGE, value))
            }
            _ => None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = ErrorBody { code: self.code().to_owned(), message: self.to_string(), detail: self.detail() };
        let mut response = (self.status(), Json(body)).into_response();
        response.headers_mut().extend(self.header());
        response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        response
    }
}

impl From<PathRejection> for ApiError {
    fn from(_: PathRejection) -> Self {
        Self::NotFound
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "store");
        if matches!(error, StoreError::Full) { Self::DiskFull } else { Self::Internal }
    }
}

impl From<VersionError> for ApiError {
    fn from(error: VersionError) -> Self {
        match error {
            VersionError::Store(error) => error.into(),
            VersionError::Package(error) => {
                tracing::error!(%error, "a version of the city package");
                Self::Internal
            }
            VersionError::Refused(found) => Self::CityFaults { found: json!(found) },
            VersionError::Moved => {
                let message = "somebody brought a newer version meanwhile; nothing was changed";
                Self::CityOrder { code: "city_moved", message }
            }
            VersionError::Past => {
                let message = "only a version whose day is to come can be withdrawn; nothing was changed";
                Self::CityOrder { code: "city_past", message }
            }
            VersionError::Day => {
                Self::Bad { code: "bad_day", message: "the day is over, or before that of the newest version" }
            }
            VersionError::Unknown => Self::NotFound,
        }
    }
}

impl From<InviteError> for ApiError {
    fn from(error: InviteError) -> Self {
        match error {
            InviteError::Store(error) => error.into(),
            InviteError::Entropy(error) => error.into(),
        }
    }
}

impl From<PackError> for ApiError {
    fn from(error: PackError) -> Self {
        tracing::error!(%error, "packs");
        Self::Internal
    }
}

impl From<BlobError> for ApiError {
    fn from(error: BlobError) -> Self {
        tracing::error!(%error, "blobs");
        match error {
            error if error.is_full() => Self::DiskFull,
            error if error.is_away() => Self::NotReady { reason: "blobs" },
            _ => Self::Internal,
        }
    }
}

impl From<EvidenceError> for ApiError {
    fn from(error: EvidenceError) -> Self {
        match error {
            EvidenceError::NotFound => Self::NotFound,
            EvidenceError::TooLarge { .. } => {
                Self::TooLarge { code: "too_large", what: "the export", limit: crate::evidence::MAX_FILES_BYTES }
            }
            EvidenceError::Store(error) => error.into(),
            EvidenceError::Blob(error) => error.into(),
            EvidenceError::Key(error) => error.into(),
            EvidenceError::Damaged { .. } | EvidenceError::Archive(_) => {
                tracing::error!(%error, "evidence");
                Self::Internal
            }
        }
    }
}

impl From<LedgerError> for ApiError {
    fn from(error: LedgerError) -> Self {
        let too_large = |code, what, limit| Self::TooLarge { code, what, limit };
        match error {
            LedgerError::TooMany => too_large("too_many_records", "the number of records", ledger::MAX_RECORDS as u64),
            LedgerError::TooLarge => too_large("too_large", "the size of the tracks", ledger::MAX_TRACK_BYTES),
            LedgerError::Store(error) => error.into(),
            LedgerError::Blob(error) => error.into(),
            LedgerError::Package(_) | LedgerError::Workbook(_) => {
                tracing::error!(%error, "ledger");
                Self::Internal
            }
        }
    }
}

impl From<ProofError> for ApiError {
    fn from(error: ProofError) -> Self {
        let message = error.to_string();
        match error {
            ProofError::UnknownOp => Self::NoProof { code: "unknown_op", message },
            ProofError::UnknownSize { .. } => Self::NoProof { code: "unknown_size", message },
            ProofError::TooNew { .. } => Self::NoProof { code: "not_in_tree", message },
            ProofError::Backwards { .. } => Self::Bad { code: "bad_query", message: "from is at most to" },
            ProofError::Store(error) => error.into(),
            ProofError::Damaged { .. } => {
                tracing::error!(%error, "proof");
                Self::Internal
            }
        }
    }
}

impl From<KeyError> for ApiError {
    fn from(error: KeyError) -> Self {
        tracing::error!(%error, "key");
        Self::Internal
    }
}

impl From<EntropyError> for ApiError {
    fn from(error: EntropyError) -> Self {
        tracing::error!(%error, "entropy");
        Self::Internal
    }
}

impl From<SequencerError> for ApiError {
    fn from(error: SequencerError) -> Self {
        match error {
            SequencerError::Busy | SequencerError::Stopped => Self::Busy,
            SequencerError::StaleCopy => Self::StaleCopy,
            SequencerError::CodeUnknown => Self::CodeUnknown,
            SequencerError::CodeExpired => Self::CodeExpired,
            SequencerError::CodeUsed => Self::CodeUsed,
            SequencerError::OpUnknown => Self::NotFound,
            SequencerError::NotAnswering => Self::Forbidden,
            SequencerError::OnHold => Self::OnHold,
            // Only the retention job asks so, and it takes no answer from here.
            SequencerError::Changed => Self::Internal,
            SequencerError::Full => Self::DiskFull,
            SequencerError::NotYours => {
                Self::Bad { code: "genesis", message: "the genesis does not fit this invite or this device" }
            }
            SequencerError::Fault => Self::Internal,
        }
    }
}
