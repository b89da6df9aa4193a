//! `GET /v1/scope?after`: which records the caller may read now, for a phone that has to wipe the others.

use std::collections::BTreeSet;

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::ids::RecordId;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{CBOR_MIME, ScopePage};
use serde::Deserialize;

use crate::app::Shared;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::store::Store as _;

/// Records that one request looks at.
const MAX_RECORDS: usize = 20_000;

#[derive(Debug, Deserialize)]
pub(super) struct ScopeQuery {
    after: Option<RecordId>,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    query: Result<Query<ScopeQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let Ok(Query(query)) = query else {
        return Err(ApiError::Bad { code: "bad_query", message: "after is the id of a record" });
    };
    let scope = caller.scope();
    let page = if scope.rules.reads_all(scope.who) {
        ScopePage { all: true, records: Vec::new(), next: None }
    } else {
        let found = app.store.facts_after(query.after, MAX_RECORDS).await?;
        let next = found.last().filter(|_| found.len() == MAX_RECORDS).map(|(record, _)| *record);
        let seen: BTreeSet<RecordId> =
            found.iter().filter(|(_, facts)| scope.allows(Action::Read, facts)).map(|(record, _)| *record).collect();
        ScopePage { all: false, records: seen.into_iter().collect(), next }
    };
    Ok(([(header::CONTENT_TYPE, CBOR_MIME), (header::CACHE_CONTROL, "no-store")], page.encode()).into_response())
}
