//! The network comes and goes; the person looks and looks away.

use leptos::prelude::*;

use crate::actions::retry_now::retry_now;
use crate::context::App;
use crate::platform::{lifecycle, worker};
use crate::state::sync::Phase;

pub(super) fn start(app: App) {
    app.keep(lifecycle::on_online(move || app.run(retry_now(app))));
    app.keep(lifecycle::on_offline(move || {
        app.state.sync.update(|sync| sync.phase = Phase::Offline);
        app.wake_sync();
    }));
    app.keep(lifecycle::on_visibility(move |is_visible| {
        if is_visible {
            app.wake_sync();
        }
    }));
    app.keep(lifecycle::on_pageshow(move || app.wake_sync()));
    app.keep(worker::on_sync_wanted(move || app.run(retry_now(app))));
}
