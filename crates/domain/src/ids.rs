//! Identifiers, each its own type so that none can be passed for another.
//!
//! Owns: their width, hex form and derivation. All ids are plain bytes; text is lower-case hex.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::cbor::Value;

/// Text that is not the hex of an id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("an id of {expected} bytes is written as {} hex digits, not as {found:?}", expected * 2)]
pub struct IdError {
    /// Width in bytes.
    pub expected: usize,
    /// The text as it came.
    pub found: String,
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $width:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub [u8; $width]);

        impl $name {
            /// Lower-case hex.
            #[must_use]
            pub fn to_hex(&self) -> String {
                to_hex(&self.0)
            }

            /// Reads lower- or upper-case hex.
            ///
            /// # Errors
            /// When the text is not exactly the hex of this width.
            pub fn from_hex(text: &str) -> Result<Self, IdError> {
                from_hex(text)
                    .and_then(|bytes| bytes.try_into().ok())
                    .map(Self)
                    .ok_or_else(|| IdError { expected: $width, found: text.chars().take(80).collect() })
            }

            /// As a CBOR byte string.
            #[must_use]
            pub fn to_value(&self) -> Value {
                Value::bytes(self.0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({})", stringify!($name), &self.to_hex()[..8])
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.to_hex())
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::from_hex(&text)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_hex()
            }
        }
    };
}

id!(
    /// A log: SHA-256 over the algorithm and the public key that signs it.
    LogId, 32
);
id!(
    /// An op: SHA-256 of its header. The signature is no part of it, so a retry that signs again is the same op.
    OpId, 32
);
id!(
    /// The first 16 bytes of an [`OpId`], enough to name an op among those of one record.
    OpRef, 16
);
id!(
    /// A record: UUIDv7, made by whoever saves it first.
    RecordId, 16
);
id!(
    /// An account: a person at one server.
    AccountId, 16
);
id!(
    /// A blob: SHA-256 of its plain bytes.
    BlobId, 32
);
id!(
    /// A checkpoint of the server's Merkle log: the first 16 bytes of its hash. All zero = none held yet.
    CheckpointId, 16
);
id!(
    /// A sealing key of a server: SHA-256 over its public point.
    SealingKeyId, 32
);
id!(
    /// An access key of a program.
    AccessKeyId, 16
);
id!(
    /// One incarnation of a server database; a restore starts a new one.
    Epoch, 8
);

impl OpId {
    /// The short form used in `deps`.
    #[must_use]
    pub fn short(&self) -> OpRef {
        let mut short = [0; 16];
        short.copy_from_slice(&self.0[..16]);
        OpRef(short)
    }
}

impl CheckpointId {
    /// What an op quotes before its phone has seen any checkpoint.
    pub const NONE: Self = Self([0; 16]);
}

impl RecordId {
    /// A UUIDv7 (RFC 9562 §5.7) of a moment in ms since 1970 and 10 random bytes.
    #[must_use]
    pub fn v7(now_millis: i64, random: [u8; 10]) -> Self {
        let mut id = [0; 16];
        id[..6].copy_from_slice(&now_millis.max(0).to_be_bytes()[2..]);
        id[6..].copy_from_slice(&random);
        id[6] = 0x70 | (id[6] & 0x0f);
        id[8] = 0x80 | (id[8] & 0x3f);
        Self(id)
    }
}

impl BlobId {
    /// The id of bytes held in memory.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha256(&[bytes]))
    }
}

/// The id of bytes that come piece by piece.
#[derive(Debug, Clone, Default)]
pub struct BlobHash(Sha256);

impl BlobHash {
    /// More bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The id of all of them.
    #[must_use]
    pub fn finish(self) -> BlobId {
        BlobId(self.0.finalize().into())
    }
}

/// SHA-256 over the concatenation of parts.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    parts.iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}

/// Lower-case hex of bytes.
#[must_use]
pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]]).map(char::from).collect()
}

/// Bytes of hex text; `None` when a character or the length is wrong.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !text.is_ascii() {
        return None;
    }
    let nibble = |c: u8| char::from(c).to_digit(16).and_then(|d| u8::try_from(d).ok());
    text.as_bytes().chunks(2).map(|pair| Some(nibble(pair[0])? << 4 | nibble(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_reads_back_and_refuses_what_is_not_hex() {
        let id = RecordId::v7(1_763_900_000_000, [0xab; 10]);
        assert_eq!(RecordId::from_hex(&id.to_hex()), Ok(id));
        assert!(RecordId::from_hex("00").is_err());
        assert!(RecordId::from_hex(&"g0".repeat(16)).is_err());
        assert!(RecordId::from_hex(&"水".repeat(16)).is_err());
    }

    #[test]
    fn a_record_id_is_a_version_7_uuid_and_sorts_by_time() {
        let early = RecordId::v7(1_000, [0xff; 10]);
        let late = RecordId::v7(2_000, [0x00; 10]);
        assert!(early < late);
        assert_eq!((early.0[6] >> 4, early.0[8] >> 6), (7, 2));
    }
}
