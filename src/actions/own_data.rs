//! What a person decides and asks about their own data, and what the desk answers.

use greenshield_client::engine::RecordView;
use greenshield_domain::cbor::Value;
use greenshield_domain::consent::{self, Answer, TRACKS, TRACKS_VERSION};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::incident::field;
use greenshield_domain::op::Entry;
use greenshield_domain::person;
use greenshield_domain::wish::{self, DONE, REFUSED, Wish};
use leptos::prelude::*;

use super::add_record::add_record;
use super::edit_record::edit_record;
use super::hand_over::{Way, hand_over};
use crate::context::App;
use crate::platform::photo::PickedFile;
use crate::state::message::Message;
use crate::state::own_data::{Owner, WishView, copy_text, tracks, wishes};
use crate::state::patrol::Recorder;

/// Rows that are read at once.
const PAGE_ROWS: usize = 500;

/// Reads what the person agreed to, after a start and when it changed.
pub async fn know_consents(app: App, changed: &[RecordId]) {
    let Some(record) = app.state.identity.with_untracked(|me| me.as_ref().map(|me| consent::record_of(me.account)))
    else {
        return;
    };
    if !changed.is_empty() && !changed.contains(&record) {
        return;
    }
    if let Ok(view) = app.engine().record(record).await {
        let answers = view.map(|view| consent::answers(&view.merged)).unwrap_or_default();
        // Withdrawn in another window, or on another phone of the person.
        if tracks(&answers) == Some(false) {
            stop_track(app);
        }
        app.state.consents.set(answers);
    }
}

/// A patrol under way goes on without a track.
fn stop_track(app: App) {
    let has_track = |walk: &Option<Recorder>| walk.as_ref().is_some_and(|walk| walk.has_track);
    if app.state.patrol.with_untracked(has_track) {
        let now = app.now_millis();
        app.state.patrol.update(|walk| {
            if let Some(walk) = walk {
                walk.give_up_track(now);
            }
        });
        app.patrol_bell().ring();
    }
}

/// Writes down whether walks may be recorded. A patrol under way stops to record at once when they may not.
///
/// # Errors
/// Words for the page; what was said before holds.
pub async fn answer_tracks(app: App, is_given: bool) -> Result<(), Message> {
    let Some(me) = app.state.identity.with_untracked(|me| me.as_ref().map(|me| me.account)) else {
        return Ok(());
    };
    let at_millis = app.now_millis();
    let answer = Answer { purpose: TRACKS.to_owned(), is_given, at_millis, version: TRACKS_VERSION };
    if !is_given {
        stop_track(app);
    }
    add_record(app, Some(consent::record_of(me)), consent::KIND, vec![answer.to_entry()]).await.map(drop)
}

/// Asks something about one's own data.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn make_wish(app: App, wish: Wish, words: &str) -> Result<(), Message> {
    let me = app.state.identity.with_untracked(|me| me.as_ref().map(|me| person::record_of(me.account)));
    let area = app.state.duties.with_untracked(|rows| {
        let row = rows.iter().find(|row| Some(row.record) == me)?;
        row.person.as_ref()?.areas.first().cloned()
    });
    add_record(app, None, wish::KIND, wish.to_entries(words, area.as_deref(), app.now_millis())).await.map(drop)
}

/// The desk answers.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn answer_wish(app: App, record: RecordId, is_done: bool, words: &str) -> Result<(), Message> {
    let state = Entry::set(field::STATE, Value::text(if is_done { DONE } else { REFUSED }));
    edit_record(app, record, vec![state, Entry::set(field::ANSWER, Value::text(words))]).await
}

/// The requests that this device may know of; only those of the person who looks, or all.
///
/// # Errors
/// Words for the page, which then does not say that there are none.
pub async fn read_wishes(app: App, only_mine: bool) -> Result<Vec<WishView>, Message> {
    let me = app.state.identity.with_untracked(|me| me.as_ref().map(|me| me.account));
    let records = app.state.duties.with_untracked(|rows| wishes(rows));
    let (city, now) = (app.city(), app.state.now.get_untracked());
    let mut views = Vec::new();
    for record in records {
        // One that left this device meanwhile is none of it.
        let Some(view) = app.engine().record(record).await.map_err(|error| Message::of(&error))? else { continue };
        if !only_mine || view.row.reporter == me {
            views.push(app.state.people.with_untracked(|people| WishView::of(&view, &city, people, now)));
        }
    }
    Ok(views)
}

/// Hands over a copy of everything on this phone that the person wrote; call it inside a tap.
///
/// # Errors
/// Words for the page.
pub async fn give_copy(app: App, way: Way) -> Result<(), Message> {
    let Some(me) = app.state.viewer() else { return Ok(()) };
    let records = own_records(app, me.account).await?;
    let owner = Owner { name: me.name, role: me.role, account: me.account };
    let text = copy_text(&owner, &records, &app.city(), app.now_millis());
    let file = PickedFile::of_bytes(text.as_bytes(), "greenshield-my-data.json.txt", "text/plain");
    hand_over(app, file.map_err(|exception| Message::of_code(&exception.name))?, way).await
}

/// The records that the person said something in, and the one about the person.
async fn own_records(app: App, me: AccountId) -> Result<Vec<RecordView>, Message> {
    let (engine, mut from, mut found) = (app.engine(), None, Vec::new());
    loop {
        let page = engine.list(from, PAGE_ROWS).await.map_err(|error| Message::of(&error))?;
        for row in &page.rows {
            let view = engine.record(row.record).await.map_err(|error| Message::of(&error))?;
            found.extend(
                view.filter(|view| row.record == person::record_of(me) || view.ops.iter().any(|op| op.account == me)),
            );
        }
        from = page.next;
        if from.is_none() {
            return Ok(found);
        }
    }
}
