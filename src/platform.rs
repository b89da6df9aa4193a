//! The browser: the only home of `web_sys`, `js_sys`, `wasm_bindgen` and `gloo`.
//!
//! Owns: the ports of [`greenshield_client`] on IndexedDB, WebCrypto and fetch, and the few other things of a browser that the
//! app needs. Refuses: meaning; nothing here knows what a report is. A JavaScript exception becomes owned data at the edge
//! ([`Exception`]), nothing panics, and what listens or holds stops when its guard is dropped.

pub mod broadcast;
pub mod camera;
pub mod clock;
pub mod device;
pub mod entropy;
mod exception;
pub mod files;
pub mod gpx;
pub mod idb;
pub mod install;
pub mod keys;
pub mod lifecycle;
mod listener;
pub mod location;
pub mod locks;
pub mod map;
pub mod net;
mod once;
pub mod packs;
pub mod page;
pub mod photo;
pub mod pin;
pub mod placemarks;
pub mod pointer;
pub mod ports;
pub mod prefs;
pub mod recorder;
pub mod sealing;
pub mod sound;
pub mod speech;
pub mod storage;
pub mod text;
pub mod timer;
pub mod track_watch;
pub mod vault;
pub mod worker;

pub use exception::Exception;
pub use idb::IdbStore;
pub use keys::BrowserKeys;
pub use listener::Listener;
pub use ports::BrowserPorts;
