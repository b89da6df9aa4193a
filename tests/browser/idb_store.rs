//! The database keeps every promise of the store.

use greenshield_app::platform::IdbStore;
use greenshield_app::platform::idb::schema;
use greenshield_client::conformance;
use greenshield_client::ports::{Durability, LocalStore, Read, StoreError, Table, Write};
use wasm_bindgen_test::wasm_bindgen_test;

use super::fresh::Fresh;

macro_rules! on_idb {
    ($case:ident) => {
        #[wasm_bindgen_test]
        async fn $case() {
            let fresh = Fresh::new().await;
            conformance::$case(&fresh.store).await.unwrap();
            fresh.delete().await;
        }
    };
}
greenshield_client::for_each_case!(on_idb);

fn put(table: Table, key: &[u8], value: &[u8]) -> Write {
    let mut write = Write::new(Durability::Strict);
    write.put(table, key, value.to_vec());
    write
}

#[wasm_bindgen_test]
async fn every_table_has_a_store_in_the_newest_schema() {
    let stores: Vec<&str> = schema::STEPS.iter().copied().flatten().copied().collect();
    assert!(Table::ALL.iter().all(|table| stores.contains(&table.name())));
    assert_eq!(stores.len(), Table::ALL.len() + 2, "the tables, the key pair and the wrapped data key");
}

#[wasm_bindgen_test]
async fn what_was_written_survives_closing_and_opening() {
    let fresh = Fresh::new().await;
    fresh.store.write(put(Table::Outbox, b"op", b"bytes")).await.unwrap();
    fresh.store.close();
    let again = IdbStore::open(&fresh.name).await.unwrap();
    let rows = again.read(vec![Read::Get(Table::Outbox, b"op".to_vec())]).await.unwrap();
    assert_eq!(rows, [vec![(b"op".to_vec(), b"bytes".to_vec())]]);
    again.close();
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn a_closed_store_opens_itself_again() {
    let fresh = Fresh::new().await;
    fresh.store.close();
    fresh.store.write(put(Table::Meta, b"a", b"1")).await.unwrap();
    fresh.store.close();
    assert_eq!(fresh.store.read(vec![Read::Get(Table::Meta, b"a".to_vec())]).await.unwrap()[0].len(), 1);
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn of_two_stores_racing_for_the_head_one_wins() {
    let fresh = Fresh::new().await;
    let other = IdbStore::open(&fresh.name).await.unwrap();
    for round in 0..20u8 {
        let append = |who: &[u8]| {
            let mut write = Write::new(Durability::Strict);
            write.expect(Table::Meta, *b"head", (round > 0).then(|| vec![round - 1]));
            write.put(Table::Meta, *b"head", vec![round]);
            write.put(Table::Ops, [who, &[round]].concat(), who.to_vec());
            write
        };
        let one = fresh.store.write(append(b"one"));
        let two = other.write(append(b"two"));
        let results = [one, two].map(super::timer::start);
        let (mut won, mut lost) = (0, 0);
        for result in results {
            match result.await {
                Ok(()) => won += 1,
                Err(StoreError::Expectation { index: 0 }) => lost += 1,
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!((won, lost), (1, 1), "round {round}");
    }
    let rows = fresh.store.read(vec![Read::prefix(Table::Ops, b"", 100)]).await.unwrap();
    assert_eq!(rows[0].len(), 20);
    other.close();
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn keys_are_ordered_by_bytes_and_an_empty_key_is_a_key() {
    let fresh = Fresh::new().await;
    let mut keys: Vec<Vec<u8>> = (0..=255u8).rev().flat_map(|b| [vec![b], vec![b, 0], vec![b, 255, 1]]).collect();
    keys.push(Vec::new());
    let mut write = Write::new(Durability::Relaxed);
    for key in &keys {
        write.put(Table::Ops, key.clone(), key.clone());
    }
    fresh.store.write(write).await.unwrap();
    keys.sort();
    let rows = fresh.store.read(vec![Read::prefix(Table::Ops, b"", usize::MAX)]).await.unwrap().remove(0);
    assert_eq!(rows.iter().map(|(key, _)| key).collect::<Vec<_>>(), keys.iter().collect::<Vec<_>>());
    assert!(rows.iter().all(|(key, value)| key == value));
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn a_scan_with_limit_zero_or_an_empty_range_gives_nothing() {
    let fresh = Fresh::new().await;
    fresh.store.write(put(Table::Ops, b"k", b"v")).await.unwrap();
    let scan = |from: &[u8], to: &[u8], limit| {
        let (from, to) = (from.to_vec(), Some(to.to_vec()));
        Read::Scan { table: Table::Ops, from, to, limit }
    };
    let reads = vec![scan(b"a", b"z", 0), scan(b"z", b"a", 9), scan(b"k", b"k", 9), scan(b"k", b"l", 9)];
    let lengths: Vec<usize> = fresh.store.read(reads).await.unwrap().iter().map(Vec::len).collect();
    assert_eq!(lengths, [0, 0, 0, 1]);
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn a_write_dropped_before_it_decided_leaves_nothing() {
    let fresh = Fresh::new().await;
    let mut write = put(Table::Ops, b"k", b"v");
    write.expect(Table::Meta, *b"head", None);
    super::timer::poll_once(fresh.store.write(write)).await;
    assert_eq!(fresh.store.read(vec![Read::prefix(Table::Ops, b"", 9)]).await.unwrap()[0].len(), 0);
    fresh.delete().await;
}
