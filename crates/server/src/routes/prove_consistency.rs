//! `GET /v1/log/proof/consistency?from=N[&to=M]`: the log of one checkpoint is the beginning of that of another.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::wire::CBOR_MIME;
use serde::Deserialize;

use crate::app::Shared;
use crate::error::ApiError;

#[derive(Debug, Deserialize)]
pub(super) struct ConsistencyQuery {
    from: u64,
    to: Option<u64>,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    query: Result<Query<ConsistencyQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    let Ok(Query(query)) = query else {
        return Err(ApiError::Bad { code: "bad_query", message: "from and to are whole numbers" });
    };
    let proof = app.proofs.consistency(&app.store, query.from, query.to).await?;
    Ok(([(header::CONTENT_TYPE, CBOR_MIME), (header::CACHE_CONTROL, "no-store")], proof.encode()).into_response())
}
