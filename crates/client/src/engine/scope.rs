//! What leaves the scope of this phone: rights changed, or a record moved. Other people's words about it are wiped.
//!
//! Invariants: nothing that still has to be delivered is touched, whoever wrote it. What this install wrote itself stays for the
//! refill of a restored server, and shows only while it waits.

use std::collections::BTreeSet;

use greenshield_domain::ids::{LogId, RecordId};
use greenshield_domain::wire::ScopePage;

use super::apply::{MOST_ATTEMPTS, Stored};
use super::reconcile::carried_key;
use super::request::request;
use super::{Engine, EngineError, project};
use crate::ports::{Durability, Key, LocalStore, Ports, Read, StoreError, Table, Write};
use crate::rows::{BLOB_CHUNK_BYTES, OpRow, RecordRow, chunk_key, list_key, log_key, meta, op_key, to_json};

/// Records wiped in one transaction.
const RECORDS_AT_ONCE: usize = 100;

impl<P: Ports> Engine<P> {
    /// After a change of rights: wipes every record that the server does not name any more. Returns them.
    pub(super) async fn leave_scope(&self) -> Result<Vec<RecordId>, EngineError> {
        self.forget_coverage().await?;
        match self.records_in_scope().await? {
            Some(seen) => self.wipe_all_but(&seen).await,
            None => Ok(Vec::new()),
        }
    }

    /// The server takes this phone for revoked: nothing of others stays, and nothing shows but what waits. That still goes out.
    pub(super) async fn lose_rights(&self) -> Result<(), EngineError> {
        if self.read_meta(&[meta::REVOKED]).await?[0].is_some() {
            return Ok(());
        }
        self.wipe_all_but(&BTreeSet::new()).await?;
        self.forget_coverage().await?;
        let people = self.ports.store().read(vec![Read::prefix(Table::People, &[], usize::MAX)]).await?;
        let mut write = Write::new(Durability::Strict);
        for (key, _) in people.into_iter().flatten() {
            write.delete(Table::People, key);
        }
        // Should the rights come back, everything is asked for anew.
        write.put(Table::Meta, meta::CURSOR, Vec::new());
        write.put(Table::Meta, meta::SCOPE_DUE, vec![1]);
        write.put(Table::Meta, meta::REVOKED, vec![1]);
        self.ahead.take();
        Ok(self.ports.store().write(write).await?)
    }

    pub(super) async fn regain_rights(&self) -> Result<(), EngineError> {
        if self.read_meta(&[meta::REVOKED]).await?[0].is_none() {
            return Ok(());
        }
        let mut write = Write::new(Durability::Relaxed);
        write.delete(Table::Meta, meta::REVOKED);
        Ok(self.ports.store().write(write).await?)
    }

    async fn wipe_all_but(&self, seen: &BTreeSet<RecordId>) -> Result<Vec<RecordId>, EngineError> {
        let (mut from, mut wiped) = (Key::new(), Vec::new());
        loop {
            let scan = Read::Scan { table: Table::Records, from: from.clone(), to: None, limit: RECORDS_AT_ONCE };
            let rows = self.ports.store().read(vec![scan]).await?.pop().unwrap_or_default();
            let Some((last, _)) = rows.last() else { return Ok(wiped) };
            from = [last.as_slice(), &[0]].concat();
            let records = rows.iter().filter_map(|(key, _)| key.as_slice().try_into().ok().map(RecordId));
            let left: Vec<RecordId> = records.filter(|record| !seen.contains(record)).collect();
            self.wipe_now(&left).await?;
            wiped.extend(left);
        }
    }

    /// The records that this phone may hold; `None` = all, or a server that can not tell yet.
    async fn records_in_scope(&self) -> Result<Option<BTreeSet<RecordId>>, EngineError> {
        let (mut seen, mut after) = (BTreeSet::new(), String::new());
        loop {
            let response = match self.send_signed(request("GET", format!("/v1/scope{after}"))).await {
                Err(EngineError::Refused(refusal)) if refusal.status == 404 => return Ok(None),
                other => other?,
            };
            let page = ScopePage::decode(&response.body)?;
            if page.all {
                return Ok(None);
            }
            seen.extend(page.records);
            let Some(next) = page.next else { return Ok(Some(seen)) };
            after = format!("?after={next}");
        }
    }

    async fn wipe_now(&self, records: &[RecordId]) -> Result<(), EngineError> {
        for _ in 0..MOST_ATTEMPTS {
            let mut write = Write::new(Durability::Relaxed);
            self.wipe(&mut write, records).await?;
            match self.ports.store().write(write).await {
                Ok(()) => return Ok(()),
                Err(StoreError::Expectation { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(EngineError::Busy)
    }

    /// Adds the wiping of records to a transaction, guarded against other writers.
    pub(super) async fn wipe(&self, write: &mut Write, records: &[RecordId]) -> Result<(), EngineError> {
        let own = self.enrolled()?.logs();
        for (record, stored) in records.iter().zip(self.stored_records(records).await?) {
            let carried = self.carried(&stored, &own).await?;
            self.wipe_record(write, *record, stored, &own, &carried);
        }
        Ok(())
    }

    fn wipe_record(&self, write: &mut Write, record: RecordId, stored: Stored, own: &[LogId], carried: &BTreeSet<Key>) {
        let Some((bytes, row)) = stored.row else { return };
        write.expect(Table::Records, record.0, Some(bytes));
        let (mine, others): (Vec<OpRow>, Vec<OpRow>) =
            stored.ops.into_values().partition(|op| own.contains(&op.op.header().log));
        let mut keeps = !mine.is_empty();
        for op in others {
            let key = op_key(&record, &op.op.id());
            if carried.contains(&key) {
                keeps = true;
            } else {
                write.delete(Table::Ops, key);
            }
        }
        for (blob, file) in stored.blobs.iter().filter(|(_, file)| !file.mine) {
            write.delete(Table::Blobs, blob.0);
            let chunks = file.size_bytes.div_ceil(BLOB_CHUNK_BYTES as u64);
            let chunks = (0..u32::try_from(chunks).unwrap_or(u32::MAX)).filter(|_| file.local);
            write.deletes.extend(chunks.map(|index| (Table::BlobBytes, chunk_key(blob, index))));
        }
        if !keeps {
            write.delete(Table::Records, record.0);
            write.delete(Table::RecordList, list_key(row.sort_millis, &record));
            return;
        }
        let waits = mine.iter().any(|op| op.received_millis.is_none());
        let kind = super::project::kind_of(&mine);
        let shown = project(record, &mine, own, &stored.blobs, self.rule_of(kind)).filter(|_| waits);
        let sort_millis = shown.as_ref().map_or(row.sort_millis, |shown| shown.row.sort_millis);
        if shown.is_none() || sort_millis != row.sort_millis {
            write.delete(Table::RecordList, list_key(row.sort_millis, &record));
        }
        if let Some(shown) = shown {
            write.put(Table::RecordList, list_key(sort_millis, &record), to_json(&shown.row));
        }
        let left = RecordRow { sort_millis, rev: row.rev + 1, left: true };
        write.put(Table::Records, record.0, to_json(&left));
    }

    /// The other people's ops of a record that this phone still has to carry to a restored server, by their keys.
    async fn carried(&self, stored: &Stored, own: &[LogId]) -> Result<BTreeSet<Key>, EngineError> {
        let others: Vec<&OpRow> = stored.ops.values().filter(|op| !own.contains(&op.op.header().log)).collect();
        let places = |op: &&OpRow| {
            let (header, id) = (op.op.header(), op.op.id());
            [carried_key(&header.log, header.seq, &id), log_key(&header.log, header.seq)]
        };
        let reads = others.iter().flat_map(places).map(|key| Read::Get(Table::Outbox, key)).collect();
        let rows = self.ports.store().read(reads).await?;
        let waiting = others.iter().zip(rows.chunks(2)).filter(|(_, rows)| rows.iter().any(|rows| !rows.is_empty()));
        Ok(waiting.map(|(op, _)| op_key(&op.op.header().record, &op.op.id())).collect())
    }
}
