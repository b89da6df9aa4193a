//! Drafts and their files: on disk before the camera opens, so that a killed browser loses nothing.

use greenshield_domain::ids::BlobId;

use super::{Engine, EngineError, first_value};
use crate::ports::{Durability, LocalStore, Ports, Read, Table, Write};
use crate::rows::{BLOB_CHUNK_BYTES, BlobRow, chunk_key, from_json, to_json};

/// A file of a draft.
#[derive(Debug, Clone)]
pub struct NewBlob {
    /// SHA-256 of the bytes, computed by the platform.
    pub id: BlobId,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// MIME type.
    pub mime: String,
    /// For a smaller copy: the original.
    pub original: Option<BlobId>,
}

impl<P: Ports> Engine<P> {
    /// Stores a form as it is now, together with new files, in one strict transaction.
    ///
    /// # Errors
    /// [`EngineError::Store`]; then the draft before is still there.
    pub async fn keep_draft(&self, name: &str, form: Vec<u8>, files: Vec<NewBlob>) -> Result<(), EngineError> {
        let mut write = Write::new(Durability::Strict);
        write.put(Table::Drafts, name.as_bytes(), form);
        let reads = files.iter().map(|file| Read::Get(Table::Blobs, file.id.0.to_vec())).collect();
        let known = self.ports.store().read(reads).await?;
        for (file, known) in files.into_iter().zip(known) {
            // The same picture picked twice keeps what is known of it.
            if let Some(bytes) = first_value(known)
                && from_json::<BlobRow>(Table::Blobs, &bytes)?.local
            {
                continue;
            }
            let row = BlobRow::new(file.bytes.len() as u64, file.mime, file.original, self.now_millis());
            write.put(Table::Blobs, file.id.0, to_json(&row));
            put_bytes(&mut write, &file.id, &file.bytes);
        }
        Ok(self.ports.store().write(write).await?)
    }

    /// The form as it was kept.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn draft(&self, name: &str) -> Result<Option<Vec<u8>>, EngineError> {
        let rows = self.ports.store().read(vec![Read::Get(Table::Drafts, name.as_bytes().to_vec())]).await?;
        Ok(rows.into_iter().next().and_then(first_value))
    }

    /// Throws a draft away, with those of its files that no record links. Only a person's order may call this.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn discard_draft(&self, name: &str, files: &[BlobId]) -> Result<(), EngineError> {
        let mut write = Write::new(Durability::Strict);
        write.delete(Table::Drafts, name.as_bytes());
        for (key, _) in self.part_rows(name).await? {
            write.delete(Table::Drafts, key);
        }
        self.drop_files(&mut write, files).await?;
        Ok(self.ports.store().write(write).await?)
    }

    /// Gives up the room of files that were taken out of a form; one that a record links stays.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn forget_files(&self, files: &[BlobId]) -> Result<(), EngineError> {
        let mut write = Write::new(Durability::Relaxed);
        self.drop_files(&mut write, files).await?;
        Ok(self.ports.store().write(write).await?)
    }

    async fn drop_files(&self, write: &mut Write, files: &[BlobId]) -> Result<(), EngineError> {
        let reads = files.iter().map(|file| Read::Get(Table::Blobs, file.0.to_vec())).collect();
        for (file, rows) in files.iter().zip(self.ports.store().read(reads).await?) {
            let Some(bytes) = first_value(rows) else { continue };
            let row: BlobRow = from_json(Table::Blobs, &bytes)?;
            if row.record.is_some() {
                continue;
            }
            write.expect(Table::Blobs, file.0, Some(bytes));
            write.delete(Table::Blobs, file.0);
            for index in 0..chunks(row.size_bytes) {
                write.delete(Table::BlobBytes, chunk_key(file, index));
            }
        }
        Ok(())
    }

    /// The bytes of a file that is on this phone.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn blob_bytes(&self, blob: BlobId) -> Result<Option<Vec<u8>>, EngineError> {
        let rows = self.ports.store().read(vec![Read::prefix(Table::BlobBytes, &blob.0, usize::MAX)]).await?;
        let rows = rows.into_iter().next().unwrap_or_default();
        Ok((!rows.is_empty()).then(|| rows.into_iter().flat_map(|(_, bytes)| bytes).collect()))
    }
}

/// Adds the bytes of a blob in chunks.
pub(super) fn put_bytes(write: &mut Write, blob: &BlobId, bytes: &[u8]) {
    for (index, chunk) in (0..).zip(bytes.chunks(BLOB_CHUNK_BYTES)) {
        write.put(Table::BlobBytes, chunk_key(blob, index), chunk.to_vec());
    }
}

fn chunks(size_bytes: u64) -> u32 {
    u32::try_from(size_bytes.div_ceil(BLOB_CHUNK_BYTES as u64)).unwrap_or(u32::MAX)
}
