//! `GET /v1/me/looks?before`: what others did with the caller's records, newest first, for whoever they are about.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::Note;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::person;
use greenshield_domain::policy::Action;
use serde::Deserialize;

use super::read_audit::page;
use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::own_log;
use crate::store::{Store, StoreError};

/// Notes that one answer looks through; what lies below is asked for with `before`.
const MOST_NOTES: usize = 2_000;

#[derive(Debug, Deserialize)]
pub(super) struct LooksQuery {
    before: Option<u64>,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    query: Result<Query<LooksQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let Ok(Query(query)) = query else {
        return Err(ApiError::Bad { code: "bad_query", message: "before is a whole number" });
    };
    let below = query.before.unwrap_or(i64::MAX.unsigned_abs());
    let found = app.store.ops_down_from(own_log::id(&app.audit_key), below, MOST_NOTES).await?;
    let ops = own_log::decoded(found)?;
    let lowest = ops.last().map(|(op, _)| op.header().seq);
    let next = lowest.filter(|seq| ops.len() == MOST_NOTES && *seq > 0);
    let me = caller.account.id;
    let about: BTreeSet<RecordId> = ops.iter().filter_map(|(op, _)| Note::read(op)?.record).collect();
    let mine = owned(&app.store, me, about).await?;
    let others = ops.into_iter().filter(|(op, _)| {
        Note::read(op).is_some_and(|note| {
            note.by != me && (note.about == Some(me) || note.record.is_some_and(|record| mine.contains(&record)))
        })
    });
    let page = page(&app, others.collect(), next).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(page)).into_response())
}

/// Those of the records that are somebody's own, or about them.
async fn owned<S: Store>(
    store: &S,
    me: AccountId,
    records: BTreeSet<RecordId>,
) -> Result<BTreeSet<RecordId>, StoreError> {
    let records: Vec<RecordId> = records.into_iter().collect();
    let histories = store.histories(&records).await?;
    let mut mine: BTreeSet<RecordId> =
        histories.into_iter().filter(|(_, _, facts)| facts.owner == me).map(|(record, ..)| record).collect();
    mine.insert(person::record_of(me));
    Ok(mine)
}
