//! `POST /v1/devices/{log}/revoke`: a phone reads nothing any more. What it still brings is kept, and held.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::Deed;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::ReasonResponse;

use crate::app::Shared;
use crate::audit;
use crate::auth::{self, caller_of};
use crate::body;
use crate::error::ApiError;
use crate::store::{Store as _, StoreTx as _};

pub(super) async fn handle(
    State(app): State<Shared>,
    log: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, ApiError> {
    end(&app, log, request, false).await
}

/// Revokes a phone for a reason, and asks it to wipe itself where that is wanted, too.
pub(super) async fn end(
    app: &Shared,
    log: Result<Path<String>, PathRejection>,
    request: Request,
    wipes: bool,
) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(app, &parts).await?;
    caller.may(Action::People)?;
    let reason = body::read_reason(&parts.headers, body).await?;
    let phone = auth::phone(app, &caller, &log?.0).await?;
    let deed = if wipes { Deed::WipeAsked } else { Deed::Revoked };
    audit::note_about_if_it_can_be(app, &caller, deed, phone.account.id).await;
    let time_millis = app.clock.now_millis();
    let mut tx = app.store.begin().await?;
    tx.revoke_for(phone.id, caller.account.id, &reason, time_millis).await?;
    if wipes {
        tx.ask_wipe(phone.id, caller.account.id, &reason, time_millis).await?;
    }
    tx.commit().await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ReasonResponse { time_millis })).into_response())
}
