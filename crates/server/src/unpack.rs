//! Rescue packages: a sealed file that came whole by tus becomes ops, blobs and a receipts file.
//!
//! Owns: the order of the work: hash, check everything, then store, then the receipts file. Refuses: to take any part of a file
//! that is not wholly in order. Ops go the way of a push, blobs the way of an upload, so a bundle can do nothing that those can
//! not. Invariant: whatever is stored twice is stored once, so the work may stop anywhere and begin again.

mod read;
mod take;

use self::read::Fault;
use crate::app::App;
use crate::erasing;
use crate::error::ApiError;
use crate::metrics;
use crate::store::{Store as _, StoreTx as _, UploadRow};
use crate::uploads::Standing;

/// Takes a bundle whose bytes are all here. What is refused is gone, and nothing of it was stored.
///
/// # Errors
/// [`ApiError`]; after a fault of the server the bundle stays and the next request goes on.
pub async fn settle(app: &App, mut row: UploadRow) -> Result<Standing, ApiError> {
    if !app.bundles.is_taken(&row.blob) {
        let (path, key, name) = (app.blobs.staged(&row.id), app.bundles.key(), row.blob);
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
        erasing::clean_if_due(app).await;
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
