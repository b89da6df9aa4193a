//! Packages that this phone carries for others: taken from a file, sent piece by piece when there is a signal, answered with a
//! receipts file to hand back.
//!
//! Refuses: to touch anything of this phone's own log. Invariants: a package is seen only when all its bytes are here; it counts
//! as delivered only with receipts that the server signed, and those take the place of its bytes in the same transaction; one that
//! the server will never take keeps no bytes here, only the reason.

use greenshield_domain::bundle::ReceiptsFile;
use greenshield_domain::ids::{BlobHash, BlobId};
use greenshield_domain::order;
use greenshield_domain::statement::{BlobReceipt, Receipt};

use super::backoff::wait_millis;
use super::bundle::BundleFailure;
use super::deliver::Delivery;
use super::{Engine, EngineError};
use crate::ports::{Durability, FileError, FileSource, LocalStore, Ports, Read, StoreError, Table, Write};
use crate::rows::{BLOB_CHUNK_BYTES, CourierRow, chunk_key, from_json, to_json};

/// What one step did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Carried {
    /// Whether there was something to do.
    pub worked: bool,
    /// When the next package becomes due, ms since 1970; `None` = none waits.
    pub next_due_millis: Option<i64>,
}

/// A carried package as a file.
struct Package<'a, P: Ports> {
    engine: &'a Engine<P>,
    row: &'a CourierRow,
}

impl<P: Ports> FileSource for Package<'_, P> {
    fn size_bytes(&self) -> u64 {
        self.row.size_bytes
    }

    async fn read(&self, offset_bytes: u64, most_bytes: usize) -> Result<Vec<u8>, FileError> {
        let bytes = self.engine.bytes_at(Table::CourierBytes, self.row.bundle, offset_bytes, most_bytes).await;
        bytes.map_err(|error| FileError(error.to_string()))
    }
}

impl<P: Ports> Engine<P> {
    /// Takes a package along: checks for whom it is and copies it onto this phone. One that is here already is left as it is.
    ///
    /// # Errors
    /// [`BundleFailure`]; nothing of it is here then.
    pub async fn carry_bundle<F: FileSource>(&self, file: &F) -> Result<CourierRow, BundleFailure> {
        let header = self.inspect_bundle(file).await?;
        let bundle = super::deliver::hash(file).await?;
        let known = self.courier_rows().await?.into_iter().map(|(row, _)| row);
        for row in known.filter(|row| !row.is_own()) {
            // What an earlier try left half done, or was refused, makes room for this one.
            if !row.whole || (row.refused && row.bundle == bundle) {
                self.drop_courier(&row).await?;
            } else if row.bundle == bundle {
                return Ok(row);
            }
        }
        let row = CourierRow {
            bundle,
            hash: None,
            own_ops: Vec::new(),
            own_blobs: Vec::new(),
            size_bytes: file.size_bytes(),
            ops: header.ops(),
            blobs: header.blobs,
            made_millis: header.created_millis,
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
        match self.copy_package(file, &row).await {
            Ok(row) => Ok(row),
            Err(failure) => {
                // A full phone still deletes; what can not be deleted now goes with the next try.
                let _gone = self.drop_courier(&row).await;
                Err(failure)
            }
        }
    }

    /// The packages that this phone carries or carried for others, newest first.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn couriers(&self) -> Result<Vec<CourierRow>, EngineError> {
        let rows = self.courier_rows().await?.into_iter().map(|(row, _)| row);
        let mut rows: Vec<CourierRow> = rows.filter(|row| row.whole && !row.is_own()).collect();
        order::sort_by_key(&mut rows, |row| std::cmp::Reverse(row.taken_millis));
        Ok(rows)
    }

    /// Sends one piece of the package that waits longest. A package that can not go now waits and blocks nobody.
    ///
    /// # Errors
    /// [`EngineError::Store`] only.
    pub async fn courier_step(&self) -> Result<Carried, EngineError> {
        let now = self.now_millis();
        let mut rows = self.courier_rows().await?;
        // What the open phone made of its outbox it sends op by op; the package is for the locked one.
        rows.retain(|(row, _)| row.is_waiting() && (self.is_carrier || !row.is_own()));
        order::sort_by_key(&mut rows, |(row, _)| row.taken_millis);
        let next_due_millis = rows.iter().map(|(row, _)| row.next_attempt_millis).filter(|due| *due > now).min();
        let Some((row, bytes)) = rows.into_iter().find(|(row, _)| row.next_attempt_millis <= now) else {
            return Ok(Carried { worked: false, next_due_millis });
        };
        let mut delivery =
            Delivery { name: Some(row.name()), path: row.upload_path.clone(), offset_bytes: row.offset_bytes };
        let outcome = self.deliver_step(&Package { engine: self, row: &row }, &mut delivery).await;
        let outcome = match outcome {
            Ok(Some(receipts)) => self.check_receipts(&receipts).await.map(|()| Some(receipts)),
            other => other,
        };
        let mut next = CourierRow {
            upload_path: delivery.path,
            offset_bytes: delivery.offset_bytes,
            reason: String::new(),
            ..row
        };
        let mut write = Write::new(Durability::Relaxed);
        match outcome {
            Ok(None) => next.tries = 0,
            Ok(Some(receipts)) => {
                next.delivered_millis = Some(self.now_millis());
                next.receipts_bytes = receipts.len() as u64;
                put_chunks(&mut write, next.bundle, &receipts);
                delete_chunks(&mut write, &next, chunks(next.receipts_bytes));
                write.durability = Durability::Strict;
            }
            Err(BundleFailure::Engine(EngineError::Store(error))) => return Err(error.into()),
            Err(failure) => {
                next.reason = failure.reason();
                next.refused = matches!(next.reason.as_str(), "bundle_damaged" | "bundle_foreign" | "bundle_version");
                if next.refused {
                    delete_chunks(&mut write, &next, 0);
                    write.durability = Durability::Strict;
                } else {
                    next.tries += 1;
                    let wait = wait_millis(next.tries, u32::from_be_bytes(self.random()));
                    next.next_attempt_millis = self.now_millis() + wait;
                }
            }
        }
        write.expect(Table::Couriers, next.bundle.0, Some(bytes));
        write.put(Table::Couriers, next.bundle.0, to_json(&next));
        match self.ports.store().write(write).await {
            // Somebody put it away meanwhile.
            Ok(()) | Err(StoreError::Expectation { .. }) => Ok(Carried { worked: true, next_due_millis }),
            Err(error) => Err(error.into()),
        }
    }

    /// The receipts file of a delivered package.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn courier_receipts(&self, row: &CourierRow) -> Result<Vec<u8>, EngineError> {
        let size = usize::try_from(row.receipts_bytes).unwrap_or(usize::MAX);
        self.bytes_at(Table::CourierBytes, row.bundle, 0, size).await
    }

    /// Puts a package away, whatever its state. Its maker still has all that is inside.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn drop_courier(&self, row: &CourierRow) -> Result<(), EngineError> {
        let mut write = Write::new(Durability::Strict);
        write.delete(Table::Couriers, row.bundle.0);
        delete_chunks(&mut write, row, 0);
        Ok(self.ports.store().write(write).await?)
    }

    pub(super) async fn retry_couriers_now(&self, write: &mut Write) -> Result<(), EngineError> {
        for (row, bytes) in self.courier_rows().await? {
            if row.is_waiting() && row.next_attempt_millis > 0 {
                write.expect(Table::Couriers, row.bundle.0, Some(bytes));
                let key = row.bundle.0;
                write.put(Table::Couriers, key, to_json(&CourierRow { next_attempt_millis: 0, ..row }));
            }
        }
        Ok(())
    }

    /// All rows with their exact bytes.
    pub(super) async fn courier_rows(&self) -> Result<Vec<(CourierRow, Vec<u8>)>, EngineError> {
        let rows = self.ports.store().read(vec![Read::prefix(Table::Couriers, &[], usize::MAX)]).await?;
        let rows = rows.into_iter().flatten();
        rows.map(|(_, bytes)| Ok((from_json(Table::Couriers, &bytes)?, bytes))).collect()
    }

    /// Copies a file chunk by chunk; the row is there first, so that nothing of it can be forgotten here.
    async fn copy_package<F: FileSource>(&self, file: &F, row: &CourierRow) -> Result<CourierRow, BundleFailure> {
        let started = to_json(row);
        let mut write = Write::new(Durability::Relaxed);
        write.put(Table::Couriers, row.bundle.0, started.clone());
        self.ports.store().write(write).await?;
        let (mut hash, mut at) = (BlobHash::default(), 0);
        for index in 0..chunks(row.size_bytes) {
            let chunk = file.read(at, BLOB_CHUNK_BYTES).await?;
            hash.update(&chunk);
            at += chunk.len() as u64;
            let mut write = Write::new(Durability::Relaxed);
            write.put(Table::CourierBytes, chunk_key(&row.bundle, index), chunk);
            self.ports.store().write(write).await?;
        }
        if hash.finish() != row.bundle {
            return Err(FileError("it changed while it was read".to_owned()).into());
        }
        let row = CourierRow { whole: true, ..row.clone() };
        let mut write = Write::new(Durability::Strict);
        write.expect(Table::Couriers, row.bundle.0, Some(started));
        write.put(Table::Couriers, row.bundle.0, to_json(&row));
        self.ports.store().write(write).await?;
        Ok(row)
    }

    /// Believes a receipts file only when the server of the enrolment signed everything in it.
    async fn check_receipts(&self, file: &[u8]) -> Result<(), BundleFailure> {
        let (file, server) = (ReceiptsFile::decode(file)?, self.server_key()?);
        for signed in &file.ops {
            self.open_signed::<Receipt>(signed, &server).await?;
        }
        for signed in &file.blobs {
            self.open_signed::<BlobReceipt>(signed, &server).await?;
        }
        Ok(())
    }
}

fn chunks(size_bytes: u64) -> u32 {
    u32::try_from(size_bytes.div_ceil(BLOB_CHUNK_BYTES as u64)).unwrap_or(u32::MAX)
}

fn put_chunks(write: &mut Write, bundle: BlobId, bytes: &[u8]) {
    for (index, chunk) in (0..).zip(bytes.chunks(BLOB_CHUNK_BYTES)) {
        write.put(Table::CourierBytes, chunk_key(&bundle, index), chunk.to_vec());
    }
}

/// Removes the chunks from an index on.
fn delete_chunks(write: &mut Write, row: &CourierRow, from: u32) {
    for index in from..chunks(row.size_bytes.max(row.receipts_bytes)) {
        write.delete(Table::CourierBytes, chunk_key(&row.bundle, index));
    }
}
