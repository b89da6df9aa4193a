//! Bytes that arrive at an upload: behind what is there, flushed, told; the last of them settles it, as a blob or as a bundle.
//!
//! Owns: the order file → flush → row → answer. Refuses: headers (routes read and write them). Invariant: an offset that was
//! told is on the medium.

use std::io::SeekFrom;
use std::path::Path;

use aws_lc_rs::digest::{Algorithm, Context, Digest, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use axum::body::Body;
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};

use crate::app::{App, Shared};
use crate::blobs::{BlobError, fault};
use crate::body::Parts;
use crate::claims::Claim;
use crate::error::ApiError;
use crate::metrics::{self, UnderWay};
use crate::store::{Store as _, StoreTx as _, UploadRow};
use crate::unpack;
use crate::uploads::{self, KEEP_MILLIS, Standing};

/// Space that stays free for the database when more bytes come: less, so that what was let in gets through when the database
/// grew since; and not nothing, so that photos never take the room of ops.
const LEAST_FREE_BYTES: u64 = 32 * uploads::MIB;

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

/// Where an upload stands now; one whose bytes are all here is settled first.
///
/// # Errors
/// [`ApiError`].
pub async fn inspect(app: &App, row: UploadRow) -> Result<Standing, ApiError> {
    if row.complete {
        let stored = app.store.blob(row.blob).await?.ok_or(ApiError::NotFound)?;
        return Ok(Standing { receipt: Some(uploads::receipt(app, &stored)?), row });
    }
    if row.received < row.length {
        return Ok(Standing { row, receipt: None });
    }
    if uploads::is_bundle(&row) { unpack::settle(app, row).await } else { uploads::settle(app, row).await }
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
