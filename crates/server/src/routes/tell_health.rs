//! `POST /v1/health`: a phone says how it is. Also a revoked one: what waits on it is still wanted. A phone that shall wipe itself
//! is told so here.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{CBOR_MIME, HealthReport, HealthResponse, MAX_HEALTH_BYTES};

use crate::app::Shared;
use crate::auth::Caller;
use crate::body;
use crate::error::ApiError;
use crate::store::{Store as _, StoreTx as _};

pub(super) async fn handle(State(app): State<Shared>, caller: Caller, request: Request) -> Result<Response, ApiError> {
    caller.may(Action::Upload)?;
    let (parts, body) = request.into_parts();
    body::expect_type(&parts.headers, CBOR_MIME)?;
    let body = body::read(body, MAX_HEALTH_BYTES).await?;
    let unread = |_| ApiError::Bad { code: "bad_report", message: "the body is not the report that this call takes" };
    let report = HealthReport::decode(&body).map_err(unread)?;
    let mut tx = app.store.begin().await?;
    tx.put_health(caller.log, &report, app.clock.now_millis()).await?;
    tx.commit().await?;
    let wipe = caller.wipe.filter(|wipe| wipe.wiped_millis.is_none());
    Ok(match wipe {
        Some(wipe) => ([(header::CACHE_CONTROL, "no-store")], Json(HealthResponse { wipe })).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}
