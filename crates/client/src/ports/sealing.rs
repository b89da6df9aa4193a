//! Sealing and files, for rescue packages. They are arguments of the calls that need them, not part of [`super::Ports`].

use greenshield_domain::seal::Slot;
use greenshield_domain::signature::PublicKey;
use thiserror::Error;

use super::KeyError;

/// The cryptography of one envelope.
#[expect(async_fn_in_trait, reason = "one thread; the futures are never Send")]
pub trait Sealer {
    /// Makes a fresh envelope key and wraps it for a server, as `greenshield_domain::seal` says.
    async fn begin(&mut self, server: &PublicKey) -> Result<Slot, KeyError>;

    /// AES-256-GCM by that key; the tag follows the bytes.
    async fn encrypt(&self, nonce: [u8; 12], aad: &[u8], plain: Vec<u8>) -> Result<Vec<u8>, KeyError>;
}

/// A file that can not be read or written, with the system's words.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the file: {0}")]
pub struct FileError(pub String);

/// A file that is written from its beginning to its end.
#[expect(async_fn_in_trait, reason = "one thread; the futures are never Send")]
pub trait FileSink {
    /// Appends bytes.
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), FileError>;
}

/// A file that is read at any place.
#[expect(async_fn_in_trait, reason = "one thread; the futures are never Send")]
pub trait FileSource {
    /// Its size.
    fn size_bytes(&self) -> u64;

    /// Bytes from an offset: as many as asked for, or up to the end.
    async fn read(&self, offset_bytes: u64, most_bytes: usize) -> Result<Vec<u8>, FileError>;
}
