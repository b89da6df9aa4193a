//! A database of its own for each test, and the scripts of tests.

use std::sync::atomic::{AtomicU32, Ordering};

use greenshield_app::platform::IdbStore;

static COUNT: AtomicU32 = AtomicU32::new(0);

/// Evaluates the script of a test module, which defines the functions that the module imports. Not as an import of a file:
/// with more than four files at once the server of the test runner now and then forgets one.
pub(super) fn evaluate(script: &str) {
    js_sys::eval(script).unwrap();
}

/// An empty database; `delete` it at the end of the test.
pub(super) struct Fresh {
    pub(super) name: String,
    pub(super) store: IdbStore,
}

impl Fresh {
    pub(super) async fn new() -> Self {
        let name = format!("gs-test-{}-{}", js_sys::Date::now(), COUNT.fetch_add(1, Ordering::Relaxed));
        let store = IdbStore::open(&name).await.unwrap();
        Self { name, store }
    }

    pub(super) async fn delete(self) {
        self.store.close();
        IdbStore::delete_database(&self.name).await.unwrap();
    }
}
