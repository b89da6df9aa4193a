//! `GET /v1/audit?before&max`: what was done with records and people, newest first, for those who audit. Reading it is noted too.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::{Deed, Note};
use greenshield_domain::ids::AccountId;
use greenshield_domain::op::SignedOp;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{AuditPage, AuditRow, PersonRow, PulledOp};
use serde::Deserialize;

use crate::app::{App, Shared};
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::Store as _;
use crate::{audit, own_log};

const MAX_ROWS: usize = 200;

#[derive(Debug, Deserialize)]
pub(super) struct AuditQuery {
    before: Option<u64>,
    max: Option<usize>,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Audit)?;
    let Ok(Query(query)) = query else {
        return Err(ApiError::Bad { code: "bad_query", message: "before and max are whole numbers" });
    };
    if query.before.is_none() {
        audit::note(&app, &caller, Deed::Audit, None).await?;
    }
    let max = query.max.unwrap_or(MAX_ROWS).clamp(1, MAX_ROWS);
    let below = query.before.unwrap_or(i64::MAX.unsigned_abs());
    let found = app.store.ops_down_from(own_log::id(&app.audit_key), below, max).await?;
    let ops = own_log::decoded(found)?;
    let lowest = ops.last().map(|(op, _)| op.header().seq);
    let next = lowest.filter(|seq| ops.len() == max && *seq > 0);
    let page = page(&app, ops, next).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(page)).into_response())
}

/// Lines with the names of those who did it.
pub(super) async fn page(app: &App, ops: Vec<(SignedOp, PulledOp)>, next: Option<u64>) -> Result<AuditPage, ApiError> {
    let mut rows: Vec<AuditRow> = ops.iter().map(|(op, pulled)| row(op, pulled)).collect();
    let accounts: Vec<AccountId> = rows.iter().flat_map(|row| [Some(row.by), row.about]).flatten().collect();
    let people: BTreeMap<AccountId, PersonRow> =
        app.store.people(&accounts).await?.into_iter().map(|person| (person.account, person)).collect();
    for row in &mut rows {
        if let Some(person) = people.get(&row.by) {
            (row.name, row.role) = (person.name.clone(), person.role.clone());
        }
        if let Some(person) = row.about.and_then(|about| people.get(&about)) {
            row.about_name = person.name.clone();
        }
    }
    Ok(AuditPage { rows, next, time_millis: app.clock.now_millis() })
}

/// The line of an op; one that is no note is the beginning of the log.
fn row(op: &SignedOp, pulled: &PulledOp) -> AuditRow {
    let note = Note::read(op);
    let deed = note.map_or("began", |note| note.deed.map_or("other", Deed::word));
    AuditRow {
        op: op.id(),
        pos: pulled.pos,
        seq: op.header().seq,
        at_millis: pulled.received_millis,
        deed: deed.to_owned(),
        by: note.map_or(pulled.account, |note| note.by),
        name: String::new(),
        role: String::new(),
        log: note.map_or(op.header().log, |note| note.log),
        record: note.and_then(|note| note.record),
        about: note.and_then(|note| note.about),
        about_name: String::new(),
        kind: note.and_then(|note| note.kind),
    }
}
