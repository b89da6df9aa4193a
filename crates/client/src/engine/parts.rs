//! A file of a draft that is still being made, piece by piece: a voice note while somebody speaks.
//!
//! Invariant: each piece is on disk before the next one is asked for, and the pieces go away in the transaction that puts the
//! whole file beside a form that names it. A killed browser loses the piece that was not written yet, and no other.

use super::drafts::put_bytes;
use super::{Engine, EngineError, NewBlob};
use crate::ports::{Durability, Key, LocalStore, Ports, Read, Table, Write};
use crate::rows::{BlobRow, to_json};

/// Between the name of a draft and the number of a piece; no draft has it in its name.
const PART_MARK: &[u8] = b"\0part\0";

impl<P: Ports> Engine<P> {
    /// Stores a piece.
    ///
    /// # Errors
    /// [`EngineError::Store`]; the pieces before are still there.
    pub async fn keep_part(&self, draft: &str, index: u32, bytes: Vec<u8>) -> Result<(), EngineError> {
        let mut write = Write::new(Durability::Strict);
        write.put(Table::Drafts, part_key(draft, index), bytes);
        Ok(self.ports.store().write(write).await?)
    }

    /// All pieces, in their order.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn parts(&self, draft: &str) -> Result<Vec<Vec<u8>>, EngineError> {
        Ok(self.part_rows(draft).await?.into_iter().map(|(_, bytes)| bytes).collect())
    }

    /// The pieces become a file of the draft; `form` names it. Without a file the pieces are thrown away.
    ///
    /// # Errors
    /// [`EngineError::Store`]; then the pieces and the form before are still there.
    pub async fn join_parts(&self, draft: &str, form: Vec<u8>, file: Option<NewBlob>) -> Result<(), EngineError> {
        let mut write = Write::new(Durability::Strict);
        for (key, _) in self.part_rows(draft).await? {
            write.delete(Table::Drafts, key);
        }
        write.put(Table::Drafts, draft.as_bytes(), form);
        if let Some(file) = file {
            let row = BlobRow::new(file.bytes.len() as u64, file.mime, file.original, self.now_millis());
            write.put(Table::Blobs, file.id.0, to_json(&row));
            put_bytes(&mut write, &file.id, &file.bytes);
        }
        Ok(self.ports.store().write(write).await?)
    }

    pub(super) async fn part_rows(&self, draft: &str) -> Result<Vec<(Key, Vec<u8>)>, EngineError> {
        let prefix = [draft.as_bytes(), PART_MARK].concat();
        let rows = self.ports.store().read(vec![Read::prefix(Table::Drafts, &prefix, usize::MAX)]).await?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }
}

fn part_key(draft: &str, index: u32) -> Key {
    [draft.as_bytes(), PART_MARK, index.to_be_bytes().as_slice()].concat()
}
