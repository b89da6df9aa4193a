//! `GET /v1/packs/{sha256}/{chunk}`: one chunk of a map pack, checked before it leaves.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    names: Result<Path<(String, usize)>, PathRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let Ok(Path((sha256, chunk))) = names else { return Err(ApiError::NotFound) };
    let bytes = app.packs.chunk(&sha256, chunk).await?.ok_or(ApiError::NotFound)?;
    // The name is the hash: what it names never changes, but it is not for shared caches.
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CACHE_CONTROL, "private, max-age=31536000, immutable"),
    ];
    Ok((headers, bytes).into_response())
}
