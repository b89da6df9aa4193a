//! The header: the part of an op that is hashed and signed.

use super::{MAX_DEPS, MAX_LEAVES, OpError};
use crate::cbor::{self, Value};
use crate::ids::{CheckpointId, LogId, OpId, OpRef, RecordId, sha256};
use crate::tree::Hash;

/// What the signer says: who, where in the log, when, about which record, on top of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The log that this op belongs to.
    pub log: LogId,
    /// Place in the log, from 0.
    pub seq: u64,
    /// The op before it in the log; `None` at seq 0 only.
    pub prev: Option<OpId>,
    /// The phone's clock, ms since 1970, wrong or not.
    pub wall_millis: i64,
    /// Random name of this run of the app.
    pub boot: [u8; 8],
    /// Monotonic ms since that run began; a hint, since it may stop while the phone sleeps.
    pub mono_millis: i64,
    /// The newest checkpoint that the phone held: the op is not older than it.
    pub seen: CheckpointId,
    /// The record it is about.
    pub record: RecordId,
    /// The kind of that record (city package), 0 for a genesis.
    pub kind: u32,
    /// The other heads of the record that the author saw, at most [`MAX_DEPS`].
    pub deps: Vec<OpRef>,
    /// Root over the salted leaves of the body.
    pub root: Hash,
    /// Number of leaves, 1 to [`MAX_LEAVES`].
    pub leaf_count: usize,
}

/// The format version that this code writes and reads.
const VERSION: i64 = 1;

/// The id of an op with this header.
pub(super) fn op_id(header_bytes: &[u8]) -> OpId {
    OpId(sha256(&[b"gs/op/1\0", header_bytes]))
}

impl Header {
    /// The canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let int = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        cbor::encode(&Value::int_map([
            (1, Value::Int(VERSION)),
            (2, self.log.to_value()),
            (3, int(self.seq)),
            (4, self.prev.map_or(Value::Null, |prev| prev.to_value())),
            (5, Value::Int(self.wall_millis)),
            (6, Value::Array(vec![Value::bytes(self.boot), Value::Int(self.mono_millis)])),
            (7, self.seen.to_value()),
            (8, self.record.to_value()),
            (9, Value::Int(i64::from(self.kind))),
            (10, Value::Array(self.deps.iter().map(OpRef::to_value).collect())),
            (11, Value::bytes(self.root)),
            (12, int(self.leaf_count as u64)),
        ]))
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`OpError::Cbor`] or [`OpError::Shape`] with the field that is wrong.
    pub fn decode(bytes: &[u8]) -> Result<Self, OpError> {
        let value = cbor::decode(bytes)?;
        let shape = |part| OpError::Shape { part };
        let Value::Map(pairs) = &value else { return Err(shape("header")) };
        if pairs.len() != 12 || value.get(1) != Some(&Value::Int(VERSION)) {
            return Err(shape("header.version"));
        }
        let get = |key, part| value.get(key).ok_or(shape(part));
        let clock = get(6, "header.clock")?.as_array().ok_or(shape("header.clock"))?;
        let [boot, mono] = clock else { return Err(shape("header.clock")) };
        let deps = get(10, "header.deps")?.as_array().ok_or(shape("header.deps"))?;
        let header = Self {
            log: LogId(get(2, "header.log")?.as_array_of().ok_or(shape("header.log"))?),
            seq: unsigned(get(3, "header.seq")?).ok_or(shape("header.seq"))?,
            prev: match get(4, "header.prev")? {
                Value::Null => None,
                prev => Some(OpId(prev.as_array_of().ok_or(shape("header.prev"))?)),
            },
            wall_millis: get(5, "header.wall")?.as_int().ok_or(shape("header.wall"))?,
            boot: boot.as_array_of().ok_or(shape("header.clock"))?,
            mono_millis: mono.as_int().ok_or(shape("header.clock"))?,
            seen: CheckpointId(get(7, "header.seen")?.as_array_of().ok_or(shape("header.seen"))?),
            record: RecordId(get(8, "header.record")?.as_array_of().ok_or(shape("header.record"))?),
            kind: unsigned(get(9, "header.kind")?).ok_or(shape("header.kind"))?,
            deps: deps
                .iter()
                .map(|dep| dep.as_array_of().map(OpRef))
                .collect::<Option<_>>()
                .ok_or(shape("header.deps"))?,
            root: get(11, "header.root")?.as_array_of().ok_or(shape("header.root"))?,
            leaf_count: unsigned(get(12, "header.leaf_count")?).ok_or(shape("header.leaf_count"))?,
        };
        if header.deps.len() > MAX_DEPS {
            return Err(OpError::TooLarge { part: "header.deps", found: header.deps.len(), limit: MAX_DEPS });
        }
        if header.leaf_count == 0 || header.leaf_count > MAX_LEAVES {
            return Err(OpError::TooLarge { part: "header.leaf_count", found: header.leaf_count, limit: MAX_LEAVES });
        }
        if (header.seq == 0) != header.prev.is_none() {
            return Err(shape("header.prev"));
        }
        Ok(header)
    }
}

fn unsigned<T: TryFrom<i64>>(value: &Value) -> Option<T> {
    T::try_from(value.as_int()?).ok()
}
