//! Blobs go up by tus 1.0 in pieces that fit the link; only a verified receipt counts as delivered.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use greenshield_domain::cbor;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::statement::{BlobReceipt, Signed};
use greenshield_domain::wire::RECEIPT_HEADER;

use super::apply::Changes;
use super::backoff::wait_millis;
use super::erased::ERASED;
use super::request::request;
use super::{Engine, EngineError, first_value};
use crate::ports::{Durability, HttpRequest, HttpResponse, LocalStore, Ports, Read, Table, Write};
use crate::rows::{BLOB_CHUNK_BYTES, BlobRow, chunk_key, from_json, to_json, upload_blob, upload_key};

/// First piece of a run: the smallest. On a link that nobody has measured yet, the words of the next report wait for it.
pub(super) const FIRST_PIECE_BYTES: usize = LEAST_PIECE_BYTES;
/// Smallest piece: 10 s at 50 kbit/s.
const LEAST_PIECE_BYTES: usize = 64 * 1024;
/// Largest piece.
const MOST_PIECE_BYTES: usize = 1024 * 1024;
/// A piece that takes longer makes the next one smaller.
const SLOW_MILLIS: i64 = 10_000;
/// A piece that takes less makes the next one larger.
const FAST_MILLIS: i64 = 3_000;

/// What one step did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Uploaded {
    /// The blob that was worked on; `None` = nothing was due.
    pub blob: Option<BlobId>,
    /// Whether it is delivered now.
    pub delivered: bool,
    /// Records whose rows changed.
    pub changed: Vec<RecordId>,
    /// When the next waiting blob becomes due, ms since 1970; `None` = nothing waits.
    pub next_due_millis: Option<i64>,
}

impl<P: Ports> Engine<P> {
    /// Sends one piece of the most urgent file: small copies before originals, then oldest first.
    ///
    /// # Errors
    /// [`EngineError`] where the link or the database failed; a file that the server refuses is postponed, not an error.
    pub async fn upload_step(&self) -> Result<Uploaded, EngineError> {
        let now = self.now_millis();
        let waiting = self.waiting_blobs().await?;
        let next_due_millis = waiting.iter().map(|(_, row)| row.next_attempt_millis).filter(|t| *t > now).min();
        let first = waiting.into_iter().find(|(_, row)| row.next_attempt_millis <= now);
        let Some((blob, row)) = first else { return Ok(Uploaded { next_due_millis, ..Uploaded::default() }) };
        let step = match self.upload_piece(blob, &row).await {
            Err(EngineError::Refused(refusal)) if refusal.body.code == ERASED => {
                self.drop_erased(blob, &row).await?;
                Uploaded { blob: Some(blob), changed: row.record.into_iter().collect(), ..Uploaded::default() }
            }
            Err(EngineError::Refused(refusal)) if refusal.status < 500 && refusal.status != 429 => {
                let restart = matches!(refusal.status, 404 | 409 | 410 | 460);
                self.postpone_blob(blob, &row, &refusal.body.code, restart).await?;
                Uploaded { blob: Some(blob), ..Uploaded::default() }
            }
            Err(error) => {
                self.piece_bytes.set((self.piece_bytes.get() / 2).max(LEAST_PIECE_BYTES));
                return Err(error);
            }
            Ok(step) => step,
        };
        Ok(Uploaded { next_due_millis, ..step })
    }

    /// Files that this phone has to deliver, most urgent first.
    pub(super) async fn waiting_blobs(&self) -> Result<Vec<(BlobId, BlobRow)>, EngineError> {
        let rows = self.waiting_rows().await?.into_iter();
        rows.map(|(blob, bytes)| Ok((blob, from_json(Table::Blobs, &bytes)?))).collect()
    }

    /// The same with the exact bytes of their rows.
    async fn waiting_rows(&self) -> Result<Vec<(BlobId, Vec<u8>)>, EngineError> {
        let rows = self.ports.store().read(vec![Read::prefix(Table::Uploads, &[], usize::MAX)]).await?;
        let queued: Vec<BlobId> = rows.iter().flatten().filter_map(|(key, _)| upload_blob(key)).collect();
        let reads = queued.iter().map(|blob| Read::Get(Table::Blobs, blob.0.to_vec())).collect();
        let rows = self.ports.store().read(reads).await?.into_iter().map(first_value);
        Ok(queued.into_iter().zip(rows).filter_map(|(blob, bytes)| Some((blob, bytes?))).collect())
    }

    async fn upload_piece(&self, blob: BlobId, row: &BlobRow) -> Result<Uploaded, EngineError> {
        let started_millis = self.ports.clock().mono_millis();
        let Some(path) = row.upload_path.clone() else { return self.create_upload(blob, row).await };
        let piece = self.piece(blob, row.offset_bytes).await?;
        let piece_len = piece.len();
        let patch = HttpRequest {
            headers: vec![
                ("tus-resumable", "1.0.0".to_owned()),
                ("content-type", "application/offset+octet-stream".to_owned()),
                ("upload-offset", row.offset_bytes.to_string()),
            ],
            body: piece,
            timeout_millis: 60_000,
            ..request("PATCH", path.clone())
        };
        let response = match self.send_signed(patch).await {
            Err(EngineError::Refused(refusal)) if refusal.status == 409 => {
                let head =
                    HttpRequest { headers: vec![("tus-resumable", "1.0.0".to_owned())], ..request("HEAD", path) };
                self.send_signed(head).await?
            }
            other => other?,
        };
        self.pace(started_millis, piece_len);
        self.note_progress(blob, row, &response).await
    }

    /// Makes the next piece fit the link that took this one.
    pub(super) fn pace(&self, started_millis: i64, piece_len: usize) {
        let took_millis = self.ports.clock().mono_millis() - started_millis;
        let piece_bytes = self.piece_bytes.get();
        if took_millis > SLOW_MILLIS {
            self.piece_bytes.set((piece_bytes / 2).max(LEAST_PIECE_BYTES));
        } else if took_millis < FAST_MILLIS && piece_len == piece_bytes {
            self.piece_bytes.set((piece_bytes * 2).min(MOST_PIECE_BYTES));
        }
    }

    /// Announces a file. One that fits a single piece goes along with it: on a far line that is half of its time.
    async fn create_upload(&self, blob: BlobId, row: &BlobRow) -> Result<Uploaded, EngineError> {
        let started_millis = self.ports.clock().mono_millis();
        let is_small = row.size_bytes <= self.piece_bytes.get() as u64;
        let body = if is_small { self.piece(blob, 0).await? } else { Vec::new() };
        let piece_len = body.len();
        let content = is_small.then(|| ("content-type", "application/offset+octet-stream".to_owned()));
        let metadata = format!("sha256 {},mime {}", STANDARD.encode(blob.to_hex()), STANDARD.encode(&row.mime));
        let headers = [
            ("tus-resumable", "1.0.0".to_owned()),
            ("upload-length", row.size_bytes.to_string()),
            ("upload-metadata", metadata),
        ];
        let create = HttpRequest {
            headers: headers.into_iter().chain(content).collect(),
            body,
            timeout_millis: 60_000,
            ..request("POST", "/v1/blobs")
        };
        let response = self.send_signed(create).await?;
        self.pace(started_millis, piece_len);
        let location = response.header("location").unwrap_or_default();
        // Absolute or relative, it is a path of our own server.
        let path = location.find("/v1/blobs/").map(|at| location[at..].to_owned());
        let path = path.ok_or_else(|| EngineError::ForeignReply("location".to_owned()))?;
        let created = BlobRow { upload_path: Some(path), offset_bytes: 0, ..row.clone() };
        self.note_progress(blob, &created, &response).await
    }

    /// Takes over offset and receipt from a reply of the upload.
    async fn note_progress(&self, blob: BlobId, row: &BlobRow, reply: &HttpResponse) -> Result<Uploaded, EngineError> {
        let offset_bytes = reply.header("upload-offset").and_then(|text| text.parse().ok()).unwrap_or(row.offset_bytes);
        let moved = offset_bytes > row.offset_bytes;
        let mut next = BlobRow { offset_bytes, reason: String::new(), ..row.clone() };
        if moved {
            next.tries = 0;
        }
        let mut delivered = false;
        if let Some(receipt) = reply.header(RECEIPT_HEADER) {
            let receipt = self.open_blob_receipt(receipt).await?;
            if receipt.blob == blob && receipt.size_bytes == row.size_bytes {
                next.delivered_millis = Some(receipt.received_millis);
                next.upload_path = None;
                delivered = true;
            }
        }
        // Only the end is worth a flush; the server knows the offset anyway.
        let durability = if delivered { Durability::Strict } else { Durability::Relaxed };
        let mut write = Write::new(durability);
        let changed = if delivered {
            write.delete(Table::Uploads, upload_key(&blob, row));
            let changes = Changes { blobs: [(blob, next)].into(), ..Changes::default() };
            self.apply(write, changes).await?
        } else {
            write.put(Table::Blobs, blob.0, to_json(&next));
            self.ports.store().write(write).await?;
            Vec::new()
        };
        Ok(Uploaded { blob: Some(blob), delivered, changed, next_due_millis: None })
    }

    async fn open_blob_receipt(&self, header: &str) -> Result<BlobReceipt, EngineError> {
        let foreign = || EngineError::ForeignReply("blob receipt".to_owned());
        let bytes = URL_SAFE_NO_PAD.decode(header).map_err(|_| foreign())?;
        let signed = cbor::decode(&bytes).ok().as_ref().and_then(Signed::from_value).ok_or_else(foreign)?;
        self.open_signed(&signed, &self.server_key()?).await
    }

    pub(super) async fn postpone_blob(
        &self,
        blob: BlobId,
        row: &BlobRow,
        reason: &str,
        restart: bool,
    ) -> Result<(), EngineError> {
        let tries = row.tries + 1;
        let wait = wait_millis(tries, u32::from_be_bytes(self.random()));
        let mut next =
            BlobRow { tries, reason: reason.to_owned(), next_attempt_millis: self.now_millis() + wait, ..row.clone() };
        if restart {
            next.upload_path = None;
            next.offset_bytes = 0;
        }
        let mut write = Write::new(Durability::Relaxed);
        write.put(Table::Blobs, blob.0, to_json(&next));
        Ok(self.ports.store().write(write).await?)
    }

    pub(super) async fn retry_blobs_now(&self, write: &mut Write) -> Result<(), EngineError> {
        for (blob, bytes) in self.waiting_rows().await? {
            let row: BlobRow = from_json(Table::Blobs, &bytes)?;
            if row.next_attempt_millis > 0 {
                write.expect(Table::Blobs, blob.0, Some(bytes));
                write.put(Table::Blobs, blob.0, to_json(&BlobRow { next_attempt_millis: 0, ..row }));
            }
        }
        Ok(())
    }

    /// Bytes from an offset, at most one piece.
    async fn piece(&self, blob: BlobId, offset_bytes: u64) -> Result<Vec<u8>, EngineError> {
        self.bytes_at(Table::BlobBytes, blob, offset_bytes, self.piece_bytes.get()).await
    }

    /// Bytes of a file in chunks, from an offset: as many as asked for, or up to the end.
    pub(super) async fn bytes_at(
        &self,
        table: Table,
        blob: BlobId,
        offset_bytes: u64,
        most_bytes: usize,
    ) -> Result<Vec<u8>, EngineError> {
        let chunk = BLOB_CHUNK_BYTES as u64;
        let first = u32::try_from(offset_bytes / chunk).unwrap_or(u32::MAX);
        let last = u32::try_from((offset_bytes + most_bytes as u64) / chunk).unwrap_or(u32::MAX);
        let reads = (first..=last).map(|i| Read::Get(table, chunk_key(&blob, i))).collect();
        let bytes: Vec<u8> =
            self.ports.store().read(reads).await?.into_iter().flatten().flat_map(|(_, bytes)| bytes).collect();
        let skip = usize::try_from(offset_bytes % chunk).unwrap_or_default();
        Ok(bytes.into_iter().skip(skip).take(most_bytes).collect())
    }
}
