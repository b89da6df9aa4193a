//! Tests of the platform layer in a real browser: `cargo xtask test browser`.
//!
//! The page of the test runner has no service worker and no server; what needs them is in `tests/e2e`.
#![cfg(target_arch = "wasm32")]

mod browser {
    mod files;
    mod fresh;
    mod idb_faults;
    mod idb_store;
    mod keys;
    mod location;
    mod net;
    mod page;
    mod photo;
    mod placemarks;
    mod sealing;
    mod tabs;
    mod timer;
    mod vault;
}

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);
