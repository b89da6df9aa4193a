//! What belongs to rescue packages and stays: the key that opens them, the receipts files that were made. [`crate::unpack`]
//! takes one.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use greenshield_domain::ids::BlobId;
use greenshield_domain::statement::{SealingKey, Signed};

use crate::blobs::{BlobError, fault};
use crate::keys::{KeyError, ServerKey};
use crate::sealing::SealingPair;

/// The key that opens bundles, and the receipts files that were made.
#[derive(Debug, Clone)]
pub struct Bundles {
    key: Arc<SealingPair>,
    statement: Signed,
    folder: PathBuf,
}

impl Bundles {
    /// For a data directory and a signing key.
    ///
    /// # Errors
    /// [`KeyError`].
    pub fn new(data: &Path, pkcs8: &[u8], signer: &ServerKey, now_millis: i64) -> Result<Self, KeyError> {
        let key = Arc::new(SealingPair::of_signing_key(pkcs8)?);
        let statement = signer.sign(&SealingKey { public: *key.public(), issued_millis: now_millis })?;
        Ok(Self { key, statement, folder: data.join("bundles") })
    }

    /// The signed sealing key.
    #[must_use]
    pub fn statement(&self) -> &Signed {
        &self.statement
    }

    /// The private half.
    pub(crate) fn key(&self) -> Arc<SealingPair> {
        Arc::clone(&self.key)
    }

    fn path(&self, bundle: &BlobId) -> PathBuf {
        self.folder.join(bundle.to_hex())
    }

    /// Whether this bundle was taken before.
    #[must_use]
    pub fn is_taken(&self, bundle: &BlobId) -> bool {
        self.path(bundle).exists()
    }

    /// The receipts file of a bundle that was taken.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn receipts(&self, bundle: &BlobId) -> Result<Option<Vec<u8>>, BlobError> {
        let path = self.path(bundle);
        match tokio::fs::read(&path).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(fault("read", &path)(error)),
        }
    }

    /// Keeps a receipts file: whole or not at all.
    pub(crate) fn keep(&self, bundle: &BlobId, bytes: &[u8]) -> Result<(), BlobError> {
        let (path, folder) = (self.path(bundle), &self.folder);
        std::fs::create_dir_all(folder).map_err(fault("create", folder))?;
        let fresh = path.with_extension("new");
        std::fs::write(&fresh, bytes).map_err(fault("write", &fresh))?;
        std::fs::File::open(&fresh).and_then(|file| file.sync_all()).map_err(fault("flush", &fresh))?;
        std::fs::rename(&fresh, &path).map_err(fault("rename", &fresh))?;
        std::fs::File::open(folder).and_then(|file| file.sync_all()).map_err(fault("flush", folder))
    }
}
