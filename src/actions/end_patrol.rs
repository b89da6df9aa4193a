//! On the way and at the end: check-ins, pauses, another way of moving, home.

use greenshield_client::engine::Save;
use greenshield_domain::cbor::Value;
use greenshield_domain::ids::RecordId;
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::patrol::{self, CheckIn, ENDED, field};
use greenshield_domain::track::Mode;
use leptos::prelude::*;

use super::load_records;
use super::note_phone::phone_now;
use super::record_track::{cells_of, close_segment, file_segment, keep_track};
use crate::context::App;
use crate::state::message::Message;
use crate::state::patrol::{PATROL, Recorder};
use crate::state::words::t;

fn set(field: u32, value: Value) -> Entry {
    Entry { field, act: Act::Set, value }
}

/// Changes the patrol under way; does nothing when there is none.
fn change(app: App, change: impl FnOnce(&mut Recorder)) {
    app.state.patrol.update(|walk| {
        if let Some(walk) = walk {
            change(walk);
        }
    });
    app.patrol_bell().ring();
}

/// Saves entries of the patrol under way.
pub(super) async fn save(app: App, entries: Vec<Entry>) -> Result<(), Message> {
    let Some(record) = app.state.patrol.with_untracked(|walk| walk.as_ref().map(|walk| walk.record)) else {
        return Ok(());
    };
    let save = Save { record: Some(record), kind: patrol::KIND, entries, draft: None };
    let saved = app.engine().save(save).await.map_err(|error| Message::of(&error))?;
    load_records::note_saved(app, saved);
    Ok(())
}

/// Notes that the person is here.
///
/// # Errors
/// Words for the page.
pub async fn check_in(app: App, is_well: bool) -> Result<(), Message> {
    let at_millis = app.now_millis();
    let place = app.state.patrol.with_untracked(|walk| walk.as_ref().and_then(|walk| walk.place(at_millis)));
    save(app, vec![CheckIn { at_millis, place, is_well }.to_entry()]).await?;
    change(app, |walk| {
        walk.check_ins += 1;
        walk.is_dirty = true;
    });
    app.state.say(t("patrol.checked_in_toast"));
    Ok(())
}

/// Rests, or goes on.
pub async fn pause_or_go_on(app: App) {
    let now = app.now_millis();
    change(app, |walk| if walk.paused_since().is_some() { walk.go_on(now) } else { walk.pause(now) });
    keep_track(app).await;
}

/// Goes on in another way: what was recorded so far keeps its own.
///
/// # Errors
/// Words for the page; the way stays what it was.
pub async fn change_mode(app: App, mode: Mode) -> Result<(), Message> {
    close_segment(app).await?;
    save(app, vec![set(field::MODE, Value::text(mode.word()))]).await?;
    change(app, |walk| {
        walk.segment.mode = mode;
        walk.is_dirty = true;
    });
    keep_track(app).await;
    Ok(())
}

/// Ends the patrol; returns its record once all of it is on disk.
///
/// # Errors
/// Words for the page; the patrol goes on.
pub async fn end_patrol(app: App, is_well: bool, note: &str) -> Result<Option<RecordId>, Message> {
    let phone = phone_now(app).await;
    let draft = app.patrol_draft();
    let _alone = draft.lock().await;
    let now = app.now_millis();
    let before = app.state.patrol.with_untracked(|walk| walk.as_ref().map(|walk| (walk.record, walk.open)));
    let Some((record, open)) = before else { return Ok(None) };
    change(app, |walk| walk.end(now));
    let ended = async {
        let segment = file_segment(app).await?;
        let note = note.trim();
        let way = app.state.patrol.with_untracked(|walk| walk.as_ref().map(Recorder::way)).unwrap_or_default();
        let entries = [
            segment.map(|(link, _)| link),
            cells_of(app, &way),
            Some(set(field::ENDED_AT, Value::Int(now))),
            Some(set(field::STATE, Value::text(ENDED))),
            Some(phone.to_entry()),
            is_well.then(|| set(field::ALL_WELL, Value::Int(1))),
            (!note.is_empty()).then(|| set(field::NOTE, Value::text(note))),
        ];
        let entries = entries.into_iter().flatten().collect();
        let draft = Some(PATROL.to_owned());
        let save = Save { record: Some(record), kind: patrol::KIND, entries, draft };
        app.engine().save(save).await.map_err(|error| Message::of(&error))
    };
    match ended.await {
        Ok(saved) => {
            app.state.patrol.set(None);
            app.patrol_bell().ring();
            load_records::note_saved(app, saved);
            Ok(Some(record))
        }
        Err(message) => {
            // What was measured meanwhile stays; a rest or a gap that was open goes on.
            change(app, |walk| walk.go_on_with(open, now));
            Err(message)
        }
    }
}
