//! `POST /v1/erasures`: somebody with the right to it erases what was said of fields of a record or single files of it, for good.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::Deed;
use greenshield_domain::erasure::MAX_NOTE_BYTES;
use greenshield_domain::policy::Action;
use greenshield_domain::retention;
use greenshield_domain::wire::{ErasureRequest, ErasureResponse};

use crate::app::Shared;
use crate::audit;
use crate::auth::caller_of;
use crate::body;
use crate::erasing;
use crate::error::ApiError;
use crate::sequencer::Erase;

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(&app, &parts).await?;
    caller.may(Action::Erase)?;
    let asked: ErasureRequest = body::read_json(&parts.headers, body).await?;
    let note = asked.note.trim().to_owned();
    if note.len() > MAX_NOTE_BYTES {
        return Err(ApiError::Bad { code: "bad_reason", message: "a note has at most 2,000 bytes" });
    }
    let facts = caller.scope().record(&app.store, asked.record, Action::Erase).await?.ok_or(ApiError::NotFound)?;
    let city = app.city();
    let is_nothing = asked.fields.is_empty() && asked.files.is_empty();
    if is_nothing || asked.fields.iter().any(|field| !retention::may_go(&city, facts.kind, *field)) {
        return Err(ApiError::Bad { code: "bad_fields", message: "these fields can not be erased" });
    }
    audit::note(&app, &caller, Deed::Erasure, Some(asked.record)).await?;
    let erased = app
        .sequencer
        .erase(Erase {
            record: asked.record,
            fields: asked.fields.into_iter().collect(),
            files: asked.files.into_iter().collect(),
            by: caller.account.id,
            basis: asked.basis,
            note,
        })
        .await?;
    let clean = erasing::clean_if_due(&app).await;
    let reply =
        ErasureResponse { erasures: erased.ops, values: erased.values, clean, time_millis: app.clock.now_millis() };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}
