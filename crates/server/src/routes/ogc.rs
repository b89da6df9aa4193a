//! What the calls of OGC API – Features (OGC 17-069r4) share: addresses, links, parameters.
//!
//! Invariant: a parameter that a call does not know is an error, as the standard demands.

use axum::Json;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::city::{City, Kind};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::Shared;
use crate::error::ApiError;
use crate::ledger::{Lang, Sources};
use crate::programs::Program;
use crate::store::{AnyStore, Store as _};

/// The only reference system.
pub(super) const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
pub(super) const JSON: &str = "application/json";
pub(super) const GEOJSON: &str = "application/geo+json";
pub(super) const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";

/// The parameters that every call knows.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PlainQuery {
    #[serde(default)]
    pub(super) lang: Lang,
    f: Option<Encoding>,
}

/// The only encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Encoding {
    Json,
}

/// Reads the parameters of a call that has no others.
///
/// # Errors
/// [`ApiError::Bad`].
pub(super) fn plain(query: Result<Query<PlainQuery>, QueryRejection>) -> Result<PlainQuery, ApiError> {
    let Ok(Query(query)) = query else {
        return Err(bad("this call takes lang (zh, en) and f (json), and nothing else"));
    };
    tracing::debug!(encoding = ?query.f, "ogc");
    Ok(query)
}

pub(super) fn bad(message: &'static str) -> ApiError {
    ApiError::Bad { code: "bad_query", message }
}

/// `https://HOST/ogc`, by the name that the program called this server, so that its links lead back here.
pub(super) async fn base(app: &Shared, headers: &HeaderMap) -> Result<String, ApiError> {
    let known = app.store.base_url().await?;
    let scheme = if known.as_deref().is_some_and(|url| url.starts_with("https://")) { "https" } else { "http" };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let is_host =
        |host: &&str| !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c));
    Ok(match (host.filter(is_host), known) {
        (Some(host), _) => format!("{scheme}://{host}/ogc"),
        (None, Some(known)) => format!("{}/ogc", known.trim_end_matches('/')),
        (None, None) => "/ogc".to_owned(),
    })
}

/// A link.
pub(super) fn link(href: impl Into<String>, rel: &str, media: &str, title: &str) -> Value {
    json!({ "href": href.into(), "rel": rel, "type": media, "title": title })
}

/// A kind by its name.
///
/// # Errors
/// [`ApiError::NotFound`].
pub(super) fn kind<'a>(city: &'a City, name: &str) -> Result<&'a Kind, ApiError> {
    city.kinds.iter().find(|kind| kind.name == name).ok_or(ApiError::NotFound)
}

/// How a kind is told.
pub(super) fn collection(base: &str, city: &City, kind: &Kind, lang: Lang) -> Value {
    let (title, at) = (lang.of(&kind.label), format!("{base}/collections/{}", kind.name));
    let degrees = |e7: i64| e7 as f64 / 1e7;
    let around = city.info.bbox_e7.map(degrees);
    let spatial = if city.info.bbox_e7 == [0; 4] { [-180.0, -90.0, 180.0, 90.0] } else { around };
    json!({
        "id": kind.name,
        "title": title,
        "description": format!("{} · {title}", lang.of(&city.info.name)),
        "itemType": "feature",
        "crs": [CRS84],
        "extent": {
            "spatial": { "bbox": [spatial], "crs": CRS84 },
            "temporal": { "interval": [[null, null]] },
        },
        "links": [link(&at, "self", JSON, title), link(format!("{at}/items"), "items", GEOJSON, title)],
    })
}

/// What ledgers are made from, for a program.
pub(super) fn sources<'a>(app: &'a Shared, city: &'a City, program: &'a Program) -> Sources<'a, AnyStore> {
    let scope = program.0.scope();
    Sources { store: &app.store, blobs: &app.blobs, city, scope, most: usize::MAX }
}

/// A reply that nobody keeps.
pub(super) fn reply(media: &'static str, body: Value) -> Response {
    let headers = [(header::CONTENT_TYPE, media), (header::CACHE_CONTROL, "no-store")];
    let mut response = Json(body).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
