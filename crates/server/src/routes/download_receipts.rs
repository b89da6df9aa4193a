//! `GET /v1/bundles/{upload}/receipts`: the receipts file of a bundle that was taken, for whoever carries it back.
//!
//! The parameter is the SHA-256 of the bundle, so that a courier whose upload is forgotten still finds it.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::ids::BlobId;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::CBOR_MIME;

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    bundle: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let Path(bundle) = bundle?;
    caller.may(Action::Upload)?;
    let bundle = BlobId::from_hex(&bundle).map_err(|_| ApiError::NotFound)?;
    let receipts = app.bundles.receipts(&bundle).await?.ok_or(ApiError::NotFound)?;
    Ok(([(header::CONTENT_TYPE, CBOR_MIME), (header::CACHE_CONTROL, "no-store")], receipts).into_response())
}
