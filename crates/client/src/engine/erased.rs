//! What the server's log says is erased goes from this phone: values from its ops, the files that only they linked, names.
//!
//! Invariants: the ops of a record are always stored as they are after all erasures that are here, so the order in which both came
//! does not matter; in the transaction that brings an erasure its values and files go. What is not erased and waits to be
//! delivered is never touched.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::erasure::{self, Erasure};
use greenshield_domain::ids::{BlobId, OpId, RecordId};
use greenshield_domain::op::Leaves;
use greenshield_domain::person;
use greenshield_domain::wire::{ErasureRequest, ErasureResponse, HoldRequest, HoldResponse};

use super::apply::Stored;
use super::enrol::{json_request, read_reply};
use super::{Engine, EngineError};
use crate::ports::{Durability, LocalStore, Ports, Read, StoreError, Table, Write};
use crate::rows::{BLOB_CHUNK_BYTES, BlobRow, OpRow, PersonRow, chunk_key, from_json, op_key, to_json, upload_key};

/// Why a file that the server says is erased waits.
pub(super) const ERASED: &str = "erased";

/// What has to go besides the values in the ops.
#[derive(Debug, Default)]
pub(super) struct Taken {
    /// Files that an erased entry linked, as far as an erasure or the entry said so.
    files: BTreeSet<BlobId>,
    /// Whether the name of a person is among it.
    name: bool,
    /// Whether links went just now: by an erasure that is new here, or because they are not for this phone any more.
    pub(super) is_new: bool,
}

/// Hides in the ops of a record what is erased of them, and writes those that change. `fresh` are the ops that came now.
pub(super) fn hide(
    write: &mut Write,
    record: RecordId,
    ops: &mut BTreeMap<OpId, OpRow>,
    fresh: &BTreeSet<OpId>,
) -> Taken {
    let gone: BTreeMap<OpId, Leaves> = erasure::erased(ops.values().map(|row| (&row.op, row.account)));
    let is_new = |row: &OpRow| fresh.contains(&row.op.id()) && Erasure::of(&row.op, row.account).is_some();
    let mut taken = Taken { is_new: ops.values().any(is_new), ..Taken::default() };
    let erasures = ops.values().filter_map(|row| Erasure::of(&row.op, row.account));
    taken.files = erasures.flat_map(|erasure| erasure.files).collect();
    for (id, leaves) in gone {
        let Some(row) = ops.get_mut(&id) else { continue };
        let left = row.op.hide(leaves);
        if left == row.op {
            continue;
        }
        taken.files.extend(erasure::linked(&row.op).difference(&erasure::linked(&left)));
        taken.name |= erasure::takes_name(&row.op, leaves);
        row.op = left;
        write.put(Table::Ops, op_key(&record, &id), row.encode());
    }
    taken
}

/// Removes the files of a record that nothing links any more, because their links are erased; what is not known to be erased
/// stays while it waits to be delivered. Names that go are replaced.
pub(super) fn remove(
    write: &mut Write,
    record: RecordId,
    ops: &[OpRow],
    known: &BTreeMap<BlobId, BlobRow>,
    taken: &Taken,
) {
    if taken.is_new || !taken.files.is_empty() {
        let linked: BTreeSet<BlobId> = ops.iter().flat_map(|row| erasure::linked(&row.op)).collect();
        for (blob, row) in known.iter().filter(|(blob, row)| row.record == Some(record) && !linked.contains(*blob)) {
            let is_idle = !row.mine || row.delivered_millis.is_some();
            if taken.files.contains(blob) || is_idle {
                remove_file(write, blob, row);
            }
        }
    }
    if taken.name {
        let account = person::account_of(record);
        let row = PersonRow { name: erasure::nameless(account), role: role_of(ops) };
        write.put(Table::People, account.0, to_json(&row));
    }
}

fn role_of(ops: &[OpRow]) -> String {
    let said = ops.iter().flat_map(|row| row.op.body().entries()).filter(|entry| entry.field == person::field::ROLE);
    said.filter_map(|entry| entry.value.as_text()).last().unwrap_or_default().to_owned()
}

/// Everything of a file: row, bytes, place in the queue.
fn remove_file(write: &mut Write, blob: &BlobId, row: &BlobRow) {
    write.delete(Table::Blobs, blob.0);
    write.delete(Table::Uploads, upload_key(blob, row));
    let chunks = u32::try_from(row.size_bytes.div_ceil(BLOB_CHUNK_BYTES as u64)).unwrap_or(u32::MAX);
    write.deletes.extend((0..chunks).map(|index| (Table::BlobBytes, chunk_key(blob, index))));
}

impl<P: Ports> Engine<P> {
    /// Adds to records that an erasure comes to the files that are theirs, though no readable op links them any more.
    pub(super) async fn add_unlinked(
        &self,
        records: &[RecordId],
        stored: &mut [Stored],
        new: &BTreeMap<RecordId, Vec<&OpRow>>,
    ) -> Result<(), StoreError> {
        let is_erasure = |row: &&OpRow| Erasure::of(&row.op, row.account).is_some();
        let erased: BTreeMap<RecordId, usize> = records
            .iter()
            .enumerate()
            .filter(|(_, record)| new.get(record).is_some_and(|rows| rows.iter().any(is_erasure)))
            .map(|(at, record)| (*record, at))
            .collect();
        if erased.is_empty() {
            return Ok(());
        }
        for (key, bytes) in self.ports.store().read(vec![Read::prefix(Table::Blobs, &[], usize::MAX)]).await?.concat() {
            let (Ok(blob), Ok(row)) = (key.try_into().map(BlobId), from_json::<BlobRow>(Table::Blobs, &bytes)) else {
                continue;
            };
            if let Some(at) = row.record.and_then(|record| erased.get(&record)) {
                stored[*at].blobs.entry(blob).or_insert(row);
            }
        }
        Ok(())
    }

    /// Asks the server to erase what was said of fields of a record. It can not be undone.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `on_hold` under a legal hold, `forbidden` for those who do not erase.
    pub async fn erase(&self, asked: &ErasureRequest) -> Result<ErasureResponse, EngineError> {
        read_reply(&self.send_signed(json_request("/v1/erasures", asked)?).await?.body)
    }

    /// Asks the server to begin or end a legal hold.
    ///
    /// # Errors
    /// [`EngineError::Refused`].
    pub async fn hold(&self, asked: &HoldRequest) -> Result<HoldResponse, EngineError> {
        read_reply(&self.send_signed(json_request("/v1/holds", asked)?).await?.body)
    }

    /// The server says that a file of ours was erased: it goes from here, too, though the erasure itself may still be to come.
    /// While ops wait to be delivered one of them may link it anew, so it waits with them.
    pub(super) async fn drop_erased(&self, blob: BlobId, row: &BlobRow) -> Result<(), EngineError> {
        if !self.outbox(1).await?.is_empty() {
            return self.postpone_blob(blob, row, ERASED, true).await;
        }
        let mut write = Write::new(Durability::Strict);
        remove_file(&mut write, &blob, row);
        Ok(self.ports.store().write(write).await?)
    }
}

/// Whether all that an op hides is erased, by what is known here: only then a server takes it back.
pub(super) fn is_erased(hidden: Leaves, gone: Option<&Leaves>) -> bool {
    hidden.are_among(gone.copied().unwrap_or_default())
}
