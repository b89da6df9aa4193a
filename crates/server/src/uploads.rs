//! Resumable uploads (tus 1.0) from their row to their end: begun, found again, settled as a blob, removed, forgotten.
//!
//! Owns: whose an upload is, limits by type, receipts of blobs. Refuses: bytes ([`crate::arrivals`]) and headers (routes).
//! Invariants: a blob is told complete only after its bytes hashed to its name; two uploads of one blob never touch each
//! other's bytes.

use greenshield_domain::bundle::{BUNDLE_MIME, MAX_BUNDLE_BYTES};
use greenshield_domain::ids::{AccountId, BlobId, to_hex};
use greenshield_domain::statement::{BlobReceipt, Signed};
use tokio::fs::File;

use crate::app::App;
use crate::auth::Caller;
use crate::blob_type;
use crate::blobs::{Settled, fault};
use crate::entropy::random;
use crate::error::ApiError;
use crate::metrics;
use crate::store::{BlobRow, ErasingTx as _, Store as _, StoreError, StoreTx as _, UploadRow};

/// How long an upload is remembered after its last byte.
pub(crate) const KEEP_MILLIS: i64 = 7 * 24 * 3600 * 1000;
pub(crate) const MIB: u64 = 1024 * 1024;
/// The largest of all limits.
pub const MAX_BYTES: u64 = 200 * MIB;
/// Space that stays free for the database when an upload begins.
const RESERVE_BYTES: u64 = 64 * MIB;

/// Most bytes of a blob of a type.
#[must_use]
pub fn limit_bytes(mime: &str) -> u64 {
    match mime.split('/').next() {
        Some("image") => 25 * MIB,
        Some("audio") => 50 * MIB,
        _ if mime == BUNDLE_MIME => MAX_BUNDLE_BYTES,
        _ => MAX_BYTES,
    }
}

/// Whether an upload is one of a bundle.
#[must_use]
pub fn is_bundle(row: &UploadRow) -> bool {
    row.mime == BUNDLE_MIME
}

/// Where an upload stands after a request.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Its row.
    pub row: UploadRow,
    /// The receipt, once the blob is stored.
    pub receipt: Option<Signed>,
}

/// Starts an upload. A blob that is here already is complete at once.
///
/// # Errors
/// [`ApiError`].
pub async fn create(
    app: &App,
    account: AccountId,
    blob: BlobId,
    mime: String,
    length: u64,
) -> Result<Standing, ApiError> {
    let limit = limit_bytes(&mime);
    if length > limit {
        metrics::refused("too_large");
        return Err(ApiError::TooLarge { code: "too_large", what: "the blob", limit });
    }
    let is_bundle = mime == BUNDLE_MIME;
    let stored = if is_bundle { None } else { app.store.blob(blob).await? };
    let stored = stored.filter(|stored| stored.size_bytes == length);
    let complete = stored.is_some() || (is_bundle && app.bundles.is_taken(&blob));
    if !complete && app.blobs.free_bytes()? < length.saturating_add(RESERVE_BYTES) {
        metrics::refused("disk_full");
        return Err(ApiError::DiskFull);
    }
    let row = UploadRow {
        id: to_hex(&random::<16>()?),
        account,
        blob,
        mime,
        length,
        received: if complete { length } else { 0 },
        // A bundle has no row of its own; that it was taken is looked up again.
        complete: stored.is_some(),
        expires_at: app.clock.now_millis() + KEEP_MILLIS,
    };
    if length == 0 {
        // No byte will come that would make the file.
        let path = app.blobs.staged(&row.id);
        File::create(&path).await.map_err(fault("create", &path))?;
    }
    let mut tx = app.store.begin().await?;
    if !is_bundle && tx.is_erased_blob(blob).await? {
        return Err(ApiError::Erased);
    }
    tx.put_upload(&row).await?;
    tx.commit().await?;
    let receipt = stored.map(|stored| receipt(app, &stored)).transpose()?;
    Ok(Standing { row: UploadRow { complete, ..row }, receipt })
}

/// The caller's upload; one of somebody else is not there.
///
/// # Errors
/// [`ApiError::NotFound`].
pub async fn find(app: &App, caller: &Caller, id: &str) -> Result<UploadRow, ApiError> {
    let row = app.store.upload(id).await?;
    row.filter(|row| row.account == caller.account.id && row.expires_at > app.clock.now_millis())
        .ok_or(ApiError::NotFound)
}

/// Hashes the whole file; the blob is stored, or the upload is gone.
///
/// # Errors
/// [`ApiError`].
pub async fn settle(app: &App, mut row: UploadRow) -> Result<Standing, ApiError> {
    let blob = row.blob;
    let settled = app.blobs.settle(&row.id, &blob).await?;
    let head = match settled {
        Settled::Stored => app.blobs.read(&blob, row.length.min(blob_type::HEAD_BYTES)).await?,
        Settled::Mismatch | Settled::Missing => Vec::new(),
    };
    let mut tx = app.store.begin().await?;
    match settled {
        // It was erased while it came.
        Settled::Stored if tx.is_erased_blob(blob).await? => {
            tx.set_blob_gone(blob, false).await?;
            tx.delete_upload(&row.id).await?;
            tx.commit().await?;
            app.blobs.discard(&row.id)?;
            app.scrub.set();
            Err(ApiError::Erased)
        }
        Settled::Stored => {
            let arrived = BlobRow {
                id: blob,
                size_bytes: row.length,
                mime: blob_type::of(&head, &row.mime),
                received_millis: app.clock.now_millis(),
            };
            let stored = tx.complete_upload(&row.id, &arrived).await?;
            tx.commit().await?;
            metrics::finished("blob", row.length);
            row.complete = true;
            // On the way to a bucket it was needed until here. A file that stays goes with its row.
            if let Err(error) = app.blobs.discard(&row.id) {
                tracing::warn!(%error, "a staged file stays");
            }
            Ok(Standing { receipt: Some(receipt(app, &stored)?), row })
        }
        Settled::Mismatch => {
            tx.delete_upload(&row.id).await?;
            tx.commit().await?;
            let message = "the whole does not hash to the sha256 of Upload-Metadata; the upload is gone, start again";
            Err(ApiError::Checksum { code: "hash_mismatch", message })
        }
        // The file was lost outside of us: the phone still has all of it.
        Settled::Missing => {
            tx.set_upload_received(&row.id, 0, row.expires_at).await?;
            tx.commit().await?;
            row.received = 0;
            Ok(Standing { row, receipt: None })
        }
    }
}

/// Ends an upload before its time. A blob that is stored stays.
///
/// # Errors
/// [`ApiError`].
pub async fn remove(app: &App, row: &UploadRow) -> Result<(), ApiError> {
    let mut tx = app.store.begin().await?;
    tx.delete_upload(&row.id).await?;
    tx.commit().await?;
    Ok(app.blobs.discard(&row.id)?)
}

/// Forgets uploads that are past their time; returns how many.
///
/// # Errors
/// [`StoreError`].
pub async fn sweep(app: &App) -> Result<usize, StoreError> {
    let expired = app.store.expired_uploads(app.clock.now_millis()).await?;
    for row in &expired {
        let _claim = app.claims.take(&row.id).await;
        if let Err(error) = remove(app, row).await {
            tracing::warn!(code = error.code(), "an expired upload stays");
        }
    }
    Ok(expired.len())
}

/// The receipt of a blob that is stored.
pub(crate) fn receipt(app: &App, stored: &BlobRow) -> Result<Signed, ApiError> {
    let receipt = BlobReceipt {
        epoch: app.epoch,
        blob: stored.id,
        size_bytes: stored.size_bytes,
        received_millis: stored.received_millis,
    };
    Ok(app.key.sign(&receipt)?)
}
