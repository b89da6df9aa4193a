//! `GET /v1/snapshot?cursor&max`: what a new phone begins with: whole records, the one that began last first.
//!
//! Invariants: the snapshot holds exactly the ops up to the position at which it began, however many arrive meanwhile; its last
//! page leaves an ordinary cursor of that position. A record is never split over pages, except one that alone is over the
//! limits of a page: it begins on a page of its own and goes on, by positions, on those after it.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::Response;
use greenshield_domain::audit::Deed;
use greenshield_domain::policy::Action;
use greenshield_domain::wire::{Cursor, PulledOp, SnapshotCursor};
use serde::Deserialize;

use super::page::{self, MAX_BYTES, MAX_OPS};
use crate::app::Shared;
use crate::audit;
use crate::auth::Caller;
use crate::error::ApiError;
use crate::scope::{Scope, Sifted};
use crate::store::{RecordSpan, Store, Stored};

#[derive(Debug, Deserialize)]
pub(super) struct SnapshotQuery {
    cursor: Option<String>,
    max: Option<usize>,
}

pub(super) async fn handle(
    State(app): State<Shared>,
    caller: Caller,
    query: Result<Query<SnapshotQuery>, QueryRejection>,
) -> Result<Response, ApiError> {
    caller.may(Action::Read)?;
    let Ok(Query(query)) = query else {
        return Err(ApiError::Bad { code: "bad_query", message: "max is a whole number" });
    };
    let scope = caller.scope_hash();
    let newest = app.store.newest_pos().await?;
    let place = match query.cursor.as_deref() {
        None | Some("") => {
            audit::note_if_it_can_be(&app, &caller, Deed::Snapshot, None).await;
            let began = Cursor { epoch: app.epoch, scope, pos: newest };
            SnapshotCursor { began, upto: newest, after: 0 }
        }
        Some(text) => SnapshotCursor::from_text(text)
            .map_err(|_| ApiError::Bad { code: "bad_cursor", message: "a cursor is given by the page before" })?,
    };
    // A snapshot begins again without a cursor.
    let again = |code| Err(ApiError::Cursor { code, cursor: String::new() });
    if place.began.epoch != app.epoch || place.began.pos > newest {
        return again("epoch");
    }
    if place.began.scope != scope {
        return again("scope");
    }
    let max_ops = query.max.unwrap_or(MAX_OPS).clamp(1, MAX_OPS);
    let (ops, next) = part(&app.store, caller.scope(), place, max_ops).await?;
    let text = next.map_or_else(|| place.began.to_text(), |next| next.to_text());
    let ops = caller.scope().show(&app.store, ops).await?;
    page::reply(&app, Sifted { ops, ..Sifted::default() }, text, next.is_some()).await
}

/// The ops of one page, and where the next one goes on; `None` when this was the last.
async fn part<S: Store>(
    store: &S,
    scope: Scope<'_>,
    mut place: SnapshotCursor,
    max_ops: usize,
) -> Stored<(Vec<PulledOp>, Option<SnapshotCursor>)> {
    let began = place.began.pos;
    loop {
        let spans = store.records_down_from(place.upto, began, max_ops).await?;
        let below = |span: &RecordSpan| SnapshotCursor { upto: span.first.saturating_sub(1), after: 0, ..place };
        let rest = spans.last().filter(|_| spans.len() == max_ops).map(below);
        let spans = scope.spans(store, spans, began).await?;
        let Some(first) = spans.first() else {
            // None of these records is for the caller.
            let Some(rest) = rest else { return Ok((Vec::new(), None)) };
            place = rest;
            continue;
        };
        let whole = if place.after > 0 && first.first == place.upto { 0 } else { fitting(&spans, max_ops) };
        if let Some(last) = whole.checked_sub(1).and_then(|last| spans.get(last)) {
            let records: Vec<_> = spans[..whole].iter().map(|span| span.record).collect();
            let ops = store.ops_of_records(&records, 1..=began, usize::MAX, usize::MAX).await?;
            return Ok((ops, if whole < spans.len() { Some(below(last)) } else { rest }));
        }
        let from = if first.first == place.upto { place.after.saturating_add(1) } else { 1 };
        let ops = store.ops_of_records(&[first.record], from..=began, max_ops, MAX_BYTES).await?;
        let next = match ops.last() {
            Some(last) if last.pos < first.last => SnapshotCursor { upto: first.first, after: last.pos, ..place },
            _ => below(first),
        };
        return Ok((ops, Some(next)));
    }
}

/// How many of the records fit on a page together.
fn fitting(spans: &[RecordSpan], max_ops: usize) -> usize {
    let (mut ops, mut size) = (0_usize, 0_usize);
    let fits = |span: &&RecordSpan| {
        ops = ops.saturating_add(span.ops);
        size = size.saturating_add(span.size_bytes);
        ops <= max_ops && size <= MAX_BYTES
    };
    spans.iter().take_while(fits).count()
}
