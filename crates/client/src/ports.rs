//! What the engine needs from the world around it.
//!
//! The browser's futures are not `Send`, so neither are these; the server has traits of its own.

mod sealing;

use greenshield_domain::signature::{PublicKey, Signature};
use thiserror::Error;

pub use sealing::{FileError, FileSink, FileSource, Sealer};

/// A table of the local store: ordered byte keys to byte values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// Single facts by name: identity, log head, cursor, checkpoint.
    Meta,
    /// Ops: record (16) ‖ op id (32).
    Ops,
    /// Ops without a receipt: log (32) ‖ seq (8, big-endian). No migration ever touches it.
    Outbox,
    /// What is known of each record: record (16).
    Records,
    /// List rows, newest first: inverted time (8) ‖ record (16).
    RecordList,
    /// Bytes of blobs: sha256 (32) ‖ chunk index (4, big-endian).
    BlobBytes,
    /// What is known of each blob: sha256 (32).
    Blobs,
    /// Receipts: log (32) ‖ first seq (8).
    Receipts,
    /// Unfinished forms by name.
    Drafts,
    /// Names of people: account (16).
    People,
    /// Where the ops of this install's logs are: log (32) ‖ seq (8) to record (16) ‖ op id (32), so that a restored server
    /// can be refilled.
    OwnOps,
    /// Files to deliver, most urgent first: [`crate::rows::upload_key`] to nothing.
    Uploads,
    /// Packages of other people that this phone carries: sha256 (32).
    Couriers,
    /// Bytes of a carried package, and after its delivery those of its receipts file: sha256 (32) ‖ chunk index (4, big-endian).
    CourierBytes,
}

impl Table {
    /// All tables, in the order of their creation; a new one is added at the end with a new schema version.
    pub const ALL: [Table; 14] = [
        Table::Meta,
        Table::Ops,
        Table::Outbox,
        Table::Records,
        Table::RecordList,
        Table::BlobBytes,
        Table::Blobs,
        Table::Receipts,
        Table::Drafts,
        Table::People,
        Table::OwnOps,
        Table::Uploads,
        Table::Couriers,
        Table::CourierBytes,
    ];

    /// Stable name for stores that name their tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Table::Meta => "meta",
            Table::Ops => "ops",
            Table::Outbox => "outbox",
            Table::Records => "records",
            Table::RecordList => "record_list",
            Table::BlobBytes => "blob_bytes",
            Table::Blobs => "blobs",
            Table::Receipts => "receipts",
            Table::Drafts => "drafts",
            Table::People => "people",
            Table::OwnOps => "own_ops",
            Table::Uploads => "uploads",
            Table::Couriers => "couriers",
            Table::CourierBytes => "courier_bytes",
        }
    }
}

/// A key of a table.
pub type Key = Vec<u8>;
/// A row: key and value.
pub type Row = (Key, Vec<u8>);

/// One question of a read transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// The row of one key: gives no or one row.
    Get(Table, Key),
    /// Rows with `from <= key < to`, ascending, at most `limit`.
    Scan {
        /// The table.
        table: Table,
        /// First key, inclusive.
        from: Key,
        /// End, exclusive; `None` = to the end of the table.
        to: Option<Key>,
        /// Most rows.
        limit: usize,
    },
}

impl Read {
    /// Of which table it asks.
    #[must_use]
    pub fn table(&self) -> Table {
        match self {
            Read::Get(table, _) | Read::Scan { table, .. } => *table,
        }
    }

    /// All rows whose key starts with a prefix, at most `limit`.
    #[must_use]
    pub fn prefix(table: Table, prefix: &[u8], limit: usize) -> Self {
        Read::Scan { table, from: prefix.to_vec(), to: after_prefix(prefix), limit }
    }
}

/// The least key that is greater than every key with this prefix.
#[must_use]
pub fn after_prefix(prefix: &[u8]) -> Option<Key> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < 0xff {
            end.push(last + 1);
            return Some(end);
        }
    }
    None
}

/// How hard a write must be on disk before it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Flushed to the medium: everything that a person made.
    Strict,
    /// Handed to the system: what can be fetched again.
    Relaxed,
}

/// One write transaction: all of it or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// Checked first, inside the transaction: the row must have exactly this value, or be absent.
    pub expect: Vec<(Table, Key, Option<Vec<u8>>)>,
    /// Rows to write.
    pub puts: Vec<(Table, Key, Vec<u8>)>,
    /// Rows to remove, after the puts; a missing one is no error.
    pub deletes: Vec<(Table, Key)>,
    /// How hard.
    pub durability: Durability,
}

impl Write {
    /// An empty transaction.
    #[must_use]
    pub fn new(durability: Durability) -> Self {
        Self { expect: Vec::new(), puts: Vec::new(), deletes: Vec::new(), durability }
    }

    /// Adds an expectation.
    pub fn expect(&mut self, table: Table, key: impl Into<Key>, value: Option<Vec<u8>>) {
        self.expect.push((table, key.into(), value));
    }

    /// Adds a row.
    pub fn put(&mut self, table: Table, key: impl Into<Key>, value: Vec<u8>) {
        self.puts.push((table, key.into(), value));
    }

    /// Removes a row.
    pub fn delete(&mut self, table: Table, key: impl Into<Key>) {
        self.deletes.push((table, key.into()));
    }
}

/// Why the store did not do it. Whatever was committed before is untouched.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum StoreError {
    /// Another writer was faster; the caller reads again and retries.
    #[error("row {index} of the expectations has changed")]
    Expectation {
        /// Which expectation failed.
        index: usize,
    },
    /// The disk or the browser's quota is full.
    #[error("the storage of this device is full")]
    QuotaExceeded,
    /// The database was closed under us and reopening failed.
    #[error("the connection to the local database was lost")]
    Lost,
    /// The database was written by a newer app.
    #[error("the local database has schema {found}, this app knows up to {supported}")]
    SchemaTooNew {
        /// Version on disk.
        found: u32,
        /// Newest version that this code opens.
        supported: u32,
    },
    /// The browser has no usable database (private mode, blocked).
    #[error("no local database: {reason}")]
    Unavailable {
        /// The browser's words.
        reason: String,
    },
    /// The rows are sealed by a key that the browser does not give any more.
    #[error("the data key of this phone does not open: {reason}")]
    KeyLost {
        /// The browser's words.
        reason: String,
    },
    /// A row does not read.
    #[error("a row of {table} does not read")]
    Corrupt {
        /// Table name.
        table: &'static str,
    },
    /// Anything else, with the browser's name for it.
    #[error("{name}: {message}")]
    Backend {
        /// Name of the exception.
        name: String,
        /// Its message.
        message: String,
    },
}

/// The phone's database. Its only units are whole transactions.
#[expect(async_fn_in_trait, reason = "one thread; the futures are never Send")]
pub trait LocalStore {
    /// Answers all questions from one consistent state, in order.
    async fn read(&self, reads: Vec<Read>) -> Result<Vec<Vec<Row>>, StoreError>;

    /// Commits all or nothing; returns only when the commit has the durability asked for.
    async fn write(&self, write: Write) -> Result<(), StoreError>;
}

/// A request as the engine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpRequest {
    /// Method.
    pub method: &'static str,
    /// Path with query, from the server's root.
    pub path: String,
    /// Headers, names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
    /// Give up when nothing was heard for so long.
    pub timeout_millis: u32,
}

/// A reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpResponse {
    /// Status code.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl HttpResponse {
    /// A header by its lower-case name.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Why no reply came. Whether the server did it is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TransportError {
    /// No network, or the server does not answer.
    #[error("no connection")]
    Offline,
    /// Nothing was heard in time.
    #[error("no reply in time")]
    Timeout,
}

/// The network.
#[expect(async_fn_in_trait, reason = "one thread; the futures are never Send")]
pub trait Transport {
    /// Sends a request to the server of this app's origin.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError>;
}

/// Why the key can not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// There is none yet, or it was deleted with the browser's data.
    #[error("this install has no key")]
    Missing,
    /// The browser refused.
    #[error("{0}")]
    Backend(String),
}

/// The keys of this install and the checking of signatures. Each log has a key of its own, by number: 0 is the first, a new
/// log takes the next. Which number counts is a fact of the local store, so that changing it is part of a transaction there.
#[expect(async_fn_in_trait, reason = "one thread; the futures are never Send")]
pub trait Keys {
    /// Makes the key of a number, or returns the one that is there. It is stored before this returns, and stays for good.
    async fn public_key(&self, number: u32) -> Result<PublicKey, KeyError>;

    /// Signs with ECDSA P-256 SHA-256 by the key of a number; high-S is fine.
    async fn sign(&self, number: u32, message: &[u8]) -> Result<Signature, KeyError>;

    /// Verifies a signature of anybody.
    async fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool;
}

/// The two clocks of the device.
pub trait Clock {
    /// Wall clock, ms since 1970, wrong or not.
    fn wall_millis(&self) -> i64;
    /// Monotonic ms since some moment of this run.
    fn mono_millis(&self) -> i64;
}

/// Random bytes from the system.
pub trait Entropy {
    /// Fills a buffer.
    fn fill(&self, buffer: &mut [u8]);
}

/// All ports of one platform.
pub trait Ports {
    /// The database.
    type Store: LocalStore;
    /// The network.
    type Net: Transport;
    /// The key.
    type Keys: Keys;
    /// Database.
    fn store(&self) -> &Self::Store;
    /// Network.
    fn net(&self) -> &Self::Net;
    /// Key.
    fn keys(&self) -> &Self::Keys;
    /// Clocks.
    fn clock(&self) -> &dyn Clock;
    /// Randomness.
    fn entropy(&self) -> &dyn Entropy;
}
