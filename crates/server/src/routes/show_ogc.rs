//! `GET /ogc`: where a program that speaks OGC API – Features begins.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::ogc::{self, JSON, OPENAPI, PlainQuery, link};
use crate::app::Shared;
use crate::error::ApiError;
use crate::programs::Program;

pub(super) async fn handle(
    State(app): State<Shared>,
    _: Program,
    query: Result<Query<PlainQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let lang = ogc::plain(query)?.lang;
    let base = ogc::base(&app, &headers).await?;
    let city = app.city();
    let name = lang.of(&city.info.name);
    let body = json!({
        "title": format!("Greenshield · {name}"),
        "description": "OGC API - Features: records by kind, as GeoJSON. This service has no HTML.",
        "links": [
            link(&base, "self", JSON, "Greenshield"),
            link(format!("{base}/api"), "service-desc", OPENAPI, "OpenAPI 3.0"),
            link(format!("{base}/conformance"), "conformance", JSON, "Conformance"),
            link(format!("{base}/collections"), "data", JSON, "Collections"),
        ],
    });
    Ok(ogc::reply(JSON, body))
}
