//! Reading the list, and what changed in it.

use std::sync::Arc;

use greenshield_client::engine::{EngineError, Saved};
use greenshield_client::rows::ListRow;
use greenshield_domain::ids::RecordId;
use leptos::prelude::*;

use super::find_call::find_call;
use super::load_duties::{fold_duties, load_duties};
use super::own_data::know_consents;
use super::watch_eviction::{is_evicted, note_owner};
use crate::context::App;
use crate::state::message::Message;

/// Rows of the first page: what the first screen needs, and no more.
const PAGE_ROWS: usize = 50;
/// Rows of each further page.
const MORE_ROWS: usize = 500;
/// Rows of each further page where all of them are wanted: some 30 ms, in which the page does not answer.
const REST_ROWS: usize = 2_000;
/// From so many changes on, reading the list again is cheaper than reading each of them, unless it is long.
const MANY: usize = 300;

/// The next page, if there is one. Returns whether more may follow.
pub async fn load_more(app: App) -> bool {
    let from = app.state.records.with_untracked(|list| list.next.clone());
    let Some(from) = from else { return false };
    match app.engine().list(Some(from.clone()), MORE_ROWS).await {
        Ok(page) => {
            let is_expected = app.state.records.with_untracked(|list| list.next.as_ref() == Some(&from));
            if is_expected {
                app.state.records.update(|list| list.append(page));
            }
        }
        Err(error) => note_trouble(app, &error),
    }
    app.state.records.with_untracked(|list| list.next.is_some())
}

/// The rest of the list, page after page, while `is_wanted`. Who looks through all of it at every change hears only when it has
/// doubled and when it is whole; what is read meanwhile is there, at the end of the list.
pub async fn load_rest(app: App, is_wanted: impl Fn() -> bool) {
    let mut told = app.state.records.with_untracked(|list| list.rows.len());
    while is_wanted() {
        let Some(from) = app.state.records.with_untracked(|list| list.next.clone()) else { return };
        let page = match app.engine().list(Some(from.clone()), REST_ROWS).await {
            Ok(page) => page,
            Err(error) => {
                note_trouble(app, &error);
                break;
            }
        };
        app.state.records.maybe_update(|list| {
            // It was read anew meanwhile: then this page is none of it.
            if list.next.as_ref() != Some(&from) {
                return false;
            }
            list.append(page);
            let is_time = list.next.is_none() || list.rows.len() >= 2 * told;
            if is_time {
                told = list.rows.len();
            }
            is_time
        });
    }
    app.state.records.notify();
}

/// Takes over what changed in some records: list, counters, open pages. An empty list means: perhaps everything.
pub async fn refresh(app: App, changed: Vec<RecordId>) {
    know_consents(app, &changed).await;
    let loaded = app.state.records.with_untracked(|list| list.rows.len());
    if changed.is_empty() || changed.len() > MANY.max(loaded / 4) {
        reload_list(app).await;
        load_duties(app).await;
        app.state.touch(Vec::new());
    } else {
        match app.engine().list_rows(&changed).await {
            Ok(rows) => {
                let is_gone = |record: &RecordId| rows.iter().all(|row| row.record != *record);
                let gone: Vec<RecordId> = changed.iter().copied().filter(is_gone).collect();
                fold_duties(app, &rows, &gone);
                app.state.records.update(|list| {
                    list.forget(&gone);
                    list.fold(rows);
                });
            }
            Err(error) => note_trouble(app, &error),
        }
        app.state.touch(changed);
    }
    find_call(app).await;
    refresh_unsent(app).await;
}

/// Takes over what was saved here just now, and wakes the sync.
pub fn note_saved(app: App, saved: Saved) {
    note_room(app);
    let record = saved.record;
    app.state.records.update(|list| list.fold(vec![saved.projection.row]));
    app.state.touch(vec![record]);
    app.tell_changed(&[record]);
    app.run(async move {
        refresh_unsent(app).await;
        app.wake_sync();
    });
}

/// Rows of records that may lie beyond the loaded part.
pub async fn rows_of(app: App, records: Vec<RecordId>) -> Vec<ListRow> {
    app.engine().list_rows(&records).await.unwrap_or_default()
}

/// What is on this phone only, and how many records are delivered.
pub async fn refresh_unsent(app: App) {
    let engine = app.engine();
    // An empty outbox of a database that was cleared away says nothing about what was sent.
    if is_evicted(app).await {
        app.state.unsent_known.set(false);
        app.state.trouble.set(Some(Message::evicted()));
        return;
    }
    match engine.unsent().await {
        Ok(unsent) => {
            if app.state.unsent.with_untracked(|known| *known != unsent) {
                app.state.unsent.set(unsent);
            }
            if !app.state.unsent_known.get_untracked() {
                app.state.unsent_known.set(true);
            }
        }
        Err(error) => note_trouble(app, &error),
    }
    let waiting = app.state.unsent.with_untracked(Vec::len);
    note_owner(app, waiting);
    if let (Ok(own), Ok(status)) = (engine.own_records().await, engine.status().await) {
        app.state.sync.update(|sync| {
            sync.delivered = own.saturating_sub(waiting);
            sync.last_contact_millis = status.last_contact_millis;
            sync.offset_millis = status.offset_millis;
        });
    }
}

/// Names of people.
pub async fn refresh_people(app: App) {
    if let Ok(people) = app.engine().people().await
        && app.state.people.with_untracked(|known| **known != people)
    {
        app.state.people.set(Arc::new(people));
    }
}

/// The loaded part of the list anew, at least its first page.
pub async fn reload_list(app: App) {
    let loaded = app.state.records.with_untracked(|list| list.rows.len());
    match app.engine().list(None, loaded.max(PAGE_ROWS)).await {
        Ok(page) => app.state.records.update(|list| {
            list.rows.clear();
            list.append(page);
        }),
        Err(error) => note_trouble(app, &error),
    }
}

/// Something could be stored: a lack of room is over.
pub fn note_room(app: App) {
    if app.state.trouble.with_untracked(|trouble| trouble.as_ref().is_some_and(Message::is_lack_of_room)) {
        app.state.trouble.set(None);
    }
}

/// Shows that the database does not do its work.
pub fn note_trouble(app: App, error: &EngineError) {
    let message = Message::of(error);
    if message.is_store_trouble() {
        app.state.trouble.set(Some(message));
    }
}
