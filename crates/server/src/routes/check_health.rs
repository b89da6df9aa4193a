//! `GET /v1/health`: the process answers.

use axum::Json;
use axum::http::header;
use axum::response::IntoResponse;
use serde_json::json;

use crate::VERSION;

pub(super) async fn handle() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], Json(json!({ "status": "ok", "version": VERSION })))
}
