//! `POST /v1/bundles`: a new upload of a rescue package, with its first bytes if the caller sends some.

use axum::extract::{Request, State};
use axum::response::Response;
use greenshield_domain::bundle::BUNDLE_MIME;

use super::{create_upload, tus};
use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;

pub(super) async fn handle(State(app): State<Shared>, caller: Caller, request: Request) -> Result<Response, ApiError> {
    let name = |headers: &_| Ok((tus::sha256(headers)?, BUNDLE_MIME.to_owned()));
    create_upload::create(app, caller, request, name).await
}
