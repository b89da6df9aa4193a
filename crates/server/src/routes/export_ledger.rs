//! `GET /v1/export?kind&format[&from&until&bbox&lang]`: the records of a kind as one file, for other programs.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::city::{City, Kind};
use greenshield_domain::policy::Action;
use serde::Deserialize;
use tokio::task::spawn_blocking;

use crate::app::Shared;
use crate::audit;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::ledger::asked::{Asked, Bbox, moment};
use crate::ledger::{self, Lang, Ledger, LedgerError, MAX_RECORDS, Sources, csv, geopackage, gpx, json, kml};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExportQuery {
    kind: String,
    format: Format,
    from: Option<String>,
    until: Option<String>,
    bbox: Option<String>,
    #[serde(default)]
    lang: Lang,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Format {
    Csv,
    Xlsx,
    Geojson,
    Gpx,
    Kml,
    Gpkg,
}

impl Format {
    fn mime(self) -> &'static str {
        match self {
            Self::Csv => csv::MIME,
            Self::Xlsx => ledger::WORKBOOK_MIME,
            Self::Geojson => json::MIME,
            Self::Gpx => gpx::MIME,
            Self::Kml => kml::MIME,
            Self::Gpkg => geopackage::MIME,
        }
    }

    fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Geojson => "geojson",
            Self::Gpx => "gpx",
            Self::Kml => "kml",
            Self::Gpkg => "gpkg",
        }
    }

    /// Tables have no room for a track.
    fn has_tracks(self) -> bool {
        !matches!(self, Self::Csv | Self::Xlsx)
    }
}

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    query: Result<Query<ExportQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Export)?;
    let Ok(Query(query)) = query else {
        return Err(bad("kind, format (csv, xlsx, geojson, gpx, kml, gpkg), from, until, bbox and lang (zh, en)"));
    };
    let city = app.city();
    let asked = asked(&query, &city)?;
    audit::note_ledger(&app, &caller, asked.kind.id).await?;
    let _turn = app.turns.acquire().await.map_err(|_| ApiError::Busy)?;
    let sources =
        Sources { store: &app.store, blobs: &app.blobs, city: &city, scope: caller.scope(), most: MAX_RECORDS };
    let ledger = sources.ledger(&asked).await?;
    let now_millis = app.clock.now_millis();
    let name = file_name(&ledger.kind, now_millis, query.format);
    let bytes = write(ledger, query.format, now_millis).await?;
    let name = HeaderValue::from_str(&name).map_err(|_| ApiError::Internal)?;
    let mime = HeaderValue::from_static(query.format.mime());
    let headers = [(header::CONTENT_TYPE, mime), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, [(header::CACHE_CONTROL, "no-store")], bytes).into_response())
}

fn bad(message: &'static str) -> ApiError {
    ApiError::Bad { code: "bad_query", message }
}

fn asked<'a>(query: &ExportQuery, city: &'a City) -> Result<Asked<'a>, ApiError> {
    let kind = kind_of(city, &query.kind).ok_or_else(|| bad("kind is the number or the name of a kind of the city"))?;
    let read = |text: &Option<String>| text.as_deref().map(|text| moment(text).ok_or(())).transpose();
    let (Ok(from), Ok(until)) = (read(&query.from), read(&query.until)) else {
        return Err(bad("from and until are days (2026-11-23) or moments (2026-11-23T08:00:00+08:00)"));
    };
    let bbox = query.bbox.as_deref().map(|text| Bbox::read(text).ok_or(())).transpose();
    Ok(Asked {
        kind,
        from_millis: from.map(|(first, _)| first),
        until_millis: until.map(|(_, last)| last),
        bbox: bbox.map_err(|()| bad("bbox is west,south,east,north in degrees"))?,
        lang: query.lang,
        tracks: query.format.has_tracks(),
    })
}

/// The kind of a number or name.
fn kind_of<'a>(city: &'a City, text: &str) -> Option<&'a Kind> {
    let id = text.parse::<u32>().ok();
    city.kinds.iter().find(|kind| kind.name == text || Some(kind.id) == id)
}

async fn write(ledger: Ledger, format: Format, now_millis: i64) -> Result<Vec<u8>, ApiError> {
    if format == Format::Gpkg {
        return Ok(geopackage::write(&ledger, now_millis).await?);
    }
    let written = spawn_blocking(move || match format {
        Format::Csv => Ok(csv::write(&ledger)),
        Format::Xlsx => ledger::workbook(&ledger).map_err(LedgerError::from),
        Format::Geojson | Format::Gpkg => Ok(json::write(&ledger)),
        Format::Gpx => Ok(gpx::write(&ledger, now_millis)),
        Format::Kml => Ok(kml::write(&ledger)),
    });
    Ok(written.await.map_err(|_| ApiError::Internal)??)
}

/// `attachment; filename="greenshield-incident-2026-11-23.csv"`.
fn file_name(kind: &str, now_millis: i64, format: Format) -> String {
    let kind: String = kind.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    format!("attachment; filename=\"greenshield-{kind}-{}.{}\"", ledger::day(now_millis), format.ending())
}
