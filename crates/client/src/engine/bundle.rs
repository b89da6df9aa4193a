//! The rescue package: everything that this phone has not delivered, sealed into one file; and the receipts that come back.
//!
//! Invariants: making a package changes nothing on the phone; of a receipts file only what the server signed counts, in the
//! same way as in the reply to a push.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::bundle::{
    BundleError, BundleHeader, Item, MAX_BUNDLE_BYTES, MAX_RUNS, PIECE_BYTES, ReceiptsFile, Run,
};
use greenshield_domain::ids::{BlobHash, BlobId, OpId, RecordId};
use greenshield_domain::order;
use greenshield_domain::seal::{self, Frames};
use greenshield_domain::signature::PublicKey;
use greenshield_domain::statement::{BlobReceipt, Receipt, SealingKey};
use greenshield_domain::wire::KeysResponse;
use thiserror::Error;

use super::apply::Changes;
use super::push::{Item as Waiting, covered};
use super::request::request;
use super::{Engine, EngineError, first_value};
use crate::ports::{
    Durability, FileError, FileSink, KeyError, LocalStore, Ports, Read, Sealer, StoreError, Table, TransportError,
    Write,
};
use crate::rows::{
    BLOB_CHUNK_BYTES, BlobRow, OpRow, chunk_key, decode_signed, encode_signed, from_json, log_key, meta, op_key,
    upload_key,
};

/// Ops that are read at once.
const READ_OPS: usize = 200;
/// Room of a package that files leave to ops, frames and the header.
const SPARE_BYTES: u64 = 64 * 1024 * 1024;

/// Why a package was not made, delivered or answered. Nothing on the phone has changed.
#[derive(Debug, Clone, PartialEq, Error)]
pub enum BundleFailure {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The file.
    #[error(transparent)]
    File(#[from] FileError),
    /// This phone has never heard the server's sealing key; it needs one contact.
    #[error("the sealing key of the server is not known yet")]
    NoSealingKey,
    /// The package is sealed for another server.
    #[error("the package is for another server")]
    Foreign,
    /// More than a server takes.
    #[error("the package is too large")]
    TooLarge,
    /// The file is not what it should be.
    #[error(transparent)]
    Bundle(#[from] BundleError),
}

impl BundleFailure {
    /// A stable word, as in the reasons of the outbox.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Engine(EngineError::Refused(refusal)) => refusal.body.code.as_str(),
            Self::Engine(EngineError::Transport(TransportError::Offline)) => "network",
            Self::Engine(EngineError::Transport(TransportError::Timeout)) => "timeout",
            Self::Engine(EngineError::ForeignServer) => "foreign_server",
            Self::Engine(EngineError::ForeignReply(_)) => "foreign_reply",
            Self::Engine(EngineError::Store(StoreError::QuotaExceeded)) => "bundle_room",
            Self::File(error) if error.0.contains("QuotaExceeded") => "bundle_room",
            Self::File(_) => "bundle_read",
            Self::NoSealingKey => "bundle_no_key",
            Self::Foreign => "bundle_foreign",
            Self::TooLarge => "bundle_large",
            Self::Bundle(BundleError::Version { .. }) => "bundle_version",
            Self::Bundle(_) => "bundle_damaged",
            Self::Engine(_) => "unknown",
        }
        .to_owned()
    }
}

impl From<StoreError> for BundleFailure {
    fn from(error: StoreError) -> Self {
        EngineError::from(error).into()
    }
}

impl From<KeyError> for BundleFailure {
    fn from(error: KeyError) -> Self {
        EngineError::from(error).into()
    }
}

/// What is in a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MadeBundle {
    /// Records with an op or a file inside.
    pub records: usize,
    /// Ops.
    pub ops: u64,
    /// Files.
    pub blobs: u64,
    /// Undelivered ops and files that are not inside: they do not read, or there was no more room.
    pub left_out: usize,
    /// Size of the package.
    pub size_bytes: u64,
}

/// What a receipts file did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TakenReceipts {
    /// Ops that left the outbox.
    pub ops: usize,
    /// Files that are delivered now.
    pub blobs: usize,
    /// Records whose rows changed.
    pub changed: Vec<RecordId>,
}

/// The ops and files of a package, and how many are left out.
pub(super) struct Plan {
    runs: Vec<Run>,
    pub(super) ops: Vec<(RecordId, OpId)>,
    pub(super) blobs: Vec<(BlobId, BlobRow)>,
    left_out: usize,
}

/// Ops and files that are in another package already.
#[derive(Default)]
pub(super) struct Packed {
    pub(super) ops: BTreeSet<OpId>,
    pub(super) blobs: BTreeSet<BlobId>,
}

/// Seals items into a file as they come.
struct Sealing<'a, S, F> {
    sealer: &'a S,
    sink: &'a mut F,
    aad: [u8; 32],
    frames: Frames,
    size_bytes: u64,
}

impl<S: Sealer, F: FileSink> Sealing<'_, S, F> {
    async fn put(&mut self, item: &Item) -> Result<(), BundleFailure> {
        self.frames.push(&item.encode());
        while let Some(frame) = self.frames.next_frame().map_err(BundleError::from)? {
            self.write(frame).await?;
        }
        Ok(())
    }

    async fn write(&mut self, frame: seal::Frame) -> Result<(), BundleFailure> {
        let sealed = self.sealer.encrypt(frame.nonce, &self.aad, frame.bytes).await?;
        self.size_bytes += sealed.len() as u64;
        Ok(self.sink.write(sealed).await?)
    }

    async fn finish(mut self) -> Result<u64, BundleFailure> {
        let last = std::mem::replace(&mut self.frames, Frames::to_seal()).finish().map_err(BundleError::from)?;
        self.write(last).await?;
        Ok(self.size_bytes)
    }
}

impl<P: Ports> Engine<P> {
    /// Asks the server for its sealing key and keeps it, so that a package can be made later without a network.
    ///
    /// # Errors
    /// [`EngineError::ForeignServer`] when the server of the enrolment did not sign it.
    pub async fn learn_sealing_key(&self) -> Result<(), EngineError> {
        let response = self.send(request("GET", "/v1/keys")).await?;
        let foreign = || EngineError::ForeignReply("keys".to_owned());
        let keys: KeysResponse = serde_json::from_slice(&response.body).map_err(|_| foreign())?;
        let signed = keys.sealing_key.to_signed().ok_or_else(foreign)?;
        self.open_signed::<SealingKey>(&signed, &self.server_key()?).await?;
        let mut write = Write::new(Durability::Strict);
        write.put(Table::Meta, meta::SEALING_KEY, encode_signed(&signed));
        Ok(self.ports.store().write(write).await?)
    }

    /// The sealing key that was kept.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn sealing_key(&self) -> Result<Option<PublicKey>, EngineError> {
        let bytes = self.read_meta(&[meta::SEALING_KEY]).await?.remove(0);
        let signed = bytes.and_then(|bytes| decode_signed(&bytes));
        Ok(signed.and_then(|signed| signed.read_unchecked::<SealingKey>().ok()).map(|key| key.public))
    }

    /// Writes everything undelivered into a sealed file. It stays undelivered here until receipts come.
    ///
    /// # Errors
    /// [`BundleFailure`]; the file is of no use then.
    pub async fn make_bundle<S: Sealer, F: FileSink>(
        &self,
        sealer: &mut S,
        sink: &mut F,
    ) -> Result<MadeBundle, BundleFailure> {
        let plan = self.plan_bundle(&Packed::default()).await?;
        self.write_bundle(plan, sealer, sink).await
    }

    pub(super) async fn write_bundle<S: Sealer, F: FileSink>(
        &self,
        plan: Plan,
        sealer: &mut S,
        sink: &mut F,
    ) -> Result<MadeBundle, BundleFailure> {
        let server = self.sealing_key().await?.ok_or(BundleFailure::NoSealingKey)?;
        let (ops, blobs) = (plan.ops.len() as u64, plan.blobs.len() as u64);
        let of_ops = plan.ops.iter().map(|(record, _)| *record);
        let records = order::set_of(of_ops.chain(plan.blobs.iter().filter_map(|(_, row)| row.record)));
        let slot = sealer.begin(&server).await?;
        let header = BundleHeader { slot, runs: plan.runs, blobs, created_millis: self.now_millis() }.encode();
        let (aad, size_bytes) = (seal::aad(&header), header.len() as u64);
        sink.write(header).await?;
        let mut sealing = Sealing { sealer: &*sealer, sink, aad, frames: Frames::to_seal(), size_bytes };
        for part in plan.ops.chunks(READ_OPS) {
            for bytes in self.op_bytes(part).await? {
                sealing.put(&Item::Op(bytes.ok_or(EngineError::ReadBack)?)).await?;
            }
        }
        for (id, row) in plan.blobs {
            sealing.put(&Item::Blob { id, size_bytes: row.size_bytes, mime: row.mime.clone() }).await?;
            for index in 0..chunks(&row) {
                let chunk = self.blob_chunk(id, index).await?.ok_or(EngineError::ReadBack)?;
                for piece in chunk.chunks(PIECE_BYTES) {
                    sealing.put(&Item::Piece(piece.to_vec())).await?;
                }
            }
        }
        sealing.put(&Item::End { ops, blobs }).await?;
        Ok(MadeBundle {
            records: records.len(),
            ops,
            blobs,
            left_out: plan.left_out,
            size_bytes: sealing.finish().await?,
        })
    }

    /// Takes receipts that somebody brought back. Those of other phones change nothing.
    ///
    /// # Errors
    /// [`BundleFailure`]: one wrong signature makes the whole file worthless.
    pub async fn take_receipts(&self, file: &[u8]) -> Result<TakenReceipts, BundleFailure> {
        let (file, server) = (ReceiptsFile::decode(file)?, self.server_key()?);
        let waiting = self.waiting_ops().await?;
        let mut write = Write::new(Durability::Strict);
        let mut delivered: BTreeMap<&[u8], OpRow> = BTreeMap::new();
        for signed in &file.ops {
            let receipt: Receipt = self.open_signed(signed, &server).await?;
            let covered = covered(&waiting, &receipt);
            if !covered.is_empty() {
                write.put(Table::Receipts, log_key(&receipt.log, receipt.from), encode_signed(signed));
            }
            for item in covered {
                // Position and verdict are the pull's to say.
                let row = OpRow { received_millis: Some(receipt.received_millis), pos: 0, ..item.op.clone() };
                write.delete(Table::Outbox, item.key.clone());
                delivered.insert(&item.key, row);
            }
        }
        let ops = delivered.len();
        let mut changes = Changes { ops: delivered.into_values().collect(), ..Changes::default() };
        for signed in &file.blobs {
            let receipt: BlobReceipt = self.open_signed(signed, &server).await?;
            let rows = self.ports.store().read(vec![Read::Get(Table::Blobs, receipt.blob.0.to_vec())]).await?;
            let Some(bytes) = rows.into_iter().next().and_then(first_value) else { continue };
            let row: BlobRow = from_json(Table::Blobs, &bytes)?;
            if row.mine && row.size_bytes == receipt.size_bytes && row.delivered_millis.is_none() {
                write.delete(Table::Uploads, upload_key(&receipt.blob, &row));
                let delivered_millis = Some(receipt.received_millis);
                let next = BlobRow { delivered_millis, upload_path: None, reason: String::new(), ..row };
                changes.blobs.insert(receipt.blob, next);
            }
        }
        let blobs = changes.blobs.len();
        if ops + blobs == 0 {
            return Ok(TakenReceipts::default());
        }
        Ok(TakenReceipts { ops, blobs, changed: self.apply(write, changes).await? })
    }

    /// The outbox with its ops; what does not read is left out.
    async fn waiting_ops(&self) -> Result<Vec<Waiting>, EngineError> {
        let rows = self.outbox(usize::MAX).await?;
        let mut waiting = Vec::with_capacity(rows.len());
        for part in rows.chunks(READ_OPS) {
            let reads = part.iter().map(|(_, row)| Read::Get(Table::Ops, op_key(&row.record, &row.op))).collect();
            for ((key, row), rows) in part.iter().zip(self.ports.store().read(reads).await?) {
                let op = first_value(rows).and_then(|bytes| OpRow::decode(&bytes).ok());
                waiting.extend(op.map(|op| Waiting { key: key.clone(), row: row.clone(), op }));
            }
        }
        Ok(waiting)
    }

    pub(super) async fn plan_bundle(&self, packed: &Packed) -> Result<Plan, EngineError> {
        let mut plan = Plan { runs: Vec::new(), ops: Vec::new(), blobs: Vec::new(), left_out: 0 };
        let unsent = self.outbox(usize::MAX).await?.len();
        for item in self.waiting_ops().await? {
            if packed.ops.contains(&item.row.op) {
                continue;
            }
            let header = item.op.op.header();
            let (log, seq, bytes) = (header.log, header.seq, item.op.op.bytes().len() as u64);
            let room = plan.runs.len() < MAX_RUNS;
            match plan.runs.last_mut().filter(|run| run.log == log && run.upto + 1 == seq) {
                Some(run) => {
                    run.upto = seq;
                    run.bytes += bytes;
                }
                None if room => plan.runs.push(Run { log, from: seq, upto: seq, bytes }),
                None => break,
            }
            plan.ops.push((item.row.record, item.row.op));
        }
        let mut blobs = BTreeMap::new();
        let waiting = self.waiting_blobs().await?;
        plan.left_out = unsent - plan.ops.len() + waiting.len();
        let mut room_bytes = MAX_BUNDLE_BYTES - SPARE_BYTES;
        for (id, row) in waiting {
            // The most urgent first; a later package takes what this one has no room for.
            if !packed.blobs.contains(&id) && row.size_bytes <= room_bytes && self.is_whole(id, &row).await? {
                room_bytes -= row.size_bytes;
                blobs.insert(id, row);
            }
        }
        plan.left_out -= blobs.len();
        plan.blobs = blobs.into_iter().collect();
        Ok(plan)
    }

    /// Exact bytes of ops.
    async fn op_bytes(&self, ops: &[(RecordId, OpId)]) -> Result<Vec<Option<Vec<u8>>>, EngineError> {
        let reads = ops.iter().map(|(record, op)| Read::Get(Table::Ops, op_key(record, op))).collect();
        let rows = self.ports.store().read(reads).await?.into_iter();
        let decode = |bytes: Vec<u8>| OpRow::decode(&bytes).ok().map(|row| row.op.bytes().to_vec());
        Ok(rows.map(|rows| first_value(rows).and_then(decode)).collect())
    }

    async fn blob_chunk(&self, blob: BlobId, index: u32) -> Result<Option<Vec<u8>>, EngineError> {
        let rows = self.ports.store().read(vec![Read::Get(Table::BlobBytes, chunk_key(&blob, index))]).await?;
        Ok(rows.into_iter().next().and_then(first_value))
    }

    /// Whether the bytes of a file are here and hash to its name: one damaged photo must not spoil the package.
    async fn is_whole(&self, blob: BlobId, row: &BlobRow) -> Result<bool, EngineError> {
        let (mut hash, mut size) = (BlobHash::default(), 0);
        for index in 0..chunks(row) {
            let Some(chunk) = self.blob_chunk(blob, index).await? else { return Ok(false) };
            hash.update(&chunk);
            size += chunk.len() as u64;
        }
        Ok(size == row.size_bytes && hash.finish() == blob)
    }
}

/// How many chunks a file has.
fn chunks(row: &BlobRow) -> u32 {
    u32::try_from(row.size_bytes.div_ceil(BLOB_CHUNK_BYTES as u64)).unwrap_or(u32::MAX)
}
