//! The rescue package: everything unsent of a phone in one sealed file that anybody can carry to the server.
//!
//! Owns: the header that a carrier can read, the items behind it, the receipts file that comes back. Refuses: cryptography
//! (`seal` says what to do, the caller does it), I/O. Invariant: what [`ItemReader`] lets through is exactly what the header
//! announces, in the one order there is, and every blob hashes to its name; nothing of a bundle should be used before
//! [`ItemReader::finish`] agreed.

mod items;
mod receipts;

use thiserror::Error;

pub use items::{Item, ItemReader, PIECE_BYTES};
pub use receipts::ReceiptsFile;

use crate::cbor::{self, CborError, Value};
use crate::ids::LogId;
use crate::seal::{SealError, Slot};
use crate::statement::{read_uint, uint};

/// MIME type of a bundle file.
pub const BUNDLE_MIME: &str = "application/vnd.greenshield.bundle";
/// Largest bundle file.
pub const MAX_BUNDLE_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// Most runs of ops in a header.
pub const MAX_RUNS: usize = 1_000;
/// Longest header: so many runs fit.
pub const MAX_HEADER_BYTES: usize = 96 * 1024;
/// The version that this code makes and reads.
pub const VERSION: i64 = 1;

/// Why a file is not a bundle that can be relied on.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BundleError {
    /// Made by a newer app.
    #[error("a bundle of version {found}")]
    Version {
        /// Its version.
        found: i64,
    },
    /// Not canonical CBOR.
    #[error("not canonical CBOR: {0}")]
    Cbor(#[from] CborError),
    /// The frames do not add up.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Anything else that differs from what the header announces.
    #[error("{0}")]
    Shape(&'static str),
}

/// Consecutive ops of one log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// The log.
    pub log: LogId,
    /// First seq.
    pub from: u64,
    /// Last seq, inclusive.
    pub upto: u64,
    /// Bytes of these ops.
    pub bytes: u64,
}

/// What a carrier can read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleHeader {
    /// The wrapped key of the stream.
    pub slot: Slot,
    /// The ops inside, ascending by log and seq.
    pub runs: Vec<Run>,
    /// How many blobs are inside.
    pub blobs: u64,
    /// When it was made, ms since 1970, phone's clock.
    pub created_millis: i64,
}

impl BundleHeader {
    /// Canonical bytes; the file begins with them.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let run = |run: &Run| Value::Array(vec![run.log.to_value(), uint(run.from), uint(run.upto), uint(run.bytes)]);
        cbor::encode(&Value::int_map([
            (1, Value::Int(VERSION)),
            (2, self.slot.to_value()),
            (3, Value::Array(self.runs.iter().map(run).collect())),
            (4, uint(self.blobs)),
            (5, Value::Int(self.created_millis)),
        ]))
    }

    /// Reads the header at the beginning of a file, and how many bytes it takes. `None` = more bytes are needed.
    ///
    /// # Errors
    /// [`BundleError`].
    pub fn read(bytes: &[u8]) -> Result<Option<(Self, usize)>, BundleError> {
        // The first bytes tell a bundle from anything else before much of it is read.
        if bytes.first().is_some_and(|first| first >> 5 != 5) {
            return Err(BundleError::Shape("the file is no bundle"));
        }
        let (value, used) = match cbor::decode_prefix(bytes) {
            Ok(read) => read,
            Err(CborError::Truncated { .. }) if bytes.len() < MAX_HEADER_BYTES => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        match value.get(1).and_then(Value::as_int) {
            Some(VERSION) => {}
            Some(found) => return Err(BundleError::Version { found }),
            None => return Err(BundleError::Shape("the file is no bundle")),
        }
        let header = Self::from_value(&value).ok_or(BundleError::Shape("the header has not the shape of a bundle"))?;
        if used > MAX_HEADER_BYTES || header.encode() != bytes[..used] {
            return Err(BundleError::Shape("the header is too long or holds more than this version knows"));
        }
        header.check_runs()?;
        Ok(Some((header, used)))
    }

    /// How many ops the runs announce.
    #[must_use]
    pub fn ops(&self) -> u64 {
        self.runs.iter().fold(0u64, |sum, run| sum.saturating_add((run.upto - run.from).saturating_add(1)))
    }

    fn from_value(value: &Value) -> Option<Self> {
        let run = |value: &Value| {
            let [log, from, upto, bytes] = value.as_array()? else { return None };
            Some(Run {
                log: LogId(log.as_array_of()?),
                from: read_uint(from)?,
                upto: read_uint(upto)?,
                bytes: read_uint(bytes)?,
            })
        };
        Some(Self {
            slot: Slot::from_value(value.get(2)?)?,
            runs: value.get(3)?.as_array()?.iter().map(run).collect::<Option<_>>()?,
            blobs: read_uint(value.get(4)?)?,
            created_millis: value.get(5)?.as_int()?,
        })
    }

    fn check_runs(&self) -> Result<(), BundleError> {
        let forward = self.runs.iter().all(|run| run.from <= run.upto && run.bytes <= MAX_BUNDLE_BYTES);
        let apart = self.runs.windows(2).all(|pair| (pair[0].log, pair[0].upto) < (pair[1].log, pair[1].from));
        if forward && apart && self.runs.len() <= MAX_RUNS && self.ops() <= MAX_BUNDLE_BYTES {
            Ok(())
        } else {
            Err(BundleError::Shape("the runs of the header are not in order"))
        }
    }
}
