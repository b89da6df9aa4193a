//! What the server signs: certificates, receipts and checkpoints, and the one word that a phone signs; each canonical CBOR plus
//! a signature.
//!
//! Owns: their payloads, tags and ids. Invariant: payload bytes are kept as they were signed.

use thiserror::Error;

use crate::cbor::{self, CborError, Value};
use crate::ids::{AccountId, BlobId, CheckpointId, Epoch, LogId, OpId, sha256};
use crate::signature::{PublicKey, Signature, SignatureCheck};
use crate::tree::Hash;

/// Why a statement can not be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StatementError {
    /// Not canonical CBOR.
    #[error("not canonical CBOR: {0}")]
    Cbor(#[from] CborError),
    /// Not the shape of this statement.
    #[error("not the shape of a {0}")]
    Shape(&'static str),
    /// Not signed by the server's key.
    #[error("not signed by the key of this server")]
    BadSignature,
}

/// A payload and a signature over its tag and bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// Canonical CBOR, verbatim.
    pub payload: Vec<u8>,
    /// Over `tag ‖ payload`.
    pub signature: Signature,
}

impl Signed {
    /// As `[payload bstr, signature bstr]`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::Array(vec![Value::bytes(&self.payload), Value::bytes(self.signature.0)])
    }

    /// Reads `[payload bstr, signature bstr]`.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let [payload, signature] = value.as_array()? else { return None };
        Some(Self { payload: payload.as_bytes()?.to_vec(), signature: Signature(signature.as_array_of()?) })
    }

    /// Checks the signature and reads the statement.
    ///
    /// # Errors
    /// [`StatementError`]; nothing of an unsigned payload is returned.
    pub fn open<S: Statement>(&self, key: &PublicKey, check: &impl SignatureCheck) -> Result<S, StatementError> {
        if !check.verify(key, &S::message(&self.payload), &self.signature) {
            return Err(StatementError::BadSignature);
        }
        self.read_unchecked()
    }

    /// Reads the statement without asking who signed; for callers that verified it before they stored it.
    ///
    /// # Errors
    /// [`StatementError::Cbor`] or [`StatementError::Shape`].
    pub fn read_unchecked<S: Statement>(&self) -> Result<S, StatementError> {
        S::from_value(&cbor::decode(&self.payload)?).ok_or(StatementError::Shape(S::NAME))
    }
}

/// A kind of statement.
pub trait Statement: Sized {
    /// Name for errors.
    const NAME: &'static str;
    /// Domain-separation tag, ending in a zero byte.
    const TAG: &'static [u8];
    /// The payload.
    fn to_value(&self) -> Value;
    /// Reads a payload.
    fn from_value(value: &Value) -> Option<Self>;

    /// The canonical payload bytes.
    fn payload(&self) -> Vec<u8> {
        cbor::encode(&self.to_value())
    }

    /// What the server signs for a payload.
    fn message(payload: &[u8]) -> Vec<u8> {
        [Self::TAG, payload].concat()
    }
}

/// The server's word that a contiguous run of a log is durably stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// The database incarnation that stores it.
    pub epoch: Epoch,
    /// The log.
    pub log: LogId,
    /// First seq.
    pub from: u64,
    /// Last seq, inclusive.
    pub upto: u64,
    /// The op at `upto`; its `prev` chain fixes the others.
    pub head: OpId,
    /// When the run arrived, ms since 1970, server clock.
    pub received_millis: i64,
    /// The checkpoint right after the commit.
    pub checkpoint: CheckpointId,
}

impl Statement for Receipt {
    const NAME: &'static str = "receipt";
    const TAG: &'static [u8] = b"gs/receipt/1\0";

    fn to_value(&self) -> Value {
        Value::int_map([
            (1, Value::Int(1)),
            (2, self.epoch.to_value()),
            (3, self.log.to_value()),
            (4, uint(self.from)),
            (5, uint(self.upto)),
            (6, self.head.to_value()),
            (7, Value::Int(self.received_millis)),
            (8, self.checkpoint.to_value()),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let get = |key| value.get(key);
        (get(1)? == &Value::Int(1)).then_some(())?;
        Some(Self {
            epoch: Epoch(get(2)?.as_array_of()?),
            log: LogId(get(3)?.as_array_of()?),
            from: read_uint(get(4)?)?,
            upto: read_uint(get(5)?)?,
            head: OpId(get(6)?.as_array_of()?),
            received_millis: get(7)?.as_int()?,
            checkpoint: CheckpointId(get(8)?.as_array_of()?),
        })
    }
}

/// The server's word that a blob is durably stored and hashes to its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobReceipt {
    /// The database incarnation that stores it.
    pub epoch: Epoch,
    /// The blob.
    pub blob: BlobId,
    /// Its size.
    pub size_bytes: u64,
    /// When its last byte arrived, ms since 1970, server clock.
    pub received_millis: i64,
}

impl Statement for BlobReceipt {
    const NAME: &'static str = "blob receipt";
    const TAG: &'static [u8] = b"gs/blob-receipt/1\0";

    fn to_value(&self) -> Value {
        Value::int_map([
            (1, Value::Int(1)),
            (2, self.epoch.to_value()),
            (3, self.blob.to_value()),
            (4, uint(self.size_bytes)),
            (5, Value::Int(self.received_millis)),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let get = |key| value.get(key);
        (get(1)? == &Value::Int(1)).then_some(())?;
        Some(Self {
            epoch: Epoch(get(2)?.as_array_of()?),
            blob: BlobId(get(3)?.as_array_of()?),
            size_bytes: read_uint(get(4)?)?,
            received_millis: get(5)?.as_int()?,
        })
    }
}

/// The signed head of the Merkle log over all accepted op ids, in the order of their positions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The database incarnation.
    pub epoch: Epoch,
    /// Number of ops in the tree; positions are 1 to `size`.
    pub size: u64,
    /// RFC 6962 root; leaf = SHA-256(0x00 ‖ op id).
    pub root: Hash,
    /// When it was signed, ms since 1970, server clock.
    pub time_millis: i64,
}

impl Checkpoint {
    /// The id that ops quote as `seen`: `SHA-256("gs/checkpoint-id/1\0" ‖ payload)`, first 16 bytes.
    #[must_use]
    pub fn id_of(payload: &[u8]) -> CheckpointId {
        let mut id = [0; 16];
        id.copy_from_slice(&sha256(&[b"gs/checkpoint-id/1\0", payload])[..16]);
        CheckpointId(id)
    }
}

impl Statement for Checkpoint {
    const NAME: &'static str = "checkpoint";
    const TAG: &'static [u8] = b"gs/checkpoint/1\0";

    fn to_value(&self) -> Value {
        Value::int_map([
            (1, Value::Int(1)),
            (2, self.epoch.to_value()),
            (3, uint(self.size)),
            (4, Value::bytes(self.root)),
            (5, Value::Int(self.time_millis)),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let get = |key| value.get(key);
        (get(1)? == &Value::Int(1)).then_some(())?;
        Some(Self {
            epoch: Epoch(get(2)?.as_array_of()?),
            size: read_uint(get(3)?)?,
            root: get(4)?.as_array_of()?,
            time_millis: get(5)?.as_int()?,
        })
    }
}

/// The server's word whose log this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The log.
    pub log: LogId,
    /// Its owner.
    pub account: AccountId,
    /// The owner's role at that time.
    pub role: String,
    /// When it was issued, ms since 1970, server clock.
    pub issued_millis: i64,
}

impl Statement for Certificate {
    const NAME: &'static str = "certificate";
    const TAG: &'static [u8] = b"gs/certificate/1\0";

    fn to_value(&self) -> Value {
        Value::int_map([
            (1, Value::Int(1)),
            (2, self.log.to_value()),
            (3, self.account.to_value()),
            (4, Value::text(&self.role)),
            (5, Value::Int(self.issued_millis)),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let get = |key| value.get(key);
        (get(1)? == &Value::Int(1)).then_some(())?;
        Some(Self {
            log: LogId(get(2)?.as_array_of()?),
            account: AccountId(get(3)?.as_array_of()?),
            role: get(4)?.as_text()?.to_owned(),
            issued_millis: get(5)?.as_int()?,
        })
    }
}

/// The server's word for the public key that everything for its eyes only is sealed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealingKey {
    /// The uncompressed P-256 point, for ECDH only.
    pub public: PublicKey,
    /// When the key was made, ms since 1970, server clock.
    pub issued_millis: i64,
}

impl Statement for SealingKey {
    const NAME: &'static str = "sealing key";
    const TAG: &'static [u8] = b"gs/sealing-key/1\0";

    fn to_value(&self) -> Value {
        Value::int_map([(1, Value::Int(1)), (2, Value::bytes(self.public.0)), (3, Value::Int(self.issued_millis))])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let get = |key| value.get(key);
        (get(1)? == &Value::Int(1)).then_some(())?;
        Some(Self { public: PublicKey(get(2)?.as_array_of()?), issued_millis: get(3)?.as_int()? })
    }
}

/// The word of a phone, signed by the key of its log, that it wiped what it held of other people and of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wiped {
    /// The log.
    pub log: LogId,
    /// When the wipe was asked for, ms since 1970, server clock: which wish this answers.
    pub asked_millis: i64,
    /// When it was done, by the phone's clock, ms since 1970.
    pub wiped_millis: i64,
}

impl Statement for Wiped {
    const NAME: &'static str = "word of a wipe";
    const TAG: &'static [u8] = b"gs/wiped/1\0";

    fn to_value(&self) -> Value {
        Value::int_map([
            (1, Value::Int(1)),
            (2, self.log.to_value()),
            (3, Value::Int(self.asked_millis)),
            (4, Value::Int(self.wiped_millis)),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let get = |key| value.get(key);
        (get(1)? == &Value::Int(1)).then_some(())?;
        Some(Self {
            log: LogId(get(2)?.as_array_of()?),
            asked_millis: get(3)?.as_int()?,
            wiped_millis: get(4)?.as_int()?,
        })
    }
}

pub(crate) fn uint(n: u64) -> Value {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

pub(crate) fn read_uint(value: &Value) -> Option<u64> {
    u64::try_from(value.as_int()?).ok()
}
