//! What the screens ask for: lists, one record, files, and what is still on this phone only.

use greenshield_domain::{order, register};
use std::collections::BTreeMap;

use greenshield_domain::erasure::{self, Gone, Hold};
use greenshield_domain::ids::{AccountId, BlobId, RecordId};
use greenshield_domain::incident::{BlobLink, Incident};
use greenshield_domain::merge::Merged;
use greenshield_domain::verdict::{decisions, is_decision};

use super::drafts::put_bytes;
use super::project::kind_of;
use super::request::request;
use super::{Engine, EngineError, first_value, project};
use crate::ports::{Durability, Key, LocalStore, Ports, Read, Table, Write};
use crate::rows::{BlobRow, ContactRow, ListRow, OpRow, PersonRow, from_json, meta, to_json};

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ListPage {
    /// Newest first.
    pub rows: Vec<ListRow>,
    /// Where the next page starts; `None` = this was the last.
    pub next: Option<Key>,
}

/// A file of a record.
#[derive(Debug, Clone, PartialEq)]
pub struct BlobView {
    /// How the record links it.
    pub link: BlobLink,
    /// What is known of it here; `None` = never seen on this phone.
    pub row: Option<BlobRow>,
}

/// A record with all that is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordView {
    /// The list row, computed from the ops now.
    pub row: ListRow,
    /// Its ops, oldest first.
    pub ops: Vec<OpRow>,
    /// Their merge.
    pub merged: Merged,
    /// Its photos.
    pub photos: Vec<BlobView>,
    /// Its voice notes.
    pub voices: Vec<BlobView>,
    /// Its documents, where it is a record of a register.
    pub documents: Vec<BlobView>,
    /// Fields of which something was erased, with the last time.
    pub gone: BTreeMap<u32, Gone>,
    /// The legal hold that forbids to erase anything, while there is one.
    pub hold: Option<Hold>,
}

/// A waiting op.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentOp {
    /// Place in the log.
    pub seq: u64,
    /// How often it was sent.
    pub tries: u32,
    /// Why it is still here; empty = not tried yet.
    pub reason: String,
}

/// A waiting file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentBlob {
    /// The file.
    pub blob: BlobId,
    /// Its size.
    pub size_bytes: u64,
    /// Bytes that the server has.
    pub offset_bytes: u64,
    /// Why it is still here; empty = not tried yet or under way.
    pub reason: String,
}

/// A record of which something is on this phone only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsentItem {
    /// The record.
    pub record: RecordId,
    /// Its waiting ops.
    pub ops: Vec<UnsentOp>,
    /// Its waiting files.
    pub blobs: Vec<UnsentBlob>,
}

/// How this phone stands with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Status {
    /// Ops without a receipt.
    pub ops_unsent: usize,
    /// Files without a receipt.
    pub blobs_unsent: usize,
    /// When the server was last heard, by the phone's clock, ms since 1970.
    pub last_contact_millis: Option<i64>,
    /// Server clock minus the phone's, ms.
    pub offset_millis: i64,
}

impl<P: Ports> Engine<P> {
    /// A page of all records, newest first.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn list(&self, from: Option<Key>, limit: usize) -> Result<ListPage, EngineError> {
        let scan = Read::Scan {
            table: Table::RecordList,
            from: from.unwrap_or_default(),
            to: None,
            limit: limit.saturating_add(1),
        };
        let mut rows = self.ports.store().read(vec![scan]).await?.into_iter().next().unwrap_or_default();
        let next = (rows.len() > limit).then(|| rows.pop().map(|(key, _)| key)).flatten();
        // A row that does not read, in a damaged database, hides itself only.
        let rows = rows.iter().filter_map(|(_, bytes)| from_json(Table::RecordList, bytes).ok()).collect();
        Ok(ListPage { rows, next })
    }

    /// One record; `None` when this phone has no op of it.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn record(&self, record: RecordId) -> Result<Option<RecordView>, EngineError> {
        let own = self.enrolled()?.logs();
        let stored = self.stored_records(&[record]).await?.pop().unwrap_or_default();
        let mut ops: Vec<OpRow> = stored.ops.into_values().collect();
        order::sort_by_key(&mut ops, |row| (row.eff_millis, row.op.header().seq, row.op.id()));
        let kind = kind_of(&ops);
        let Some(projection) = project(record, &ops, &own, &stored.blobs, self.rule_of(kind)) else { return Ok(None) };
        let file = |link: BlobLink| BlobView { row: stored.blobs.get(&link.blob).cloned(), link };
        let incident = Incident(&projection.merged);
        let photos = incident.photos().map(|(link, _)| file(link)).collect();
        let voices = incident.voices().map(file).collect();
        let is_listed = register::is_register(projection.row.kind);
        let documents = register::documents(&projection.merged).filter(|_| is_listed).map(file).collect();
        let counted = decisions(ops.iter().map(|row| (&row.op, row.account, row.eff_millis)));
        let said = || ops.iter().map(|row| (&row.op, row.account, row.eff_millis));
        let (gone, hold) = (erasure::gone_of(said()), erasure::hold_of(said()).filter(|hold| hold.is_held));
        ops.retain(|row| !is_decision(&row.op, row.account));
        for row in &mut ops {
            if let Some(decision) = counted.get(&row.op.id()) {
                row.verdict = decision.ruling.verdict.clone();
            }
        }
        Ok(Some(RecordView {
            row: projection.row,
            merged: projection.merged,
            photos,
            voices,
            documents,
            ops,
            gone,
            hold,
        }))
    }

    /// Names of everybody known here.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn people(&self) -> Result<BTreeMap<AccountId, PersonRow>, EngineError> {
        let rows = self.ports.store().read(vec![Read::prefix(Table::People, &[], usize::MAX)]).await?;
        let mut people = BTreeMap::new();
        for (key, bytes) in rows.into_iter().flatten() {
            if let Ok(account) = key.try_into() {
                people.insert(AccountId(account), from_json(Table::People, &bytes)?);
            }
        }
        if let Some(me) = self.identity() {
            people.entry(me.account).or_insert(PersonRow { name: me.name, role: me.role });
        }
        Ok(people)
    }

    /// The bytes of a record's file: from this phone, else from the server, and then kept.
    ///
    /// # Errors
    /// [`EngineError::Refused`] with code `not_found` while its phone has not delivered it.
    pub async fn fetch_blob(
        &self,
        record: RecordId,
        link: &BlobLink,
        now_hash: impl AsyncFnOnce(&[u8]) -> BlobId,
    ) -> Result<Vec<u8>, EngineError> {
        if let Some(bytes) = self.blob_bytes(link.blob).await? {
            return Ok(bytes);
        }
        let get = request("GET", format!("/v1/records/{record}/blobs/{}", link.blob));
        let bytes = self.send_signed(get).await?.body;
        if now_hash(&bytes).await != link.blob {
            return Err(EngineError::ForeignReply("blob hash".to_owned()));
        }
        let row = BlobRow::new(bytes.len() as u64, link.mime.clone(), link.original, self.now_millis());
        let row = BlobRow { record: Some(record), mine: false, ..row };
        let mut write = Write::new(Durability::Relaxed);
        write.expect(Table::Blobs, link.blob.0, None);
        write.put(Table::Blobs, link.blob.0, to_json(&row));
        put_bytes(&mut write, &link.blob, &bytes);
        // A cache that does not fit, or that another tab filled first, is no reason to show nothing.
        let _kept = self.ports.store().write(write).await;
        Ok(bytes)
    }

    /// How this phone stands with the server.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn status(&self) -> Result<Status, EngineError> {
        let contact: Option<ContactRow> =
            self.read_meta(&[meta::CONTACT]).await?.remove(0).map(|b| from_json(Table::Meta, &b)).transpose()?;
        Ok(Status {
            ops_unsent: self.outbox(usize::MAX).await?.len(),
            blobs_unsent: self.waiting_blobs().await?.len(),
            last_contact_millis: contact.map(|contact| contact.wall_millis),
            offset_millis: self.offset_millis.get(),
        })
    }

    /// How many records have an op of this phone.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn own_records(&self) -> Result<usize, EngineError> {
        let rows = self.ports.store().read(vec![Read::prefix(Table::OwnOps, &[], usize::MAX)]).await?;
        // From seq 1: the genesis is no record that people count.
        let counts = |key: &Key| key.get(32..).is_some_and(|seq| seq.iter().any(|byte| *byte > 0));
        let rows = rows.into_iter().flatten().filter(|(key, _)| counts(key));
        let records = order::set_of(rows.filter_map(|(_, place)| Some(place.get(..16)?.to_vec())));
        Ok(records.len())
    }

    /// Everything that is on this phone only, by record.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn unsent(&self) -> Result<Vec<UnsentItem>, EngineError> {
        let mut items: BTreeMap<RecordId, UnsentItem> = BTreeMap::new();
        let empty = |record| UnsentItem { record, ops: Vec::new(), blobs: Vec::new() };
        for (key, row) in self.outbox(usize::MAX).await? {
            let seq = key.get(32..).and_then(|seq| seq.try_into().ok()).map_or(0, u64::from_be_bytes);
            let op = UnsentOp { seq, tries: row.tries, reason: row.reason };
            items.entry(row.record).or_insert_with(|| empty(row.record)).ops.push(op);
        }
        for (blob, row) in self.waiting_blobs().await? {
            let Some(record) = row.record else { continue };
            let (size_bytes, offset_bytes) = (row.size_bytes, row.offset_bytes);
            let blob = UnsentBlob { blob, size_bytes, offset_bytes, reason: row.reason };
            items.entry(record).or_insert_with(|| empty(record)).blobs.push(blob);
        }
        Ok(items.into_values().collect())
    }

    /// List rows of some records, for screens that show what changed.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn list_rows(&self, records: &[RecordId]) -> Result<Vec<ListRow>, EngineError> {
        let reads = records.iter().map(|record| Read::Get(Table::Records, record.0.to_vec())).collect();
        let mut reads_of_rows = Vec::new();
        for (record, rows) in records.iter().zip(self.ports.store().read(reads).await?) {
            if let Some(bytes) = first_value(rows) {
                let row: crate::rows::RecordRow = from_json(Table::Records, &bytes)?;
                reads_of_rows.push(Read::Get(Table::RecordList, crate::rows::list_key(row.sort_millis, record)));
            }
        }
        let rows = self.ports.store().read(reads_of_rows).await?;
        Ok(rows
            .into_iter()
            .flatten()
            .map(|(_, bytes)| from_json(Table::RecordList, &bytes))
            .collect::<Result<_, _>>()?)
    }
}
