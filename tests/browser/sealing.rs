//! Sealing by WebCrypto, against the golden vector and another implementation.

use greenshield_app::platform::sealing::BrowserSealer;
use greenshield_client::ports::{KeyError, Sealer};
use greenshield_domain::bundle::BundleHeader;
use greenshield_domain::ids::from_hex;
use greenshield_domain::seal::{self, Frames};
use greenshield_domain::signature::PublicKey;
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::seal::{decrypt, unwrap};
use js_sys::Promise;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::CryptoKey;

use super::fresh::evaluate;

#[wasm_bindgen(js_namespace = gsSealing)]
extern "C" {
    #[wasm_bindgen(js_name = privateKey)]
    fn private_key(scalar: &[u8], public: &[u8]) -> Promise;
}

const GOLDEN: &str = include_str!("../../crates/domain/tests/golden/bundle.json");

/// A field of the vector, from hex.
fn golden(name: &str) -> Vec<u8> {
    let vector: serde_json::Value = serde_json::from_str(GOLDEN).unwrap();
    from_hex(vector[name].as_str().unwrap()).unwrap()
}

fn fixed<const N: usize>(name: &str) -> [u8; N] {
    golden(name).try_into().unwrap()
}

#[wasm_bindgen_test]
async fn the_golden_package_is_sealed_byte_for_byte() {
    evaluate(include_str!("js/sealing.js"));
    let (ephemeral, server) = (PublicKey(fixed("ephemeral_key")), PublicKey(fixed("sealing_key")));
    let private = JsFuture::from(private_key(&golden("ephemeral_private"), &ephemeral.0)).await.unwrap();
    let private: CryptoKey = private.dyn_into().unwrap();
    let mut sealer = BrowserSealer::default();
    let slot = sealer.wrap((&private, ephemeral), &fixed("envelope_key"), &server).await.unwrap();
    assert_eq!(slot.wrapped.to_vec(), golden("wrapped_key"));
    let header = golden("header");
    assert_eq!(BundleHeader::read(&header).unwrap().unwrap().0.slot, slot);
    let mut frames = Frames::to_seal();
    frames.push(&golden("plain"));
    let frame = frames.finish().unwrap();
    assert_eq!((frame.nonce, seal::aad(&header).to_vec()), (fixed("nonce"), golden("aad")));
    let sealed = sealer.encrypt(frame.nonce, &seal::aad(&header), frame.bytes).await.unwrap();
    assert_eq!([header, sealed].concat(), golden("file"));
}

#[wasm_bindgen_test]
async fn what_the_browser_seals_only_the_server_opens_and_no_two_envelopes_are_alike() {
    let server = SeededKey::new(5);
    let mut slots = Vec::new();
    for length in [0_usize, 1, 65_536] {
        let mut sealer = BrowserSealer::default();
        let slot = sealer.begin(&server.public_key()).await.unwrap();
        let key = unwrap(&slot, &server).unwrap();
        assert_eq!(unwrap(&slot, &SeededKey::new(6)), None);
        let plain: Vec<u8> = (0..length).map(|i| i.to_le_bytes()[0]).collect();
        let sealed = sealer.encrypt([1; 12], b"header", plain.clone()).await.unwrap();
        assert_eq!(decrypt(&key, &[1; 12], b"header", &sealed), Some(plain));
        assert_eq!(decrypt(&key, &[1; 12], b"another", &sealed), None);
        slots.push((slot.ephemeral.0.to_vec(), key));
    }
    assert!(slots[0] != slots[1] && slots[1] != slots[2] && slots[0].1 != slots[1].1);
}

#[wasm_bindgen_test]
async fn without_an_envelope_and_for_no_point_of_the_curve_nothing_is_sealed() {
    let mut sealer = BrowserSealer::default();
    assert_eq!(sealer.encrypt([0; 12], b"", Vec::new()).await, Err(KeyError::Missing));
    assert!(matches!(sealer.begin(&PublicKey([4; 65])).await, Err(KeyError::Backend(_))));
    assert_eq!(sealer.encrypt([0; 12], b"", Vec::new()).await, Err(KeyError::Missing));
}
