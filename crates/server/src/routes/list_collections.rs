//! `GET /ogc/collections`: the kinds of the city. Which kinds there are is no secret; which records, the policy says.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde_json::json;

use super::ogc::{self, JSON, PlainQuery, link};
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
    let (base, city) = (ogc::base(&app, &headers).await?, app.city());
    let collections: Vec<_> = city.kinds.iter().map(|kind| ogc::collection(&base, &city, kind, lang)).collect();
    let links = [link(format!("{base}/collections"), "self", JSON, "Collections")];
    Ok(ogc::reply(JSON, json!({ "links": links, "collections": collections })))
}
