//! What an op is to a receiver: an event that names the record and says nothing of what stands in it, or nothing at all.
//!
//! Owns: which ops are told, and as what. Refuses: values, names, places: a receiver reads them by the API. Invariants: an event is told
//! exactly if the record may be taken out by the reader, now and right behind the op; that a record went is told only to those who could
//! take it out before; the same op has the same id for ever.

use greenshield_domain::calendar::utc;
use greenshield_domain::city::{FieldType, Kind};
use greenshield_domain::ids::{Epoch, RecordId};
use greenshield_domain::op::SignedOp;
use greenshield_domain::policy::{self, Action, Facts, Target};
use greenshield_domain::verdict::{FIRST_CITY_KIND, KIND_ERASURE, KIND_VERDICT, SERVER_ACCOUNT};
use greenshield_domain::wire::{PulledOp, Verdict};
use serde_json::{Value as Json, json};

use super::receiver::Receiver;
use crate::app::App;
use crate::auth::Caller;
use crate::ledger::{Shown, ops_of};
use crate::scope::Scope;
use crate::store::{Store as _, StoreError, Stored};

/// The record is new, or something of it may show otherwise.
pub const CHANGED: &str = "record.changed";
/// Values of the record were erased: every copy of it has to be read anew, or to go.
pub const ERASED: &str = "record.erased";
/// The record is not there any more for this reader: it was decided that it never shows, or it moved away.
pub const GONE: &str = "record.gone";
/// Nothing happened; somebody tries whether it arrives.
pub const PING: &str = "ping";

/// An event, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Names it; the same for each try.
    pub id: String,
    /// JSON.
    pub body: Vec<u8>,
}

impl Event {
    /// What is sent to try whether it arrives; `mark` makes its id another one each time.
    #[must_use]
    pub fn ping(receiver: &Receiver, mark: u64, now_millis: i64) -> Self {
        let body = json!({ "type": PING, "timestamp": utc(now_millis), "data": { "receiver": receiver.name } });
        Self { id: format!("msg_ping_{mark:016x}"), body: body.to_string().into_bytes() }
    }
}

/// What an op does, as far as it can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    /// Somebody said something that counts.
    Said,
    /// It was decided whether something counts.
    Decided,
    /// Values were erased.
    Erased,
}

fn deed(op: &SignedOp, pulled: &PulledOp) -> Option<Deed> {
    match op.header().kind {
        FIRST_CITY_KIND.. => (pulled.verdict == Verdict::Ok).then_some(Deed::Said),
        KIND_VERDICT if pulled.account == SERVER_ACCOUNT => Some(Deed::Decided),
        KIND_ERASURE if pulled.account == SERVER_ACCOUNT => Some(Deed::Erased),
        _ => None,
    }
}

/// The event of an op for a receiver whose key belongs to `reader`; `None` when there is nothing to tell.
///
/// # Errors
/// A fault of the store.
pub async fn of(app: &App, reader: &Caller, receiver: &Receiver, pulled: &PulledOp) -> Stored<Option<Event>> {
    let corrupt = |_| StoreError::Corrupt { table: "op", column: "bytes" };
    let op = SignedOp::decode(&pulled.op).map_err(corrupt)?;
    let Some(deed) = deed(&op, pulled) else { return Ok(None) };
    let record = op.header().record;
    let history: Vec<(u64, Facts)> =
        app.store.histories(&[record]).await?.into_iter().map(|(_, since, facts)| (since, facts)).collect();
    let Some((_, now)) = history.last() else { return Ok(None) };
    let city = app.city();
    let Some(kind) = city.kind(now.kind).filter(|kind| receiver.kinds.contains(&kind.id)) else {
        return Ok(None);
    };
    let ops = ops_of(&app.store, &[record]).await?.remove(&record).unwrap_or_default();
    let view = View { scope: reader.scope(), kind, history: &history, ops: &ops };
    let Some((word, state)) = view.told(deed, &op, pulled.pos) else { return Ok(None) };
    let base = app.store.base_url().await?.unwrap_or_default();
    let item = (word != GONE).then(|| link(&base, kind, record));
    let body = json!({
        "type": word,
        "timestamp": utc(pulled.received_millis),
        "data": {
            "record": record,
            "kind": kind.name,
            "op": op.id(),
            "position": pulled.pos,
            "state": state,
            "item": item,
        },
    });
    Ok(Some(Event { id: id(app.epoch, pulled.pos, &receiver.name), body: body.to_string().into_bytes() }))
}

/// A restored server gives positions anew, and what it tells then is something else.
fn id(epoch: Epoch, pos: u64, receiver: &str) -> String {
    format!("msg_{}_{pos}_{receiver}", epoch.to_hex())
}

fn link(base: &str, kind: &Kind, record: RecordId) -> String {
    format!("{}/ogc/collections/{}/items/{record}", base.trim_end_matches('/'), kind.name)
}

/// A record as the reader could take it out at each position.
struct View<'a> {
    scope: Scope<'a>,
    kind: &'a Kind,
    history: &'a [(u64, Facts)],
    ops: &'a [(SignedOp, PulledOp)],
}

impl View<'_> {
    /// What is told of an op at a position, with the state behind it.
    fn told(&self, deed: Deed, op: &SignedOp, pos: u64) -> Option<(&'static str, Json)> {
        let then = self.shown(self.facts_at(pos), pos);
        let is_there = self.shown(self.history.last().map(|(_, facts)| facts), u64::MAX).is_some();
        if deed == Deed::Erased {
            return self.was_seen(pos).then_some((ERASED, Json::Null));
        }
        let before = pos.checked_sub(1).and_then(|before| self.shown(self.facts_at(before), before));
        match (before, then) {
            (Some(_), None) if !is_there => Some((GONE, Json::Null)),
            (before, Some(then)) if is_there => {
                let says = deed == Deed::Decided || before.is_none() || self.says_something(op);
                says.then(|| (CHANGED, self.state(&then)))
            }
            // Where it stands now is told when that place is reached.
            _ => None,
        }
    }

    /// Whether the reader could take the record out at some position up to this one.
    fn was_seen(&self, pos: u64) -> bool {
        let ends = self.history.iter().skip(1).map(|(since, _)| since - 1).chain([u64::MAX]);
        let mut stages = self.history.iter().zip(ends).filter(|((since, _), _)| *since <= pos);
        stages.any(|((_, facts), end)| self.shown(Some(facts), end.min(pos)).is_some())
    }

    fn facts_at(&self, pos: u64) -> Option<&Facts> {
        self.history.iter().rev().find(|(since, _)| *since <= pos).map(|(_, facts)| facts)
    }

    /// What the reader could take out of the record as it stood at a position.
    fn shown(&self, facts: Option<&Facts>, pos: u64) -> Option<Shown> {
        let facts = facts.filter(|facts| self.scope.allows(Action::Export, facts))?;
        let upto = self.ops.partition_point(|(_, pulled)| pulled.pos <= pos);
        Shown::of(self.kind, facts, &self.ops[..upto], |field| self.may(facts, field))
    }

    /// Whether an op is about a field that the reader could take out; where a record belongs, for one, no ledger tells.
    fn says_something(&self, op: &SignedOp) -> bool {
        let Some((_, facts)) = self.history.last() else { return false };
        op.body().entries().any(|entry| self.kind.field(entry.field).is_some() && self.may(facts, entry.field))
    }

    fn may(&self, facts: &Facts, field: u32) -> bool {
        policy::authorize(self.scope.rules, self.scope.who, Action::Export, Target::Field(facts, field))
    }

    /// The word of its state, if it has one.
    fn state(&self, shown: &Shown) -> Json {
        let field = self.kind.fields.iter().find(|field| field.ty == FieldType::State);
        let state = field.and_then(|field| shown.merged.value(field.id)).and_then(|value| value.as_text());
        state.map_or(Json::Null, |state| json!(state))
    }
}
