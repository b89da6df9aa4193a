//! `GET /v1/me`: who signed this request.

use axum::Json;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::MeResponse;

use crate::auth::Caller;
use crate::error::ApiError;

pub(super) async fn handle(caller: Caller) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let (log, account) = (caller.log, caller.account);
    let me = MeResponse { account: account.id, name: account.name, role: account.role, log };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(me)).into_response())
}
