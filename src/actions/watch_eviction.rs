//! The browser may clear away the database of a phone that is short of room. That must never look like a phone on which
//! everything was sent.
//!
//! Owns: a mark outside the database that says whose phone it was and how much was not sent. The mark is words for a person, never
//! data: without it the phone only says less.

use greenshield_client::engine::EngineError;
use leptos::prelude::*;

use crate::context::App;
use crate::platform::prefs;
use crate::state::FormerOwner;
use crate::state::vaults::own_name;

const MARK: &str = "owner";

/// Each person of this phone has one.
fn mark() -> String {
    own_name(MARK, &prefs::open_database())
}

/// Whether the database of this enrolled phone is gone from under the running app.
pub async fn is_evicted(app: App) -> bool {
    let engine = app.engine();
    let is_evicted = engine.identity().is_some() && matches!(engine.head().await, Err(EngineError::NotEnrolled));
    if is_evicted && let Some(vault) = engine.ports().vault() {
        // What the open app still writes is sealed by the key that went with the rows. Where it can not be put back, the
        // person is told all the same to write nothing more here.
        let _ = vault.put_back().await;
    }
    is_evicted
}

/// Keeps the mark true.
pub fn note_owner(app: App, unsent: usize) {
    let name = app.state.identity.with_untracked(|row| row.as_ref().map(|row| row.name.clone()));
    let Some(name) = name else { return };
    let owner = FormerOwner { name, unsent };
    if former_owner().as_ref() != Some(&owner) {
        prefs::set(&mark(), owner);
    }
}

/// The phone is nobody's on purpose: there is nothing to miss.
pub fn forget_owner() {
    prefs::remove(MARK);
}

/// Whose phone it was, for a phone that is nobody's now.
#[must_use]
pub fn former_owner() -> Option<FormerOwner> {
    prefs::get(&mark())
}
