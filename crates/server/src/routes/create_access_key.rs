//! `POST /v1/access-keys`: a key for a program of the caller's, with which it reads what the caller may take out.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::Deed;
use greenshield_domain::ids::AccessKeyId;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{AccessKeyRequest, AccessKeyResponse, AccessKeyRow, MAX_KEY_DAYS, MAX_KEY_NAME_BYTES};

use crate::app::Shared;
use crate::auth::caller_of;
use crate::entropy::random;
use crate::error::ApiError;
use crate::store::{KeyRow, KeyTx as _, Store as _, StoreTx as _};
use crate::{access, audit, body};

const DAY_MILLIS: i64 = 24 * 3_600_000;

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(&app, &parts).await?;
    caller.may(Action::Export)?;
    let AccessKeyRequest { name, days } = body::read_json(&parts.headers, body).await?;
    let name = name.trim().to_owned();
    let is_name = !name.is_empty() && name.len() <= MAX_KEY_NAME_BYTES && !name.chars().any(char::is_control);
    if !is_name || !(1..=MAX_KEY_DAYS).contains(&days) {
        return Err(ApiError::Bad { code: "bad_key", message: "a key has a name of 1 to 100 bytes and 1 to 366 days" });
    }
    let (id, secret, time_millis) = (AccessKeyId(random()?), access::secret()?, app.clock.now_millis());
    let expires_millis = time_millis + i64::from(days) * DAY_MILLIS;
    let told = AccessKeyRow {
        id,
        name,
        account: caller.account.id,
        owner: caller.account.name.clone(),
        role: caller.account.role.clone(),
        created_millis: time_millis,
        expires_millis,
        revoked_millis: None,
        used_millis: None,
    };
    audit::note_about(&app, &caller, Deed::KeyMade, caller.account.id).await?;
    let key = KeyRow { told, seat: caller.standing.seat.clone(), log: caller.log };
    let mut tx = app.store.begin().await?;
    tx.put_access_key(&key, access::secret_hash(&secret)).await?;
    tx.commit().await?;
    let reply = AccessKeyResponse { id, secret, expires_millis, time_millis };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}
