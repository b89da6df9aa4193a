//! After something was erased: its files and its old bytes in the database go from the medium.
//!
//! Owns: the order rows → files → free room of the database → told. Refuses: to decide what is erased (the sequencer did).
//! Invariants: what has to go is in the database, so a server that is killed here goes on at its next start; a file goes
//! inside a transaction that looked again whether an op links it by now.

use greenshield_domain::ids::BlobId;

use crate::app::App;
use crate::error::ApiError;
use crate::store::{ErasingTx as _, Store as _, StoreTx as _};
use crate::uploads;

/// Does it when something was erased by this process; whether nothing of it is left. What can not be done now is tried again by
/// the next sweep, so a fault is only logged.
pub async fn clean_if_due(app: &App) -> bool {
    if !app.scrub.take() {
        return true;
    }
    match clean(app).await {
        Ok(is_clean) => is_clean,
        Err(error) => {
            tracing::error!(code = error.code(), "erased bytes are still to be removed");
            app.scrub.set();
            false
        }
    }
}

/// Does what is still to do, also of before the last start; whether nothing of what was erased is left.
///
/// # Errors
/// [`ApiError`]; it may be called again.
pub async fn clean(app: &App) -> Result<bool, ApiError> {
    let mut tx = app.store.begin().await?;
    let (is_due, doomed) = (tx.scrub_due().await?, tx.doomed_blobs().await?);
    drop(tx);
    for blob in doomed {
        remove(app, blob).await?;
    }
    if !is_due {
        return Ok(true);
    }
    let is_clean = app.store.scrub().await?;
    if is_clean {
        let mut tx = app.store.begin().await?;
        tx.set_scrub_due(false).await?;
        tx.commit().await?;
    } else {
        app.scrub.set();
    }
    Ok(is_clean)
}

/// Takes away everything of a file that is erased.
async fn remove(app: &App, blob: BlobId) -> Result<(), ApiError> {
    let mut tx = app.store.begin().await?;
    let uploads = tx.uploads_of(blob).await?;
    drop(tx);
    for row in uploads.iter().filter(|row| !uploads::is_bundle(row)) {
        let _claim = app.claims.take(&row.id).await;
        uploads::remove(app, row).await?;
    }
    let mut tx = app.store.begin().await?;
    if tx.doomed_blobs().await?.contains(&blob) {
        app.blobs.remove(&blob).await?;
        tx.set_blob_gone(blob, true).await?;
        tx.commit().await?;
    }
    Ok(())
}
