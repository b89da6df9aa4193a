//! `DELETE /v1/blobs/{upload}`: ends an upload. A blob that is stored stays stored.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;

use super::tus;
use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::uploads;

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    upload: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(upload) = upload?;
    tus::expect_version(&headers)?;
    caller.may(Action::Upload)?;
    let row = uploads::find(&app, &caller, &upload).await?;
    let _claim = app.claims.take(&upload).await;
    uploads::remove(&app, &row).await?;
    Ok((StatusCode::NO_CONTENT, [("tus-resumable", tus::VERSION)]).into_response())
}
