//! `GET /v1/ready`: the database can be written and there is room on the disk.

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::app::Shared;
use crate::error::ApiError;
use crate::store::Store as _;

/// Below this a balancer should look elsewhere and somebody should look here.
const LEAST_FREE_BYTES: u64 = 256 * 1024 * 1024;

pub(super) async fn handle(State(app): State<Shared>) -> Result<Response, ApiError> {
    if let Err(error) = app.store.check_writable().await {
        tracing::error!(%error, "not ready");
        return Err(ApiError::NotReady { reason: "database" });
    }
    let free_bytes = app.blobs.free_bytes()?;
    if free_bytes < LEAST_FREE_BYTES {
        return Err(ApiError::NotReady { reason: "disk" });
    }
    let mut ready = json!({ "status": "ready", "free_bytes": free_bytes });
    // Ops need no bucket: while it is away, a balancer that turned from all of its servers would stop them too.
    if let Some(reachable) = app.blobs.is_reachable().await {
        ready["blobs"] = json!(if reachable { "ready" } else { "away" });
    }
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(ready)).into_response())
}
