//! Setting out: the patrol is a record on disk before anything is recorded of it.

use greenshield_client::engine::Save;
use greenshield_domain::cbor::Value;
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::patrol::{self, NO_TRACK, field};
use greenshield_domain::person::{Person, record_of};
use leptos::prelude::*;

use super::load_records;
use super::note_phone::phone_now;
use crate::context::App;
use crate::state::message::Message;
use crate::state::patrol::belongs;
use crate::state::patrol::{PATROL, Plan, Recorder};

/// Starts; returns once it is on disk.
///
/// # Errors
/// Words for the page; then nothing was started.
pub async fn start_patrol(app: App, plan: Plan) -> Result<(), Message> {
    let engine = app.engine();
    let kept = engine.draft(PATROL).await.map_err(|error| Message::of(&error))?;
    if kept.as_deref().is_some_and(|kept| Recorder::resumed(kept, Vec::new()).is_none()) {
        return Err(Message::of_code("patrol_unread"));
    }
    if app.state.patrol.with_untracked(Option::is_some) || kept.is_some() {
        app.state.patrol_elsewhere.set(app.state.patrol.with_untracked(Option::is_none));
        app.patrol_bell().ring();
        return Ok(());
    }
    let phone = phone_now(app).await;
    let now = app.now_millis();
    let walk = Recorder::begun(engine.new_record(), &plan, now);
    let set = |field, value| Entry { field, act: Act::Set, value };
    let companions = plan.companions.trim();
    let entries = [
        Some(set(field::STARTED_AT, Value::Int(now))),
        Some(set(field::MODE, Value::text(plan.mode.word()))),
        Some(set(field::SOURCE, Value::text(if plan.has_track { "phone" } else { NO_TRACK }))),
        Some(phone.to_entry()),
        (!companions.is_empty()).then(|| set(field::COMPANIONS, Value::text(companions))),
        plan.planned_return_millis.map(|due| set(field::PLANNED_RETURN, Value::Int(due))),
    ];
    let hats = match plan.hats {
        Some(hats) => hats,
        None => own_hats(app).await,
    };
    let belongs = belongs::entries(&app.city(), &hats, plan.operation);
    let entries = entries.into_iter().flatten().chain(belongs).collect();
    let save = Save { record: Some(walk.record), kind: patrol::KIND, entries, draft: None };
    let form = walk.encode(now);
    let saved = engine.save_and_keep(save, PATROL, form).await.map_err(|error| Message::of(&error))?;
    load_records::note_saved(app, saved);
    app.state.patrol.set(Some(walk));
    app.patrol_bell().ring();
    Ok(())
}

/// All that this person is, by the person's own record: the list may not have been read to there yet.
pub(super) async fn own_hats(app: App) -> Vec<String> {
    let Some(me) = app.state.me() else { return Vec::new() };
    // Whose record does not read here walks without; the walk counts all the same.
    let Ok(Some(view)) = app.engine().record(record_of(me)).await else { return Vec::new() };
    let hats = belongs::hats_of(&app.city(), &Person::of(&view.merged));
    hats.into_iter().map(|(id, _)| id).collect()
}
