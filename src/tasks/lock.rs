//! A phone that nobody touches locks itself, when it has a PIN. A patrol and a call for help go on: their recording needs open rows.

use std::cell::Cell;
use std::rc::Rc;

use leptos::prelude::*;

use crate::actions::find_call::is_running;
use crate::actions::lock_phone::{lock, look_for_pin};
use crate::context::App;
use crate::platform::{lifecycle, timer};
use crate::state::lock::locks_now;

/// How often somebody looks.
const LOOK_MILLIS: u32 = 5_000;

pub(super) fn start(app: App) {
    let touched = Rc::new(Cell::new(app.now_millis()));
    let touch = Rc::clone(&touched);
    for listener in lifecycle::on_touch(move || touch.set(app.now_millis())) {
        app.keep(listener);
    }
    let look = move || {
        let idle_millis = app.now_millis() - touched.get();
        let minutes = app.state.settings.with_untracked(|settings| settings.lock_minutes());
        let calls = app.state.sos.with_untracked(|row| row.as_ref().is_some_and(is_running));
        let is_recording = calls || app.state.patrol.with_untracked(Option::is_some);
        if locks_now(app.state.has_pin.get_untracked(), minutes, idle_millis, is_recording) {
            app.run(lock(app));
        }
    };
    // A page that was hidden had no timers: it looks when it is seen again, before anybody can read it.
    app.keep(lifecycle::on_visibility({
        let look = look.clone();
        move |_| look()
    }));
    app.run(async move {
        look_for_pin(app).await;
        loop {
            timer::sleep(LOOK_MILLIS).await;
            look();
        }
    });
}
