//! `GET /v1/log/proof/inclusion` and `/consistency`: what an auditor gets to check that the server's log was never rewritten.

use super::WireError;
use crate::cbor::{self, Value};
use crate::ids::OpId;
use crate::statement::{Checkpoint, Signed, read_uint, uint};
use crate::tree::proof::{is_consistent, is_included};
use crate::tree::{Hash, leaf_hash};

/// An op stands at a position of the log that a checkpoint signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InclusionProof {
    /// The op's position, from 1.
    pub pos: u64,
    /// Size of the tree.
    pub size: u64,
    /// The hashes, from the leaf up.
    pub path: Vec<Hash>,
    /// The checkpoint of that size, signed.
    pub checkpoint: Signed,
}

impl InclusionProof {
    /// Whether it shows that the op is in the log of that checkpoint, which the caller has opened with the server's key.
    #[must_use]
    pub fn shows(&self, op: OpId, checkpoint: &Checkpoint) -> bool {
        let Some(leaf) = self.pos.checked_sub(1) else { return false };
        self.size == checkpoint.size && is_included(&leaf_hash(&op.0), leaf, self.size, &self.path, &checkpoint.root)
    }

    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(self.pos, self.size, &self.path, &self.checkpoint)
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let (pos, size, path, checkpoint) = decode(bytes, "inclusion proof")?;
        Ok(Self { pos, size, path, checkpoint })
    }
}

/// The log of one checkpoint is the beginning of the log of a later one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsistencyProof {
    /// Size of the old tree.
    pub from: u64,
    /// Size of the new tree.
    pub to: u64,
    /// The hashes, from the old edge up.
    pub path: Vec<Hash>,
    /// The checkpoint of the new size, signed.
    pub checkpoint: Signed,
}

impl ConsistencyProof {
    /// Whether it shows that nothing of the old log was changed, moved or dropped in the new one.
    #[must_use]
    pub fn shows(&self, old: &Checkpoint, new: &Checkpoint) -> bool {
        (self.from, self.to) == (old.size, new.size)
            && is_consistent(self.from, &old.root, self.to, &new.root, &self.path)
    }

    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        encode(self.from, self.to, &self.path, &self.checkpoint)
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let (from, to, path, checkpoint) = decode(bytes, "consistency proof")?;
        Ok(Self { from, to, path, checkpoint })
    }
}

fn encode(first: u64, second: u64, path: &[Hash], checkpoint: &Signed) -> Vec<u8> {
    cbor::encode(&Value::int_map([
        (1, uint(first)),
        (2, uint(second)),
        (3, Value::Array(path.iter().map(Value::bytes).collect())),
        (4, checkpoint.to_value()),
    ]))
}

fn decode(bytes: &[u8], shape: &'static str) -> Result<(u64, u64, Vec<Hash>, Signed), WireError> {
    let value = cbor::decode(bytes)?;
    let read = || {
        let path = value.get(3)?.as_array()?.iter().map(Value::as_array_of).collect::<Option<_>>()?;
        Some((read_uint(value.get(1)?)?, read_uint(value.get(2)?)?, path, Signed::from_value(value.get(4)?)?))
    };
    read().ok_or(WireError::Shape(shape))
}
