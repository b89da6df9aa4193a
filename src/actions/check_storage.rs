//! Room on the phone, and the promise not to clear it away.

use greenshield_client::ports::Ports as _;
use leptos::prelude::*;

use crate::context::App;
use crate::platform::page::{self, Browser};
use crate::platform::storage;
use crate::platform::worker;
use crate::state::storage::StorageFacts;

/// Asks the browser for its numbers.
pub async fn check_storage(app: App) {
    let is_persisted = storage::is_persisted().await.unwrap_or(false);
    // A browser without numbers shows none.
    if let Ok(room) = storage::room().await {
        let facts = StorageFacts { is_persisted, used_bytes: room.used_bytes, free_bytes: room.free_bytes() };
        app.state.storage.set(Some(facts));
    }
}

/// Asks the browser for the room alone, as before each photo: its promise does not change meanwhile, and to ask for it takes longer.
pub async fn check_room(app: App) {
    let room = storage::room().await;
    // Read behind the answer: a promise that was given meanwhile stays.
    match (app.state.storage.get_untracked(), room) {
        (Some(facts), Ok(room)) => {
            let now = StorageFacts { used_bytes: room.used_bytes, free_bytes: room.free_bytes(), ..facts };
            app.state.storage.set(Some(now));
        }
        _ => check_storage(app).await,
    }
}

/// Asks the browser for its promise.
pub async fn ask_to_persist(app: App) {
    // A browser that does not know the question answers by not promising.
    let _ = storage::persist().await;
    check_storage(app).await;
}

/// Whether what lies on this phone is sealed.
#[must_use]
pub fn is_sealed(app: App) -> bool {
    app.engine().ports().store().is_sealed()
}

/// Files of the app that are here, and files that are missing; `None` while there is no service worker.
pub async fn check_shell() -> Option<(u32, usize)> {
    worker::check_shell().await.ok().map(|shell| (shell.files, shell.missing.len()))
}

/// The build that opens without a network; `None` while there is none.
pub async fn build() -> Option<String> {
    worker::check_shell().await.ok().map(|shell| shell.build)
}

/// How the app may be put on the home screen here.
#[must_use]
pub fn install_facts() -> (Browser, bool) {
    (page::browser(), page::is_standalone())
}
