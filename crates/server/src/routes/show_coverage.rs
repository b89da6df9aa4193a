//! `GET /v1/coverage?days[&element]`: which parts of the areas nobody visited for some days, as far as the caller may read areas
//! and visits.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;
use greenshield_domain::wire::MAX_COVERAGE_DAYS;
use serde::Deserialize;

use crate::app::Shared;
use crate::auth::Caller;
use crate::coverage::{Asked, Coverage};
use crate::error::ApiError;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CoverageQuery {
    days: u32,
    element: Option<String>,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    query: Result<Query<CoverageQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let query = query.ok().map(|Query(query)| query).filter(|query| (1..=MAX_COVERAGE_DAYS).contains(&query.days));
    let Some(CoverageQuery { days, element }) = query else {
        let message = "days is a whole number from 1 to 366; element is a word of the catalogue";
        return Err(ApiError::Bad { code: "bad_query", message });
    };
    let _turn = app.turns.acquire().await.map_err(|_| ApiError::Busy)?;
    let city = app.city();
    let coverage = Coverage { store: &app.store, blobs: &app.blobs, city: &city, scope: caller.scope() };
    let asked = Asked { days, element: element.as_deref(), now_millis: app.clock.now_millis() };
    let report = coverage.report(&asked).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(report)).into_response())
}
