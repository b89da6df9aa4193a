//! `GET /v1/access-keys`: the keys of the caller's programs, and of the people for whom the caller answers.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::AccessKeysResponse;

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::{KeyRow, KeyStore as _};

pub(super) async fn handle(State(app): State<Shared>, caller: Caller) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let keys = app.store.access_keys().await?.into_iter();
    let keys = keys.filter(|key| is_theirs(&caller, key)).map(|key| key.told).collect();
    let reply = AccessKeysResponse { keys, time_millis: app.clock.now_millis() };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}

/// Whether a key is the caller's, or of a person for whom the caller answers.
pub(super) fn is_theirs(caller: &Caller, key: &KeyRow) -> bool {
    let owner = &key.told;
    owner.account == caller.account.id || caller.answers_for(owner.account, &owner.role, &key.seat)
}
