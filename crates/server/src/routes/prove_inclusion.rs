//! `GET /v1/log/proof/inclusion?op=HEX[&size=N]`: an op stands in the log of a checkpoint. For auditors: nothing but hashes.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::ids::OpId;
use greenshield_domain::wire::CBOR_MIME;
use serde::Deserialize;

use crate::app::Shared;
use crate::error::ApiError;

#[derive(Debug, Deserialize)]
pub(super) struct InclusionQuery {
    op: String,
    size: Option<u64>,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    query: Result<Query<InclusionQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let bad = ApiError::Bad { code: "bad_query", message: "op is 64 hex digits, size a whole number" };
    let Ok(Query(query)) = query else { return Err(bad) };
    let op = OpId::from_hex(&query.op).map_err(|_| bad)?;
    let proof = app.proofs.inclusion(&app.store, op, query.size).await?;
    Ok(([(header::CONTENT_TYPE, CBOR_MIME), (header::CACHE_CONTROL, "no-store")], proof.encode()).into_response())
}
