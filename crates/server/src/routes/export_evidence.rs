//! `GET /v1/records/{record}/evidence`: a record with all that an outsider needs to check it, as a zip.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::Deed;
use greenshield_domain::ids::RecordId;
use greenshield_domain::policy::Action;

use crate::app::Shared;
use crate::audit;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::evidence;

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    record: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Export)?;
    let Path(record) = record?;
    let record = RecordId::from_hex(&record).map_err(|_| ApiError::NotFound)?;
    caller.scope().record(&app.store, record, Action::Export).await?.ok_or(ApiError::NotFound)?;
    audit::note(&app, &caller, Deed::Export, Some(record)).await?;
    let now = app.clock.now_millis();
    let bytes = evidence::export(&app.store, &app.key, &app.blobs, &app.city(), record, now).await?;
    let name = format!("attachment; filename=\"greenshield-{record}.zip\"");
    let name = HeaderValue::from_str(&name).map_err(|_| ApiError::Internal)?;
    let zip = HeaderValue::from_static("application/zip");
    let headers = [(header::CONTENT_TYPE, zip), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, [(header::CACHE_CONTROL, "no-store")], bytes).into_response())
}
