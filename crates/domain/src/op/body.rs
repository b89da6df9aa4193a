//! The body: field entries under salted leaves, so that one entry can be hidden and the rest still verifies.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Leaves, MAX_LEAVES, MAX_VALUE_DEPTH, OpError, check_size};
use crate::cbor::{self, Value};
use crate::ids::sha256;
use crate::tree::Hash;

/// What an entry does to its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    /// The field has this value.
    Set,
    /// The set has this element.
    Add,
    /// The set no longer has this element.
    Remove,
    /// The set has this blob: a map {1: sha256, 2: size in bytes, 3: MIME type, 4?: name, 5?: original's sha256}.
    Link,
}

impl Act {
    fn from_int(int: i64) -> Option<Self> {
        [Act::Set, Act::Add, Act::Remove, Act::Link].get(usize::try_from(int).ok()?).copied()
    }
}

/// One change of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Field id inside the kind, never reused.
    pub field: u32,
    /// What happens to it.
    pub act: Act,
    /// With which value.
    pub value: Value,
}

impl Entry {
    /// An entry that sets a field.
    #[must_use]
    pub fn set(field: u32, value: Value) -> Self {
        Self { field, act: Act::Set, value }
    }

    fn to_value(&self) -> Value {
        Value::Array(vec![Value::Int(i64::from(self.field)), Value::Int(self.act as i64), self.value.clone()])
    }

    fn from_value(value: &Value) -> Result<Self, OpError> {
        let shape = OpError::Shape { part: "body.entry" };
        let Some([field, act, value]) = value.as_array() else { return Err(shape) };
        let field = field.as_int().and_then(|field| u32::try_from(field).ok()).ok_or(shape.clone())?;
        let act = act.as_int().and_then(Act::from_int).ok_or(shape)?;
        check_size("body.value depth", depth(value), MAX_VALUE_DEPTH)?;
        Ok(Self { field, act, value: value.clone() })
    }
}

fn depth(value: &Value) -> usize {
    1 + match value {
        Value::Array(items) => items.iter().map(depth).max().unwrap_or(0),
        Value::Map(pairs) => pairs.iter().map(|(key, value)| depth(key).max(depth(value))).max().unwrap_or(0),
        _ => 0,
    }
}

/// One leaf of a redacted body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RedactedLeaf {
    /// Still readable.
    Open {
        /// Its salt.
        salt: [u8; 16],
        /// Its entry.
        entry: Entry,
    },
    /// Only the hash is left.
    Hidden(Hash),
}

/// The body of an op, whole or with hidden leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// As the author wrote it.
    Full {
        /// Source of all salts.
        seed: [u8; 16],
        /// The entries in the author's order.
        entries: Vec<Entry>,
    },
    /// With some entries hidden from this reader, or erased.
    Redacted(Vec<RedactedLeaf>),
}

impl Body {
    /// Whether it is as the author wrote it. A server takes only such bodies from a push: a redacted one verifies as well,
    /// and would shut the whole one out as a duplicate.
    #[must_use]
    pub fn is_full(&self) -> bool {
        matches!(self, Body::Full { .. })
    }

    /// The entries that this reader can see.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        let (full, redacted): (&[Entry], &[RedactedLeaf]) = match self {
            Body::Full { entries, .. } => (entries, &[]),
            Body::Redacted(leaves) => (&[], leaves),
        };
        let open = redacted.iter().filter_map(|leaf| match leaf {
            RedactedLeaf::Open { entry, .. } => Some(entry),
            RedactedLeaf::Hidden(_) => None,
        });
        full.iter().chain(open)
    }

    /// The salted leaf hashes in order.
    #[must_use]
    pub fn leaf_hashes(&self) -> Vec<Hash> {
        match self {
            Body::Full { seed, entries } => {
                entries.iter().enumerate().map(|(i, entry)| leaf(&salt(seed, i), entry)).collect()
            }
            Body::Redacted(leaves) => leaves
                .iter()
                .map(|redacted| match redacted {
                    RedactedLeaf::Open { salt, entry } => leaf(salt, entry),
                    RedactedLeaf::Hidden(hash) => *hash,
                })
                .collect(),
        }
    }

    /// The leaves of which only the hash is left.
    #[must_use]
    pub fn hidden(&self) -> Leaves {
        match self {
            Body::Full { .. } => Leaves::default(),
            Body::Redacted(leaves) => {
                let hidden = leaves.iter().enumerate().filter(|(_, leaf)| matches!(leaf, RedactedLeaf::Hidden(_)));
                hidden.map(|(index, _)| index).collect()
            }
        }
    }

    /// The entries that this reader can see, with the indexes of their leaves.
    pub fn open_leaves(&self) -> impl Iterator<Item = (usize, &Entry)> {
        let hidden = self.hidden();
        (0..MAX_LEAVES).filter(move |index| !hidden.has(*index)).zip(self.entries())
    }

    pub(super) fn redact(&self, hide: impl Fn(usize, &Entry) -> bool) -> Body {
        let close = |index: usize, salt: [u8; 16], entry: &Entry| {
            if hide(index, entry) {
                RedactedLeaf::Hidden(leaf(&salt, entry))
            } else {
                RedactedLeaf::Open { salt, entry: entry.clone() }
            }
        };
        Body::Redacted(match self {
            Body::Full { seed, entries } => {
                entries.iter().enumerate().map(|(i, e)| close(i, salt(seed, i), e)).collect()
            }
            Body::Redacted(leaves) => leaves
                .iter()
                .enumerate()
                .map(|(index, leaf)| match leaf {
                    RedactedLeaf::Open { salt, entry } => close(index, *salt, entry),
                    RedactedLeaf::Hidden(hash) => RedactedLeaf::Hidden(*hash),
                })
                .collect(),
        })
    }

    pub(super) fn to_value(&self) -> Value {
        match self {
            Body::Full { seed, entries } => {
                Value::Array(vec![Value::bytes(seed), Value::Array(entries.iter().map(Entry::to_value).collect())])
            }
            Body::Redacted(leaves) => {
                let leaves = leaves.iter().map(|leaf| match leaf {
                    RedactedLeaf::Open { salt, entry } => Value::Array(vec![Value::bytes(salt), entry.to_value()]),
                    RedactedLeaf::Hidden(hash) => Value::bytes(hash),
                });
                Value::Array(vec![Value::Null, Value::Array(leaves.collect())])
            }
        }
    }

    pub(super) fn from_value(value: &Value) -> Result<Self, OpError> {
        let shape = OpError::Shape { part: "body" };
        let Some([seed, leaves]) = value.as_array() else { return Err(shape) };
        let leaves = leaves.as_array().ok_or(shape.clone())?;
        if leaves.len() > MAX_LEAVES {
            return Err(OpError::TooLarge { part: "body.leaves", found: leaves.len(), limit: MAX_LEAVES });
        }
        if *seed == Value::Null {
            return leaves.iter().map(redacted_leaf).collect::<Result<_, _>>().map(Body::Redacted);
        }
        let seed = seed.as_array_of().ok_or(shape)?;
        let entries = leaves.iter().map(Entry::from_value).collect::<Result<_, _>>()?;
        Ok(Body::Full { seed, entries })
    }
}

fn redacted_leaf(value: &Value) -> Result<RedactedLeaf, OpError> {
    let shape = OpError::Shape { part: "body.leaf" };
    if let Some(hash) = value.as_array_of() {
        return Ok(RedactedLeaf::Hidden(hash));
    }
    let Some([salt, entry]) = value.as_array() else { return Err(shape) };
    Ok(RedactedLeaf::Open { salt: salt.as_array_of().ok_or(shape)?, entry: Entry::from_value(entry)? })
}

/// `HMAC-SHA256(seed, index as 4 bytes big-endian)`, first 16 bytes.
pub(super) fn salt(seed: &[u8; 16], index: usize) -> [u8; 16] {
    let mut block = [0; 64];
    block[..16].copy_from_slice(seed);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    mac.update(&u32::try_from(index).unwrap_or(u32::MAX).to_be_bytes());
    let tag = mac.finalize().into_bytes();
    let mut salt = [0; 16];
    salt.copy_from_slice(&tag[..16]);
    salt
}

/// `SHA-256(0x00 ‖ salt ‖ cbor [field, act, value])`.
pub(super) fn leaf(salt: &[u8; 16], entry: &Entry) -> Hash {
    sha256(&[&[0], salt, &cbor::encode(&entry.to_value())])
}
