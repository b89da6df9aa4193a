//! `GET /ogc/collections/{collection}/items/{item}`: one record. What is absent and what is forbidden look the same.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use greenshield_domain::ids::RecordId;
use serde_json::json;

use super::ogc::{self, GEOJSON, JSON, PlainQuery, link};
use crate::app::Shared;
use crate::error::ApiError;
use crate::ledger::asked::Asked;
use crate::ledger::{Ledger, json as features};
use crate::programs::Program;

pub(super) async fn handle(
    State(app): State<Shared>,
    program: Program,
    names: Result<Path<(String, String)>, PathRejection>,
    query: Result<Query<PlainQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Path((name, record)) = names?;
    let city = app.city();
    let (kind, lang) = (ogc::kind(&city, &name)?, ogc::plain(query)?.lang);
    let record = RecordId::from_hex(&record).map_err(|_| ApiError::NotFound)?;
    let asked = Asked { kind, from_millis: None, until_millis: None, bbox: None, lang, tracks: true };
    let row = ogc::sources(&app, &city, &program).row(&asked, record).await?.ok_or(ApiError::NotFound)?;
    let ledger = Ledger::of(&asked, Vec::new());
    let mut feature = features::feature(&ledger, &row);
    let (at, title) = (format!("{}/collections/{name}", ogc::base(&app, &headers).await?), ledger.label.as_str());
    feature["links"] =
        json!([link(format!("{at}/items/{record}"), "self", GEOJSON, title), link(&at, "collection", JSON, title),]);
    Ok(ogc::reply(GEOJSON, feature))
}
