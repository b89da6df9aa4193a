//! The key of the install, against another implementation.

use greenshield_app::platform::keys::sha256;
use greenshield_app::platform::{BrowserKeys, IdbStore};
use greenshield_client::ports::{KeyError, Keys};
use greenshield_domain::ids;
use greenshield_domain::signature::{SignatureCheck, op_message};
use greenshield_testkit::keys::{P256Check, SeededKey};
use js_sys::Promise;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

use super::fresh::{Fresh, evaluate};

#[wasm_bindgen(js_namespace = gsKeys)]
extern "C" {
    fn steal(name: &str) -> Promise;
    fn spoil(name: &str) -> Promise;
}

#[wasm_bindgen_test]
async fn the_key_survives_reopening_and_does_not_leave_the_browser() {
    let fresh = Fresh::new().await;
    let keys = BrowserKeys::new(fresh.store.clone());
    let made = keys.public_key(0).await.unwrap();
    assert_eq!(keys.public_key(0).await, Ok(made));
    fresh.store.close();
    let again = IdbStore::open(&fresh.name).await.unwrap();
    let keys = BrowserKeys::new(again.clone());
    assert_eq!(keys.find(0).await, Ok(Some(made)));
    let message = op_message(&ids::OpId([7; 32]));
    let signature = keys.sign(0, &message).await.unwrap();
    assert!(signature.is_low_s());
    assert!(P256Check.verify(&made, &message, &signature));
    evaluate(include_str!("js/keys.js"));
    let loot = JsFuture::from(steal(&fresh.name)).await.unwrap();
    assert_eq!(loot, JsValue::from_str("private false sign []"));
    again.close();
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn without_a_key_nothing_is_signed_and_none_is_made() {
    let fresh = Fresh::new().await;
    let keys = BrowserKeys::new(fresh.store.clone());
    assert_eq!(keys.sign(0, b"message").await, Err(KeyError::Missing));
    assert_eq!(keys.find(0).await, Ok(None));
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn two_tabs_that_make_a_key_at_once_agree_on_one() {
    let fresh = Fresh::new().await;
    let (one, two) = (BrowserKeys::new(fresh.store.clone()), BrowserKeys::new(fresh.store.clone()));
    let (a, b) = (super::timer::start(one.public_key(0)), super::timer::start(two.public_key(0)));
    let (a, b) = (a.await.unwrap(), b.await.unwrap());
    assert_eq!(a, b);
    assert!(P256Check.verify(&a, b"m", &one.sign(0, b"m").await.unwrap()));
    assert!(P256Check.verify(&a, b"m", &two.sign(0, b"m").await.unwrap()));
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn the_key_of_the_next_log_lies_beside_the_first_and_both_still_sign() {
    let fresh = Fresh::new().await;
    let keys = BrowserKeys::new(fresh.store.clone());
    let first = keys.public_key(0).await.unwrap();
    assert_eq!(keys.find(1).await, Ok(None));
    assert_eq!(keys.sign(1, b"m").await, Err(KeyError::Missing));
    let next = keys.public_key(1).await.unwrap();
    assert_ne!(first, next);
    fresh.store.close();
    let again = IdbStore::open(&fresh.name).await.unwrap();
    let keys = BrowserKeys::new(again.clone());
    assert_eq!((keys.public_key(0).await, keys.public_key(1).await), (Ok(first), Ok(next)));
    for (number, key) in [(0, first), (1, next)] {
        assert!(P256Check.verify(&key, b"m", &keys.sign(number, b"m").await.unwrap()));
    }
    again.close();
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn a_stored_key_that_does_not_come_back_is_a_typed_error() {
    let fresh = Fresh::new().await;
    evaluate(include_str!("js/keys.js"));
    JsFuture::from(spoil(&fresh.name)).await.unwrap();
    let keys = BrowserKeys::new(fresh.store.clone());
    assert!(matches!(keys.public_key(0).await, Err(KeyError::Backend(_))));
    assert!(matches!(keys.sign(0, b"m").await, Err(KeyError::Backend(_))));
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn signatures_of_others_are_verified_high_s_too() {
    let fresh = Fresh::new().await;
    let keys = BrowserKeys::new(fresh.store.clone());
    let (server, other) = (SeededKey::new(1), SeededKey::new(2));
    for i in 0..8u8 {
        let message = op_message(&ids::OpId([i; 32]));
        let signature = server.sign_as_is(&message);
        assert!(keys.verify(&server.public_key(), &message, &signature).await);
        assert!(keys.verify(&server.public_key(), &message, &signature.to_low_s()).await);
        assert!(!keys.verify(&other.public_key(), &message, &signature).await);
        assert!(!keys.verify(&server.public_key(), b"another", &signature).await);
    }
    let no_point = greenshield_domain::signature::PublicKey([4; 65]);
    assert!(!keys.verify(&no_point, b"m", &server.sign(b"m")).await);
    fresh.delete().await;
}

#[wasm_bindgen_test]
async fn the_browsers_sha256_is_ours() {
    for length in [0usize, 1, 64, 1_000_003] {
        let bytes: Vec<u8> = (0..length).map(|i| i.to_le_bytes()[0]).collect();
        assert_eq!(sha256(&bytes).await.unwrap(), ids::sha256(&[&bytes]));
    }
}
