//! What the browser does to a database, and that the store takes it.

use greenshield_app::platform::IdbStore;
use greenshield_app::platform::idb::schema;
use greenshield_client::ports::{Durability, LocalStore, Read, StoreError, Table, Write};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::fresh::{Fresh, evaluate};

#[wasm_bindgen(js_namespace = gsIdb)]
extern "C" {
    fn strike(name: &str, count: u32, fate: &str) -> js_sys::Array;
    fn heal();
    #[wasm_bindgen(js_name = openAt)]
    fn open_at(name: &str, version: u32) -> Promise;
    #[wasm_bindgen(js_name = oldPhone)]
    fn old_phone(name: &str, tables: &js_sys::Array) -> Promise;
    #[wasm_bindgen(js_name = putText)]
    fn put_text(name: &str, table: &str, key: &str, text: &str) -> Promise;
}

async fn fresh() -> Fresh {
    evaluate(include_str!("js/idb_faults.js"));
    Fresh::new().await
}

fn first_append(durability: Durability) -> Write {
    let mut write = Write::new(durability);
    write.expect(Table::Meta, *b"head", None);
    write.put(Table::Meta, *b"head", b"1".to_vec());
    write.put(Table::Ops, *b"op 1", b"bytes".to_vec());
    write
}

async fn ops(store: &IdbStore) -> usize {
    store.read(vec![Read::prefix(Table::Ops, b"", 100)]).await.unwrap()[0].len()
}

#[wasm_bindgen_test]
async fn durability_is_what_was_asked_for() {
    let fresh = fresh().await;
    let seen = strike(&fresh.name, 0, "none");
    fresh.store.write(first_append(Durability::Strict)).await.unwrap();
    let mut relaxed = Write::new(Durability::Relaxed);
    relaxed.put(Table::Meta, *b"cursor", b"x".to_vec());
    fresh.store.write(relaxed).await.unwrap();
    ops(&fresh.store).await;
    heal();
    assert_eq!(seen.join(", "), "readwrite strict, readwrite relaxed, readonly default");
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn a_full_disk_is_a_typed_error_and_leaves_nothing() {
    let fresh = fresh().await;
    strike(&fresh.name, 1, "quota");
    let outcome = fresh.store.write(first_append(Durability::Strict)).await;
    heal();
    assert_eq!(outcome, Err(StoreError::QuotaExceeded));
    assert_eq!(ops(&fresh.store).await, 0);
    fresh.store.write(first_append(Durability::Strict)).await.unwrap();
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn a_lost_connection_is_opened_again_and_the_write_repeated() {
    for fate in ["closing", "lost"] {
        let fresh = fresh().await;
        strike(&fresh.name, 1, fate);
        let outcome = fresh.store.write(first_append(Durability::Strict)).await;
        heal();
        assert_eq!((fate, outcome), (fate, Ok(())));
        assert_eq!(ops(&fresh.store).await, 1);
        fresh.delete().await;
    }
}

#[wasm_bindgen_test]
async fn a_connection_lost_twice_is_told_and_heals_later() {
    let fresh = fresh().await;
    strike(&fresh.name, 2, "lost");
    let outcome = fresh.store.write(first_append(Durability::Strict)).await;
    heal();
    assert_eq!(outcome, Err(StoreError::Lost));
    fresh.store.write(first_append(Durability::Strict)).await.unwrap();
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn a_commit_whose_news_was_lost_is_not_taken_for_another_writer() {
    let fresh = fresh().await;
    strike(&fresh.name, 1, "lost after commit");
    let outcome = fresh.store.write(first_append(Durability::Strict)).await;
    heal();
    assert_eq!(outcome, Ok(()));
    assert_eq!(ops(&fresh.store).await, 1);
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn a_database_of_a_newer_app_is_refused_and_not_touched() {
    let fresh = fresh().await;
    fresh.store.write(first_append(Durability::Strict)).await.unwrap();
    fresh.store.close();
    JsFuture::from(open_at(&fresh.name, 99)).await.unwrap();
    let refused = IdbStore::open(&fresh.name).await.map(drop);
    assert_eq!(refused, Err(StoreError::SchemaTooNew { found: 99, supported: schema::VERSION }));
    JsFuture::from(open_at(&fresh.name, 99)).await.unwrap();
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn an_upgrade_in_another_tab_is_not_blocked() {
    let fresh = fresh().await;
    let newer = schema::VERSION + 1;
    JsFuture::from(open_at(&fresh.name, newer)).await.expect("our connection gave way");
    let late = fresh.store.write(first_append(Durability::Strict)).await;
    assert_eq!(late, Err(StoreError::SchemaTooNew { found: newer, supported: schema::VERSION }));
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn a_phone_of_the_first_schema_gets_the_new_tables_and_keeps_every_row() {
    evaluate(include_str!("js/idb_faults.js"));
    let name = format!("gs-test-old-{}", js_sys::Date::now());
    let first = schema::STEPS[0].iter().map(|table| JsValue::from_str(table)).collect();
    JsFuture::from(old_phone(&name, &first)).await.unwrap();
    let store = IdbStore::open(&name).await.unwrap();
    let waiting = store.read(vec![Read::prefix(Table::Outbox, b"", 10)]).await.unwrap();
    assert_eq!(waiting, [[(b"waits".to_vec(), vec![7, 8, 9])]]);
    let mut write = Write::new(Durability::Strict);
    write.put(Table::Couriers, *b"package", b"{}".to_vec());
    store.write(write).await.unwrap();
    store.close();
    IdbStore::delete_database(&name).await.unwrap();
}

#[wasm_bindgen_test]
async fn a_value_that_is_no_bytes_is_told_as_corrupt() {
    let fresh = fresh().await;
    JsFuture::from(put_text(&fresh.name, "records", "k", "text")).await.unwrap();
    let read = fresh.store.read(vec![Read::Get(Table::Records, b"k".to_vec())]).await;
    assert_eq!(read, Err(StoreError::Corrupt { table: "records" }));
    fresh.delete().await;
}
