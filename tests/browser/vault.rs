//! Rows are sealed, by a key that comes back and that the browser does not give out.

use std::rc::Rc;

use greenshield_app::platform::IdbStore;
use greenshield_app::platform::entropy::BrowserEntropy;
use greenshield_app::platform::vault::{Door, Vault};
use greenshield_client::conformance;
use greenshield_client::key_slot::{KeySlot, PinCost, PinSlot, Tries, stretch};
use greenshield_client::ports::{Durability, LocalStore, Read, StoreError, Table, Write};
use greenshield_client::row_seal::DataKey;
use greenshield_client::sealed_store::SealedStore;
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{console_log, wasm_bindgen_test};

use super::fresh::{Fresh, evaluate};

#[wasm_bindgen(js_namespace = gsVault)]
extern "C" {
    fn steal(name: &str) -> Promise;
    fn spoil(name: &str) -> Promise;
    fn holds(name: &str, bytes: &[u8]) -> Promise;
    #[wasm_bindgen(js_name = refuseKeys)]
    fn refuse_keys(refused: bool);
}

fn entropy() -> BrowserEntropy {
    BrowserEntropy::open().unwrap()
}

async fn key_of(store: &IdbStore) -> (Vault, DataKey) {
    match Vault::open(store, &entropy()).await.unwrap() {
        Door::Open(vault, key) => (vault, key),
        other => panic!("{other:?}"),
    }
}

async fn sealed(store: &IdbStore) -> SealedStore<IdbStore> {
    let (_, key) = key_of(store).await;
    SealedStore::new(store.clone(), Some(&key), Rc::new(entropy()))
}

macro_rules! on_sealed_idb {
    ($case:ident) => {
        #[wasm_bindgen_test]
        async fn $case() {
            let fresh = Fresh::new().await;
            conformance::$case(&sealed(&fresh.store).await).await.unwrap();
            fresh.delete().await;
        }
    };
}
greenshield_client::for_each_case!(on_sealed_idb);

async fn put(store: &impl LocalStore, table: Table, key: &[u8], value: &[u8]) {
    let mut write = Write::new(Durability::Strict);
    write.put(table, key, value.to_vec());
    store.write(write).await.unwrap();
}

async fn is_on_disk(name: &str, bytes: &[u8]) -> bool {
    JsFuture::from(holds(name, bytes)).await.unwrap().is_truthy()
}

#[wasm_bindgen_test]
async fn the_data_key_comes_back_and_what_wraps_it_does_not_leave_the_browser() {
    let fresh = Fresh::new().await;
    let (_, made) = key_of(&fresh.store).await;
    fresh.store.close();
    let again = IdbStore::open(&fresh.name).await.unwrap();
    assert_eq!(key_of(&again).await.1.bytes(), made.bytes());
    evaluate(include_str!("js/vault.js"));
    let loot = JsFuture::from(steal(&fresh.name)).await.unwrap();
    assert_eq!(loot, JsValue::from_str("secret false encrypt,decrypt []"));
    assert!(!is_on_disk(&fresh.name, made.bytes()).await);
    again.close();
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn two_windows_that_make_a_data_key_at_once_agree_on_one() {
    let fresh = Fresh::new().await;
    let other = IdbStore::open(&fresh.name).await.unwrap();
    let one = fresh.store.clone();
    let two = other.clone();
    let a = super::timer::start(async move { key_of(&one).await.1 });
    let b = super::timer::start(async move { key_of(&two).await.1 });
    assert_eq!(a.await.bytes(), b.await.bytes());
    other.close();
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn words_and_photos_do_not_lie_on_the_disk() {
    let fresh = Fresh::new().await;
    evaluate(include_str!("js/vault.js"));
    let (words, photo) =
        ("在清水河边发现三个盗猎铁夹".as_bytes(), [0xff, 0xd8, 0xff, 0xe0, 0x4a, 0x46, 0x49, 0x46, 7, 7]);
    let store = sealed(&fresh.store).await;
    for table in [Table::Ops, Table::RecordList, Table::Drafts, Table::People, Table::Meta] {
        put(&store, table, b"row", words).await;
    }
    put(&store, Table::BlobBytes, b"row", &photo.repeat(20_000)).await;
    assert!(!is_on_disk(&fresh.name, words).await && !is_on_disk(&fresh.name, &photo).await);
    // The look finds what is there, also in the database of an app from before the seal, until the sweep was there.
    put(&fresh.store, Table::Ops, b"old", words).await;
    assert!(is_on_disk(&fresh.name, words).await);
    while store.sweep().await.unwrap() {}
    assert!(!is_on_disk(&fresh.name, words).await);
    let rows = store.read(vec![Read::prefix(Table::Ops, b"", 9)]).await.unwrap().remove(0);
    assert_eq!(rows, [(b"old".to_vec(), words.to_vec()), (b"row".to_vec(), words.to_vec())]);
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn where_keys_can_not_be_stored_rows_stay_plain_and_it_is_told() {
    let fresh = Fresh::new().await;
    evaluate(include_str!("js/vault.js"));
    refuse_keys(true);
    let door = Vault::open(&fresh.store, &entropy()).await;
    refuse_keys(false);
    let Ok(Door::Unsealed(reason)) = door else { panic!("{door:?}") };
    assert_eq!(reason.name, "DataCloneError");
    let store = SealedStore::new(fresh.store.clone(), None, Rc::new(entropy()));
    put(&store, Table::Ops, b"row", b"words").await;
    // Where keys can be stored later, what is there still reads, and is sealed.
    let store = sealed(&fresh.store).await;
    assert_eq!(store.read(vec![Read::Get(Table::Ops, b"row".to_vec())]).await.unwrap()[0][0].1, b"words");
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn a_key_that_does_not_come_back_is_never_replaced_in_silence() {
    let fresh = Fresh::new().await;
    evaluate(include_str!("js/vault.js"));
    let (vault, key) = key_of(&fresh.store).await;
    JsFuture::from(spoil(&fresh.name)).await.unwrap();
    let door = Vault::open(&fresh.store, &entropy()).await;
    assert!(matches!(door, Err(StoreError::KeyLost { .. })), "{door:?}");
    // Emptied under the open app, the database gets its key back.
    fresh.store.close();
    IdbStore::delete_database(&fresh.name).await.unwrap();
    vault.put_back().await.unwrap();
    assert_eq!(key_of(&fresh.store).await.1.bytes(), key.bytes());
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn behind_a_pin_the_key_is_had_by_the_pin_only_and_tries_are_counted_on_the_disk() {
    let fresh = Fresh::new().await;
    let (vault, key) = key_of(&fresh.store).await;
    let cost = PinCost { memory_kib: 64, passes: 1 };
    let stretched = stretch("246810", &[1; 16], cost).unwrap();
    let slot = PinSlot::close(&key, &stretched, cost, [1; 16], [2; 24]).unwrap();
    vault.keep(&KeySlot::Pin(slot), &entropy()).await.unwrap();
    fresh.store.close();
    let door = Vault::open(&fresh.store, &entropy()).await;
    let Ok(Door::Locked(vault, slot)) = door else { panic!("{door:?}") };
    assert!(slot.open(&stretch("246811", &slot.salt, slot.cost).unwrap()).is_none());
    vault.note_tries(Tries::default().failed_at(5)).await.unwrap();
    fresh.store.close();
    assert_eq!(vault.tries().await, Ok(Tries { failed: 1, last_millis: 5 }));
    let opened = slot.open(&stretch("246810", &slot.salt, slot.cost).unwrap()).unwrap();
    assert_eq!(opened.bytes(), key.bytes());
    vault.keep(&KeySlot::Open(opened), &entropy()).await.unwrap();
    assert_eq!(key_of(&fresh.store).await.1.bytes(), key.bytes());
    assert_eq!(vault.tries().await, Ok(Tries::default()));
    fresh.delete().await;
}

/// Milliseconds that a piece of work took.
async fn took<T>(work: impl Future<Output = T>) -> f64 {
    let clock = web_sys::window().unwrap().performance().unwrap();
    let from = clock.now();
    work.await;
    clock.now() - from
}

async fn list_and_save(store: &impl LocalStore) -> (f64, f64) {
    let line = vec![b'x'; 450];
    for part in 0..10u32 {
        let mut write = Write::new(Durability::Relaxed);
        for n in 0..1_000 {
            write.put(Table::RecordList, (part * 1_000 + n).to_be_bytes(), line.clone());
        }
        store.write(write).await.unwrap();
    }
    put(store, Table::Meta, b"head", b"0").await;
    let list = took(store.read(vec![Read::prefix(Table::RecordList, b"", usize::MAX)])).await;
    let save = took(async {
        for n in 0..100u8 {
            let mut write = Write::new(Durability::Relaxed);
            write.expect(Table::Meta, *b"head", Some(n.to_string().into_bytes()));
            write.put(Table::Meta, *b"head", (n + 1).to_string().into_bytes());
            write.put(Table::Ops, [n], vec![7; 700]);
            write.put(Table::RecordList, [n], line.clone());
            write.put(Table::Outbox, [n], vec![7; 200]);
            store.write(write).await.unwrap();
        }
    });
    let save = save.await / 100.0;
    (list, save)
}

/// What the seal costs; the numbers of ADR 0014.
#[wasm_bindgen_test]
async fn a_list_of_ten_thousand_and_a_save_stay_quick() {
    let (plain, under) = (Fresh::new().await, Fresh::new().await);
    let store = sealed(&under.store).await;
    let (list, save) = list_and_save(&plain.store).await;
    let (sealed_list, sealed_save) = list_and_save(&store).await;
    let photo = vec![9; 4 * 1024 * 1024];
    let (plain_photo, sealed_photo) = (
        took(put(&plain.store, Table::BlobBytes, b"p", &photo)).await,
        took(put(&store, Table::BlobBytes, b"p", &photo)).await,
    );
    console_log!(
        "list of 10,000: {list:.0} ms plain, {sealed_list:.0} ms sealed; save {save:.2} and {sealed_save:.2} ms; 4 MiB {plain_photo:.0} and {sealed_photo:.0} ms"
    );
    assert!(sealed_list < list * 4.0 + 200.0 && sealed_save < save * 4.0 + 5.0);
    plain.delete().await;
    under.delete().await;
}
