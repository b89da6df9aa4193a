//! Resumable uploads (tus 1.0): bytes into a staged file, the offset into its row, the whole into a blob.
//!
//! Owns: which request may write to an upload, limits by type, the order file → flush → row → answer. Refuses: headers
//! (routes read and write them). Invariants: an offset that was told is on the medium; a blob is told complete only after
//! its bytes hashed to its name; two uploads of one blob never touch each other's bytes.

use std::io::SeekFrom;
use std::path::Path;

use aws_lc_rs::digest::{Algorithm, Context, Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use axum::body::Body;
use greenshield_domain::bundle::{BUNDLE_MIME, MAX_BUNDLE_BYTES};
use greenshield_domain::ids::{AccountId, BlobId, to_hex};
use greenshield_domain::statement::{BlobReceipt, Signed};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::blobs::{BlobError, Settled, fault};
use crate::body::Parts;
use crate::bundles;
use crate::claims::Claim;
use crate::entropy::random;
use crate::error::ApiError;
use crate::metrics::{self, UnderWay};
use crate::store::{BlobRow, Store as _, StoreError, StoreTx as _, UploadRow};

/// How long an upload is remembered after its last byte.
const KEEP_MILLIS: i64 = 7 * 24 * 3600 * 1000;
const MIB: u64 = 1024 * 1024;
/// The largest of all limits.
pub const MAX_BYTES: u64 = 200 * MIB;
/// Space that stays free for the database when an upload begins.
const RESERVE_BYTES: u64 = 64 * MIB;
/// Space that stays free for the database when more bytes come: less, so that what was let in gets through when the database
/// grew since; and not nothing, so that photos never take the room of ops.
const LEAST_FREE_BYTES: u64 = 32 * MIB;

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

/// Longest MIME type.
const MAX_MIME: usize = 100;

/// Whether a text is a MIME type, without parameters.
#[must_use]
pub fn is_mime(text: &str) -> bool {
    let token = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
    };
    text.len() <= MAX_MIME && text.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype))
}

/// The checksums of tus; `sha1` is the one that every server must know.
pub const CHECKSUMS: [(&str, &Algorithm); 2] = [("sha256", &SHA256), ("sha1", &SHA1_FOR_LEGACY_USE_ONLY)];

/// What the bytes of one request must hash to.
#[derive(Debug, Clone)]
pub struct Checksum {
    algorithm: &'static Algorithm,
    expected: Vec<u8>,
}

impl Checksum {
    /// A checksum by the name of its algorithm; `None` for another algorithm or length.
    #[must_use]
    pub fn new(name: &str, expected: Vec<u8>) -> Option<Self> {
        let (_, algorithm) = *CHECKSUMS.iter().find(|(known, _)| *known == name)?;
        (expected.len() == algorithm.output_len()).then_some(Self { algorithm, expected })
    }
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

/// Where an upload stands now; one whose bytes are all here is settled first.
///
/// # Errors
/// [`ApiError`].
pub async fn inspect(app: &App, row: UploadRow) -> Result<Standing, ApiError> {
    if row.complete {
        let stored = app.store.blob(row.blob).await?.ok_or(ApiError::NotFound)?;
        return Ok(Standing { receipt: Some(receipt(app, &stored)?), row });
    }
    if row.received < row.length {
        return Ok(Standing { row, receipt: None });
    }
    if bundles::is_bundle(&row) { bundles::settle(app, row).await } else { settle(app, row).await }
}

/// Appends a body at an offset. What arrived before a cut stays; a body with a checksum that does not match does not.
///
/// It runs to its end even when the caller goes away: the work is a task of its own.
///
/// # Errors
/// [`ApiError`].
pub async fn append(
    app: Shared,
    mut claim: Claim,
    row: UploadRow,
    body: Body,
    checksum: Option<Checksum>,
) -> Result<Standing, ApiError> {
    to_its_end(async move { write(&app, &mut claim, row, body, checksum).await }).await
}

/// Where an upload stands, as [`inspect`] says; one that has to be settled is settled even when the caller goes away, so
/// that a blob whose way home is longer than the patience of a phone gets there.
///
/// # Errors
/// [`ApiError`].
pub async fn finish(app: Shared, claim: Claim, row: UploadRow) -> Result<Standing, ApiError> {
    to_its_end(async move {
        let _claim = claim;
        inspect(&app, row).await
    })
    .await
}

/// Work that a caller who goes away does not end.
async fn to_its_end(
    work: impl Future<Output = Result<Standing, ApiError>> + Send + 'static,
) -> Result<Standing, ApiError> {
    let counted = async move {
        let _under_way = UnderWay::upload();
        work.await.inspect_err(|error| metrics::refused(error.code()))
    };
    tokio::spawn(counted).await.unwrap_or_else(|error| {
        tracing::error!(%error, "an upload ended badly");
        Err(ApiError::Internal)
    })
}

/// How the body of an append ended.
enum End {
    Whole,
    Cut,
    TooLong,
}

async fn write(
    app: &App,
    claim: &mut Claim,
    mut row: UploadRow,
    body: Body,
    checksum: Option<Checksum>,
) -> Result<Standing, ApiError> {
    let path = app.blobs.staged(&row.id);
    let left = row.length.saturating_sub(row.received);
    if left > 0 && app.blobs.free_bytes()? < left.saturating_add(LEAST_FREE_BYTES) {
        return Err(ApiError::DiskFull);
    }
    let mut file =
        File::options().create(true).truncate(false).write(true).open(&path).await.map_err(fault("open", &path))?;
    // Bytes behind the offset were never told: they are written again.
    file.set_len(row.received).await.map_err(fault("truncate", &path))?;
    file.seek(SeekFrom::Start(row.received)).await.map_err(fault("seek", &path))?;
    let algorithm = checksum.as_ref().map_or(&SHA256, |checksum| checksum.algorithm);
    let taken = take(&mut file, &path, claim, &row, (body, algorithm)).await;
    let (end, digest, written) = match taken {
        Ok(taken) => taken,
        Err(error) => {
            // Half a piece that was never told must not fill a disk that is full.
            if let Err(error) = file.set_len(row.received).await {
                tracing::warn!(%error, "bytes behind the offset stay");
            }
            return Err(error.into());
        }
    };
    let mismatch = checksum.is_some_and(|checksum| digest.as_ref() != checksum.expected);
    match end {
        End::TooLong => return Err(ApiError::TooLarge { code: "too_large", what: "the upload", limit: row.length }),
        End::Whole if mismatch => {
            let message = "the bytes do not match Upload-Checksum";
            return Err(ApiError::Checksum { code: "checksum", message });
        }
        End::Whole | End::Cut => {}
    }
    if written > 0 {
        row.received += written;
        row.expires_at = app.clock.now_millis() + KEEP_MILLIS;
        let mut tx = app.store.begin().await?;
        tx.set_upload_received(&row.id, row.received, row.expires_at).await?;
        tx.commit().await?;
    }
    if matches!(end, End::Cut) {
        return Err(ApiError::BodyCut);
    }
    inspect(app, row).await
}

/// Writes a body behind what is there, flushed: how it ended, its hash, its bytes.
async fn take(
    file: &mut File,
    path: &Path,
    claim: &mut Claim,
    row: &UploadRow,
    (body, algorithm): (Body, &'static Algorithm),
) -> Result<(End, Digest, u64), BlobError> {
    let (mut parts, mut context, mut written) = (Parts::of(body), Context::new(algorithm), 0);
    let end = loop {
        let part = tokio::select! {
            // What has arrived is taken before the place is given up.
            biased;
            part = parts.next() => part,
            () = claim.overtaken() => break End::Cut,
        };
        match part {
            None => break End::Whole,
            Some(Err(_)) => break End::Cut,
            Some(Ok(part)) if row.received + written + part.len() as u64 > row.length => break End::TooLong,
            Some(Ok(part)) => {
                file.write_all(&part).await.map_err(fault("write", path))?;
                context.update(&part);
                written += part.len() as u64;
            }
        }
    };
    if written > 0 {
        file.flush().await.map_err(fault("flush", path))?;
        file.sync_data().await.map_err(fault("flush", path))?;
    }
    Ok((end, context.finish(), written))
}

/// Hashes the whole file; the blob is stored, or the upload is gone.
///
/// # Errors
/// [`ApiError`].
pub async fn settle(app: &App, mut row: UploadRow) -> Result<Standing, ApiError> {
    let blob = row.blob;
    let settled = app.blobs.settle(&row.id, &blob).await?;
    let mut tx = app.store.begin().await?;
    match settled {
        Settled::Stored => {
            let arrived = BlobRow {
                id: blob,
                size_bytes: row.length,
                mime: row.mime.clone(),
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

fn receipt(app: &App, stored: &BlobRow) -> Result<Signed, ApiError> {
    let receipt = BlobReceipt {
        epoch: app.epoch,
        blob: stored.id,
        size_bytes: stored.size_bytes,
        received_millis: stored.received_millis,
    };
    Ok(app.key.sign(&receipt)?)
}
