//! `GET /v1/city/versions/{version}`: a version of the city package as one file, byte for byte as it was brought.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::versions;

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    version: Result<Path<u32>, PathRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Package)?;
    let Ok(Path(version)) = version else { return Err(ApiError::NotFound) };
    let bytes = versions::bytes(&app.store, &app.assets.holding.named(), version).await?;
    let name = format!("attachment; filename=\"city-{version}.json\"");
    let name = HeaderValue::from_str(&name).map_err(|_| ApiError::Internal)?;
    let mime = HeaderValue::from_static("application/json");
    let headers = [(header::CONTENT_TYPE, mime), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, [(header::CACHE_CONTROL, "no-store")], bytes).into_response())
}
