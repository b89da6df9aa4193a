//! Comparing what this phone has with what the server has: after a restore it may hold less than it once confirmed, and a copy of
//! this phone may have written more than we know.
//!
//! Invariant: what a comparison finds and the fact that it was made (the epoch) are one transaction, so that a killed phone
//! compares again and never believes that it has.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::erasure;
use greenshield_domain::ids::{Epoch, LogId, OpId, RecordId};
use greenshield_domain::log::LogHead;
use greenshield_domain::op::Leaves;
use greenshield_domain::order;
use greenshield_domain::wire::{Began, HeadsReply};

use super::request::request;
use super::rotate::Standing;
use super::{Engine, EngineError, erased};
use crate::ports::{Durability, Key, LocalStore, Ports, Read, Row, StoreError, Table, Write};
use crate::rows::{BlobRow, Cause, OpRow, OutboxRow, from_json, lease_key, log_key, meta, to_json, upload_key};

/// Why a thing is in the outbox again.
pub(super) const RESTORED: &str = "server_restored";
/// A restored server is refilled with what came within this time: backups are younger.
const KEPT_MILLIS: i64 = 60 * 86_400_000;
/// Logs in one question.
const LOGS_AT_ONCE: usize = 100;
/// Rows looked at in one read.
const ROWS_AT_ONCE: usize = 500;

/// What a comparison found.
pub(super) struct Compared {
    /// Things that wait again.
    pub(super) refilled: usize,
    /// The server is another incarnation than the last time.
    pub(super) new_epoch: bool,
}

/// The heads of logs in one incarnation of the server.
struct Heads {
    epoch: Epoch,
    began: Option<Began>,
    heads: BTreeMap<LogId, LogHead>,
}

impl Heads {
    /// Ops that the server has in common with the incarnation that this phone knew; 0 = not known.
    fn shared(&self, known: Option<&[u8]>) -> u64 {
        self.began.filter(|began| known == Some(&began.after.0)).map_or(0, |began| began.size)
    }
}

/// An op that came here from the server.
struct Held {
    seq: u64,
    prev: Option<OpId>,
    record: RecordId,
}

impl<P: Ports> Engine<P> {
    /// Compares with the server: ends our log if a copy went on with it, and puts back into the outbox what a restored server
    /// misses. Ask at the start, after every silence, and when [`super::Pulled::new_epoch`] says so. Returns how many ops and
    /// files wait again.
    ///
    /// # Errors
    /// [`EngineError`]; the outbox is what it was.
    pub async fn reconcile(&self) -> Result<usize, EngineError> {
        Ok(self.compare().await?.refilled)
    }

    pub(super) async fn compare(&self) -> Result<Compared, EngineError> {
        let standing = self.standing().await?;
        let own = standing.identity.logs();
        let theirs = match self.heads(&own).await {
            Err(error) if error.refusal_code() == Some("unknown_log") && self.vouch_again().await? => {
                self.heads(&own).await?
            }
            other => other?,
        };
        let new_epoch = standing.epoch.as_deref().is_some_and(|known| *known != theirs.epoch.0);
        let mut write = Write::new(Durability::Strict);
        self.add_own(&mut write, &own, &theirs, new_epoch).await?;
        if new_epoch {
            self.add_carried(&mut write, &standing, &theirs).await?;
            self.add_blobs(&mut write).await?;
            // The restored server remembers older leases; ours would look like a copy's.
            write.delete(Table::Meta, lease_key(&standing.identity.log));
        }
        let refilled = write.puts.iter().filter(|(table, ..)| matches!(table, Table::Outbox | Table::Uploads)).count();
        if standing.epoch.as_deref() != Some(theirs.epoch.0.as_slice()) {
            write.put(Table::Meta, meta::EPOCH, theirs.epoch.0.to_vec());
        }
        if !write.puts.is_empty() || !write.deletes.is_empty() {
            self.ports.store().write(write).await?;
        }
        self.must_reconcile.set(false);
        if let Some(head) = theirs.heads.get(&standing.identity.log)
            && let Some(cause) = self.quarrel(head).await?
        {
            self.end_log(head.log, cause).await?;
        }
        Ok(Compared { refilled, new_epoch })
    }

    async fn heads(&self, logs: &[LogId]) -> Result<Heads, EngineError> {
        let mut found = Heads { epoch: Epoch([0; 8]), began: None, heads: BTreeMap::new() };
        for logs in logs.chunks(LOGS_AT_ONCE) {
            let names: Vec<String> = logs.iter().map(LogId::to_hex).collect();
            let response = self.send_signed(request("GET", format!("/v1/heads?logs={}", names.join(",")))).await?;
            let reply = HeadsReply::decode(&response.body)?;
            self.heard(reply.time_millis).await?;
            (found.epoch, found.began) = (reply.epoch, reply.began);
            found.heads.extend(reply.heads.into_iter().map(|head| (head.log, head)));
        }
        Ok(found)
    }

    /// Our own ops after the server's head; of a log in which a copy wrote too, all of them when the server is another one.
    async fn add_own(
        &self,
        write: &mut Write,
        logs: &[LogId],
        theirs: &Heads,
        new_epoch: bool,
    ) -> Result<(), EngineError> {
        for log in logs {
            let scan = |table| Read::prefix(table, &log.0, usize::MAX);
            let mut found = self.ports.store().read(vec![scan(Table::OwnOps), scan(Table::Outbox)]).await?.into_iter();
            let (own, outbox) = (found.next().unwrap_or_default(), found.next().unwrap_or_default());
            let waiting = order::set_of(outbox.into_iter().map(|(key, _)| key));
            let from = match theirs.heads.get(log) {
                None => 0,
                Some(head) if new_epoch && is_forked(&own, head) => 0,
                Some(head) => head.seq + 1,
            };
            for (key, place) in own.into_iter().filter(|(key, _)| *key >= log_key(log, from) && !waiting.contains(key))
            {
                let corrupt = || StoreError::Corrupt { table: Table::OwnOps.name() };
                let (record, op) = place.split_at_checked(16).ok_or_else(corrupt)?;
                let record = RecordId(record.try_into().map_err(|_| corrupt())?);
                write.put(Table::Outbox, key, again(record, OpId(op.try_into().map_err(|_| corrupt())?)));
            }
        }
        Ok(())
    }

    /// Ops that came here from the server and that it misses now: of other people, since anybody may carry them and their own
    /// phones may be lost, and of our own logs what a copy of this phone wrote. It has what it shares with the incarnation that
    /// we knew, and the chain below each head that it names; a head names one branch of a forked log. What goes up in vain is
    /// answered as a duplicate.
    async fn add_carried(&self, write: &mut Write, standing: &Standing, now: &Heads) -> Result<(), EngineError> {
        let own = order::set_of(standing.identity.logs());
        let server = self.server_key()?.log_id();
        let mut held = self.held(&own, &server, now.shared(standing.epoch.as_deref())).await?;
        let logs: Vec<LogId> = held.keys().copied().collect();
        let theirs = self.heads(&logs).await?;
        if !logs.is_empty() && theirs.epoch != now.epoch {
            return Err(EngineError::Busy);
        }
        // A log that the server has lost altogether has to be shown by its own phone.
        held.retain(|log, _| own.contains(log) || *log == server || theirs.heads.contains_key(log));
        for (log, mut held) in held {
            let mut below = theirs.heads.get(&log).map(|head| head.id);
            while let Some(op) = below.and_then(|id| held.remove(&id)) {
                below = op.prev;
            }
            for (id, op) in held {
                write.put(Table::Outbox, carried_key(&log, op.seq, &id), again(op.record, id));
            }
        }
        Ok(())
    }

    /// The ops that this phone did not write, of the time that is kept, and not among the first `shared` of the server.
    async fn held(
        &self,
        own: &BTreeSet<LogId>,
        server: &LogId,
        shared: u64,
    ) -> Result<BTreeMap<LogId, BTreeMap<OpId, Held>>, EngineError> {
        let written = self.written(own).await?;
        let since_millis = self.server_millis() - KEPT_MILLIS;
        let mut held: BTreeMap<LogId, BTreeMap<OpId, Held>> = BTreeMap::new();
        let (mut cut, mut gone) = (Vec::new(), BTreeMap::new());
        let mut from = Key::new();
        loop {
            let scan = Read::Scan { table: Table::Ops, from: from.clone(), to: None, limit: ROWS_AT_ONCE };
            let rows = self.ports.store().read(vec![scan]).await?.pop().unwrap_or_default();
            let Some((last, _)) = rows.last() else { break };
            from = [last.as_slice(), &[0]].concat();
            for row in rows.iter().filter_map(|(_, bytes)| OpRow::decode(bytes).ok()) {
                let (header, id) = (row.op.header(), row.op.id());
                // What the server itself decided is little, has no phone of its own, and is kept whole.
                let is_kept =
                    row.received_millis.is_some_and(|received| received >= since_millis) || header.log == *server;
                let is_shared = row.pos > 0 && row.pos <= shared;
                for (op, leaves) in erasure::erased([(&row.op, row.account)]) {
                    let known: &mut Leaves = gone.entry(op).or_default();
                    *known = *known | leaves;
                }
                if is_kept && !is_shared && !written.contains(&id) {
                    let op = Held { seq: header.seq, prev: header.prev, record: header.record };
                    if row.op.body().is_full() {
                        held.entry(header.log).or_default().insert(id, op);
                    } else {
                        cut.push((header.log, id, row.op.body().hidden(), op));
                    }
                }
            }
        }
        // A body with hidden fields is not what its author wrote: the server takes it only where all of them are erased.
        for (log, id, hidden, op) in cut {
            if erased::is_erased(hidden, gone.get(&id)) {
                held.entry(log).or_default().insert(id, op);
            }
        }
        Ok(held)
    }

    /// The ops that this install wrote.
    async fn written(&self, logs: &BTreeSet<LogId>) -> Result<BTreeSet<OpId>, EngineError> {
        let scans = logs.iter().map(|log| Read::prefix(Table::OwnOps, &log.0, usize::MAX)).collect();
        let rows = self.ports.store().read(scans).await?.into_iter().flatten();
        Ok(order::set_of(rows.filter_map(|(_, place)| place.get(16..)?.try_into().ok().map(OpId))))
    }

    /// Files of records that came to the server within the time kept. Creating an upload of one that it still has sends no byte:
    /// the answer is its receipt.
    async fn add_blobs(&self, write: &mut Write) -> Result<(), EngineError> {
        let since_millis = self.server_millis() - KEPT_MILLIS;
        let reads = vec![Read::prefix(Table::Blobs, &[], usize::MAX), Read::prefix(Table::Uploads, &[], usize::MAX)];
        let mut found = self.ports.store().read(reads).await?.into_iter();
        let (blobs, uploads) = (found.next().unwrap_or_default(), found.next().unwrap_or_default());
        let waiting = order::set_of(uploads.into_iter().map(|(key, _)| key));
        for (key, bytes) in blobs {
            let row: BlobRow = from_json(Table::Blobs, &bytes)?;
            let Ok(blob) = key.clone().try_into().map(greenshield_domain::ids::BlobId) else { continue };
            let upload = upload_key(&blob, &row);
            let is_young = row.stored_millis.max(row.delivered_millis.unwrap_or(0)) >= since_millis;
            if row.local && row.record.is_some() && is_young {
                if !waiting.contains(&upload) {
                    write.put(Table::Uploads, upload, Vec::new());
                }
                write.expect(Table::Blobs, key.clone(), Some(bytes));
                write.put(Table::Blobs, key, to_json(&begun_anew(row)));
            }
        }
        Ok(())
    }

    /// Takes over what the head in a reply to a push says.
    pub(super) async fn heed_heads(&self, log: LogId, heads: &[LogHead]) -> Result<(), EngineError> {
        if let Some(head) = heads.iter().find(|head| head.log == log)
            && let Some(cause) = self.quarrel(head).await?
        {
            self.end_log(log, cause).await?;
        }
        Ok(())
    }

    /// A push says that we are a copy. A server that was restored remembers older leases only, and that is none.
    pub(super) async fn heed_stale_copy(&self, log: LogId) -> Result<bool, EngineError> {
        match self.compare().await {
            Ok(Compared { new_epoch: true, .. }) => return Ok(false),
            // Who may not ask may still bring.
            Ok(_) | Err(EngineError::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        self.end_log(log, Cause::StaleCopy).await?;
        Ok(true)
    }
}

/// Whether the server's head is not an op that we wrote.
fn is_forked(own: &[Row], head: &LogHead) -> bool {
    let key = log_key(&head.log, head.seq);
    let ours = own.iter().find(|(at, _)| *at == key).and_then(|(_, place)| place.get(16..));
    ours != Some(head.id.0.as_slice())
}

/// The place in the outbox of an op that this install did not write: two branches may have one seq.
pub(super) fn carried_key(log: &LogId, seq: u64, op: &OpId) -> Key {
    [log_key(log, seq), op.0.to_vec()].concat()
}

fn again(record: RecordId, op: OpId) -> Vec<u8> {
    to_json(&OutboxRow { record, op, tries: 0, next_attempt_millis: 0, reason: RESTORED.to_owned() })
}

/// An upload of before the restore is gone; the receipt stays true for the server that gave it.
fn begun_anew(row: BlobRow) -> BlobRow {
    BlobRow { upload_path: None, offset_bytes: 0, tries: 0, next_attempt_millis: 0, reason: RESTORED.to_owned(), ..row }
}
