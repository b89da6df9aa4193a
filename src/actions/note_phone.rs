//! Noting how the phone stands on a patrol: battery and clock, so that the track can be judged later.

use greenshield_domain::patrol::PhoneNote;
use leptos::prelude::*;

use super::end_patrol::save;
use crate::context::App;
use crate::platform::device;

/// How the phone stands now.
pub(super) async fn phone_now(app: App) -> PhoneNote {
    let battery_percent = device::battery_percent().await;
    let sync = app.state.sync.get_untracked();
    let offset_millis = sync.last_contact_millis.map(|_| sync.offset_millis);
    PhoneNote { at_millis: app.now_millis(), battery_percent, offset_millis }
}

/// Saves a note with the patrol under way. One that can not be saved is tried again with the next tick.
pub async fn note_phone(app: App) {
    let note = phone_now(app).await;
    if save(app, vec![note.to_entry()]).await.is_ok() {
        app.state.patrol.update(|walk| {
            if let Some(walk) = walk {
                walk.noted_millis = Some(note.at_millis);
            }
        });
    }
}
