//! `GET /v1/held?after&max`: the ops that wait for a decision, for those who may decide.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::HeldResponse;
use serde::Deserialize;

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::Store as _;

const MAX_ROWS: usize = 500;

#[derive(Debug, Deserialize)]
pub(super) struct HeldQuery {
    after: Option<u64>,
    max: Option<usize>,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    query: Result<Query<HeldQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Judge)?;
    let Ok(Query(query)) = query else {
        return Err(ApiError::Bad { code: "bad_query", message: "after and max are whole numbers" });
    };
    let max = query.max.unwrap_or(MAX_ROWS).clamp(1, MAX_ROWS);
    let mut held = app.store.held_after(query.after.unwrap_or(0), max).await?;
    let next = held.last().filter(|_| held.len() == max).map(|row| row.pos);
    let records: Vec<_> = held.iter().map(|row| row.record).collect();
    let allowed = caller.scope().records(&app.store, &records, Action::Judge).await?;
    held.retain(|row| allowed.contains(&row.record));
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(HeldResponse { held, next })).into_response())
}
