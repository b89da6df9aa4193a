//! Rows of bytes in a transaction: the reads and writes of [`greenshield_client::ports`].
//!
//! Keys go over as views of our memory, since the browser copies just their bytes; values are copied once into memory of
//! their own, since the browser would clone the whole memory behind a view.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use greenshield_client::ports::{Durability, Read, Row, StoreError, Table, Write};
use js_sys::{Array, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, IdbKeyRange, IdbObjectStore, IdbRequest};

use super::error::Failure;
use super::open::Connection;
use super::transaction::{Mode, Running, Transaction};

#[wasm_bindgen]
extern "C" {
    /// `IDBObjectStore` with keys of bytes.
    #[wasm_bindgen(extends = IdbObjectStore)]
    type Rows;

    #[wasm_bindgen(method, catch)]
    fn get(this: &Rows, key: &[u8]) -> Result<IdbRequest, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn put(this: &Rows, value: &Uint8Array, key: &[u8]) -> Result<IdbRequest, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn add(this: &Rows, value: &Uint8Array, key: &[u8]) -> Result<IdbRequest, JsValue>;
    #[wasm_bindgen(method, catch)]
    fn delete(this: &Rows, key: &[u8]) -> Result<IdbRequest, JsValue>;

    /// `IDBKeyRange` with keys of bytes.
    #[wasm_bindgen(js_name = IDBKeyRange)]
    type KeyRange;

    #[wasm_bindgen(static_method_of = KeyRange, js_class = "IDBKeyRange", catch, js_name = bound)]
    fn from_to(from: &[u8], to: &[u8], from_open: bool, to_open: bool) -> Result<IdbKeyRange, JsValue>;
    #[wasm_bindgen(static_method_of = KeyRange, js_class = "IDBKeyRange", catch, js_name = lowerBound)]
    fn from(from: &[u8]) -> Result<IdbKeyRange, JsValue>;
}

/// The tables of one transaction; each is looked up once.
struct Tables<'a> {
    running: &'a Running,
    open: BTreeMap<Table, Rows>,
}

impl<'a> Tables<'a> {
    fn new(running: &'a Running) -> Self {
        Self { running, open: BTreeMap::new() }
    }

    fn get(&mut self, table: Table) -> Result<&Rows, JsValue> {
        Ok(match self.open.entry(table) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let store = self.running.handle().object_store(table.name())?;
                entry.insert(store.unchecked_into())
            }
        })
    }
}

fn names(tables: impl Iterator<Item = Table>) -> Vec<&'static str> {
    let mut tables: Vec<Table> = tables.collect();
    tables.sort_unstable();
    tables.dedup();
    tables.into_iter().map(Table::name).collect()
}

/// What a question was turned into; the results are there when the transaction is complete.
enum Asked {
    Nothing,
    One(Table, Vec<u8>, IdbRequest),
    Many(Table, IdbRequest, IdbRequest),
}

/// Answers all questions in one transaction.
pub(super) async fn read(connection: &Connection, reads: &[Read]) -> Result<Vec<Vec<Row>>, Failure> {
    let names = names(reads.iter().map(Read::table));
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let transaction = Transaction::begin(connection, &names, Mode::Read)?;
    let mut tables = Tables::new(transaction.running());
    let asked: Vec<Asked> = reads.iter().map(|read| ask(&mut tables, read)).collect::<Result<_, _>>()?;
    transaction.outcome().await?;
    asked.into_iter().map(answer).collect()
}

fn ask(tables: &mut Tables<'_>, read: &Read) -> Result<Asked, JsValue> {
    match read {
        Read::Get(table, key) => Ok(Asked::One(*table, key.clone(), tables.get(*table)?.get(key)?)),
        Read::Scan { limit: 0, .. } => Ok(Asked::Nothing), // to the browser, 0 means all
        Read::Scan { from, to: Some(to), .. } if from >= to => Ok(Asked::Nothing), // to the browser, an error
        Read::Scan { table, from, to, limit } => {
            let range = match to {
                Some(to) => KeyRange::from_to(from, to, false, true)?,
                None => KeyRange::from(from)?,
            };
            let limit = u32::try_from(*limit).unwrap_or(u32::MAX);
            let rows = tables.get(*table)?;
            let keys = rows.get_all_keys_with_key_and_limit(&range, limit)?;
            Ok(Asked::Many(*table, keys, rows.get_all_with_key_and_limit(&range, limit)?))
        }
    }
}

fn answer(asked: Asked) -> Result<Vec<Row>, Failure> {
    match asked {
        Asked::Nothing => Ok(Vec::new()),
        Asked::One(table, key, request) => {
            let value = value_of(table, &request.result()?)?;
            Ok(value.map(|value| (key, value)).into_iter().collect())
        }
        Asked::Many(table, keys, values) => {
            let (keys, values) = (Array::from(&keys.result()?), Array::from(&values.result()?));
            let row = |(key, value): (JsValue, JsValue)| {
                let key = Uint8Array::new(&key).to_vec();
                Ok((key, value_of(table, &value)?.ok_or_else(|| corrupt(table))?))
            };
            keys.iter().zip(values.iter()).map(row).collect()
        }
    }
}

fn value_of(table: Table, value: &JsValue) -> Result<Option<Vec<u8>>, Failure> {
    if value.is_undefined() {
        return Ok(None);
    }
    value.dyn_ref::<Uint8Array>().map(|bytes| Some(bytes.to_vec())).ok_or_else(|| corrupt(table))
}

fn corrupt(table: Table) -> Failure {
    Failure::Store(StoreError::Corrupt { table: table.name() })
}

/// Commits all or nothing. A row that must not be there yet is added instead of asked for and put: half the questions of a page
/// that a new phone takes.
pub(super) async fn write(connection: &Connection, write: &Rc<Write>) -> Result<(), Failure> {
    let new = New::of(write);
    let is_there = |failure: &Failure| matches!(failure, Failure::Store(StoreError::Backend { name, .. }) if name == "ConstraintError");
    match write_new(connection, write, new.clone()).await {
        // One of them is there: which one is asked now.
        Err(failure) if !new.expected.is_empty() && is_there(&failure) => {
            write_new(connection, write, New::default()).await
        }
        outcome => outcome,
    }
}

/// Rows of a write that must not be there yet and are put once: the places of their expectations and of their puts.
#[derive(Clone, Default)]
struct New {
    expected: BTreeSet<usize>,
    puts: BTreeSet<usize>,
}

impl New {
    fn of(write: &Write) -> Self {
        let mut places: BTreeMap<(Table, &[u8]), Vec<usize>> = BTreeMap::new();
        for (at, (table, key, _)) in write.puts.iter().enumerate() {
            places.entry((*table, key)).or_default().push(at);
        }
        let mut new = Self::default();
        for (at, (table, key, expected)) in write.expect.iter().enumerate() {
            let is_deleted = || write.deletes.iter().any(|(t, k)| t == table && k == key);
            if let (None, Some([put])) = (expected, places.get(&(*table, &key[..])).map(Vec::as_slice))
                && !is_deleted()
            {
                new.expected.insert(at);
                new.puts.insert(*put);
            }
        }
        new
    }
}

async fn write_new(connection: &Connection, write: &Rc<Write>, new: New) -> Result<(), Failure> {
    let expected = write.expect.iter().map(|(table, ..)| *table);
    let put = write.puts.iter().map(|(table, ..)| *table);
    let deleted = write.deletes.iter().map(|(table, _)| *table);
    let names = names(expected.chain(put).chain(deleted));
    if names.is_empty() {
        return Ok(());
    }
    let mode = Mode::Write(write.durability);
    let transaction = Transaction::begin(connection, &names, mode)?;
    let running = transaction.running();
    let mut tables = Tables::new(running);
    let asked = write.expect.iter().enumerate().filter(|(at, _)| !new.expected.contains(at));
    let gets: Vec<(usize, IdbRequest)> =
        asked.map(|(at, (table, key, _))| Ok((at, tables.get(*table)?.get(key)?))).collect::<Result<_, JsValue>>()?;
    let Some((_, last)) = gets.last().cloned() else {
        apply(running, write, &new.puts)?;
        return transaction.outcome().await;
    };
    // Requests end in the order in which they were made, so at the last one all values are there. It must decide at once: a
    // promise in between would let the transaction commit.
    let decide = {
        let (running, write) = (running.clone(), Rc::clone(write));
        Closure::<dyn FnMut(Event)>::new(move |_: Event| {
            if let Err(failure) = check(&gets, &write).and_then(|()| apply(&running, &write, &new.puts)) {
                running.abort(failure);
            }
        })
    };
    last.set_onsuccess(Some(decide.as_ref().unchecked_ref()));
    let outcome = transaction.outcome().await;
    last.set_onsuccess(None);
    outcome
}

fn check(gets: &[(usize, IdbRequest)], write: &Write) -> Result<(), Failure> {
    for (index, get) in gets {
        let (table, _, expected) = &write.expect[*index];
        if value_of(*table, &get.result()?)? != *expected {
            return Err(Failure::Store(StoreError::Expectation { index: *index }));
        }
    }
    Ok(())
}

fn apply(running: &Running, write: &Write, new: &BTreeSet<usize>) -> Result<(), Failure> {
    let mut tables = Tables::new(running);
    for (at, (table, key, value)) in write.puts.iter().enumerate() {
        let (rows, value) = (tables.get(*table)?, Uint8Array::new_from_slice(value));
        if new.contains(&at) {
            rows.add(&value, key)?;
        } else {
            rows.put(&value, key)?;
        }
    }
    for (table, key) in &write.deletes {
        tables.get(*table)?.delete(key)?;
    }
    // A request that fails behind an explicit commit ends some transactions without its name, and it is by its name that a row
    // is known to be there.
    if new.is_empty() {
        running.commit();
    }
    Ok(())
}

/// Whether a write that failed its expectations is on disk all the same: for a repeat after a lost connection, which may
/// have taken the first answer with it.
pub(super) async fn is_applied(connection: &Connection, write: &Write) -> Result<bool, Failure> {
    let own_mark = |(table, key, _): &&(Table, Vec<u8>, Option<Vec<u8>>)| {
        write.puts.iter().rev().find(|(t, k, _)| t == table && k == key)
    };
    let marks: Vec<_> = write.expect.iter().filter_map(|expected| own_mark(&expected)).collect();
    let reads: Vec<Read> = marks.iter().map(|(table, key, _)| Read::Get(*table, key.clone())).collect();
    let found = read(connection, &reads).await?;
    let mut pairs = marks.iter().zip(&found);
    Ok(!marks.is_empty() && pairs.all(|((_, _, ours), rows)| rows.iter().any(|(_, value)| value == ours)))
}

/// A row of a store that is no table, with a text key.
pub(in crate::platform) async fn get_object(
    connection: &Connection,
    store: &str,
    key: &str,
) -> Result<JsValue, Failure> {
    let transaction = Transaction::begin(connection, &[store], Mode::Read)?;
    let request = transaction.running().handle().object_store(store)?.get(&JsValue::from_str(key))?;
    transaction.outcome().await?;
    Ok(request.result()?)
}

/// Adds such a row; one that is there fails with `ConstraintError`.
pub(in crate::platform) async fn add_object(
    connection: &Connection,
    store: &str,
    key: &str,
    value: &JsValue,
) -> Result<(), Failure> {
    let transaction = Transaction::begin(connection, &[store], Mode::Write(Durability::Strict))?;
    transaction.running().handle().object_store(store)?.add_with_key(value, &JsValue::from_str(key))?;
    transaction.outcome().await
}

/// Puts such a row in the place of the one that may be there.
pub(in crate::platform) async fn put_object(
    connection: &Connection,
    store: &str,
    key: &str,
    value: &JsValue,
) -> Result<(), Failure> {
    let transaction = Transaction::begin(connection, &[store], Mode::Write(Durability::Strict))?;
    transaction.running().handle().object_store(store)?.put_with_key(value, &JsValue::from_str(key))?;
    transaction.running().commit();
    transaction.outcome().await
}
