//! A phone's disk: keeps what was committed, fills up, and dies with the app before or after a commit.

use std::cell::Cell;
use std::rc::Rc;

use greenshield_client::memory_store::MemoryStore;
use greenshield_client::ports::{HttpRequest, Key, LocalStore, Read, Row, StoreError, Table, Write};
use greenshield_client::rows::{OpRow, OutboxRow, from_json, meta};

use crate::mutant::Mutant;
use crate::network::Network;

/// Where the next transaction meets the end of the app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Death {
    /// Nothing of it is kept.
    BeforeCommit,
    /// All of it is kept, and nobody was told.
    AfterCommit,
}

/// The disk of one phone.
pub struct Disk {
    /// What is committed.
    pub rows: MemoryStore,
    /// The app is killed in the next transaction.
    pub death: Cell<Option<Death>>,
    /// The app is dead; whatever it asks fails.
    pub dead: Cell<bool>,
    /// How often somebody logged in.
    pub logins: Cell<u8>,
    network: Rc<Network>,
}

impl Disk {
    /// An empty disk.
    #[must_use]
    pub fn new(network: Rc<Network>) -> Self {
        let (death, dead, logins) = (Cell::new(None), Cell::new(false), Cell::new(0));
        Self { rows: MemoryStore::new(), death, dead, logins, network }
    }

    /// What is left after a kill.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        let (death, dead, logins) = (Cell::new(None), Cell::new(false), Cell::new(self.logins.get() + 1));
        Self { rows: self.rows.clone(), death, dead, logins, network: self.network.clone() }
    }

    fn is(&self, mutant: Mutant) -> bool {
        self.network.mutant == Some(mutant)
    }

    async fn commit(&self, write: Write) -> Result<(), StoreError> {
        match self.death.take() {
            None => self.rows.write(write).await,
            Some(Death::BeforeCommit) => self.die(),
            Some(Death::AfterCommit) => {
                self.rows.write(write).await?;
                self.die()
            }
        }
    }

    fn die(&self) -> Result<(), StoreError> {
        self.network.counter.count("kills inside a transaction");
        self.dead.set(true);
        Err(StoreError::Lost)
    }

    /// A queue that belongs to a login has another key after the next one.
    fn queue_key(&self, table: Table, key: Key) -> Key {
        if table == Table::Outbox && self.is(Mutant::QueueByToken) {
            return [vec![self.logins.get() / 2], key].concat();
        }
        key
    }

    fn queue_read(&self, read: Read) -> Read {
        match read {
            Read::Get(table, key) => Read::Get(table, self.queue_key(table, key)),
            Read::Scan { table: Table::Outbox, from, to, limit } if self.is(Mutant::QueueByToken) => {
                let to = to.unwrap_or_else(|| vec![0xff; 64]);
                let (from, to) = (self.queue_key(Table::Outbox, from), self.queue_key(Table::Outbox, to));
                Read::Scan { table: Table::Outbox, from, to: Some(to), limit }
            }
            other => other,
        }
    }

    /// The ops that a save adds.
    fn new_ops(write: &Write) -> Vec<Vec<u8>> {
        let is_save = |(table, _, value): &&(Table, Key, Vec<u8>)| {
            *table == Table::Outbox
                && from_json::<OutboxRow>(Table::Outbox, value).is_ok_and(|row| row.tries == 0 && row.reason.is_empty())
        };
        let ops = write.puts.iter().filter(|(table, ..)| *table == Table::Ops);
        let ops = ops.filter_map(|(_, _, value)| OpRow::decode(value).ok());
        let own = write.puts.iter().filter(is_save).filter_map(|(_, _, value)| from_json(Table::Outbox, value).ok());
        let own: Vec<OutboxRow> = own.collect();
        let saved = |row: &OpRow| own.iter().any(|new| new.op == row.op.id());
        let expects_head = write.expect.iter().any(|(table, key, _)| *table == Table::Meta && key == meta::HEAD);
        if expects_head { ops.filter(saved).map(|row| row.op.bytes().to_vec()).collect() } else { Vec::new() }
    }

    /// What the wrong code would have written, in the order in which it would have.
    async fn mutated(&self, mut write: Write) -> Result<Write, StoreError> {
        let put = |write: &Write, name: &[u8]| {
            write.puts.iter().any(|(table, key, _)| *table == Table::Meta && key.as_slice() == name)
        };
        match self.network.mutant {
            Some(Mutant::CursorBeforePage) if put(&write, meta::CURSOR) => {
                let mut first = Write::new(write.durability);
                first.expect = std::mem::take(&mut write.expect);
                let is_cursor =
                    |(table, key, _): &(Table, Key, Vec<u8>)| *table == Table::Meta && key.as_slice() == meta::CURSOR;
                first.puts = write.puts.iter().filter(|row| is_cursor(row)).cloned().collect();
                write.puts.retain(|row| !is_cursor(row));
                self.rows.write(first).await?;
            }
            Some(Mutant::ClearedByStatus) if put(&write, meta::CHECKPOINT) => {
                let (queue, rest) = write.puts.into_iter().partition(|(table, ..)| *table == Table::Outbox);
                write.puts = rest;
                write.deletes.extend(Vec::into_iter(queue).map(|(table, key, _)| (table, key)));
            }
            Some(Mutant::PushBeforeCommit) => {
                let body = Self::new_ops(&write).concat();
                if !body.is_empty() {
                    let headers = vec![("content-type", greenshield_domain::wire::CBOR_SEQ_MIME.to_owned())];
                    let path = "/v1/ops".to_owned();
                    let push = HttpRequest { method: "POST", path, headers, body, timeout_millis: 1_000 };
                    self.network.deliver(&push).await;
                }
            }
            Some(Mutant::WriteWithoutOutbox) if !Self::new_ops(&write).is_empty() => {
                let (queue, rest) = write.puts.into_iter().partition(|(table, ..)| *table == Table::Outbox);
                write.puts = rest;
                let mut second = Write::new(write.durability);
                second.puts = queue;
                self.rows.write(write).await?;
                return Ok(second);
            }
            Some(Mutant::ErasureKept) => self.keep_whole(&mut write).await?,
            _ => {}
        }
        Ok(write)
    }

    /// Leaves whole ops as they are where cut ones would come in their place, and files where they are.
    async fn keep_whole(&self, write: &mut Write) -> Result<(), StoreError> {
        let reads = write.puts.iter().map(|(table, key, _)| Read::Get(*table, key.clone())).collect();
        let known = self.rows.read(reads).await?;
        let puts = std::mem::take(&mut write.puts).into_iter().zip(known);
        let hidden = |bytes: &[u8]| OpRow::decode(bytes).map(|row| row.op.body().hidden()).unwrap_or_default();
        let is_cut = |(table, _, new): &(Table, Key, Vec<u8>), known: &[Row]| {
            *table == Table::Ops && known.first().is_some_and(|(_, old)| !hidden(new).are_among(hidden(old)))
        };
        write.puts = puts.filter(|(put, known)| !is_cut(put, known)).map(|(put, _)| put).collect();
        Ok(())
    }
}

impl LocalStore for Disk {
    async fn read(&self, reads: Vec<Read>) -> Result<Vec<Vec<Row>>, StoreError> {
        if self.dead.get() {
            return Err(StoreError::Lost);
        }
        let queue: Vec<bool> = reads
            .iter()
            .map(|read| matches!(read, Read::Get(Table::Outbox, _) | Read::Scan { table: Table::Outbox, .. }))
            .collect();
        let mut found = self.rows.read(reads.into_iter().map(|read| self.queue_read(read)).collect()).await?;
        if self.is(Mutant::QueueByToken) {
            for rows in found.iter_mut().zip(queue).filter(|(_, queue)| *queue).map(|(rows, _)| rows) {
                for (key, _) in rows {
                    key.remove(0);
                }
            }
        }
        Ok(found)
    }

    async fn write(&self, write: Write) -> Result<(), StoreError> {
        if self.dead.get() {
            return Err(StoreError::Lost);
        }
        let mut write = self.mutated(write).await?;
        write.expect = write.expect.into_iter().map(|(t, key, row)| (t, self.queue_key(t, key), row)).collect();
        write.puts = write.puts.into_iter().map(|(t, key, row)| (t, self.queue_key(t, key), row)).collect();
        write.deletes = write.deletes.into_iter().map(|(t, key)| (t, self.queue_key(t, key))).collect();
        self.commit(write).await
    }
}
