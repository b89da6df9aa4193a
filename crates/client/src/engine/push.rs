//! Push: the outbox goes up in batches; only a verified receipt takes an op out of it.

use std::collections::BTreeMap;

use greenshield_domain::ids::to_hex;
use greenshield_domain::statement::{Checkpoint, Receipt};
use greenshield_domain::wire::{CBOR_SEQ_MIME, LEASE_HEADER, OpResult, PushReply, ResultCode};

use super::apply::Changes;
use super::backoff::wait_millis;
use super::pushed::Pushed;
use super::request::{TIMEOUT_MILLIS, request};
use super::rotate::Standing;
use super::{Engine, EngineError, first_value};
use crate::ports::{Durability, HttpRequest, Key, LocalStore, Ports, Read, StoreError, Table, Write};
use crate::rows::{
    HeadRow, OldLog, OpRow, OutboxRow, encode_signed, from_json, lease_key, log_key, meta, op_key, to_json,
};

/// Ops in the first push of a run: small, so that something arrives even on a link that breaks at once.
pub(super) const FIRST_BATCH: usize = 32;
/// Ops in the largest push.
const MOST_BATCH: usize = 500;
/// Bytes in the largest push.
const MOST_BATCH_BYTES: usize = 1024 * 1024;
/// Outbox rows looked at for one push.
const MOST_ROWS: usize = 2_000;

pub(super) struct Item {
    pub(super) key: Key,
    pub(super) row: OutboxRow,
    pub(super) op: OpRow,
}

impl<P: Ports> Engine<P> {
    /// Sends the next batch of due ops. Nothing due is no error and sends nothing.
    ///
    /// # Errors
    /// [`EngineError`]; the outbox is what it was, the next batch is smaller.
    pub async fn push_due(&self) -> Result<Pushed, EngineError> {
        if self.must_reconcile.get() {
            match self.compare().await {
                // Who may not ask may still bring.
                Err(EngineError::Refused(refusal)) if refusal.status < 500 => self.must_reconcile.set(false),
                Err(error) => return Err(error),
                Ok(_) => {}
            }
        }
        let rows = self.outbox(MOST_ROWS).await?;
        let now = self.now_millis();
        let (due, waiting): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, row)| row.next_attempt_millis <= now);
        let next_due_millis = waiting.iter().map(|(_, row)| row.next_attempt_millis).min();
        if due.is_empty() {
            return self.rotate_due(next_due_millis).await;
        }
        let (items, rest) = self.next_batch(&due).await?;
        if items.is_empty() {
            return self.rotate_due(next_due_millis).await;
        }
        let result = self.push_items(&items).await;
        let batch = self.batch.get();
        self.batch.set(if result.is_ok() { (batch * 4).min(MOST_BATCH) } else { (batch / 2).max(1) });
        let pushed = result?;
        let next_due_millis = next_due_millis.into_iter().chain(pushed.next_due_millis).min();
        Ok(Pushed { due: rest, next_due_millis, ..pushed })
    }

    pub(super) async fn outbox(&self, limit: usize) -> Result<Vec<(Key, OutboxRow)>, EngineError> {
        let rows = self.ports.store().read(vec![Read::prefix(Table::Outbox, &[], limit)]).await?;
        let rows = rows.into_iter().flatten();
        rows.map(|(key, bytes)| Ok((key, from_json(Table::Outbox, &bytes)?))).collect()
    }

    /// The first due ops that fit one push, and how many due rows lie behind them. An op that is missing or does not read can
    /// only come from a damaged database: it stays where it is, and the next ones still leave.
    async fn next_batch(&self, due: &[(Key, OutboxRow)]) -> Result<(Vec<Item>, usize), EngineError> {
        let (mut items, mut bytes, mut looked_at) = (Vec::new(), 0, 0);
        for part in due.chunks(self.batch.get()) {
            let reads = part.iter().map(|(_, row)| Read::Get(Table::Ops, op_key(&row.record, &row.op))).collect();
            for ((key, row), rows) in part.iter().zip(self.ports.store().read(reads).await?) {
                let op = first_value(rows).and_then(|bytes| OpRow::decode(&bytes).ok());
                let size = op.as_ref().map_or(0, |op| op.op.bytes().len());
                if !items.is_empty() && (bytes + size > MOST_BATCH_BYTES || items.len() == self.batch.get()) {
                    return Ok((items, due.len() - looked_at));
                }
                looked_at += 1;
                bytes += size;
                items.extend(op.map(|op| Item { key: key.clone(), row: row.clone(), op }));
            }
            if items.len() == self.batch.get() {
                break;
            }
        }
        Ok((items, due.len() - looked_at))
    }

    async fn push_items(&self, items: &[Item]) -> Result<Pushed, EngineError> {
        let body: Vec<u8> = items.iter().flat_map(|item| item.op.op.bytes()).copied().collect();
        let mut push = HttpRequest {
            headers: vec![("content-type", CBOR_SEQ_MIME.to_owned())],
            body,
            timeout_millis: TIMEOUT_MILLIS,
            ..request("POST", "/v1/ops")
        };
        let standing = self.standing().await?;
        let log = standing.identity.log;
        let response = if standing.rotating.is_some() {
            // Anybody may carry ops; the lease is the copy's.
            self.send(push).await
        } else {
            let lease = standing.lease.as_ref().filter(|_| !self.shares_log.get());
            push.headers.extend(lease.map(|lease| (LEASE_HEADER, to_hex(lease))));
            self.send_signed_by(OldLog { log, key: standing.identity.key }, push).await
        };
        let again = Pushed { next_due_millis: Some(self.now_millis()), ..Pushed::default() };
        match response {
            Ok(response) => {
                let reply = PushReply::decode(&response.body)?;
                let pushed = self.apply_reply(items, &standing, &reply).await?;
                self.heed_heads(log, &reply.heads).await?;
                let is_ending = self.standing().await?.rotating.is_some();
                let next_due_millis = if is_ending { again.next_due_millis } else { pushed.next_due_millis };
                Ok(Pushed { stale_copy: is_ending, next_due_millis, ..pushed })
            }
            Err(EngineError::Refused(refusal)) if refusal.body.code == "stale_copy" && standing.rotating.is_none() => {
                Ok(Pushed { stale_copy: self.heed_stale_copy(log).await?, ..again })
            }
            // A restored server that does not know our newest log is shown where it comes from.
            Err(EngineError::Refused(refusal))
                if refusal.body.code == "unknown_log" && !standing.identity.before.is_empty() =>
            {
                self.compare().await?;
                Ok(again)
            }
            Err(error) => Err(error),
        }
    }

    async fn apply_reply(&self, items: &[Item], standing: &Standing, reply: &PushReply) -> Result<Pushed, EngineError> {
        let server = self.server_key()?;
        self.open_signed::<Checkpoint>(&reply.checkpoint, &server).await?;
        let mut write = Write::new(Durability::Strict);
        write.put(Table::Meta, meta::CHECKPOINT, encode_signed(&reply.checkpoint));
        if let Some(lease) = reply.lease {
            write.put(Table::Meta, lease_key(&standing.identity.log), lease.to_vec());
        }
        match standing.epoch.as_deref() {
            None => write.put(Table::Meta, meta::EPOCH, reply.epoch.0.to_vec()),
            Some(known) => self.must_reconcile.set(*known != reply.epoch.0),
        }
        let mut changes = Changes::default();
        let mut delivered: BTreeMap<&Key, i64> = BTreeMap::new();
        for signed in &reply.receipts {
            let receipt: Receipt = self.open_signed(signed, &server).await?;
            let covered = covered(items, &receipt);
            if !covered.is_empty() {
                write.put(Table::Receipts, log_key(&receipt.log, receipt.from), encode_signed(signed));
            }
            delivered.extend(covered.into_iter().map(|item| (&item.key, receipt.received_millis)));
        }
        let mut next_due_millis = None;
        for (index, item) in items.iter().enumerate() {
            if let Some(received) = delivered.get(&item.key) {
                write.delete(Table::Outbox, item.key.clone());
                // Position and verdict are the pull's to say; a page may have brought newer ones meanwhile.
                changes.ops.push(OpRow { received_millis: Some(*received), pos: 0, ..item.op.clone() });
            } else {
                let row = self.postponed(index, item, &reply.results);
                next_due_millis = Some(next_due_millis.unwrap_or(i64::MAX).min(row.next_attempt_millis));
                write.put(Table::Outbox, item.key.clone(), to_json(&row));
            }
        }
        let delivered = delivered.len();
        let changed = self.apply(write, changes).await?;
        self.heard(reply.time_millis).await?;
        Ok(Pushed { sent: items.len(), delivered, changed, next_due_millis, ..Pushed::default() })
    }

    /// The row of an op that was sent and has no receipt yet: it stays, says why, and lets the others pass.
    fn postponed(&self, index: usize, item: &Item, results: &[OpResult]) -> OutboxRow {
        let result = results.iter().find(|result| usize::try_from(result.index).ok() == Some(index));
        let reason = match result.map(|result| (result.code, &result.reason)) {
            None => "no_receipt".to_owned(),
            Some((ResultCode::Gap, _)) => "gap".to_owned(),
            Some((ResultCode::UnknownLog, _)) => "unknown_log".to_owned(),
            Some((ResultCode::OverLimit, _)) => "over_limit".to_owned(),
            Some((_, reason)) => reason.clone(),
        };
        let tries = item.row.tries + 1;
        let wait = wait_millis(tries, u32::from_be_bytes(self.random()));
        OutboxRow { tries, next_attempt_millis: self.now_millis() + wait, reason, ..item.row.clone() }
    }

    /// Makes everything due now: a person asked, or the network came back.
    ///
    /// # Errors
    /// [`EngineError::Store`].
    pub async fn retry_now(&self) -> Result<(), EngineError> {
        let mut write = Write::new(Durability::Relaxed);
        let rows = self.ports.store().read(vec![Read::prefix(Table::Outbox, &[], usize::MAX)]).await?;
        for (key, bytes) in rows.into_iter().flatten() {
            let row: OutboxRow = from_json(Table::Outbox, &bytes)?;
            if row.next_attempt_millis > 0 {
                write.expect(Table::Outbox, key.clone(), Some(bytes));
                write.put(Table::Outbox, key, to_json(&OutboxRow { next_attempt_millis: 0, ..row }));
            }
        }
        self.retry_blobs_now(&mut write).await?;
        self.retry_couriers_now(&mut write).await?;
        match self.ports.store().write(write).await {
            // Somebody delivered one of them meanwhile: nothing to hurry.
            Ok(()) | Err(StoreError::Expectation { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// The end of this install's log.
    ///
    /// # Errors
    /// [`EngineError::NotEnrolled`] or [`EngineError::Store`].
    pub async fn head(&self) -> Result<HeadRow, EngineError> {
        let row = self.read_meta(&[meta::HEAD]).await?.remove(0).ok_or(EngineError::NotEnrolled)?;
        Ok(from_json(Table::Meta, &row)?)
    }
}

/// The items that a receipt covers. Its head must be one of them, with the same id: the chain of `prev` fixes those before.
pub(super) fn covered<'a>(items: &'a [Item], receipt: &Receipt) -> Vec<&'a Item> {
    let in_run = |item: &&Item| {
        let header = item.op.op.header();
        header.log == receipt.log && (receipt.from..=receipt.upto).contains(&header.seq)
    };
    let run: Vec<&Item> = items.iter().filter(in_run).collect();
    let is_head = |item: &&&Item| item.op.op.header().seq == receipt.upto && item.op.op.id() == receipt.head;
    let Some(head) = run.iter().find(is_head) else { return Vec::new() };
    let mut next = head.op.op.header().prev;
    let mut covered = vec![*head];
    for item in run.iter().rev().skip_while(|item| item.key >= head.key) {
        if next != Some(item.op.op.id()) {
            break;
        }
        next = item.op.op.header().prev;
        covered.push(item);
    }
    covered
}
