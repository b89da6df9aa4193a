//! `POST /v1/access-keys/{id}/revoke`: a key opens nothing any more.

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::Deed;
use greenshield_domain::ids::AccessKeyId;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::ReasonResponse;

use super::list_access_keys::is_theirs;
use crate::app::Shared;
use crate::audit;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::{KeyStore as _, KeyTx as _, Store as _, StoreTx as _};

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let id = AccessKeyId::from_hex(&id?.0).map_err(|_| ApiError::NotFound)?;
    let keys = app.store.access_keys().await?;
    let key = keys.into_iter().find(|key| key.told.id == id && is_theirs(&caller, key)).ok_or(ApiError::NotFound)?;
    let time_millis = app.clock.now_millis();
    // What is revoked already is no second deed.
    if key.told.revoked_millis.is_none() {
        let mut tx = app.store.begin().await?;
        let ended = tx.revoke_access_key(id, time_millis).await?;
        tx.commit().await?;
        if ended {
            audit::note_about(&app, &caller, Deed::KeyEnded, key.told.account).await?;
        }
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ReasonResponse { time_millis })).into_response())
}
