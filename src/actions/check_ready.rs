//! Asking the phone what it can promise before a patrol.

use leptos::prelude::*;

use crate::context::App;
use crate::platform::device;
use crate::platform::location::{self, LocationState, LocationWatch};
use crate::state::patrol::ready::{Position, ReadyFacts};

/// Looks as long as the returned watch lives, and tells what it finds.
pub fn watch_ready(app: App, facts: RwSignal<ReadyFacts>) -> LocationWatch {
    let storage = app.state.storage.get_untracked();
    let sync = app.state.sync.get_untracked();
    facts.update(|facts| {
        facts.photos_left = storage.map(|storage| storage.photos_left());
        facts.is_persisted = storage.map(|storage| storage.is_persisted);
        facts.skew_millis = sync.last_contact_millis.map(|_| sync.offset_millis);
        facts.contact_age_millis = sync.last_contact_millis.map(|millis| app.now_millis() - millis);
    });
    app.run(async move {
        let percent = device::battery_percent().await;
        facts.try_update(|facts| facts.battery_percent = percent);
    });
    location::watch(move |state| {
        facts.try_update(|facts| facts.position = position(state));
    })
}

fn position(state: LocationState) -> Position {
    match state {
        LocationState::Searching => Position::Searching,
        LocationState::Denied => Position::Denied,
        LocationState::Unavailable => Position::Unavailable,
        LocationState::Fix(fix) => Position::Found(fix.accuracy_cm),
    }
}
