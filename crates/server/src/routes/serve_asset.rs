//! Everything outside of `/v1` and `/ogc`: the app.

use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;

use crate::app::Shared;
use crate::assets::is_of_package;
use crate::error::ApiError;

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let path = request.uri().path();
    if path == "/v1" || path.starts_with("/v1/") || path.starts_with("/ogc/") {
        return Err(ApiError::NotFound);
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(ApiError::Method);
    }
    // A phone takes both files of one package or none: whoever serves one knows what every process was brought before.
    if is_of_package(path)
        && let Err(error) = app.follow_city().await
    {
        tracing::error!(%error, "the city package of before still holds");
    }
    app.assets.serve(path, request.headers())
}
