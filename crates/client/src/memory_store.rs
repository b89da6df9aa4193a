//! The store of tests and of the simulation: a map in memory with the same promises as the browser's database.

use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::ports::{Key, LocalStore, Read, Row, StoreError, Table, Write};

/// A [`LocalStore`] in memory. A clone is a copy of the device, as after restoring a backup.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    rows: RefCell<BTreeMap<(Table, Key), Vec<u8>>>,
    /// Bytes that fit; `None` = endless.
    quota_bytes: RefCell<Option<usize>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets writes fail when the values would pass a size.
    pub fn set_quota(&self, bytes: Option<usize>) {
        *self.quota_bytes.borrow_mut() = bytes;
    }

    /// Bytes held in values.
    #[must_use]
    pub fn size_bytes(&self) -> usize {
        self.rows.borrow().values().map(Vec::len).sum()
    }
}

impl LocalStore for MemoryStore {
    async fn read(&self, reads: Vec<Read>) -> Result<Vec<Vec<Row>>, StoreError> {
        let rows = self.rows.borrow();
        let answer = |read| match read {
            Read::Get(table, key) => {
                let value = rows.get(&(table, key.clone())).cloned();
                value.map(|value| (key, value)).into_iter().collect()
            }
            Read::Scan { table, from, to, limit } => rows
                .range((table, from)..)
                .take_while(|((t, key), _)| *t == table && to.as_ref().is_none_or(|to| key < to))
                .take(limit)
                .map(|((_, key), value)| (key.clone(), value.clone()))
                .collect(),
        };
        Ok(reads.into_iter().map(answer).collect())
    }

    async fn write(&self, write: Write) -> Result<(), StoreError> {
        let mut rows = self.rows.borrow_mut();
        for (index, (table, key, expected)) in write.expect.into_iter().enumerate() {
            if rows.get(&(table, key)) != expected.as_ref() {
                return Err(StoreError::Expectation { index });
            }
        }
        let mut next = rows.clone();
        next.extend(write.puts.into_iter().map(|(table, key, value)| ((table, key), value)));
        for (table, key) in write.deletes {
            next.remove(&(table, key));
        }
        let full = |quota: usize| next.values().map(Vec::len).sum::<usize>() > quota;
        if self.quota_bytes.borrow().is_some_and(full) {
            return Err(StoreError::QuotaExceeded);
        }
        *rows = next;
        Ok(())
    }
}
