//! `POST /v1/devices/{log}/wipe`: at its next contact a phone delivers what it holds unsent, and then wipes itself.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::response::Response;

use super::revoke_device::end;
use crate::app::Shared;
use crate::error::ApiError;

pub(super) async fn handle(
    State(app): State<Shared>,
    log: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    // It is revoked as well: whoever has the phone must not read on until the wish arrives.
    end(&app, log, request, true).await
}
