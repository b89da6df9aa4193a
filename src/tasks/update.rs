//! A new version waits: say so, and never take over by ourselves.

use leptos::prelude::*;

use crate::context::App;
use crate::platform::worker;

pub(super) fn start(app: App) {
    app.keep(worker::on_update_ready(move || app.state.update_ready.set(true)));
}
