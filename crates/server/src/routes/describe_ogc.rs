//! `GET /ogc/api`: the calls below `/ogc` as OpenAPI 3.0, as the standard wants them told.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::{Value, json};

use super::ogc::{self, OPENAPI, PlainQuery};
use crate::app::Shared;
use crate::error::ApiError;
use crate::programs::Program;

const API: &str = include_str!("../../ogc-api.json");

pub(super) async fn handle(
    State(app): State<Shared>,
    _: Program,
    query: Result<Query<PlainQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    ogc::plain(query)?;
    // The file is part of the program; a test reads it.
    let mut api: Value = serde_json::from_str(API).map_err(|_| ApiError::Internal)?;
    api["servers"] = json!([{ "url": ogc::base(&app, &headers).await? }]);
    Ok(ogc::reply(OPENAPI, api))
}
