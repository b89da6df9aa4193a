//! Rescue packages: a sealed file that came whole by tus becomes ops, blobs and a receipts file.
//!
//! Owns: the order of the work: hash, check everything, then store, then the receipts file. Refuses: to take any part of a file
//! that is not wholly in order. Ops go the way of a push, blobs the way of an upload, so a bundle can do nothing that those can
//! not. Invariant: whatever is stored twice is stored once, so the work may stop anywhere and begin again.

mod read;
mod take;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use greenshield_domain::bundle::BUNDLE_MIME;
use greenshield_domain::ids::BlobId;
use greenshield_domain::statement::{SealingKey, Signed};

use self::read::Fault;
use crate::app::App;
use crate::blobs::{BlobError, fault};
use crate::error::ApiError;
use crate::keys::{KeyError, ServerKey};
use crate::metrics;
use crate::sealing::SealingPair;
use crate::store::{Store as _, StoreTx as _, UploadRow};
use crate::uploads::Standing;

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
    fn keep(&self, bundle: &BlobId, bytes: &[u8]) -> Result<(), BlobError> {
        let (path, folder) = (self.path(bundle), &self.folder);
        std::fs::create_dir_all(folder).map_err(fault("create", folder))?;
        let fresh = path.with_extension("new");
        std::fs::write(&fresh, bytes).map_err(fault("write", &fresh))?;
        std::fs::File::open(&fresh).and_then(|file| file.sync_all()).map_err(fault("flush", &fresh))?;
        std::fs::rename(&fresh, &path).map_err(fault("rename", &fresh))?;
        std::fs::File::open(folder).and_then(|file| file.sync_all()).map_err(fault("flush", folder))
    }
}

/// Whether an upload is one of a bundle.
#[must_use]
pub fn is_bundle(row: &UploadRow) -> bool {
    row.mime == BUNDLE_MIME
}

/// Takes a bundle whose bytes are all here. What is refused is gone, and nothing of it was stored.
///
/// # Errors
/// [`ApiError`]; after a fault of the server the bundle stays and the next request goes on.
pub async fn settle(app: &App, mut row: UploadRow) -> Result<Standing, ApiError> {
    if !app.bundles.is_taken(&row.blob) {
        let (path, key, name) = (app.blobs.staged(&row.id), app.bundles.key.clone(), row.blob);
        match blocking(move || read::check(&path, &name, &key)).await? {
            Ok(()) => {}
            Err(Fault::Missing) => return start_again(app, row).await,
            Err(Fault::Io(error)) => return Err(error.into()),
            Err(refusal) => {
                let mut tx = app.store.begin().await?;
                tx.delete_upload(&row.id).await?;
                tx.commit().await?;
                app.blobs.discard(&row.id)?;
                return Err(refused(&refusal));
            }
        }
        let receipts = take::all(app, &row).await?.encode();
        let (bundles, name) = (app.bundles.clone(), row.blob);
        blocking(move || bundles.keep(&name, &receipts)).await??;
        metrics::finished("bundle", row.length);
    }
    app.blobs.discard(&row.id)?;
    row.complete = true;
    Ok(Standing { row, receipt: None })
}

/// The file was lost outside of us: the carrier still has all of it.
async fn start_again(app: &App, mut row: UploadRow) -> Result<Standing, ApiError> {
    let mut tx = app.store.begin().await?;
    tx.set_upload_received(&row.id, 0, row.expires_at).await?;
    tx.commit().await?;
    row.received = 0;
    Ok(Standing { row, receipt: None })
}

fn refused(fault: &Fault) -> ApiError {
    tracing::info!(%fault, "a bundle was refused");
    match fault {
        Fault::Hash => ApiError::Checksum {
            code: "hash_mismatch",
            message: "the whole does not hash to the sha256 of Upload-Metadata; the upload is gone, start again",
        },
        Fault::Foreign => {
            ApiError::Bundle { code: "bundle_foreign", message: "the bundle is sealed for another server" }
        }
        Fault::Version(_) => {
            ApiError::Bundle { code: "bundle_version", message: "the bundle was made by a newer app than this server" }
        }
        _ => ApiError::Bundle { code: "bundle_damaged", message: "the bundle is damaged; nothing of it was taken" },
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        tracing::error!(%error, "reading a bundle ended badly");
        ApiError::Internal
    })
}
