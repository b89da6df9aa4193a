//! `POST /v1/verdicts`: somebody with the right to it releases a held op, holds one, or decides that it never shows.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::Deed;
use greenshield_domain::policy::Action;
use greenshield_domain::verdict::{MAX_REASON_BYTES, Ruling};
use greenshield_domain::wire::{VerdictRequest, VerdictResponse};

use crate::app::Shared;
use crate::audit;
use crate::auth::caller_of;
use crate::body;
use crate::error::ApiError;
use crate::store::Store as _;

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(&app, &parts).await?;
    caller.may(Action::Judge)?;
    let asked: VerdictRequest = body::read_json(&parts.headers, body).await?;
    let reason = asked.reason.trim().to_owned();
    if reason.is_empty() || reason.len() > MAX_REASON_BYTES {
        return Err(ApiError::Bad { code: "bad_reason", message: "a decision has a reason of 1 to 2,000 bytes" });
    }
    let record = app.store.record_of(asked.op).await?.ok_or(ApiError::NotFound)?;
    caller.scope().record(&app.store, record, Action::Judge).await?.ok_or(ApiError::NotFound)?;
    audit::note(&app, &caller, Deed::Decision, Some(record)).await?;
    let ruling = Ruling { target: asked.op, verdict: asked.verdict.verdict(), by: caller.account.id, reason };
    let decision = app.sequencer.judge(ruling).await?;
    let reply = VerdictResponse { decision, time_millis: app.clock.now_millis() };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}
