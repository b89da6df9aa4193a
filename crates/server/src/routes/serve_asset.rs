//! Everything outside of `/v1` and `/ogc`: the app.

use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;

use crate::app::Shared;
use crate::error::ApiError;

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let path = request.uri().path();
    if path == "/v1" || path.starts_with("/v1/") || path.starts_with("/ogc/") {
        return Err(ApiError::NotFound);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(ApiError::Method);
    }
    app.assets.serve(path, request.headers())
}
