//! `POST /v1/blobs`: a new upload, with its first bytes if the caller sends some.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use greenshield_domain::ids::BlobId;
use greenshield_domain::policy::Action;

use super::tus;
use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::Store as _;
use crate::uploads::Standing;
use crate::{arrivals, body, uploads};

pub(super) async fn handle(State(app): State<Shared>, caller: Caller, request: Request) -> Result<Response, ApiError> {
    create(app, caller, request, tus::metadata).await
}

/// What is the same for blobs and bundles; `name` reads hash and type.
pub(super) async fn create(
    app: Shared,
    caller: Caller,
    request: Request,
    name: impl FnOnce(&HeaderMap) -> Result<(BlobId, String), ApiError>,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    tus::expect_version(&parts.headers)?;
    caller.may(Action::Upload)?;
    let length = tus::bytes_header(&parts.headers, "upload-length")?;
    let (blob, mime) = name(&parts.headers)?;
    let checksum = tus::checksum(&parts.headers)?;
    let with_bytes = parts.headers.contains_key(header::CONTENT_TYPE);
    if with_bytes {
        body::expect_type(&parts.headers, tus::OFFSET_STREAM)?;
    }
    let created = uploads::create(&app, caller.account.id, blob, mime, length).await?;
    let standing = if created.row.complete {
        created
    } else if with_bytes {
        let claim = app.claims.take(&created.row.id).await;
        let id = created.row.id.clone();
        match arrivals::append(app.clone(), claim, created.row, body, checksum).await {
            Ok(standing) => standing,
            Err(error) => bytes_are_here(&app, &id).await?.ok_or(error)?,
        }
    } else {
        arrivals::inspect(&app, created.row).await?
    };
    Ok(tus::reply(StatusCode::CREATED, &standing))
}

/// Where an upload stands whose bytes all came and could not be brought home yet. Whoever sent them must learn its name: a
/// second upload of the same bytes would only fill the disk.
async fn bytes_are_here(app: &App, id: &str) -> Result<Option<Standing>, ApiError> {
    let row = app.store.upload(id).await?.filter(|row| row.received == row.length);
    Ok(row.map(|row| Standing { row, receipt: None }))
}
