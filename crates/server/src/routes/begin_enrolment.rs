//! `POST /v1/enrol/begin`: whom a code invites, and what the genesis must quote. Uses nothing up.

use axum::Json;
use axum::extract::{Request, State};
use greenshield_domain::ids::to_hex;
use greenshield_domain::wire::{BeginRequest, BeginResponse, SignedJson};

use crate::app::Shared;
use crate::body;
use crate::error::ApiError;
use crate::invites::code_hash;
use crate::store::Store as _;

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Json<BeginResponse>, ApiError> {
    let (parts, body) = request.into_parts();
    let BeginRequest { code } = body::read_json(&parts.headers, body).await?;
    let now = app.clock.now_millis();
    let invite = app.store.invite(code_hash(&code)).await?.ok_or(ApiError::CodeUnknown)?;
    if invite.used_by.is_some() {
        return Err(ApiError::CodeUsed);
    }
    if invite.expires_at <= now {
        return Err(ApiError::CodeExpired);
    }
    let checkpoint = app.store.newest_checkpoint().await?.ok_or(ApiError::Internal)?;
    Ok(Json(BeginResponse {
        nonce: to_hex(&invite.nonce),
        account: invite.account.id,
        name: invite.account.name,
        role: invite.account.role,
        city: app.city().info.id.clone(),
        server_key: to_hex(&app.key.public().0),
        checkpoint: SignedJson::from(&checkpoint.signed),
        time_millis: now,
    }))
}
