//! A store whose values are sealed; the store under it never sees one in plain.
//!
//! Sealing is pure and quick, so nothing is awaited between the question and the answer of the store under it, and its
//! transactions stay what they are. Two seals of one value differ, so an expectation is compared in plain first and then put to
//! the store as the exact bytes that were found: if they change meanwhile, it is compared again.

use std::rc::Rc;

use greenshield_domain::ids::to_hex;
use serde::{Deserialize, Serialize};

use crate::ports::{Durability, Entropy, Key, LocalStore, Read, Row, StoreError, Table, Write};
use crate::row_seal::{DataKey, NONCE_BYTES, RowSeal, is_sealed};
use crate::rows::{meta, to_json};

/// How often an expectation is compared again before another writer is said to be faster.
const TRIES: u32 = 16;
/// Bytes of rows that one step of the sweep seals, as far as rows are small.
const SWEEP_ROWS: usize = 64;
/// Rows of a table with large values in one step.
const SWEEP_LARGE_ROWS: usize = 2;

/// A [`LocalStore`] over another one. Without a key it changes nothing.
#[derive(Clone)]
pub struct SealedStore<S> {
    inner: S,
    seal: Option<Rc<RowSeal>>,
    entropy: Rc<dyn Entropy>,
}

/// How far the rows from before the seal have been sealed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct SweepRow {
    /// Tables that are done.
    tables: usize,
    /// In the next one: the first key that was not looked at, in hex.
    from: String,
}

impl<S: LocalStore> SealedStore<S> {
    /// Seals by a data key; `None` = this phone can not keep one.
    #[must_use]
    pub fn new(inner: S, key: Option<&DataKey>, entropy: Rc<dyn Entropy>) -> Self {
        Self { inner, seal: key.map(|key| Rc::new(RowSeal::new(key))), entropy }
    }

    /// Whether what is written is sealed.
    #[must_use]
    pub fn is_sealed(&self) -> bool {
        self.seal.is_some()
    }

    /// The store under it.
    #[must_use]
    pub fn inner(&self) -> &S {
        &self.inner
    }

    fn sealed(&self, seal: &RowSeal, table: Table, key: &[u8], value: &[u8]) -> Vec<u8> {
        let mut nonce = [0; NONCE_BYTES];
        self.entropy.fill(&mut nonce);
        seal.seal(table, key, nonce, value)
    }

    /// The expectations as the bytes that are there now.
    async fn found(
        &self,
        seal: &RowSeal,
        expect: &[(Table, Key, Option<Vec<u8>>)],
    ) -> Result<Vec<(Table, Key, Option<Vec<u8>>)>, StoreError> {
        let reads = expect.iter().map(|(table, key, _)| Read::Get(*table, key.clone())).collect();
        let mut found = self.inner.read(reads).await?;
        let mut exact = Vec::with_capacity(expect.len());
        for (index, (table, key, expected)) in expect.iter().enumerate() {
            let raw = found.get_mut(index).and_then(Vec::pop).map(|(_, raw)| raw);
            let plain = raw.clone().map(|raw| opened(seal, *table, key, raw));
            if plain != *expected {
                return Err(StoreError::Expectation { index });
            }
            exact.push((*table, key.clone(), raw));
        }
        Ok(exact)
    }

    /// Seals some of the rows that were written before there was a seal. Returns whether there are more. May be ended at any
    /// moment and goes on where it was.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is lost, the next step tries again.
    pub async fn sweep(&self) -> Result<bool, StoreError> {
        let Some(seal) = &self.seal else { return Ok(false) };
        let mark = self.inner.read(vec![Read::Get(Table::Meta, meta::SWEEP.to_vec())]).await?;
        let mark = mark.into_iter().flatten().next().map(|(_, bytes)| bytes);
        let mut at: SweepRow = mark.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
        let Some(table) = Table::ALL.get(at.tables).copied() else { return Ok(false) };
        let limit = if table == Table::BlobBytes { SWEEP_LARGE_ROWS } else { SWEEP_ROWS };
        let from = greenshield_domain::ids::from_hex(&at.from).unwrap_or_default();
        let rows = self.inner.read(vec![Read::Scan { table, from, to: None, limit }]).await?.pop().unwrap_or_default();
        match rows.last() {
            Some((last, _)) if rows.len() == limit => at.from = to_hex(&[last.as_slice(), &[0]].concat()),
            _ => at = SweepRow { tables: at.tables + 1, from: String::new() },
        }
        let mut write = Write::new(Durability::Relaxed);
        write.expect(Table::Meta, meta::SWEEP, mark);
        write.put(Table::Meta, meta::SWEEP, to_json(&at));
        for (key, value) in rows {
            if is_sealed(table, &key) && !value.is_empty() && !seal.sealed(&value) {
                let sealed = self.sealed(seal, table, &key, &value);
                write.expect(table, key.clone(), Some(value));
                write.put(table, key, sealed);
            }
        }
        match self.inner.write(write).await {
            // A row changed meanwhile, or another tab sweeps too: the next step looks again.
            Ok(()) | Err(StoreError::Expectation { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }
}

/// The value of a row as its reader knows it.
fn opened(seal: &RowSeal, table: Table, key: &[u8], raw: Vec<u8>) -> Vec<u8> {
    if is_sealed(table, key) { seal.open(table, key, raw) } else { raw }
}

impl<S: LocalStore> LocalStore for SealedStore<S> {
    async fn read(&self, reads: Vec<Read>) -> Result<Vec<Vec<Row>>, StoreError> {
        let Some(seal) = &self.seal else { return self.inner.read(reads).await };
        let tables: Vec<Table> = reads.iter().map(Read::table).collect();
        let answers = self.inner.read(reads).await?.into_iter().zip(tables);
        let open = |(rows, table): (Vec<Row>, Table)| {
            let open = |(key, raw): Row| {
                let value = opened(seal, table, &key, raw);
                (key, value)
            };
            rows.into_iter().map(open).collect()
        };
        Ok(answers.map(open).collect())
    }

    async fn write(&self, mut write: Write) -> Result<(), StoreError> {
        let Some(seal) = &self.seal else { return self.inner.write(write).await };
        for (table, key, value) in &mut write.puts {
            // An empty value says no more than its key.
            if is_sealed(*table, key) && !value.is_empty() {
                *value = self.sealed(seal, *table, key, value);
            }
        }
        let is_exact = |(table, key, value): &(Table, Key, Option<Vec<u8>>)| value.is_none() || !is_sealed(*table, key);
        if write.expect.iter().all(is_exact) {
            return self.inner.write(write).await;
        }
        for _ in 1..TRIES {
            let expect = self.found(seal, &write.expect).await?;
            match self.inner.write(Write { expect, ..write.clone() }).await {
                Err(StoreError::Expectation { .. }) => {}
                outcome => return outcome,
            }
        }
        let expect = self.found(seal, &write.expect).await?;
        self.inner.write(Write { expect, ..write }).await
    }
}

impl<S: std::fmt::Debug> std::fmt::Debug for SealedStore<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedStore({:?}, sealed: {})", self.inner, self.seal.is_some())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::conformance;
    use crate::memory_store::MemoryStore;

    struct Counting(Cell<u64>);

    impl Entropy for Counting {
        fn fill(&self, buffer: &mut [u8]) {
            for chunk in buffer.chunks_mut(8) {
                self.0.set(self.0.get() + 1);
                chunk.copy_from_slice(&self.0.get().to_be_bytes()[..chunk.len()]);
            }
        }
    }

    fn sealed(inner: MemoryStore) -> SealedStore<MemoryStore> {
        SealedStore::new(inner, Some(&DataKey::new([5; 32])), Rc::new(Counting(Cell::new(0))))
    }

    fn open(inner: MemoryStore) -> SealedStore<MemoryStore> {
        SealedStore::new(inner, None, Rc::new(Counting(Cell::new(0))))
    }

    macro_rules! on_sealed_memory {
        ($case:ident) => {
            #[tokio::test]
            async fn $case() {
                conformance::$case(&sealed(MemoryStore::new())).await.unwrap();
                conformance::$case(&open(MemoryStore::new())).await.unwrap();
            }
        };
    }
    crate::for_each_case!(on_sealed_memory);

    async fn put(store: &impl LocalStore, table: Table, key: &[u8], value: &[u8]) {
        let mut write = Write::new(Durability::Strict);
        write.put(table, key, value.to_vec());
        store.write(write).await.unwrap();
    }

    async fn all(store: &impl LocalStore) -> Vec<(Table, Key, Vec<u8>)> {
        let reads = Table::ALL.iter().map(|table| Read::prefix(*table, &[], usize::MAX)).collect();
        let rows = store.read(reads).await.unwrap();
        let of = |(rows, table): (Vec<Row>, Table)| rows.into_iter().map(move |(key, value)| (table, key, value));
        rows.into_iter().zip(Table::ALL).flat_map(of).collect()
    }

    #[tokio::test]
    async fn no_value_lies_in_plain_but_ids_and_packages() {
        let store = sealed(MemoryStore::new());
        for table in Table::ALL {
            put(&store, table, b"key", b"secret words").await;
        }
        for (table, _, value) in all(store.inner()).await {
            let is_plain = value.windows(6).any(|part| part == b"secret");
            assert_eq!(is_plain, matches!(table, Table::Outbox | Table::Couriers | Table::CourierBytes), "{table:?}");
        }
    }

    #[tokio::test]
    async fn old_rows_read_and_the_sweep_seals_them_wherever_it_is_ended() {
        let plain = MemoryStore::new();
        for n in 0..200u8 {
            put(&plain, Table::Ops, &[n], b"secret words").await;
            put(&plain, Table::BlobBytes, &[n / 40], b"secret bytes").await;
        }
        put(&plain, Table::Outbox, b"o", b"ids").await;
        put(&plain, Table::Uploads, b"u", b"").await;
        let before = all(&plain).await;
        assert_eq!(all(&sealed(plain.clone())).await, before);
        let mut store = sealed(plain);
        put(&store, Table::Ops, &[3], b"secret words").await;
        while store.sweep().await.unwrap() {
            // Each step by a store that knows nothing of the step before.
            let inner = store.inner().clone();
            store = SealedStore::new(inner, Some(&DataKey::new([5; 32])), Rc::clone(&store.entropy));
            let mut now = all(&store).await;
            now.retain(|(_, key, _)| key != meta::SWEEP);
            assert_eq!(now, before);
        }
        let is_plain = |value: &[u8]| value.windows(6).any(|part| part == b"secret");
        assert!(!all(store.inner()).await.iter().any(|(.., value)| is_plain(value)));
        assert!(!store.sweep().await.unwrap(), "it is done");
    }

    #[tokio::test]
    async fn an_expectation_compares_what_was_meant_and_not_its_seal() {
        let store = sealed(MemoryStore::new());
        put(&store, Table::Meta, b"head", b"1").await;
        put(&store, Table::Meta, b"head", b"1").await;
        let mut write = Write::new(Durability::Strict);
        write.expect(Table::Meta, *b"head", Some(b"1".to_vec()));
        write.put(Table::Meta, *b"head", b"2".to_vec());
        store.write(write.clone()).await.unwrap();
        assert_eq!(store.write(write).await, Err(StoreError::Expectation { index: 0 }));
    }
}
