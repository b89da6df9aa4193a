//! `POST /v1/roster/preview`: the cells of a spreadsheet, for whoever answers for people. Nothing of it is kept.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::policy::Action;
use greenshield_domain::roster::MAX_BYTES;
use greenshield_domain::wire::XLSX_MIME;

use crate::app::Shared;
use crate::auth::caller_of;
use crate::body;
use crate::error::ApiError;
use crate::roster::{RosterError, read_xlsx};

pub(super) async fn handle(State(app): State<Shared>, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let caller = caller_of(&app, &parts).await?;
    caller.may(Action::People)?;
    body::expect_type(&parts.headers, XLSX_MIME)?;
    let file = body::read(body, MAX_BYTES).await?;
    let table = tokio::task::spawn_blocking(move || read_xlsx(&file)).await.map_err(|_| ApiError::Internal)?;
    let table = table.map_err(|error| match error {
        RosterError::Unread => ApiError::Bad { code: "bad_roster", message: "the file is no spreadsheet" },
        RosterError::TooLarge => {
            ApiError::Bad { code: "bad_roster", message: "the file is larger inside than a roster" }
        }
    })?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(table)).into_response())
}
