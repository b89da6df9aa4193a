//! `GET /ogc/conformance`: which parts of the standard are kept. HTML is none of them.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::response::Response;
use serde_json::json;

use super::ogc::{self, JSON, PlainQuery};
use crate::error::ApiError;
use crate::programs::Program;

const CLASSES: [&str; 3] = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
];

pub(super) async fn handle(_: Program, query: Result<Query<PlainQuery>, QueryRejection>) -> Result<Response, ApiError> {
    ogc::plain(query)?;
    Ok(ogc::reply(JSON, json!({ "conformsTo": CLASSES })))
}
