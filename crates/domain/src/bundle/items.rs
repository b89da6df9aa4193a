//! The items inside a bundle: ops in the order of the header, then blobs in pieces, then the end with its counts.

use sha2::{Digest as _, Sha256};

use super::{BundleError, BundleHeader, Run};
use crate::cbor::{self, CborError, Value};
use crate::ids::BlobId;
use crate::op::SignedOp;
use crate::statement::{read_uint, uint};

/// Bytes of every piece of a blob but its last.
pub const PIECE_BYTES: usize = 64 * 1024;
/// No item is longer.
const MAX_ITEM_BYTES: usize = PIECE_BYTES + 64;
/// Longest MIME type.
const MAX_MIME_BYTES: usize = 100;

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The exact bytes of an op.
    Op(Vec<u8>),
    /// A blob begins.
    Blob {
        /// Its name.
        id: BlobId,
        /// Its size.
        size_bytes: u64,
        /// MIME type.
        mime: String,
    },
    /// The next bytes of the blob: [`PIECE_BYTES`], or what is left.
    Piece(Vec<u8>),
    /// Nothing follows.
    End {
        /// How many ops there were.
        ops: u64,
        /// How many blobs there were.
        blobs: u64,
    },
}

impl Item {
    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let value = match self {
            Item::End { ops, blobs } => vec![Value::Int(0), uint(*ops), uint(*blobs)],
            Item::Op(bytes) => vec![Value::Int(1), Value::bytes(bytes)],
            Item::Blob { id, size_bytes, mime } => {
                vec![Value::Int(2), id.to_value(), uint(*size_bytes), Value::text(mime)]
            }
            Item::Piece(bytes) => vec![Value::Int(3), Value::bytes(bytes)],
        };
        cbor::encode(&Value::Array(value))
    }

    fn from_value(value: Value) -> Option<Self> {
        let Value::Array(parts) = value else { return None };
        match parts.as_slice() {
            [Value::Int(0), ops, blobs] => Some(Item::End { ops: read_uint(ops)?, blobs: read_uint(blobs)? }),
            [Value::Int(1), Value::Bytes(bytes)] => Some(Item::Op(bytes.clone())),
            [Value::Int(2), id, size, mime] => Some(Item::Blob {
                id: BlobId(id.as_array_of()?),
                size_bytes: read_uint(size)?,
                mime: mime.as_text()?.to_owned(),
            }),
            [Value::Int(3), Value::Bytes(bytes)] => Some(Item::Piece(bytes.clone())),
            _ => None,
        }
    }
}

/// The blob whose pieces come.
#[derive(Debug, Clone)]
struct Open {
    id: BlobId,
    left: u64,
    hash: Sha256,
}

/// Reads the plain stream of a bundle as it is opened frame by frame, and refuses all that the header does not announce.
#[derive(Debug, Clone)]
pub struct ItemReader {
    runs: Vec<Run>,
    /// Run, seq in it and bytes of it that come next.
    run: usize,
    seq: u64,
    run_bytes: u64,
    expected: (u64, u64),
    blobs: u64,
    last_blob: Option<BlobId>,
    open: Option<Open>,
    ended: bool,
    buffer: Vec<u8>,
}

impl ItemReader {
    /// For the stream behind a header.
    #[must_use]
    pub fn new(header: &BundleHeader) -> Self {
        Self {
            runs: header.runs.clone(),
            run: 0,
            seq: header.runs.first().map_or(0, |run| run.from),
            run_bytes: 0,
            expected: (header.ops(), header.blobs),
            blobs: 0,
            last_blob: None,
            open: None,
            ended: false,
            buffer: Vec::new(),
        }
    }

    /// More plain bytes; gives the items that are whole now, in order.
    ///
    /// # Errors
    /// [`BundleError`]; the whole bundle is to be refused.
    pub fn push(&mut self, plain: &[u8]) -> Result<Vec<Item>, BundleError> {
        self.buffer.extend_from_slice(plain);
        let (mut items, mut at) = (Vec::new(), 0);
        while at < self.buffer.len() {
            if self.ended {
                return Err(BundleError::Shape("bytes follow the end"));
            }
            let (value, used) = match cbor::decode_prefix(&self.buffer[at..]) {
                Ok(read) => read,
                Err(CborError::Truncated { .. }) if self.buffer.len() - at < MAX_ITEM_BYTES => break,
                Err(error) => return Err(error.into()),
            };
            let item = Item::from_value(value).ok_or(BundleError::Shape("an item has an unknown shape"))?;
            if used > MAX_ITEM_BYTES {
                return Err(BundleError::Shape("an item is too long"));
            }
            self.check(&item)?;
            items.push(item);
            at += used;
        }
        self.buffer.drain(..at);
        Ok(items)
    }

    /// To be called when the last frame was read.
    ///
    /// # Errors
    /// [`BundleError`] unless the end was there and everything came.
    pub fn finish(self) -> Result<(), BundleError> {
        if self.ended && self.buffer.is_empty() { Ok(()) } else { Err(BundleError::Shape("the end is missing")) }
    }

    fn check(&mut self, item: &Item) -> Result<(), BundleError> {
        match item {
            Item::Op(bytes) => self.check_op(bytes),
            Item::Blob { id, size_bytes, mime } => self.check_blob(*id, *size_bytes, mime),
            Item::Piece(bytes) => self.check_piece(bytes),
            Item::End { ops, blobs } => {
                self.expect_runs_done()?;
                if (*ops, *blobs) != self.expected || self.blobs != *blobs || self.open.is_some() {
                    return Err(BundleError::Shape("the counts at the end do not fit"));
                }
                self.ended = true;
                Ok(())
            }
        }
    }

    fn check_op(&mut self, bytes: &[u8]) -> Result<(), BundleError> {
        let run = self.runs.get(self.run).ok_or(BundleError::Shape("an op that the header does not announce"))?;
        // Whether its log signed it is decided one by one, as in a push: one bad op must not keep the others out.
        let op = SignedOp::decode(bytes).map_err(|_| BundleError::Shape("an item that is no op"))?;
        if (op.header().log, op.header().seq) != (run.log, self.seq) {
            return Err(BundleError::Shape("an op that the header does not announce"));
        }
        self.run_bytes += bytes.len() as u64;
        if self.seq < run.upto {
            self.seq += 1;
            return Ok(());
        }
        if self.run_bytes != run.bytes {
            return Err(BundleError::Shape("the ops are not as long as the header announces"));
        }
        self.run += 1;
        self.run_bytes = 0;
        self.seq = self.runs.get(self.run).map_or(0, |run| run.from);
        Ok(())
    }

    fn check_blob(&mut self, id: BlobId, size_bytes: u64, mime: &str) -> Result<(), BundleError> {
        self.expect_runs_done()?;
        if self.open.is_some() || self.last_blob.is_some_and(|last| last >= id) || mime.len() > MAX_MIME_BYTES {
            return Err(BundleError::Shape("a blob out of order"));
        }
        self.last_blob = Some(id);
        self.blobs += 1;
        self.open = Some(Open { id, left: size_bytes, hash: Sha256::new() });
        self.close_blob()
    }

    fn check_piece(&mut self, bytes: &[u8]) -> Result<(), BundleError> {
        let open = self.open.as_mut().ok_or(BundleError::Shape("a piece of no blob"))?;
        if bytes.len() as u64 != open.left.min(PIECE_BYTES as u64) {
            return Err(BundleError::Shape("a piece of another length"));
        }
        open.hash.update(bytes);
        open.left -= bytes.len() as u64;
        self.close_blob()
    }

    fn close_blob(&mut self) -> Result<(), BundleError> {
        let Some(open) = self.open.take_if(|open| open.left == 0) else { return Ok(()) };
        let found: [u8; 32] = open.hash.finalize().into();
        if found == open.id.0 { Ok(()) } else { Err(BundleError::Shape("a blob does not hash to its name")) }
    }

    fn expect_runs_done(&self) -> Result<(), BundleError> {
        if self.run == self.runs.len() { Ok(()) } else { Err(BundleError::Shape("an op is missing")) }
    }
}
