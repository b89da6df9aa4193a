//! Storing what is in a checked bundle: ops as a push by anybody, blobs as uploads of the carrier.

use greenshield_domain::bundle::{Item, ReceiptsFile};
use greenshield_domain::ids::BlobId;
use greenshield_domain::wire::{MAX_PUSH_OPS, OpResult};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::mpsc;

use super::read::{self, Fault};
use crate::app::App;
use crate::blobs::fault;
use crate::error::ApiError;
use crate::sequencer::Push;
use crate::store::{Store as _, StoreTx as _, UploadRow};
use crate::{ingest, uploads};

/// Items that are read ahead.
const AHEAD: usize = 4;

/// Stores everything; gives the receipts.
pub(super) async fn all(app: &App, row: &UploadRow) -> Result<ReceiptsFile, ApiError> {
    let (give, mut items) = mpsc::channel(AHEAD);
    let (path, key) = (app.blobs.staged(&row.id), app.bundles.key());
    let reader = tokio::task::spawn_blocking(move || {
        read::items(&path, &key, |item| give.blocking_send(item).map_err(|_| Fault::Stopped))
    });
    let receipts = ReceiptsFile { bundle: row.blob.0, results: Vec::new(), ops: Vec::new(), blobs: Vec::new() };
    let mut taker = Taker { app, row, receipts, ops: Vec::new(), base: 0, blob: None };
    while let Some(item) = items.recv().await {
        if let Err(error) = taker.take(item).await {
            taker.drop_half().await;
            return Err(error);
        }
    }
    match reader.await {
        Ok(Ok(())) => Ok(taker.receipts),
        Ok(Err(fault)) => {
            tracing::error!(%fault, "a checked bundle does not read");
            Err(ApiError::Internal)
        }
        Err(error) => {
            tracing::error!(%error, "reading a bundle ended badly");
            Err(ApiError::Internal)
        }
    }
}

struct Taker<'a> {
    app: &'a App,
    row: &'a UploadRow,
    receipts: ReceiptsFile,
    /// Ops that are not pushed yet, and the place of the first in the bundle.
    ops: Vec<Vec<u8>>,
    base: u64,
    blob: Option<Staging>,
}

/// A blob whose pieces come; without a file when the server has it.
struct Staging {
    row: UploadRow,
    file: Option<File>,
    left: u64,
}

impl Taker<'_> {
    async fn take(&mut self, item: Item) -> Result<(), ApiError> {
        match item {
            Item::Op(bytes) => {
                self.ops.push(bytes);
                if self.ops.len() == MAX_PUSH_OPS { self.push().await } else { Ok(()) }
            }
            Item::Blob { id, size_bytes, mime } => {
                self.push().await?;
                self.begin_blob(id, size_bytes, mime).await
            }
            Item::Piece(bytes) => self.piece(&bytes).await,
            Item::End { .. } => self.push().await,
        }
    }

    async fn push(&mut self) -> Result<(), ApiError> {
        let ops = std::mem::take(&mut self.ops);
        if ops.is_empty() {
            return Ok(());
        }
        let (base, count) = (self.base, ops.len() as u64);
        let items = ingest::authenticate(&self.app.store, ops).await?;
        let done = self.app.sequencer.push(Push { items, caller: None }).await?;
        let results = done.results.into_iter();
        self.receipts.results.extend(results.map(|result| OpResult { index: base + result.index, ..result }));
        for receipt in &done.receipts {
            self.receipts.ops.push(self.app.key.sign(receipt)?);
        }
        self.base += count;
        Ok(())
    }

    async fn begin_blob(&mut self, id: BlobId, size_bytes: u64, mime: String) -> Result<(), ApiError> {
        let begun = match uploads::create(self.app, self.row.account, id, mime, size_bytes).await {
            // Its pieces go by.
            Err(ApiError::Erased) => return Ok(()),
            begun => begun?,
        };
        let file = if let Some(receipt) = begun.receipt {
            self.receipts.blobs.push(receipt);
            None
        } else {
            let path = self.app.blobs.staged(&begun.row.id);
            Some(File::create(&path).await.map_err(fault("create", &path))?)
        };
        self.blob = Some(Staging { row: begun.row, file, left: size_bytes });
        self.end_blob().await
    }

    async fn piece(&mut self, bytes: &[u8]) -> Result<(), ApiError> {
        if let Some(blob) = &mut self.blob {
            blob.left = blob.left.saturating_sub(bytes.len() as u64);
            if let Some(file) = &mut blob.file {
                file.write_all(bytes).await.map_err(fault("write", &self.app.blobs.staged(&blob.row.id)))?;
            }
        }
        self.end_blob().await
    }

    /// Stores the blob when its last piece is here.
    async fn end_blob(&mut self) -> Result<(), ApiError> {
        let Some(blob) = self.blob.as_mut().filter(|blob| blob.left == 0) else { return Ok(()) };
        let Some(file) = &mut blob.file else { return Ok(()) };
        let path = self.app.blobs.staged(&blob.row.id);
        file.flush().await.map_err(fault("flush", &path))?;
        file.sync_data().await.map_err(fault("flush", &path))?;
        let mut row = blob.row.clone();
        row.received = row.length;
        let mut tx = self.app.store.begin().await?;
        tx.set_upload_received(&row.id, row.received, row.expires_at).await?;
        tx.commit().await?;
        match uploads::settle(self.app, row).await {
            Err(ApiError::Erased) => {}
            settled => self.receipts.blobs.push(settled?.receipt.ok_or(ApiError::Internal)?),
        }
        self.blob = None;
        Ok(())
    }

    /// The work begins again from the bundle, so a blob that did not get home must not stay staged: while a disk is full or
    /// a bucket is away, every try would leave one more.
    async fn drop_half(&mut self) {
        let Some(Staging { row, file: Some(_), .. }) = self.blob.take() else { return };
        // First the file: its row may not be writable on a full disk, and goes by its time.
        if let Err(error) = self.app.blobs.discard(&row.id) {
            tracing::warn!(%error, "half a blob stays staged");
        }
        if let Err(error) = uploads::remove(self.app, &row).await {
            tracing::warn!(code = error.code(), "the row of half a blob stays");
        }
    }
}
