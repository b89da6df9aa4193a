//! `GET /v1/devices`: how the phones of the city are, the caller's own, and those of the people for whom the caller answers.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::{Action, Seat};
use greenshield_domain::wire::{DeviceRow, DevicesResponse};

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::Store as _;

pub(super) async fn handle(State(app): State<Shared>, caller: Caller) -> Result<Response, ApiError> {
    caller.may(Action::People)?;
    let time_millis = app.clock.now_millis();
    let devices = app.store.devices(time_millis).await?.into_iter();
    let is_theirs = |row: &DeviceRow, seat: &Seat| {
        row.account == caller.account.id || caller.answers_for(row.account, &row.role, seat)
    };
    let devices = devices.filter(|(row, seat)| is_theirs(row, seat)).map(|(row, _)| row).collect();
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(DevicesResponse { devices, time_millis })).into_response())
}
