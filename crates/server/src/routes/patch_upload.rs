//! `PATCH /v1/blobs/{upload}`: more bytes at the offset where the upload stands.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use greenshield_domain::policy::Action;

use super::tus;
use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::{arrivals, body, uploads};

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    upload: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    let Path(upload) = upload?;
    let (parts, body) = request.into_parts();
    tus::expect_version(&parts.headers)?;
    caller.may(Action::Upload)?;
    body::expect_type(&parts.headers, tus::OFFSET_STREAM)?;
    let offset = tus::bytes_header(&parts.headers, "upload-offset")?;
    let checksum = tus::checksum(&parts.headers)?;
    uploads::find(&app, &caller, &upload).await?;
    let claim = app.claims.take(&upload).await;
    let row = uploads::find(&app, &caller, &upload).await?;
    if offset != row.received {
        return Err(ApiError::Offset { offset: row.received });
    }
    let standing = if row.received == row.length {
        arrivals::finish(app.clone(), claim, row).await?
    } else {
        arrivals::append(app.clone(), claim, row, body, checksum).await?
    };
    Ok(tus::reply(StatusCode::NO_CONTENT, &standing))
}
