//! Comparing our log with the server's: after a restore it may hold less than it once confirmed.

use greenshield_domain::ids::{OpId, RecordId};
use greenshield_domain::wire::HeadsReply;

use super::request::request;
use super::{Engine, EngineError};
use crate::ports::{Durability, LocalStore, Ports, Read, StoreError, Table, Write};
use crate::rows::{OutboxRow, log_key, to_json};

impl<P: Ports> Engine<P> {
    /// Asks how far the server has our log and puts back into the outbox what it misses; returns how many ops.
    ///
    /// # Errors
    /// [`EngineError`]; the outbox is what it was.
    pub async fn reconcile(&self) -> Result<usize, EngineError> {
        let head = self.head().await?;
        let response = self.send_signed(request("GET", format!("/v1/heads?logs={}", head.log))).await?;
        let reply = HeadsReply::decode(&response.body)?;
        self.heard(reply.time_millis).await?;
        let theirs = reply.heads.iter().find(|theirs| theirs.log == head.log);
        let from = theirs.map_or(0, |theirs| theirs.seq + 1);
        if from > head.seq {
            return Ok(0);
        }
        let reads = vec![
            Read::Scan {
                table: Table::OwnOps,
                from: log_key(&head.log, from),
                to: Some(log_key(&head.log, head.seq + 1)),
                limit: usize::MAX,
            },
            Read::Scan {
                table: Table::Outbox,
                from: log_key(&head.log, from),
                to: Some(log_key(&head.log, head.seq + 1)),
                limit: usize::MAX,
            },
        ];
        let mut found = self.ports.store().read(reads).await?.into_iter();
        let (own, outbox) = (found.next().unwrap_or_default(), found.next().unwrap_or_default());
        let mut write = Write::new(Durability::Strict);
        for (key, place) in own.into_iter().filter(|(key, _)| !outbox.iter().any(|(waiting, _)| waiting == key)) {
            let (record, op) = place.split_at_checked(16).ok_or(StoreError::Corrupt { table: Table::OwnOps.name() })?;
            let corrupt = |_| StoreError::Corrupt { table: Table::OwnOps.name() };
            let row = OutboxRow {
                record: RecordId(record.try_into().map_err(corrupt)?),
                op: OpId(op.try_into().map_err(corrupt)?),
                tries: 0,
                next_attempt_millis: 0,
                reason: "server_restored".to_owned(),
            };
            write.put(Table::Outbox, key, to_json(&row));
        }
        let refilled = write.puts.len();
        if refilled > 0 {
            self.ports.store().write(write).await?;
        }
        Ok(refilled)
    }
}
