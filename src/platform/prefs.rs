//! Preferences in localStorage: language, theme, size of type. Never data: the browser may clear it, and it is not durable.
//!
//! A preference that does not read or does not fit is as if it had not been set.

use gloo_storage::{LocalStorage, Storage};
use serde::Serialize;
use serde::de::DeserializeOwned;

const PREFIX: &str = "gs.";

/// gloo assumes that there is a localStorage and panics otherwise; some private modes have none.
fn is_there() -> bool {
    web_sys::window().is_some_and(|window| matches!(window.local_storage(), Ok(Some(_))))
}

/// A preference, if it is set and reads.
#[must_use]
pub fn get<T: DeserializeOwned>(name: &str) -> Option<T> {
    is_there().then(|| LocalStorage::get(format!("{PREFIX}{name}")).ok()).flatten()
}

/// Sets a preference; `false` when the browser keeps none.
pub fn set<T: Serialize>(name: &str, value: T) -> bool {
    is_there() && LocalStorage::set(format!("{PREFIX}{name}"), value).is_ok()
}

/// Forgets a preference.
pub fn remove(name: &str) {
    if is_there() {
        LocalStorage::delete(format!("{PREFIX}{name}"));
    }
}

/// What tells the database of the person who uses the phone now from those of the others. The first one's is fixed, so that a
/// cleared localStorage does not hide anybody's records.
#[must_use]
pub fn open_database() -> String {
    get::<String>("database").unwrap_or_else(|| "main".to_owned())
}

/// The whole name of a database.
#[must_use]
pub fn name_of(database: &str) -> String {
    format!("gs-{database}")
}

/// What tells a database of ours from the others, by its whole name; `None` = it is none of ours.
#[must_use]
pub fn database_of(name: &str) -> Option<String> {
    name.strip_prefix("gs-").map(str::to_owned)
}

/// The whole name of the database that is open.
#[must_use]
pub fn database_name() -> String {
    name_of(&open_database())
}
