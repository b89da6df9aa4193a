//! `POST /v1/workbook`: rows of text as the file of a spreadsheet, for whoever has figures to hand on. Nothing of it is kept.

use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;
use greenshield_domain::roster::{MAX_BYTES, MAX_COLUMNS, MAX_ROWS, Table};

use crate::app::Shared;
use crate::auth::caller_of;
use crate::body;
use crate::error::ApiError;
use crate::ledger::xlsx;

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(&app, &parts).await?;
    caller.may(Action::Read)?;
    body::expect_type(&parts.headers, "application/json")?;
    let bytes = body::read(body, MAX_BYTES).await?;
    let bad = ApiError::Bad { code: "bad_table", message: "no rows of text, or more of them than a sheet takes here" };
    let Ok(table) = serde_json::from_slice::<Table>(&bytes) else { return Err(bad) };
    if table.rows.is_empty() || table.rows.len() > MAX_ROWS || table.rows.iter().any(|row| row.len() > MAX_COLUMNS) {
        return Err(bad);
    }
    let made = tokio::task::spawn_blocking(move || xlsx::sheet_of(&table)).await.map_err(|_| ApiError::Internal)?;
    let file = made.map_err(|_| ApiError::Internal)?;
    let headers = [(header::CONTENT_TYPE, xlsx::MIME), (header::CACHE_CONTROL, "no-store")];
    Ok((headers, file).into_response())
}
