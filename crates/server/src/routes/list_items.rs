//! `GET /ogc/collections/{collection}/items`: the records of a kind that the person of the key may take out, page by page.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::calendar::utc;
use greenshield_domain::ids::RecordId;
use serde::Deserialize;
use serde_json::json;

use super::ogc::{self, Encoding, GEOJSON, JSON, bad, link};
use crate::app::Shared;
use crate::error::ApiError;
use crate::ledger::asked::{Asked, Bbox, interval};
use crate::ledger::{Lang, json as features};
use crate::programs::Program;

/// Records of a page when nobody says how many.
const USUAL_LIMIT: usize = 100;
/// Most records of a page; more are not an error, they come with the next one.
const MAX_LIMIT: usize = 1_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemsQuery {
    limit: Option<usize>,
    bbox: Option<String>,
    datetime: Option<String>,
    cursor: Option<String>,
    lang: Option<Lang>,
    #[serde(rename = "f")]
    _f: Option<Encoding>,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    program: Program,
    name: Result<Path<String>, PathRejection>,
    query: Result<Query<ItemsQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let city = app.city();
    let kind = ogc::kind(&city, &name?.0)?;
    let Ok(Query(query)) = query else {
        return Err(bad("this call takes limit, bbox, datetime, cursor, lang (zh, en) and f (json), and nothing else"));
    };
    let limit = query.limit.unwrap_or(USUAL_LIMIT);
    if limit == 0 {
        return Err(bad("limit is a whole number from 1"));
    }
    let stretch = query.datetime.as_deref().map(|text| interval(text).ok_or(())).transpose();
    let (from_millis, until_millis) = stretch
        .map_err(|()| bad("datetime is a moment (2026-11-23T08:00:00Z) or an interval (T/T, ../T, T/..)"))?
        .unwrap_or_default();
    let bbox = query.bbox.as_deref().map(|text| Bbox::read(text).ok_or(())).transpose();
    let bbox = bbox.map_err(|()| bad("bbox is west,south,east,north in degrees of CRS84"))?;
    let after = query.cursor.as_deref().map(|text| read_cursor(text).ok_or(())).transpose();
    let after = after.map_err(|()| bad("a cursor is given by the link to the next page"))?;
    let lang = query.lang.unwrap_or_default();
    let asked = Asked { kind, from_millis, until_millis, bbox, lang, tracks: true };
    let _turn = app.turns.acquire().await.map_err(|_| ApiError::Busy)?;
    let page = ogc::sources(&app, &city, &program).page(&asked, &app.found, after, limit.min(MAX_LIMIT)).await?;

    let at = format!("{}/collections/{}", ogc::base(&app, &headers).await?, kind.name);
    let items = |cursor: Option<String>| {
        let text = |name: &'static str, value: &Option<String>| value.clone().map(|value| (name, value));
        let limit = query.limit.map(|limit| ("limit", limit.to_string()));
        let said = [limit, text("bbox", &query.bbox), text("datetime", &query.datetime), text("cursor", &cursor)];
        let lang = query.lang.map(|lang| ("lang", lang.word().to_owned()));
        let said = said.into_iter().chain([lang]).flatten();
        let said: Vec<String> = said.map(|(name, value)| format!("{name}={}", encoded(&value))).collect();
        if said.is_empty() { format!("{at}/items") } else { format!("{at}/items?{}", said.join("&")) }
    };
    let title = lang.of(&kind.label);
    let mut links =
        vec![link(items(query.cursor.clone()), "self", GEOJSON, title), link(&at, "collection", JSON, title)];
    links.extend(page.next.map(|next| link(items(Some(URL_SAFE_NO_PAD.encode(next.0))), "next", GEOJSON, title)));
    let found = features::features(&page.ledger);
    let body = json!({
        "type": "FeatureCollection",
        "timeStamp": utc(app.clock.now_millis()),
        "numberMatched": page.matched,
        "numberReturned": found.len(),
        "features": found,
        "links": links,
    });
    Ok(ogc::reply(GEOJSON, body))
}

fn read_cursor(text: &str) -> Option<RecordId> {
    Some(RecordId(URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?))
}

/// A value in a query (RFC 3986).
fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~,:/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_link_reads_back_as_it_was() {
        assert_eq!(encoded("2026-11-23T08:00:00+08:00/.."), "2026-11-23T08:00:00%2B08:00/..");
        assert_eq!(encoded("1,2&x=\"河\""), "1,2%26x%3D%22%E6%B2%B3%22");
    }
}
