//! `GET /v1/retention`: how long records are kept, the last runs of the job, and what is due now, for those with the action
//! `retention`. Of the records only those that the caller may read.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::ids::RecordId;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{MAX_RETENTION_ROWS, MAX_RETENTION_RUNS, RetentionReport, RetentionRow};

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::retention::look;
use crate::store::RetentionStore as _;

pub(super) async fn handle(State(app): State<Shared>, caller: Caller) -> Result<Response, ApiError> {
    caller.may(Action::Retention)?;
    let _turn = app.turns.acquire().await.map_err(|_| ApiError::Busy)?;
    let time_millis = app.clock.now_millis();
    let found = look(&app.store, &app.city(), time_millis, None).await?;
    let mut rows: Vec<RetentionRow> = found
        .due
        .iter()
        .map(|(record, due)| RetentionRow {
            record: *record,
            kind: due.kind,
            class: due.class,
            last_millis: due.last_millis,
        })
        .collect();
    rows.sort_unstable_by_key(|row| (row.last_millis, row.record));
    let ids: Vec<RecordId> = rows.iter().map(|row| row.record).collect();
    let readable = caller.scope().records(&app.store, &ids, Action::Read).await?;
    let mut told: BTreeMap<u32, usize> = BTreeMap::new();
    rows.retain(|row| {
        let n = told.entry(row.class).or_default();
        *n += usize::from(readable.contains(&row.record));
        readable.contains(&row.record) && *n <= MAX_RETENTION_ROWS
    });
    let runs = app.store.retention_runs(MAX_RETENTION_RUNS).await?.into_iter().map(|row| row.run).collect();
    let reply = RetentionReport { erases: app.erases_due.is_on(), runs, now: found.counts, due: rows, time_millis };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(reply)).into_response())
}
