//! `GET /v1/devices`: how the phones of the city are, for those who answer for them.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::DevicesResponse;

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::Store as _;

pub(super) async fn handle(State(app): State<Shared>, caller: Caller) -> Result<Response, ApiError> {
    caller.may(Action::Oversee)?;
    let time_millis = app.clock.now_millis();
    let devices = app.store.devices(time_millis).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(DevicesResponse { devices, time_millis })).into_response())
}
