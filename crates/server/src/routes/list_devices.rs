//! `GET /v1/devices`: how the phones of the city are, of the people for whom the caller answers.

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
    caller.may(Action::People)?;
    let time_millis = app.clock.now_millis();
    let devices = app.store.devices(time_millis).await?.into_iter();
    let devices =
        devices.filter(|(row, seat)| caller.answers_for(row.account, &row.role, seat)).map(|(row, _)| row).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(DevicesResponse { devices, time_millis })).into_response())
}
