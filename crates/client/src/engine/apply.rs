//! Bringing ops and facts about blobs into the store, with their projections, in one transaction.
//!
//! Invariant: a list row is always written together with the ops that it was computed from, and only if no other writer
//! touched the record in between.

use std::collections::BTreeMap;

use greenshield_domain::erasure::linked;
use greenshield_domain::ids::{BlobId, OpId, RecordId};
use greenshield_domain::incident::links;
use greenshield_domain::order;

use super::project::kind_of;
use super::{Engine, EngineError, Projection, erased, first_value, project};
use crate::ports::{LocalStore, Ports, Read, StoreError, Table, Write};
use crate::rows::{BlobRow, OpRow, RecordRow, from_json, list_key, op_key, to_json};

/// How often a transaction is prepared anew when another writer was faster.
pub(super) const MOST_ATTEMPTS: usize = 20;

/// So few records are asked for one by one.
const FEW: usize = 8;

/// What changes, besides rows that the caller puts itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Changes {
    /// New ops, or ops of which more is known now.
    pub ops: Vec<OpRow>,
    /// New knowledge about blobs.
    pub blobs: BTreeMap<BlobId, BlobRow>,
}

/// A record as it is on disk, before a change.
#[derive(Debug, Clone, Default)]
pub(super) struct Stored {
    pub ops: BTreeMap<OpId, OpRow>,
    /// Exact bytes and content of the record row.
    pub row: Option<(Vec<u8>, RecordRow)>,
    pub blobs: BTreeMap<BlobId, BlobRow>,
}

impl<P: Ports> Engine<P> {
    /// Commits `base` together with the changes and the list rows that follow from them; returns the records that changed.
    /// Expectations of the caller that fail are returned as [`StoreError::Expectation`] with their own index.
    pub(super) async fn apply(&self, base: Write, changes: Changes) -> Result<Vec<RecordId>, EngineError> {
        let own = base.expect.len();
        for _ in 0..MOST_ATTEMPTS {
            let mut write = base.clone();
            let changed = self.add_projections(&mut write, &changes).await?;
            match self.ports.store().write(write).await {
                Ok(()) => return Ok(changed),
                Err(StoreError::Expectation { index }) if index >= own => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(EngineError::Busy)
    }

    async fn add_projections(&self, write: &mut Write, changes: &Changes) -> Result<Vec<RecordId>, EngineError> {
        let mut records = order::set_of(changes.ops.iter().map(|row| row.op.header().record));
        records.extend(changes.blobs.values().filter_map(|row| row.record));
        let mut by_record: BTreeMap<RecordId, Vec<&OpRow>> = BTreeMap::new();
        for row in &changes.ops {
            by_record.entry(row.op.header().record).or_default().push(row);
        }
        let records: Vec<RecordId> = records.into_iter().collect();
        let mut stored = self.stored_records(&records).await?;
        self.add_unlinked(&records, &mut stored, &by_record).await?;
        for (record, stored) in records.iter().zip(&stored) {
            let new: Vec<OpRow> = by_record.remove(record).unwrap_or_default().into_iter().cloned().collect();
            self.add_projection(write, *record, stored, new, &changes.blobs);
        }
        for (blob, row) in &changes.blobs {
            write.put(Table::Blobs, blob.0, to_json(row));
        }
        Ok(records)
    }

    /// Adds the rows of one record: its new ops, its list row, its record row with the expectation that guards them.
    pub(super) fn add_projection(
        &self,
        write: &mut Write,
        record: RecordId,
        stored: &Stored,
        new: Vec<OpRow>,
        blobs: &BTreeMap<BlobId, BlobRow>,
    ) -> Option<Projection> {
        let own = self.identity()?.logs();
        let is_own = |row: &OpRow| own.contains(&row.op.header().log);
        // What the server gives is in the scope; a receipt says nothing about it.
        let is_left = stored.row.as_ref().is_some_and(|(_, row)| row.left) && new.iter().all(|row| row.pos == 0);
        let mut ops = stored.ops.clone();
        let fresh = order::set_of(new.iter().map(|row| row.op.id()));
        let mut is_cut = false;
        for row in new {
            if is_left && !is_own(&row) {
                // It was carried for somebody else, and is delivered.
                write.delete(Table::Ops, op_key(&record, &row.op.id()));
                continue;
            }
            let row = better(ops.get(&row.op.id()), row);
            // Whoever may not read a link any more does not keep what it led to.
            is_cut |= ops.get(&row.op.id()).is_some_and(|old| !linked(&old.op).is_subset(&linked(&row.op)));
            write.put(Table::Ops, op_key(&record, &row.op.id()), row.encode());
            ops.insert(row.op.id(), row);
        }
        ops.retain(|_, row| !is_left || is_own(row));
        let mut taken = erased::hide(write, record, &mut ops, &fresh);
        taken.is_new |= is_cut;
        let mut known = stored.blobs.clone();
        known.extend(blobs.iter().map(|(id, row)| (*id, row.clone())));
        let ops: Vec<OpRow> = ops.into_values().collect();
        erased::remove(write, record, &ops, &known, &taken);
        let kind = kind_of(&ops);
        // None for a decision that came before its op: the ops are kept all the same, and count when that comes.
        let projection = project(record, &ops, &own, &known, self.rule_of(kind));
        let sort_millis = projection.as_ref().map_or(0, |projection| projection.row.sort_millis);
        let rev = stored.row.as_ref().map_or(0, |(_, row)| row.rev) + 1;
        write.expect(Table::Records, record.0, stored.row.as_ref().map(|(bytes, _)| bytes.clone()));
        write.put(Table::Records, record.0, to_json(&RecordRow { sort_millis, rev, left: is_left }));
        let is_shown = kind >= 10 && (!is_left || ops.iter().any(|row| row.received_millis.is_none()));
        if let Some(projection) = projection.as_ref().filter(|_| is_shown) {
            write.put(Table::RecordList, list_key(sort_millis, &record), to_json(&projection.row));
            if let Some((_, old)) = stored.row.as_ref().filter(|(_, old)| old.sort_millis != sort_millis) {
                write.delete(Table::RecordList, list_key(old.sort_millis, &record));
            }
        } else if let Some((_, old)) = stored.row.as_ref().filter(|_| is_left) {
            write.delete(Table::RecordList, list_key(old.sort_millis, &record));
        }
        projection
    }

    /// The rows of records, in their order. Many are asked for in one question: records of one page were made at about one time,
    /// so few others lie between them, and on a new phone none at all. Each question costs a browser as much as a row.
    async fn record_rows(&self, records: &[RecordId]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let store = self.ports.store();
        if let (Some(first), Some(last), true) = (records.iter().min(), records.iter().max(), records.len() > FEW) {
            let limit = records.len() * 2;
            let to = Some([&last.0[..], &[0]].concat());
            let scan = Read::Scan { table: Table::Records, from: first.0.to_vec(), to, limit };
            let found = store.read(vec![scan]).await?.pop().unwrap_or_default();
            if found.len() < limit {
                let mut found = order::map_of(found);
                return Ok(records.iter().map(|record| found.remove(&record.0[..])).collect());
            }
        }
        let reads = records.iter().map(|record| Read::Get(Table::Records, record.0.to_vec())).collect();
        Ok(store.read(reads).await?.into_iter().map(first_value).collect())
    }

    /// Reads records in three transactions at most, however many there are. A row that does not read, in a damaged database,
    /// stays where it is and hides nothing else.
    pub(super) async fn stored_records(&self, records: &[RecordId]) -> Result<Vec<Stored>, StoreError> {
        let store = self.ports.store();
        let mut stored: Vec<Stored> = Vec::with_capacity(records.len());
        for bytes in self.record_rows(records).await? {
            let row = bytes.map(|bytes| {
                let row =
                    from_json(Table::Records, &bytes).unwrap_or(RecordRow { sort_millis: 0, rev: 0, left: false });
                (bytes, row)
            });
            stored.push(Stored { row, ..Stored::default() });
        }
        let known: Vec<usize> = (0..records.len()).filter(|i| stored[*i].row.is_some()).collect();
        if known.is_empty() {
            return Ok(stored);
        }
        let reads = known.iter().map(|i| Read::prefix(Table::Ops, &records[*i].0, usize::MAX)).collect();
        for (i, rows) in known.iter().zip(store.read(reads).await?) {
            let readable = rows.into_iter().filter_map(|(_, bytes)| OpRow::decode(&bytes).ok());
            stored[*i].ops.extend(readable.map(|row| (row.op.id(), row)));
        }
        self.add_blob_rows(&mut stored).await?;
        Ok(stored)
    }

    async fn add_blob_rows(&self, stored: &mut [Stored]) -> Result<(), StoreError> {
        let wanted: Vec<(usize, BlobId)> = stored
            .iter()
            .enumerate()
            .flat_map(|(i, stored)| stored.ops.values().map(move |row| (i, row)))
            .flat_map(|(i, row)| {
                let entries: Vec<_> = row.op.body().entries().cloned().collect();
                links(&entries).map(|link| (i, link.blob)).collect::<Vec<_>>()
            })
            .collect();
        if wanted.is_empty() {
            return Ok(());
        }
        let reads = wanted.iter().map(|(_, blob)| Read::Get(Table::Blobs, blob.0.to_vec())).collect();
        for ((i, blob), rows) in wanted.into_iter().zip(self.ports.store().read(reads).await?) {
            if let Some(bytes) = first_value(rows) {
                stored[i].blobs.insert(blob, from_json(Table::Blobs, &bytes)?);
            }
        }
        Ok(())
    }
}

/// Joins what is known of an op from two sides: a receipt never goes away, and what the server decided (it knows the position)
/// beats what the phone guessed. Pages come in order, so the newer page counts; a restored server gives lower positions.
fn better(old: Option<&OpRow>, new: OpRow) -> OpRow {
    let Some(old) = old else { return new };
    let received_millis = new.received_millis.or(old.received_millis);
    if new.pos == 0 && old.pos > 0 {
        // The position that we know may be of an incarnation of the server that is over.
        OpRow { received_millis, pos: 0, ..old.clone() }
    } else {
        OpRow { received_millis, ..new }
    }
}
