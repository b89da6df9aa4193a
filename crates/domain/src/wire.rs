//! The bodies of the sync calls: what phone and server say to each other.
//!
//! Owns: every CBOR shape of `/v1/ops`, `/v1/snapshot`, `/v1/scope`, `/v1/heads`, `/v1/health` and the proofs, the JSON shapes of
//! `/v1/enrol`, `/v1/invites`, `/v1/verdicts`, `/v1/erasures`, `/v1/holds`, `/v1/devices`, `/v1/access-keys`, `/v1/city`, `/v1/audit`, `/v1/retention`, `/v1/coverage` and `/v1/packs`, the texts of upload headers, the result codes and the cursor.
//! Refuses: HTTP itself. `docs/op-format.md` and the OpenAPI tell the same for strangers.

mod access;
mod audit;
mod city;
mod coverage;
mod cursor;
mod enrol;
mod erasures;
mod heads;
mod health;
mod packs;
mod people;
mod proof;
mod pull;
mod push;
mod retention;
mod scope;
mod tus;
mod verdicts;

pub use access::{
    AccessKeyRequest, AccessKeyResponse, AccessKeyRow, AccessKeysResponse, MAX_KEY_DAYS, MAX_KEY_NAME_BYTES,
};
pub use audit::{AuditPage, AuditRow};
pub use city::{
    CityChangeRow, CityCheckRequest, CityCheckResponse, CityFaultRow, CityKeepRequest, CitySource, CityVersionRow,
    CityVersionState, CityVersionsResponse, MAX_CITY_BYTES, MAX_CITY_NOTE_BYTES,
};
pub use coverage::{CoverageReport, CoverageRow, MAX_COVERAGE_AREAS, MAX_COVERAGE_DAYS};
pub use cursor::{Cursor, CursorError, SnapshotCursor};
pub use enrol::{BeginRequest, BeginResponse, EnrolRequest, EnrolResponse, ErrorBody, KeysResponse, SignedJson};
pub use erasures::{ErasureRequest, ErasureResponse, HoldRequest, HoldResponse};
pub use heads::{Began, HeadsReply};
pub use health::{DeviceRow, DevicesResponse, HealthReport, MAX_HEALTH_BYTES};
pub use packs::{PackHeader, PackRow, PacksResponse};
pub use people::{
    HealthResponse, INVITE_HOURS, InviteRequest, InviteResponse, MAX_INVITE_HOURS, MAX_PEOPLE_REASON_BYTES, MeResponse,
    ReasonRequest, ReasonResponse, WipeState, XLSX_MIME,
};
pub use proof::{ConsistencyProof, InclusionProof};
pub use pull::{PersonRow, PullPage, PulledOp, Verdict};
pub use push::{MAX_PUSH_BYTES, MAX_PUSH_OPS, OpResult, PushReply, ResultCode, split_push};
pub use retention::{
    MAX_RETENTION_ROWS, MAX_RETENTION_RUNS, RetentionCount, RetentionReport, RetentionRow, RetentionRun,
};
pub use scope::ScopePage;
pub use tus::{upload_checksum, upload_metadata};
pub use verdicts::{DECIDED, HeldResponse, HeldRow, VerdictRequest, VerdictResponse, VerdictWord};

/// MIME type of every sync body.
pub const CBOR_MIME: &str = "application/cbor";
/// MIME type of a push: a CBOR sequence of ops.
pub const CBOR_SEQ_MIME: &str = "application/cbor-seq";
/// Request and reply header that carries the lease, 32 hex digits.
pub const LEASE_HEADER: &str = "greenshield-lease";
/// Reply header that carries a blob receipt: base64url of CBOR `[payload, signature]`.
pub const RECEIPT_HEADER: &str = "greenshield-receipt";

/// A sync body that does not have the agreed shape.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// Not canonical CBOR.
    #[error("not canonical CBOR: {0}")]
    Cbor(#[from] crate::cbor::CborError),
    /// Canonical, but another shape.
    #[error("not the shape of {0}")]
    Shape(&'static str),
}
