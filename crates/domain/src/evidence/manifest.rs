//! The signed list of everything in an export.

use crate::cbor::Value;
use crate::ids::{BlobId, RecordId};
use crate::signature::PublicKey;
use crate::statement::{Signed, Statement, read_uint, uint};

/// One file of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileLine {
    /// Its name.
    pub name: String,
    /// Its size.
    pub size_bytes: u64,
    /// SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// What the server says that an export is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// The key that signs this manifest, the checkpoint, the certificates and the receipts.
    pub server: PublicKey,
    /// When the export was made, ms since 1970, server clock.
    pub created_millis: i64,
    /// The records.
    pub records: Vec<RecordId>,
    /// The signed [`crate::statement::Checkpoint`] that all inclusion paths lead to.
    pub checkpoint: Signed,
    /// All files but this one, in the order of the archive.
    pub files: Vec<FileLine>,
    /// Linked files that the server did not hold yet.
    pub missing: Vec<BlobId>,
}

impl Statement for Manifest {
    const NAME: &'static str = "manifest";
    const TAG: &'static [u8] = b"gs/evidence/1\0";

    fn to_value(&self) -> Value {
        let line = |l: &FileLine| Value::Array(vec![Value::text(&l.name), uint(l.size_bytes), Value::bytes(l.sha256)]);
        Value::int_map([
            (1, Value::Int(1)),
            (2, Value::bytes(self.server.0)),
            (3, Value::Int(self.created_millis)),
            (4, Value::Array(self.records.iter().map(RecordId::to_value).collect())),
            (5, self.checkpoint.to_value()),
            (6, Value::Array(self.files.iter().map(line).collect())),
            (7, Value::Array(self.missing.iter().map(BlobId::to_value).collect())),
        ])
    }

    fn from_value(value: &Value) -> Option<Self> {
        let line = |value: &Value| {
            let [name, size, sha256] = value.as_array()? else { return None };
            let name = name.as_text()?.to_owned();
            Some(FileLine { name, size_bytes: read_uint(size)?, sha256: sha256.as_array_of()? })
        };
        let get = |key| value.get(key);
        (get(1)? == &Value::Int(1)).then_some(())?;
        Some(Self {
            server: PublicKey(get(2)?.as_array_of()?),
            created_millis: get(3)?.as_int()?,
            records: get(4)?.as_array()?.iter().map(|id| Some(RecordId(id.as_array_of()?))).collect::<Option<_>>()?,
            checkpoint: Signed::from_value(get(5)?)?,
            files: get(6)?.as_array()?.iter().map(line).collect::<Option<_>>()?,
            missing: get(7)?.as_array()?.iter().map(|id| Some(BlobId(id.as_array_of()?))).collect::<Option<_>>()?,
        })
    }
}
