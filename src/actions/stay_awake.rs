//! Keeping the screen on, also after the page was hidden for a while.

use leptos::prelude::*;

use crate::context::App;
use crate::platform::device::{ScreenOn, keep_screen_on};
use crate::platform::{Listener, lifecycle};

/// Whether the screen stays on.
#[derive(Debug)]
pub enum Awake {
    /// Not answered yet.
    Asking,
    /// It stays on as long as this lives.
    On(ScreenOn),
    /// The browser can not, or does not want to.
    Refused,
}

/// Keeps the screen on as long as `awake` and the returned watch live.
pub fn stay_awake(app: App, awake: RwSignal<Awake, LocalStorage>) -> Listener {
    ask(app, awake);
    lifecycle::on_visibility(move |is_visible| {
        if is_visible {
            ask(app, awake);
        }
    })
}

fn ask(app: App, awake: RwSignal<Awake, LocalStorage>) {
    app.run(async move {
        let answer = keep_screen_on().await.map_or(Awake::Refused, Awake::On);
        awake.try_set(answer);
    });
}
