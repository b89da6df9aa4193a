//! `GET /v1/openapi.json`: this API, for strangers.

use axum::http::header;
use axum::response::IntoResponse;

const OPENAPI: &str = include_str!("../../openapi.json");

pub(super) async fn handle() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-cache")], OPENAPI)
}
