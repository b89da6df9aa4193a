//! `HEAD /v1/blobs/{upload}`: how many bytes are here; with the receipt once it is whole.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use greenshield_domain::policy::Action;

use super::tus;
use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::{arrivals, uploads};

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    upload: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path(upload) = upload?;
    tus::expect_version(&headers)?;
    caller.may(Action::Upload)?;
    uploads::find(&app, &caller, &upload).await?;
    let claim = app.claims.take(&upload).await;
    // The request that was told to stop may have moved the offset.
    let row = uploads::find(&app, &caller, &upload).await?;
    Ok(tus::reply(StatusCode::OK, &arrivals::finish(app.clone(), claim, row).await?))
}
