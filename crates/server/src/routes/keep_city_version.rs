//! `POST /v1/city/versions`: somebody brings a version of the city package, to hold at once or from a day on.

use axum::extract::{Request, State};
use axum::response::Response;
use greenshield_domain::audit::Deed;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{CityKeepRequest, MAX_CITY_NOTE_BYTES};

use super::city;
use crate::app::Shared;
use crate::audit;
use crate::auth::caller_of;
use crate::error::ApiError;
use crate::versions::{self, Brought};

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(&app, &parts).await?;
    caller.may(Action::Package)?;
    let CityKeepRequest { package, after, from, note } = city::read(&parts.headers, body).await?;
    let note = note.trim().to_owned();
    if note.len() > MAX_CITY_NOTE_BYTES || note.chars().any(char::is_control) {
        return Err(ApiError::Bad { code: "bad_note", message: "a note is one line of at most 500 bytes" });
    }
    let bundle = city::bounded(package)?;
    let (by, role) = (caller.account.id, caller.account.role.clone());
    let brought = Brought { bundle, after, from, note, by, role };
    // What is not kept is no deed, and what can not be noted is not done.
    let ready = versions::prepare(&app.store, &app.assets.holding, brought, app.clock.now_millis()).await?;
    audit::note(&app, &caller, Deed::PackageKept, None).await?;
    let version = versions::keep(&app.store, ready).await?;
    app.follow_city().await?;
    tracing::info!(version, "a version of the city package was kept");
    city::list(&app).await
}
