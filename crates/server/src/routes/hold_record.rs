//! `POST /v1/holds`: somebody with the right to erase forbids it for a record, or allows it again.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::Deed;
use greenshield_domain::erasure::{Hold, MAX_NOTE_BYTES};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{HoldRequest, HoldResponse};

use crate::app::Shared;
use crate::audit;
use crate::auth::caller_of;
use crate::body;
use crate::error::ApiError;

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(&app, &parts).await?;
    caller.may(Action::Erase)?;
    let asked: HoldRequest = body::read_json(&parts.headers, body).await?;
    let reason = asked.reason.trim().to_owned();
    if reason.is_empty() || reason.len() > MAX_NOTE_BYTES {
        return Err(ApiError::Bad { code: "bad_reason", message: "a hold has a reason of 1 to 2,000 bytes" });
    }
    caller.scope().record(&app.store, asked.record, Action::Erase).await?.ok_or(ApiError::NotFound)?;
    audit::note(&app, &caller, Deed::Hold, Some(asked.record)).await?;
    let hold = Hold { is_held: asked.held, by: caller.account.id, reason };
    let decision = app.sequencer.hold(asked.record, hold).await?;
    let reply = HoldResponse { decision, time_millis: app.clock.now_millis() };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}
