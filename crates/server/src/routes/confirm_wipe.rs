//! `POST /v1/devices/{log}/wiped`: the signed word of a phone that it wiped itself, as it was asked to.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use greenshield_domain::audit::Deed;
use greenshield_domain::ids::LogId;
use greenshield_domain::policy::Action;
use greenshield_domain::statement::Wiped;
use greenshield_domain::wire::SignedJson;

use crate::app::Shared;
use crate::audit;
use crate::auth::caller_of;
use crate::body;
use crate::error::ApiError;
use crate::keys::NativeCheck;
use crate::store::{Store as _, StoreTx as _};

pub(super) async fn handle(
    State(app): State<Shared>,
    log: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<StatusCode, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(&app, &parts).await?;
    caller.may(Action::Upload)?;
    let (log, word): (_, SignedJson) = (log?.0, body::read_json(&parts.headers, body).await?);
    let row = app.store.log(caller.log).await?.ok_or(ApiError::NotFound)?;
    let asked = row.wipe.filter(|_| LogId::from_hex(&log) == Ok(row.id)).ok_or(ApiError::NotFound)?;
    let bad =
        || ApiError::Bad { code: "bad_word", message: "this is not the signed word of this phone about this wipe" };
    let word = word.to_signed().ok_or_else(bad)?;
    let said: Wiped = word.open(&row.public_key, &NativeCheck).map_err(|_| bad())?;
    if said.log != row.id || said.asked_millis != asked.asked_millis {
        return Err(bad());
    }
    audit::note_if_it_can_be(&app, &caller, Deed::Wiped, None).await;
    let mut tx = app.store.begin().await?;
    // Saying it again is no fault: the reply may have been lost.
    tx.put_wiped(row.id, &word, app.clock.now_millis()).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
