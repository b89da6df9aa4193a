//! Versions of the city package at the server: seen, read, checked, brought and withdrawn.

use greenshield_domain::wire::{CityCheckResponse, CityKeepRequest, CityVersionsResponse};

use super::prove_again::prove_again;
use crate::context::App;
use crate::platform::timer::sleep;
use crate::state::message::Message;

/// Who types goes on typing: the check waits until nothing was changed for so long.
const PAUSE_MILLIS: u32 = 700;

/// Asks for the versions.
///
/// # Errors
/// Words for the page.
pub async fn list_versions(app: App) -> Result<CityVersionsResponse, Message> {
    app.engine().city_versions().await.map_err(|error| Message::of(&error))
}

/// Asks for the bytes of a version.
///
/// # Errors
/// Words for the page.
pub async fn read_version(app: App, version: u32) -> Result<String, Message> {
    app.engine().city_package(version).await.map_err(|error| Message::of(&error))
}

/// Lets the server check a package after a pause; `None` when it is not asked for any more by then.
pub async fn check_soon(
    app: App,
    package: impl FnOnce() -> Option<String>,
    is_wanted: impl Fn() -> bool,
) -> Option<Result<CityCheckResponse, Message>> {
    sleep(PAUSE_MILLIS).await;
    let package = if is_wanted() { package()? } else { return None };
    let checked = app.engine().check_city(package).await.map_err(|error| Message::of(&error));
    is_wanted().then_some(checked)
}

/// Brings a version.
///
/// # Errors
/// Words for the page; nothing was changed then.
pub async fn keep_version(app: App, asked: &CityKeepRequest) -> Result<CityVersionsResponse, Message> {
    prove_again(app).await?;
    app.engine().keep_city(asked).await.map_err(|error| Message::of(&error))
}

/// Withdraws a version whose day is to come.
///
/// # Errors
/// Words for the page; nothing was changed then.
pub async fn withdraw_version(app: App, version: u32) -> Result<CityVersionsResponse, Message> {
    prove_again(app).await?;
    app.engine().withdraw_city(version).await.map_err(|error| Message::of(&error))
}
