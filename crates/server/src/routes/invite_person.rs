//! `POST /v1/invites`: whoever answers for a person makes a one-time code for one more phone of theirs.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::Deed;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{INVITE_HOURS, InviteRequest, InviteResponse, MAX_INVITE_HOURS};

use crate::app::Shared;
use crate::audit;
use crate::auth::{self, caller_of};
use crate::body;
use crate::error::ApiError;
use crate::invites;

const HOUR_MILLIS: i64 = 3_600_000;

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(&app, &parts).await?;
    caller.may(Action::People)?;
    let InviteRequest { account, hours } = body::read_json(&parts.headers, body).await?;
    let hours = hours.unwrap_or(INVITE_HOURS);
    if !(1..=MAX_INVITE_HOURS).contains(&hours) {
        return Err(ApiError::Bad { code: "bad_hours", message: "an invite is good for 1 to 744 hours" });
    }
    let person = auth::person(&app, &caller, account).await?;
    audit::note_about(&app, &caller, Deed::Invited, person.row().id).await?;
    let now = app.clock.now_millis();
    let expires_millis = now + i64::from(hours) * HOUR_MILLIS;
    let made = invites::invite(&app.store, person.row(), Some(caller.account.id), now, expires_millis).await;
    let invites::Invitation { code, account } = made?;
    let reply = InviteResponse {
        code,
        account: account.id,
        name: account.name,
        role: account.role,
        expires_millis,
        time_millis: now,
    };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}
