//! `GET /v1/packs`: the map packs that a phone can take along.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::PacksResponse;

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;

pub(super) async fn handle(State(app): State<Shared>, caller: Caller) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let packs = app.packs.list().await?.iter().map(|row| row.as_ref().clone()).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(PacksResponse { packs })).into_response())
}
