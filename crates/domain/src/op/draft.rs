//! Making an op: everything that can be decided before the key signs.

use super::{
    Body, Entry, Header, MAX_BODY_BYTES, MAX_DEPS, MAX_HEADER_BYTES, MAX_LEAVES, OpError, SignedOp, check_size, header,
};
use crate::cbor::{self, Value};
use crate::ids::{CheckpointId, LogId, OpId, OpRef, RecordId};
use crate::signature::{self, Signature};

/// All that an author decides; time and randomness come from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// The author's log.
    pub log: LogId,
    /// Next place in it.
    pub seq: u64,
    /// Its head, `None` for a genesis.
    pub prev: Option<OpId>,
    /// The phone's clock, ms since 1970.
    pub wall_millis: i64,
    /// Random name of this run of the app.
    pub boot: [u8; 8],
    /// Monotonic ms of this run.
    pub mono_millis: i64,
    /// Newest checkpoint held.
    pub seen: CheckpointId,
    /// The record.
    pub record: RecordId,
    /// Its kind.
    pub kind: u32,
    /// Heads of the record from other logs.
    pub deps: Vec<OpRef>,
    /// 16 random bytes, the source of all salts.
    pub seed: [u8; 16],
    /// The changes.
    pub entries: Vec<Entry>,
}

impl Draft {
    /// Fixes header, body and id.
    ///
    /// # Errors
    /// [`OpError::TooLarge`] when a limit is passed, [`OpError::Shape`] for an op without entries, [`OpError::Cbor`] for a value
    /// that has no canonical form. What it gives, [`SignedOp::decode`] reads back.
    pub fn freeze(self) -> Result<UnsignedOp, OpError> {
        check_size("header.deps", self.deps.len(), MAX_DEPS)?;
        check_size("body.leaves", self.entries.len(), MAX_LEAVES)?;
        if self.entries.is_empty() {
            return Err(OpError::Shape { part: "body" });
        }
        let body = Body::Full { seed: self.seed, entries: self.entries };
        let leaves = body.leaf_hashes();
        let header = Header {
            log: self.log,
            seq: self.seq,
            prev: self.prev,
            wall_millis: self.wall_millis,
            boot: self.boot,
            mono_millis: self.mono_millis,
            seen: self.seen,
            record: self.record,
            kind: self.kind,
            deps: self.deps,
            root: crate::tree::root(&leaves),
            leaf_count: leaves.len(),
        };
        let (header_bytes, body_bytes) = (header.encode(), cbor::encode(&body.to_value()));
        check_size("op.header", header_bytes.len(), MAX_HEADER_BYTES)?;
        check_size("op.body", body_bytes.len(), MAX_BODY_BYTES)?;
        // What can not be read back must not be signed: a hand-made map out of order, a seq beyond i64, a missing prev.
        if Header::decode(&header_bytes)? != header {
            return Err(OpError::Shape { part: "header" });
        }
        if Body::from_value(&cbor::decode(&body_bytes)?)? != body {
            return Err(OpError::Shape { part: "body" });
        }
        Ok(UnsignedOp { id: header::op_id(&header_bytes), header, header_bytes, body })
    }
}

/// An op whose id is fixed and that waits for its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedOp {
    id: OpId,
    header: Header,
    header_bytes: Vec<u8>,
    body: Body,
}

impl UnsignedOp {
    /// The id; signing does not change it.
    #[must_use]
    pub fn id(&self) -> OpId {
        self.id
    }

    /// The message that the key of the log signs.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        signature::op_message(&self.id)
    }

    /// Joins the signature, brought to low-S.
    #[must_use]
    pub fn seal(self, signature: Signature) -> SignedOp {
        let signature = signature.to_low_s();
        let bytes = cbor::encode(&Value::Array(vec![
            Value::Bytes(self.header_bytes),
            Value::bytes(signature.0),
            self.body.to_value(),
        ]));
        SignedOp { bytes, id: self.id, header: self.header, signature, body: self.body }
    }
}
