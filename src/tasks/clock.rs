//! The time that pages show moves on.

use leptos::prelude::*;

use crate::context::{self, App};
use crate::platform::{lifecycle, timer};

/// How often.
const TICK_MILLIS: u32 = 30_000;

pub(super) fn start(app: App) {
    app.run(async move {
        loop {
            timer::sleep(TICK_MILLIS).await;
            app.state.now.set(context::now());
        }
    });
    // Timers stand still in hidden pages.
    app.keep(lifecycle::on_visibility(move |is_visible| {
        if is_visible {
            app.state.now.set(context::now());
        }
    }));
}
