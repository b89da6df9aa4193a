//! `POST /v1/city/check`: what is wrong with a package, and what it would change. Nothing of it is kept.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::CityCheckRequest;

use super::city;
use crate::app::Shared;
use crate::auth::caller_of;
use crate::error::ApiError;
use crate::versions;

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(&app, &parts).await?;
    caller.may(Action::Package)?;
    let CityCheckRequest { package } = city::read(&parts.headers, body).await?;
    let package = city::bounded(package)?;
    let newest = versions::newest(&app.store, &app.assets.holding).await?;
    let (role, now_millis) = (caller.account.role, app.clock.now_millis());
    // It reads two packages and compares all of them: not on a thread that others wait for.
    let checked = tokio::task::spawn_blocking(move || newest.check(&package, &role, now_millis).0).await;
    let reply = checked.map_err(|_| ApiError::Internal)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}
