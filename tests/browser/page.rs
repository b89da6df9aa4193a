//! The page, preferences, room, randomness and clocks.

use greenshield_app::platform::clock::BrowserClock;
use greenshield_app::platform::entropy::BrowserEntropy;
use greenshield_app::platform::ports::{BrowserPorts, OpenedPhone};
use greenshield_app::platform::{IdbStore, page, prefs, storage};
use greenshield_client::ports::{Clock, Entropy, Keys, Ports};
use wasm_bindgen_test::wasm_bindgen_test;

fn root_attribute(name: &str) -> Option<String> {
    web_sys::window().unwrap().document().unwrap().document_element().unwrap().get_attribute(name)
}

#[wasm_bindgen_test]
fn choices_are_written_on_the_root() {
    page::set_theme("dark");
    page::set_type_size("large");
    page::set_language("zh-CN");
    let set = ["data-theme", "data-type", "lang"].map(root_attribute);
    assert_eq!(set, [Some("dark".to_owned()), Some("large".to_owned()), Some("zh-CN".to_owned())]);
    assert!(!page::is_standalone());
    assert!(page::browser().user_agent.contains("Chrome") && !page::browser().is_ios);
    assert!(page::origin().starts_with("http://127.0.0.1"));
    assert!(!page::focus("no-such-element"));
}

#[wasm_bindgen_test]
fn a_preference_is_kept_and_a_bad_one_is_as_none() {
    prefs::remove("test");
    assert_eq!(prefs::get::<String>("test"), None);
    assert!(prefs::set("test", "zh-CN"));
    assert_eq!(prefs::get::<String>("test").as_deref(), Some("zh-CN"));
    assert_eq!(prefs::get::<u32>("test"), None);
    prefs::remove("test");
    assert_eq!(prefs::database_name(), "gs-main");
}

#[wasm_bindgen_test]
async fn there_is_room() {
    let room = storage::room().await.unwrap();
    assert!(room.quota_bytes > room.used_bytes && room.free_bytes() > 0);
    // Headless Chromium says no, and a no is an answer.
    let persisted = storage::persist().await.unwrap();
    assert_eq!(storage::is_persisted().await.unwrap(), persisted);
}

#[wasm_bindgen_test]
fn random_bytes_fill_any_length_and_differ() {
    let entropy = BrowserEntropy::open().unwrap();
    let mut long = vec![0; 200_001];
    entropy.fill(&mut long);
    assert!(long.chunks(100).all(|chunk| chunk.iter().any(|byte| *byte != 0) || chunk.len() < 100));
    let (mut one, mut two) = ([0; 16], [0; 16]);
    entropy.fill(&mut one);
    entropy.fill(&mut two);
    entropy.fill(&mut []);
    assert_ne!(one, two);
}

#[wasm_bindgen_test]
fn the_clocks_go_forward() {
    let clock = BrowserClock;
    assert!(clock.wall_millis() > 1_700_000_000_000);
    let before = clock.mono_millis();
    assert!((0..1_000).map(|_| clock.mono_millis()).all(|now| now >= before));
}

#[wasm_bindgen_test]
async fn the_ports_come_as_one() {
    let Ok(OpenedPhone::Open(ports)) = BrowserPorts::open("gs-test-ports").await else { panic!("it does not open") };
    let key = ports.keys().public_key(0).await.unwrap();
    assert_eq!(ports.clone().keys().public_key(0).await, Ok(key));
    ports.store().inner().close();
    IdbStore::delete_database("gs-test-ports").await.unwrap();
}
