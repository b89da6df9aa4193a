//! The op: one user action, signed, never edited.
//!
//! Owns: header, body, leaves, id, and the exact bytes of all of them. Refuses: anything over the limits, anything
//! non-canonical, a body that does not hash to the header's root. Bytes are kept as they came; nothing is re-encoded to
//! check a signature. The format is frozen by `tests/golden/` and told in `docs/op-format.md`.

mod body;
mod draft;
mod genesis;
mod header;
mod leaves;

use thiserror::Error;

pub use body::{Act, Body, Entry, RedactedLeaf};
pub use draft::{Draft, UnsignedOp};
pub use genesis::{Continues, Genesis};
pub use header::Header;
pub use leaves::Leaves;

use crate::cbor::{self, CborError, Value};
use crate::ids::OpId;
use crate::signature::{self, PublicKey, Signature, SignatureCheck};

/// Longest header in bytes.
pub const MAX_HEADER_BYTES: usize = 1024;
/// Longest body in bytes.
pub const MAX_BODY_BYTES: usize = 16 * 1024;
/// Longest redacted body in bytes: hiding an entry puts a hash and keeping it puts a salt where there was none.
pub const MAX_REDACTED_BODY_BYTES: usize = MAX_BODY_BYTES + 32 * MAX_LEAVES;
/// Deepest nesting of one value: a plain integer has depth 1, an array of integers 2. Leaves room for what wraps it.
pub const MAX_VALUE_DEPTH: usize = 8;
/// Most leaves (field entries) in one op.
pub const MAX_LEAVES: usize = 64;
/// Most `deps` in one op.
pub const MAX_DEPS: usize = 8;
/// The kind of seq 0 of every log.
pub const KIND_GENESIS: u32 = 0;

/// Why bytes are not an op.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpError {
    /// Not canonical CBOR.
    #[error("not canonical CBOR: {0}")]
    Cbor(#[from] CborError),
    /// Canonical, but not the shape of an op.
    #[error("{part} has not the shape of an op")]
    Shape {
        /// The part that is wrong, e.g. `header.deps`.
        part: &'static str,
    },
    /// Longer than allowed.
    #[error("{part} is {found} long, the limit is {limit}")]
    TooLarge {
        /// What is too long.
        part: &'static str,
        /// Bytes or items found.
        found: usize,
        /// Bytes or items allowed.
        limit: usize,
    },
    /// The body does not hash to the root of the header.
    #[error("the body does not match the root in the header")]
    RootMismatch,
    /// The key does not belong to the log.
    #[error("the public key does not belong to this log")]
    WrongKey,
    /// The signature does not verify, or is the high-S twin of one that does.
    #[error("the signature is not valid for this op")]
    BadSignature,
}

/// An op as it travels: its exact bytes and what they say. Structure is checked, the signature is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedOp {
    bytes: Vec<u8>,
    id: OpId,
    header: Header,
    signature: Signature,
    body: Body,
}

impl SignedOp {
    /// Reads one op that fills the input.
    ///
    /// # Errors
    /// [`OpError`], naming the part that is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, OpError> {
        let value = cbor::decode(bytes)?;
        let Some([header, signature, body]) = value.as_array() else { return Err(OpError::Shape { part: "op" }) };
        let header_bytes = header.as_bytes().ok_or(OpError::Shape { part: "op.header" })?;
        check_size("op.header", header_bytes.len(), MAX_HEADER_BYTES)?;
        let signature = signature.as_array_of().ok_or(OpError::Shape { part: "op.signature" })?;
        let body_bytes = cbor::encode(body).len();
        let (id, header) = (header::op_id(header_bytes), Header::decode(header_bytes)?);
        let body = Body::from_value(body)?;
        check_size("op.body", body_bytes, if body.is_full() { MAX_BODY_BYTES } else { MAX_REDACTED_BODY_BYTES })?;
        let leaves = body.leaf_hashes();
        if leaves.len() != header.leaf_count || crate::tree::root(&leaves) != header.root {
            return Err(OpError::RootMismatch);
        }
        Ok(Self { bytes: bytes.to_vec(), id, header, signature: Signature(signature), body })
    }

    /// The exact bytes, to be stored and forwarded.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// SHA-256 over the header.
    #[must_use]
    pub fn id(&self) -> OpId {
        self.id
    }

    /// What the header says.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The signature as it came.
    #[must_use]
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// What the body says.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// Checks who signed.
    ///
    /// # Errors
    /// [`OpError::WrongKey`] or [`OpError::BadSignature`].
    pub fn verify(self, key: &PublicKey, check: &impl SignatureCheck) -> Result<VerifiedOp, OpError> {
        if key.log_id() != self.header.log {
            return Err(OpError::WrongKey);
        }
        if !self.signature.is_low_s() || !check.verify(key, &signature::op_message(&self.id), &self.signature) {
            return Err(OpError::BadSignature);
        }
        Ok(VerifiedOp(self))
    }

    /// The same op with some entries hidden; id, signature and root stay what they were.
    #[must_use]
    pub fn redact(&self, hide: impl Fn(&Entry) -> bool) -> Self {
        self.with_body(self.body.redact(|_, entry| hide(entry)))
    }

    /// The same op with some leaves hidden, besides those that are already. When that hides nothing more it is the very op.
    #[must_use]
    pub fn hide(&self, leaves: Leaves) -> Self {
        let there: Leaves = (0..self.header.leaf_count).collect();
        if Leaves(leaves.0 & there.0).are_among(self.body.hidden()) {
            return self.clone();
        }
        self.with_body(self.body.redact(|index, _| leaves.has(index)))
    }

    fn with_body(&self, body: Body) -> Self {
        let bytes = cbor::encode(&Value::Array(vec![
            Value::Bytes(self.header.encode()),
            Value::bytes(self.signature.0),
            body.to_value(),
        ]));
        Self { bytes, body, ..self.clone() }
    }
}

/// An op whose signature was checked against the key of its log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedOp(SignedOp);

impl VerifiedOp {
    /// As [`SignedOp::hide`]: what was signed is the header, and that stays.
    #[must_use]
    pub fn hide(&self, leaves: Leaves) -> Self {
        Self(self.0.hide(leaves))
    }
}

impl std::ops::Deref for VerifiedOp {
    type Target = SignedOp;
    fn deref(&self) -> &SignedOp {
        &self.0
    }
}

fn check_size(part: &'static str, found: usize, limit: usize) -> Result<(), OpError> {
    if found > limit { Err(OpError::TooLarge { part, found, limit }) } else { Ok(()) }
}
