//! What the first screen tells: the newest records, what waits, what was begun and not ended.

use leptos::prelude::*;

use super::find_call::find_call;
use super::know_people::note_person;
use super::load_records::{refresh_people, refresh_unsent, reload_list};
use super::own_data::know_consents;
use super::start_report::look_for_draft;
use super::watch_eviction::former_owner;
use crate::context::App;

/// The first page and everything that the first screen tells.
pub async fn load_first(app: App) {
    if app.engine().identity().is_none() {
        app.state.evicted.set(former_owner());
        return;
    }
    if let Some(name) = app.engine().identity().map(|identity| identity.name) {
        note_person(&name);
    }
    reload_list(app).await;
    refresh_people(app).await;
    refresh_unsent(app).await;
    look_for_draft(app).await;
    know_consents(app, &[]).await;
    find_call(app).await;
}
