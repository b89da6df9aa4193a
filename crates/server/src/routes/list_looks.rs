//! `GET /v1/me/looks?before`: what others did with the caller's records, newest first, for whoever they are about. That all records of
//! a kind were taken out is told to those who had one of that kind then: what whoever took them out could read at that time, and what
//! part of them was asked for, nobody can tell later, so theirs may be among them.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use greenshield_domain::audit::Note;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::person;
use greenshield_domain::policy::{self, Action};
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
    let is_ledger = |op| Note::read(op).is_some_and(|note| note.by != me && note.kind.is_some());
    let since =
        if ops.iter().any(|(op, _)| is_ledger(op)) { kinds_since(&app.store, me).await? } else { BTreeMap::new() };
    let others = ops
        .into_iter()
        .filter(|(op, pulled)| Note::read(op).is_some_and(|note| is_news(&note, pulled.pos, me, &mine, &since)));
    let page = page(&app, others.collect(), next).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(page)).into_response())
}

/// Whether a note at a position is for somebody: others did it with them, with a record of theirs, or with all records of a kind of
/// which they had one by then.
fn is_news(note: &Note, pos: u64, me: AccountId, mine: &BTreeSet<RecordId>, since: &BTreeMap<u32, u64>) -> bool {
    let is_mine = note.record.is_some_and(|record| mine.contains(&record));
    let is_among = note.kind.and_then(|kind| since.get(&kind)).is_some_and(|since| *since < pos);
    note.by != me && (note.about == Some(me) || is_mine || is_among)
}

/// Since which position somebody has records of each kind. The record about them is theirs, whoever made it.
async fn kinds_since<S: Store>(store: &S, me: AccountId) -> Result<BTreeMap<u32, u64>, StoreError> {
    let mut since: BTreeMap<u32, u64> = store.owned_since(me).await?.into_iter().collect();
    let about = store.histories(&[person::record_of(me)]).await?;
    if let Some((_, first, facts)) = about.first().filter(|(.., facts)| policy::is_person(facts.kind)) {
        let known = since.entry(facts.kind).or_insert(*first);
        *known = (*known).min(*first);
    }
    Ok(since)
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

#[cfg(test)]
mod tests {
    use greenshield_domain::audit::Deed;
    use greenshield_domain::ids::LogId;

    use super::*;

    #[test]
    fn what_others_took_out_is_news_for_those_who_had_such_a_record_then() {
        let (me, other, record) = (AccountId([1; 16]), AccountId([2; 16]), RecordId([3; 16]));
        let note =
            |by, record, about, kind| Note { deed: Some(Deed::Export), by, log: LogId([4; 32]), record, about, kind };
        let (mine, since) = (BTreeSet::from([record]), BTreeMap::from([(10, 5)]));
        let is_news = |pos, note: Note| is_news(&note, pos, me, &mine, &since);
        assert!(is_news(9, note(other, Some(record), None, None)) && is_news(9, note(other, None, Some(me), None)));
        assert!(is_news(6, note(other, None, None, Some(10))));
        assert!(!is_news(5, note(other, None, None, Some(10))), "the record came later");
        assert!(!is_news(9, note(other, None, None, Some(11))), "none of that kind");
        assert!(!is_news(9, note(me, None, None, Some(10))) && !is_news(9, note(me, Some(record), None, None)));
        assert!(!is_news(9, note(other, Some(RecordId([9; 16])), Some(other), None)));
    }
}
