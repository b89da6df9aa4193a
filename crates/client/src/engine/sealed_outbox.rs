//! The outbox sealed for the server, so that it goes out while the rows of this phone are locked: whoever has the phone, without
//! the PIN, or another person who uses it, delivers it and can not read it.
//!
//! Invariants: a package is made of what waits and of nothing that is in an earlier one; it changes nothing of what waits. Only
//! receipts that the server signed do, and those are taken when the rows are open again. A package goes when its receipts were
//! taken, or when all that is inside was delivered otherwise.

use std::collections::BTreeSet;

use greenshield_domain::ids::{AccountId, BlobHash, BlobId, OpId, RecordId};
use greenshield_domain::merge::MergeRule;

use super::bundle::{BundleFailure, Packed};
use super::{Engine, EngineError};
use crate::ports::{Durability, FileError, FileSink, LocalStore, Ports, Sealer, StoreError, Table, Write};
use crate::rows::{BLOB_CHUNK_BYTES, CarrierRow, CourierRow, IdentityRow, chunk_key, from_json, meta, to_json};

/// What a package adds to its ops and files at most: header, frames, names.
const SPARE_BYTES: u64 = 1024 * 1024;
/// The same for each of them, and for an op its bytes.
const SPARE_ITEM_BYTES: u64 = 20 * 1024;

/// What a locked phone knows of its own unsent work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SealedOutbox {
    /// Packages that wait for the network.
    pub waiting: usize,
    /// Packages that the server has.
    pub delivered: usize,
    /// Ops that are in no package: they go when the rows are open again.
    pub unsealed: usize,
}

/// A package in the making, in the store.
struct Chunks<'a, P: Ports> {
    engine: &'a Engine<P>,
    package: BlobId,
    index: u32,
    gathered: Vec<u8>,
    hash: BlobHash,
    size_bytes: u64,
}

impl<P: Ports> Chunks<'_, P> {
    async fn flush(&mut self, least: usize) -> Result<(), FileError> {
        while self.gathered.len() >= least && !self.gathered.is_empty() {
            let rest = self.gathered.split_off(self.gathered.len().min(BLOB_CHUNK_BYTES));
            let chunk = std::mem::replace(&mut self.gathered, rest);
            let mut write = Write::new(Durability::Relaxed);
            write.put(Table::CourierBytes, chunk_key(&self.package, self.index), chunk);
            let outcome = self.engine.ports().store().write(write).await;
            outcome.map_err(|error| match error {
                StoreError::QuotaExceeded => FileError("QuotaExceeded".to_owned()),
                other => FileError(other.to_string()),
            })?;
            self.index += 1;
        }
        Ok(())
    }
}

impl<P: Ports> FileSink for Chunks<'_, P> {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), FileError> {
        self.hash.update(&bytes);
        self.size_bytes += bytes.len() as u64;
        self.gathered.extend(bytes);
        self.flush(BLOB_CHUNK_BYTES).await
    }
}

impl<P: Ports> Engine<P> {
    /// Opens what a phone with locked rows may still do: [`Engine::courier_step`] and [`Engine::sealed_outbox`]. The ports come
    /// with a store that opens no row. `None` = nothing was ever sealed here.
    ///
    /// # Errors
    /// [`StoreError`] when the database can not be read.
    pub async fn open_carrier(ports: P, app_version: &str) -> Result<Option<Self>, StoreError> {
        let engine = Self::new(ports, Box::new(|_, _| MergeRule::Lww), app_version, true);
        let Some(row) = engine.read_meta(&[meta::CARRIER]).await?.remove(0) else { return Ok(None) };
        let row: CarrierRow = from_json(Table::Meta, &row)?;
        engine.identity.replace(Some(IdentityRow {
            account: AccountId([0; 16]),
            name: String::new(),
            role: String::new(),
            city: String::new(),
            log: row.log,
            key: row.key,
            before: Vec::new(),
            server_key: row.server_key,
        }));
        Ok(Some(engine))
    }

    /// Seals what waits and is in no package yet. Returns whether there was anything.
    ///
    /// # Errors
    /// [`BundleFailure`]; then it waits as before, unsealed.
    pub async fn seal_outbox<S: Sealer>(&self, sealer: &mut S) -> Result<bool, BundleFailure> {
        let mut packed = Packed::default();
        for (row, _) in self.own_packages().await? {
            if row.whole {
                packed.ops.extend(&row.own_ops);
                packed.blobs.extend(&row.own_blobs);
            } else {
                // What an earlier try left half done.
                self.drop_courier(&row).await?;
            }
        }
        let plan = self.plan_bundle(&packed).await?;
        if plan.ops.is_empty() && plan.blobs.is_empty() {
            return Ok(false);
        }
        let items = (plan.ops.len() + plan.blobs.len()) as u64;
        let files = plan.blobs.iter().map(|(_, row)| row.size_bytes + row.size_bytes / 1_024).sum::<u64>();
        let row = CourierRow {
            bundle: BlobId(self.random()),
            hash: None,
            own_ops: plan.ops.iter().map(|(_, op)| *op).collect(),
            own_blobs: plan.blobs.iter().map(|(blob, _)| *blob).collect(),
            // Never less than it will be, so that nothing of a half-made one is forgotten here.
            size_bytes: SPARE_BYTES + items * SPARE_ITEM_BYTES + files,
            ops: plan.ops.len() as u64,
            blobs: plan.blobs.len() as u64,
            made_millis: self.now_millis(),
            taken_millis: self.now_millis(),
            whole: false,
            delivered_millis: None,
            receipts_bytes: 0,
            refused: false,
            upload_path: None,
            offset_bytes: 0,
            tries: 0,
            next_attempt_millis: 0,
            reason: String::new(),
        };
        let started = to_json(&row);
        let mut write = Write::new(Durability::Relaxed);
        write.put(Table::Couriers, row.bundle.0, started.clone());
        self.ports.store().write(write).await?;
        let mut chunks = Chunks {
            engine: self,
            package: row.bundle,
            index: 0,
            gathered: Vec::new(),
            hash: BlobHash::default(),
            size_bytes: 0,
        };
        let made = match self.write_bundle(plan, sealer, &mut chunks).await {
            Ok(_) => chunks.flush(0).await.map_err(BundleFailure::from),
            Err(failure) => Err(failure),
        };
        if let Err(failure) = made {
            // A full phone still deletes; what can not be deleted now goes with the next try.
            let _gone = self.drop_courier(&row).await;
            return Err(failure);
        }
        let identity = self.enrolled()?;
        let carrier = CarrierRow { log: identity.log, key: identity.key, server_key: identity.server_key };
        let key = row.bundle.0;
        let row = CourierRow { whole: true, hash: Some(chunks.hash.finish()), size_bytes: chunks.size_bytes, ..row };
        let mut write = Write::new(Durability::Strict);
        write.expect(Table::Couriers, key, Some(started));
        write.put(Table::Couriers, key, to_json(&row));
        write.put(Table::Meta, meta::CARRIER, to_json(&carrier));
        self.ports.store().write(write).await?;
        Ok(true)
    }

    /// With open rows again: takes the receipts of packages that were delivered, and throws away those of which nothing waits any
    /// more. Returns the records that changed.
    ///
    /// # Errors
    /// [`BundleFailure`]; the packages are still there.
    pub async fn settle_outbox(&self) -> Result<Vec<RecordId>, BundleFailure> {
        let packages = self.own_packages().await?;
        if packages.is_empty() {
            return Ok(Vec::new());
        }
        let mut changed = Vec::new();
        for (row, _) in packages.iter().filter(|(row, _)| row.delivered_millis.is_some()) {
            let receipts = self.courier_receipts(row).await?;
            changed.extend(self.take_receipts(&receipts).await?.changed);
            self.drop_courier(row).await?;
        }
        let ops: BTreeSet<OpId> = self.outbox(usize::MAX).await?.into_iter().map(|(_, row)| row.op).collect();
        let blobs: BTreeSet<BlobId> = self.waiting_blobs().await?.into_iter().map(|(blob, _)| blob).collect();
        for (row, _) in packages.iter().filter(|(row, _)| row.whole && row.delivered_millis.is_none()) {
            let waits =
                row.own_ops.iter().any(|op| ops.contains(op)) || row.own_blobs.iter().any(|b| blobs.contains(b));
            if row.refused || !waits {
                self.drop_courier(row).await?;
            }
        }
        Ok(changed)
    }

    /// What a locked phone can say of its own unsent work.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn sealed_outbox(&self) -> Result<SealedOutbox, EngineError> {
        let packages = self.own_packages().await?;
        let packed: BTreeSet<OpId> =
            packages.iter().filter(|(row, _)| row.whole).flat_map(|(row, _)| row.own_ops.iter().copied()).collect();
        let waiting = self.outbox(usize::MAX).await?;
        Ok(SealedOutbox {
            waiting: packages.iter().filter(|(row, _)| row.is_waiting()).count(),
            delivered: packages.iter().filter(|(row, _)| row.delivered_millis.is_some()).count(),
            unsealed: waiting.iter().filter(|(_, row)| !packed.contains(&row.op)).count(),
        })
    }

    async fn own_packages(&self) -> Result<Vec<(CourierRow, Vec<u8>)>, EngineError> {
        let mut rows = self.courier_rows().await?;
        rows.retain(|(row, _)| row.is_own());
        Ok(rows)
    }
}
