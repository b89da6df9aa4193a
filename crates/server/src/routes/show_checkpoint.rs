//! `GET /v1/log/checkpoint`: the newest signed head of the Merkle log, for auditors.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::wire::SignedJson;

use crate::app::Shared;
use crate::error::ApiError;
use crate::store::Store as _;

pub(super) async fn handle(State(app): State<Shared>) -> Result<Response, ApiError> {
    let checkpoint = app.store.newest_checkpoint().await?.ok_or(ApiError::Internal)?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(SignedJson::from(&checkpoint.signed))).into_response())
}
