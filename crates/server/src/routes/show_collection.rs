//! `GET /ogc/collections/{collection}`: a kind.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::ogc::{self, JSON, PlainQuery};
use crate::app::Shared;
use crate::error::ApiError;
use crate::programs::Program;

pub(super) async fn handle(
    State(app): State<Shared>,
    _: Program,
    name: Result<Path<String>, PathRejection>,
    query: Result<Query<PlainQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let (lang, city) = (ogc::plain(query)?.lang, app.city());
    let kind = ogc::kind(&city, &name?.0)?;
    let base = ogc::base(&app, &headers).await?;
    Ok(ogc::reply(JSON, ogc::collection(&base, &city, kind, lang)))
}
