//! Save: an op, or several that belong together, in one strict transaction, read back before anybody is told.

use std::collections::BTreeMap;

use greenshield_domain::ids::{BlobId, CheckpointId, OpId, OpRef, RecordId};
use greenshield_domain::incident::links;
use greenshield_domain::merge::effective_millis;
use greenshield_domain::op::{Draft, Entry, SignedOp};
use greenshield_domain::statement::Checkpoint;
use greenshield_domain::wire::Verdict;

use super::apply::{MOST_ATTEMPTS, Stored};
use super::project::kind_of;
use super::{Engine, EngineError, Projection, first_value, project};
use crate::ports::{Durability, Keys, LocalStore, Ports, Read, StoreError, Table, Write};
use crate::rows::{
    BlobRow, HeadRow, IdentityRow, OpRow, OutboxRow, decode_signed, from_json, log_key, meta, op_key, to_json,
    upload_key,
};

/// What a person saves.
#[derive(Debug, Clone)]
pub struct Save {
    /// The record; `None` makes a new one.
    pub record: Option<RecordId>,
    /// Its kind.
    pub kind: u32,
    /// The changes. Files that they link must be in the store already.
    pub entries: Vec<Entry>,
    /// The form that this finishes.
    pub draft: Option<String>,
}

/// The save is on disk and was read back.
#[derive(Debug, Clone, PartialEq)]
pub struct Saved {
    /// The record.
    pub record: RecordId,
    /// The op.
    pub op: OpId,
    /// The record as it shows now.
    pub projection: Projection,
}

impl<P: Ports> Engine<P> {
    /// Saves. Returns only after the strict transaction is complete and the op was read back byte-equal.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing was saved and the draft is still there.
    pub async fn save(&self, save: Save) -> Result<Saved, EngineError> {
        self.save_with(save, None).await
    }

    /// Saves and puts a form into the same transaction: what goes on (a patrol) knows exactly what was saved of it.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing was saved and the form before is still there.
    pub async fn save_and_keep(&self, save: Save, name: &str, form: Vec<u8>) -> Result<Saved, EngineError> {
        self.save_with(save, Some((name, form))).await
    }

    /// An id for a record that is about to begin.
    #[must_use]
    pub fn new_record(&self) -> RecordId {
        RecordId::v7(self.now_millis(), self.random())
    }

    /// Saves changes of several records, each of another one, all together or none.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing was saved.
    pub async fn save_all(&self, saves: &[Save]) -> Result<Vec<Saved>, EngineError> {
        self.save_some(saves, None).await
    }

    async fn save_with(&self, save: Save, keep: Option<(&str, Vec<u8>)>) -> Result<Saved, EngineError> {
        self.save_some(&[save], keep).await?.pop().ok_or(EngineError::NotEnrolled)
    }

    async fn save_some(&self, saves: &[Save], keep: Option<(&str, Vec<u8>)>) -> Result<Vec<Saved>, EngineError> {
        let saves: Vec<(RecordId, &Save)> =
            saves.iter().map(|save| (save.record.unwrap_or_else(|| self.new_record()), save)).collect();
        for _ in 0..MOST_ATTEMPTS {
            let (mut write, prepared) = self.prepare(&saves).await?;
            if let Some((name, form)) = &keep {
                write.put(Table::Drafts, name.as_bytes(), form.clone());
            }
            match self.ports.store().write(write).await {
                Ok(()) => {
                    let mut saved = Vec::with_capacity(prepared.len());
                    for (one, bytes) in prepared {
                        self.read_back(&one, &bytes).await?;
                        saved.push(one);
                    }
                    return Ok(saved);
                }
                Err(StoreError::Expectation { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(EngineError::Busy)
    }

    /// The one transaction, and what it will have saved with the bytes of each op's row.
    async fn prepare(&self, saves: &[(RecordId, &Save)]) -> Result<(Write, Vec<(Saved, Vec<u8>)>), EngineError> {
        let found = self.read_meta(&[meta::HEAD, meta::CHECKPOINT, meta::IDENTITY]).await?;
        // From the store: another tab may have started a new log, with another key.
        let identity = self.take_identity(found[2].as_deref())?;
        let head_bytes = found[0].clone().ok_or(StoreError::Corrupt { table: Table::Meta.name() })?;
        let mut head: HeadRow = from_json(Table::Meta, &head_bytes)?;
        let seen = seen(found[1].as_deref());
        let mut write = Write::new(Durability::Strict);
        write.expect(Table::Meta, meta::HEAD, Some(head_bytes));
        let mut prepared = Vec::with_capacity(saves.len());
        for (record, save) in saves {
            let (saved, bytes) = self.add_save(&mut write, &identity, &head, seen, *record, save).await?;
            head = HeadRow { log: head.log, seq: head.seq + 1, id: saved.op };
            prepared.push((saved, bytes));
        }
        Ok((write, prepared))
    }

    async fn add_save(
        &self,
        write: &mut Write,
        identity: &IdentityRow,
        head: &HeadRow,
        (seen, seen_millis): (CheckpointId, Option<i64>),
        record: RecordId,
        save: &Save,
    ) -> Result<(Saved, Vec<u8>), EngineError> {
        let stored = self.stored_records(&[record]).await?.pop().unwrap_or_default();
        let blobs = self.claimed_blobs(record, &save.entries).await?;

        let wall_millis = self.now_millis();
        let unsigned = Draft {
            log: head.log,
            seq: head.seq + 1,
            prev: Some(head.id),
            wall_millis,
            boot: self.boot,
            mono_millis: self.ports.clock().mono_millis(),
            seen,
            record,
            kind: save.kind,
            deps: self.deps(record, &stored, head),
            seed: self.random(),
            entries: save.entries.clone(),
        }
        .freeze()?;
        let signature = self.ports.keys().sign(identity.key, &unsigned.message()).await?;
        let op = unsigned.seal(signature);
        let row = OpRow {
            op: op.clone(),
            account: identity.account,
            eff_millis: effective_millis(wall_millis, seen_millis, None),
            received_millis: None,
            verdict: Verdict::Ok,
            pos: 0,
        };
        let bytes = row.encode();

        add_own_op(write, &op);
        for (blob, row) in &blobs {
            write.put(Table::Blobs, blob.0, to_json(row));
            if row.mine && row.delivered_millis.is_none() {
                write.put(Table::Uploads, upload_key(blob, row), Vec::new());
            }
        }
        if let Some(draft) = &save.draft {
            write.delete(Table::Drafts, draft.as_bytes());
        }
        let projection =
            self.add_projection(write, record, &stored, vec![row], &blobs).ok_or(EngineError::NotEnrolled)?;
        Ok((Saved { record, op: op.id(), projection }, bytes))
    }

    /// Heads of the record from other logs: what the author could see.
    fn deps(&self, record: RecordId, stored: &Stored, head: &HeadRow) -> Vec<OpRef> {
        let ops: Vec<OpRow> = stored.ops.values().cloned().collect();
        let kind = kind_of(&ops);
        let merged = project(record, &ops, &[head.log], &BTreeMap::new(), self.rule_of(kind)).map(|p| p.merged);
        let own = |dep: &OpRef| ops.iter().any(|row| row.op.id().short() == *dep && row.op.header().log == head.log);
        merged.unwrap_or_default().heads.into_iter().filter(|dep| !own(dep)).collect()
    }

    /// The files that the entries link become files of the record.
    async fn claimed_blobs(
        &self,
        record: RecordId,
        entries: &[Entry],
    ) -> Result<BTreeMap<BlobId, BlobRow>, EngineError> {
        let wanted: Vec<BlobId> = links(entries).map(|link| link.blob).collect();
        let reads = wanted.iter().map(|blob| Read::Get(Table::Blobs, blob.0.to_vec())).collect();
        let mut claimed = BTreeMap::new();
        for (blob, rows) in wanted.into_iter().zip(self.ports.store().read(reads).await?) {
            let bytes = first_value(rows).ok_or(StoreError::Corrupt { table: Table::Blobs.name() })?;
            let row: BlobRow = from_json(Table::Blobs, &bytes)?;
            claimed.insert(blob, BlobRow { record: row.record.or(Some(record)), ..row });
        }
        Ok(claimed)
    }

    async fn read_back(&self, saved: &Saved, bytes: &[u8]) -> Result<(), EngineError> {
        let read = Read::Get(Table::Ops, op_key(&saved.record, &saved.op));
        let rows = self.ports.store().read(vec![read]).await?.pop().unwrap_or_default();
        if first_value(rows).as_deref() == Some(bytes) { Ok(()) } else { Err(EngineError::ReadBack) }
    }
}

/// Rows that every new own op needs: log head, outbox, index.
pub(super) fn add_own_op(write: &mut Write, op: &SignedOp) {
    let (header, id) = (op.header(), op.id());
    let head = HeadRow { log: header.log, seq: header.seq, id };
    let outbox = OutboxRow { record: header.record, op: id, tries: 0, next_attempt_millis: 0, reason: String::new() };
    write.put(Table::Meta, meta::HEAD, to_json(&head));
    write.put(Table::Outbox, log_key(&header.log, header.seq), to_json(&outbox));
    write.put(Table::OwnOps, log_key(&header.log, header.seq), op_key(&header.record, &id));
}

/// The newest checkpoint held: its id and its time.
pub(super) fn seen(row: Option<&[u8]>) -> (CheckpointId, Option<i64>) {
    let Some(signed) = row.and_then(decode_signed) else { return (CheckpointId::NONE, None) };
    let time = signed.read_unchecked::<Checkpoint>().ok().map(|checkpoint| checkpoint.time_millis);
    (Checkpoint::id_of(&signed.payload), time)
}
