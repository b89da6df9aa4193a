//! `GET /v1/heads?logs=HEX,HEX`: how far the server has each log.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::ids::LogId;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{CBOR_MIME, HeadsReply};
use serde::Deserialize;

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::Store as _;

const MAX_LOGS: usize = 100;

#[derive(Debug, Deserialize)]
pub(super) struct HeadsQuery {
    logs: String,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    query: Result<Query<HeadsQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let bad = ApiError::Bad { code: "bad_query", message: "logs is a list of up to 100 log ids in hex" };
    let Ok(Query(query)) = query else { return Err(bad) };
    let logs = query.logs.split(',').filter(|log| !log.is_empty()).map(LogId::from_hex);
    let Ok(logs) = logs.collect::<Result<Vec<_>, _>>() else { return Err(bad) };
    if logs.len() > MAX_LOGS {
        return Err(bad);
    }
    let heads = app.store.heads(&logs).await?;
    let reply = HeadsReply { heads, epoch: app.epoch, time_millis: app.clock.now_millis(), began: app.began };
    Ok(([(header::CONTENT_TYPE, CBOR_MIME), (header::CACHE_CONTROL, "no-store")], reply.encode()).into_response())
}
