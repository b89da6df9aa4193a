//! Keys for programs: seen, made, ended.

use greenshield_domain::ids::AccessKeyId;
use greenshield_domain::wire::{AccessKeyResponse, AccessKeysResponse};

use super::prove_again::prove_again;
use crate::context::App;
use crate::platform::page;
use crate::state::message::Message;

/// Asks for the keys.
///
/// # Errors
/// Words for the page.
pub async fn list_keys(app: App) -> Result<AccessKeysResponse, Message> {
    app.engine().access_keys().await.map_err(|error| Message::of(&error))
}

/// Makes a key.
///
/// # Errors
/// Words for the page.
pub async fn make_key(app: App, name: &str, days: u32) -> Result<AccessKeyResponse, Message> {
    prove_again(app).await?;
    app.engine().make_access_key(name, days).await.map_err(|error| Message::of(&error))
}

/// Ends a key.
///
/// # Errors
/// Words for the page.
pub async fn end_key(app: App, id: AccessKeyId) -> Result<(), Message> {
    app.engine().revoke_access_key(id).await.map(drop).map_err(|error| Message::of(&error))
}

/// Where programs ask.
#[must_use]
pub fn address() -> String {
    format!("{}/ogc", page::origin())
}
