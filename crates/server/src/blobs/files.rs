//! The blob folders of a data directory: staging, and the local home of blobs.
//!
//! Owns: paths and flushing. Refuses: to know of buckets. Invariant: a file under `blobs/` hashes to its name, and was flushed
//! together with its folder before anybody is told.

use std::io::{self, Read as _, SeekFrom};
use std::ops::Range;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use greenshield_domain::ids::BlobId;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::{BlobError, Parts, Settled};

/// Bytes read at once for a download.
const READ_BYTES: usize = 64 * 1024;

/// The blob folders of a data directory.
#[derive(Debug, Clone)]
pub struct BlobFiles {
    data: PathBuf,
}

impl BlobFiles {
    /// Makes the folders where they are missing.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn open(data: &Path) -> Result<Self, BlobError> {
        let files = Self { data: data.to_owned() };
        for folder in [files.data.join("blobs"), files.data.join("uploads")] {
            std::fs::create_dir_all(&folder).map_err(fault("create", &folder))?;
        }
        Ok(files)
    }

    /// Where an upload is staged. The id must be one that this server made: hex.
    #[must_use]
    pub fn staged(&self, upload: &str) -> PathBuf {
        self.data.join("uploads").join(upload)
    }

    /// Where a whole blob stands.
    #[must_use]
    pub fn path(&self, blob: &BlobId) -> PathBuf {
        self.data.join(relative(blob))
    }

    /// Checks a staged file against its hash and gives it its place, flushed. Blocks: call it off the async threads.
    ///
    /// # Errors
    /// [`BlobError`]; it may be called again.
    pub fn settle(&self, upload: &str, blob: &BlobId) -> Result<Settled, BlobError> {
        let (staged, path) = (self.staged(upload), self.path(blob));
        // A crash between rename and row leaves nothing staged.
        let source = if staged.exists() { &staged } else { &path };
        match hash(source) {
            Ok(found) if found == *blob => {}
            Ok(_) if source == &staged => {
                self.discard(upload)?;
                return Ok(Settled::Mismatch);
            }
            Ok(_) => return Ok(Settled::Missing),
            Err(error) if error.is_missing() => return Ok(Settled::Missing),
            Err(error) => return Err(error),
        }
        if source == &staged {
            let folder = path.parent().unwrap_or(&self.data);
            std::fs::create_dir_all(folder).map_err(fault("create", folder))?;
            sync(&staged)?;
            std::fs::rename(&staged, &path).map_err(fault("rename", &staged))?;
            sync(folder)?;
            sync(&self.data.join("blobs"))?;
        }
        Ok(Settled::Stored)
    }

    /// A range of a blob, in parts. A file that ends too early is an error.
    pub(super) async fn stream(&self, blob: &BlobId, range: Range<u64>) -> Result<Parts, BlobError> {
        let (path, blob) = (self.path(blob), *blob);
        let mut file = File::open(&path).await.map_err(fault("open", &path))?;
        file.seek(SeekFrom::Start(range.start)).await.map_err(fault("seek", &path))?;
        let parts = stream::try_unfold((file, range.end.saturating_sub(range.start)), move |(mut file, left)| {
            let path = path.clone();
            async move {
                if left == 0 {
                    return Ok(None);
                }
                let mut buffer = vec![0; usize::try_from(left).unwrap_or(usize::MAX).min(READ_BYTES)];
                match file.read(&mut buffer).await.map_err(fault("read", &path))? {
                    0 => Err(BlobError::Damaged { blob }),
                    n => {
                        buffer.truncate(n);
                        Ok(Some((Bytes::from(buffer), (file, left - n as u64))))
                    }
                }
            }
        });
        Ok(parts.boxed())
    }

    /// Removes a staged file; a missing one is no error.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn discard(&self, upload: &str) -> Result<(), BlobError> {
        let staged = self.staged(upload);
        match std::fs::remove_file(&staged) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(fault("remove", &staged)(error)),
            _ => Ok(()),
        }
    }

    /// Removes a whole blob; a missing one is no error. Blocks.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn remove(&self, blob: &BlobId) -> Result<(), BlobError> {
        let path = self.path(blob);
        match std::fs::remove_file(&path) {
            Ok(()) => sync(path.parent().unwrap_or(&self.data)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(fault("remove", &path)(error)),
        }
    }

    /// Bytes that are free for the server on this file system.
    ///
    /// # Errors
    /// [`BlobError`].
    pub fn free_bytes(&self) -> Result<u64, BlobError> {
        let facts = rustix::fs::statvfs(&self.data);
        let facts = facts.map_err(|errno| fault("statvfs", &self.data)(errno.into()))?;
        Ok(facts.f_bavail.saturating_mul(facts.f_frsize))
    }
}

/// Wraps an I/O error with what was tried.
pub fn fault(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BlobError {
    let path = path.to_owned();
    move |source| BlobError::File { action, path, source }
}

/// Where a blob stands in a data directory, and in a backup of one.
#[must_use]
pub fn relative(blob: &BlobId) -> PathBuf {
    let hex = blob.to_hex();
    Path::new("blobs").join(&hex[..2]).join(hex)
}

/// Puts a file, or the entries of a folder, on the medium.
///
/// # Errors
/// [`BlobError`].
pub fn sync(path: &Path) -> Result<(), BlobError> {
    std::fs::File::open(path).and_then(|file| file.sync_all()).map_err(fault("flush", path))
}

/// SHA-256 of a file. Blocks.
///
/// # Errors
/// [`BlobError`].
pub fn hash(path: &Path) -> Result<BlobId, BlobError> {
    let mut file = std::fs::File::open(path).map_err(fault("open", path))?;
    let (mut context, mut buffer) = (Context::new(&SHA256), vec![0; 256 * 1024]);
    loop {
        match file.read(&mut buffer).map_err(fault("read", path))? {
            0 => break,
            n => context.update(&buffer[..n]),
        }
    }
    Ok(finished(context))
}

/// The name that bytes have.
pub(super) fn finished(context: Context) -> BlobId {
    let mut id = [0; 32];
    id.copy_from_slice(context.finish().as_ref());
    BlobId(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_staged_file_takes_its_place_only_with_the_right_hash() {
        let dir = tempfile::tempdir().unwrap();
        let files = BlobFiles::open(dir.path()).unwrap();
        let blob = BlobId::of(b"photo");
        assert_eq!(files.settle("00", &blob).unwrap(), Settled::Missing);
        std::fs::write(files.staged("00"), b"phot").unwrap();
        assert_eq!(files.settle("00", &blob).unwrap(), Settled::Mismatch);
        assert!(!files.staged("00").exists());
        std::fs::write(files.staged("00"), b"photo").unwrap();
        assert_eq!(files.settle("00", &blob).unwrap(), Settled::Stored);
        assert_eq!(files.settle("00", &blob).unwrap(), Settled::Stored, "after a crash between rename and row");
        assert_eq!(std::fs::read(files.path(&blob)).unwrap(), b"photo");
        files.discard("00").unwrap();
        assert!(files.free_bytes().unwrap() > 0);
    }
}
