//! `GET /v1/ops?cursor&max&wait`: the ops after a cursor, in the order of the server; waits for the next one if asked.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::Cursor;
use serde::Deserialize;

use super::page::{self, MAX_BYTES, MAX_OPS};
use crate::app::Shared;
use crate::auth::{self, Caller};
use crate::error::ApiError;
use crate::metrics::{self, UnderWay};
use crate::store::Store as _;

const MAX_WAIT_SECONDS: u64 = 25;

#[derive(Debug, Deserialize)]
pub(super) struct PullQuery {
    cursor: Option<String>,
    max: Option<usize>,
    wait: Option<u64>,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    query: Result<Query<PullQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let Ok(Query(query)) = query else {
        return Err(ApiError::Bad { code: "bad_query", message: "max and wait are whole numbers" });
    };
    let start = Cursor { epoch: app.epoch, scope: caller.scope_hash(), pos: 0 };
    let cursor = match query.cursor.as_deref() {
        None | Some("") => start,
        Some(text) => Cursor::from_text(text)
            .map_err(|_| ApiError::Bad { code: "bad_cursor", message: "a cursor is given by the page before" })?,
    };
    let again = |code| Err(ApiError::Cursor { code, cursor: start.to_text() });
    // The page before may come from another process, whose commits are heard of a moment later.
    if cursor.pos > app.live.newest_pos() {
        app.live.advance(app.store.newest_pos().await?);
    }
    // A position that was never given out comes from a database that was restored since.
    if cursor.epoch != app.epoch || cursor.pos > app.live.newest_pos() {
        return again("epoch");
    }
    if cursor.scope != start.scope {
        return again("scope");
    }
    let max = query.max.unwrap_or(MAX_OPS).clamp(1, MAX_OPS);
    let mut sifted = caller.scope().ops_after(&app.store, cursor.pos, max, MAX_BYTES).await?;
    let wait = Duration::from_secs(query.wait.unwrap_or(0).min(MAX_WAIT_SECONDS));
    let end = tokio::time::Instant::now() + wait;
    let _open = (sifted.is_empty() && !wait.is_zero()).then(UnderWay::long_poll);
    while sifted.is_empty() && sifted.upto >= app.live.newest_pos() {
        // Nothing within that time is an answer too. What is not for the caller does not end the wait.
        if tokio::time::timeout_at(end, app.live.after(sifted.upto)).await.is_err() || app.live.is_stopping() {
            break;
        }
        let caller = auth::again(&app, &caller, Action::Read).await?;
        if caller.scope_hash() != start.scope {
            return again("scope");
        }
        sifted = caller.scope().ops_after(&app.store, sifted.upto, max, MAX_BYTES).await?;
    }
    let pos = sifted.upto;
    if pos >= app.live.newest_pos() && !sifted.is_empty() {
        app.live.advance(app.store.newest_pos().await?);
    }
    metrics::pulled();
    page::reply(&app, sifted, Cursor { pos, ..cursor }.to_text(), pos < app.live.newest_pos()).await
}
