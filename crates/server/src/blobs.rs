//! Blobs: staged in the data folder while they arrive, then at home in the data folder or in a bucket of S3.
//!
//! Owns: the way of a whole blob to its home, and the ways to read it. Refuses: rights and rows. Invariants: bytes are compared
//! with their hash before they go home, and nobody is told before they are durable there: flushed with their folders, or
//! confirmed by the bucket and found in it with their size. Until then the staged file stays, so an outage loses nothing.
//!
//! Buckets are reached through `object_store`; the local home is our own code. Staging and home are on one disk, so a rename
//! gives a blob its place: no second copy of its bytes, and no room needed for one when the disk is nearly full.

mod bucket;
#[cfg(test)]
mod conformance;
mod files;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures_util::TryStreamExt as _;
use futures_util::stream::BoxStream;
use greenshield_domain::ids::BlobId;
use thiserror::Error;

pub(crate) use self::bucket::Bucket;
pub use self::bucket::bucket_url;
pub use self::files::{BlobFiles, fault, hash, relative, sync};
use crate::place::Place;

/// A file system or a bucket did not do it.
#[derive(Debug, Error)]
pub enum BlobError {
    /// A call of the file system failed.
    #[error("{action} {path:?}: {source}")]
    File {
        /// What was tried.
        action: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A request to the bucket failed.
    #[error("{action} {key} in the bucket: {source}")]
    Bucket {
        /// What was tried.
        action: &'static str,
        /// On which object.
        key: String,
        /// What went wrong, or what the bucket answered.
        #[source]
        source: Box<object_store::Error>,
    },
    /// The bucket confirmed a blob and then did not have it whole.
    #[error("the bucket confirmed {blob} and does not hold it whole")]
    Unconfirmed {
        /// Which.
        blob: BlobId,
    },
    /// What is stored under a hash is something else.
    #[error("what is stored as {blob} is something else")]
    Damaged {
        /// Which.
        blob: BlobId,
    },
}

impl BlobError {
    /// Whether there is no room.
    #[must_use]
    pub fn is_full(&self) -> bool {
        match self {
            Self::File { source, .. } => {
                matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
            }
            Self::Bucket { source, .. } => bucket::is_full(source),
            Self::Unconfirmed { .. } | Self::Damaged { .. } => false,
        }
    }

    /// Whether the bucket can not be used now, and the same may work later.
    #[must_use]
    pub fn is_away(&self) -> bool {
        matches!(self, Self::Bucket { .. } | Self::Unconfirmed { .. }) && !self.is_full()
    }

    /// Whether there is no such file or object.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        match self {
            Self::File { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::Bucket { source, .. } => bucket::is_missing(source),
            Self::Unconfirmed { .. } | Self::Damaged { .. } => false,
        }
    }
}

/// How a staged file ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// It is at home under its hash.
    Stored,
    /// Its bytes hash to something else; it is gone.
    Mismatch,
    /// There is no such file.
    Missing,
}

/// Bytes of a blob, in order.
pub type Parts = BoxStream<'static, Result<Bytes, BlobError>>;

/// The blobs of a server.
#[derive(Debug, Clone)]
pub struct Blobs {
    files: BlobFiles,
    bucket: Option<Bucket>,
}

impl Blobs {
    /// Makes the folders where they are missing. The bucket is not asked: a server starts while it is away.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn open(place: &Place) -> Result<Self, BlobError> {
        let bucket = place.blobs.as_ref().map(Bucket::open).transpose()?;
        Ok(Self { files: BlobFiles::open(&place.data)?, bucket })
    }

    /// Where an upload is staged. The id must be one that this server made: hex.
    #[must_use]
    pub fn staged(&self, upload: &str) -> PathBuf {
        self.files.staged(upload)
    }

    /// Where a whole blob stands whose home is the data folder.
    #[must_use]
    pub fn path(&self, blob: &BlobId) -> PathBuf {
        self.files.path(blob)
    }

    /// Removes a staged file; a missing one is no error.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn discard(&self, upload: &str) -> Result<(), BlobError> {
        self.files.discard(upload)
    }

    /// Bytes that are free for the server on its file system.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn free_bytes(&self) -> Result<u64, BlobError> {
        self.files.free_bytes()
    }

    /// Where their home is, as a word.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.bucket.is_some() { "bucket" } else { "folder" }
    }

    /// Whether blobs can be reached; `None` when their home is the data folder.
    pub async fn is_reachable(&self) -> Option<bool> {
        match &self.bucket {
            None => None,
            Some(bucket) => Some(bucket.is_reachable().await),
        }
    }

    /// Checks a staged file against its hash and brings it home, durably. The staged file of a blob whose home is a bucket
    /// stays until [`Blobs::discard`].
    ///
    /// # Errors
    /// [`BlobError`]; it may be called again.
    pub async fn settle(&self, upload: &str, blob: &BlobId) -> Result<Settled, BlobError> {
        let (files, id, name) = (self.files.clone(), upload.to_owned(), *blob);
        let Some(bucket) = &self.bucket else { return blocking(move || files.settle(&id, &name)).await };
        let staged = self.staged(upload);
        match tokio::fs::metadata(&staged).await {
            Ok(facts) => {
                let path = staged.clone();
                if blocking(move || hash(&path)).await? != *blob {
                    self.discard(upload)?;
                    return Ok(Settled::Mismatch);
                }
                bucket.put(blob, &staged, facts.len()).await?;
                Ok(Settled::Stored)
            }
            // Another process, or this one before a crash, may have brought it home.
            Err(error) if error.kind() == io::ErrorKind::NotFound => match bucket.hash(blob).await {
                Ok(found) if found == *blob => Ok(Settled::Stored),
                Ok(_) => Ok(Settled::Missing),
                Err(error) if error.is_missing() => blocking(move || files.settle(&id, &name)).await,
                Err(error) => Err(error),
            },
            Err(error) => Err(fault("look at", &staged)(error)),
        }
    }

    /// Takes a blob away for good, wherever it stands; one that is not there is no error.
    ///
    /// # Errors
    /// [`BlobError`]; it may be called again.
    pub async fn remove(&self, blob: &BlobId) -> Result<(), BlobError> {
        if let Some(bucket) = &self.bucket {
            bucket.remove(blob).await?;
        }
        let (files, blob) = (self.files.clone(), *blob);
        blocking(move || files.remove(&blob)).await
    }

    /// A range of a blob, in parts. The first part is here when this returns, so what can not be read is told at once.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn stream(&self, blob: &BlobId, range: Range<u64>) -> Result<Parts, BlobError> {
        if let Some(bucket) = &self.bucket {
            match bucket.stream(blob, range.clone()).await {
                // What was stored before there was a bucket is still in the data folder.
                Err(error) if error.is_missing() && self.path(blob).is_file() => {}
                parts => return parts,
            }
        }
        self.files.stream(blob, range).await
    }

    /// A whole blob.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn read(&self, blob: &BlobId, size_bytes: u64) -> Result<Vec<u8>, BlobError> {
        let mut parts = self.stream(blob, 0..size_bytes).await?;
        let mut whole = Vec::new();
        while let Some(part) = parts.try_next().await? {
            whole.extend_from_slice(&part);
        }
        Ok(whole)
    }

    /// Brings a blob from the bucket into a file, checked and flushed; `false` when the bucket does not have it whole, or
    /// there is no bucket.
    ///
    /// # Errors
    /// [`BlobError`]; there is no file then.
    pub async fn fetch(&self, blob: &BlobId, size_bytes: u64, to: &Path) -> Result<bool, BlobError> {
        let Some(bucket) = &self.bucket else { return Ok(false) };
        match bucket.fetch(blob, size_bytes, to).await {
            Ok(()) => Ok(true),
            Err(error) if error.is_missing() || matches!(error, BlobError::Damaged { .. }) => {
                tracing::error!(%error, "a blob can not be brought from the bucket");
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }
}

/// Runs work that blocks off the async threads; a panic in it goes on here.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, BlobError> + Send + 'static,
) -> Result<T, BlobError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(fault("work on", Path::new("blobs"))(io::Error::other(error))),
        },
    }
}
