//! What the calls about versions of the city package share: reading a package that somebody brings, and the list as a reply.

use std::collections::BTreeMap;

use axum::Json;
use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::ids::AccountId;
use greenshield_domain::wire::{CityVersionsResponse, MAX_CITY_BYTES};
use serde::de::DeserializeOwned;

use crate::app::App;
use crate::body;
use crate::error::ApiError;
use crate::store::{CityStore as _, Store as _};
use crate::versions;

/// Room for a package as a text in JSON, where every quotation mark takes two bytes.
const MAX_BODY_BYTES: usize = 2 * MAX_CITY_BYTES;

/// Reads a body with a package.
///
/// # Errors
/// As [`body::read_json`].
pub(super) async fn read<T: DeserializeOwned>(headers: &HeaderMap, body: Body) -> Result<T, ApiError> {
    body::read_json_upto(headers, body, MAX_BODY_BYTES).await
}

/// Refuses a package over the limit.
///
/// # Errors
/// [`ApiError::TooLarge`].
pub(super) fn bounded(package: String) -> Result<String, ApiError> {
    let limit = MAX_CITY_BYTES;
    if package.len() <= limit {
        Ok(package)
    } else {
        Err(ApiError::TooLarge { code: "too_large", what: "the package", limit: limit as u64 })
    }
}

/// All versions as they are now, with the names of those who brought them.
///
/// # Errors
/// A fault of the store.
pub(super) async fn list(app: &App) -> Result<Response, ApiError> {
    let time_millis = app.clock.now_millis();
    let rows = app.store.city_versions().await?;
    let mut versions = versions::told(&rows, &app.assets.holding.named(), time_millis);
    let accounts: Vec<AccountId> = versions.iter().filter_map(|row| row.by).collect();
    let people: BTreeMap<AccountId, String> =
        app.store.people(&accounts).await?.into_iter().map(|person| (person.account, person.name)).collect();
    for row in &mut versions {
        row.name = row.by.and_then(|by| people.get(&by).cloned()).unwrap_or_default();
    }
    let reply = CityVersionsResponse { versions, zone_minutes: app.city().holidays.zone_minutes, time_millis };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}
