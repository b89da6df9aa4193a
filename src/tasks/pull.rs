//! The pull loop: while somebody looks, the server is asked for news and holds the question until there is some.

use greenshield_client::engine::EngineError;
use leptos::prelude::*;

use super::contact::{enrolled, note_contact, note_failure, tell};
use crate::actions::load_records;
use crate::actions::wipe_phone::ask_wipe;
use crate::context::App;
use crate::platform::{lifecycle, timer};
use crate::state::sync::Phase;
use crate::state::words::t;

/// How long the server may hold a question.
const WAIT_SECONDS: u32 = 25;
/// How often a hidden page asks.
const HIDDEN_MILLIS: u32 = 120_000;
/// Between two questions that were answered at once with nothing: a proxy may not let us wait.
const BREATH_MILLIS: u32 = 1_000;
/// After the first question, which was not held.
const FIRST_BREATH_MILLIS: u32 = 50;

pub(super) async fn run(app: App) {
    let bell = app.pull_bell();
    let mut failures = 0;
    loop {
        enrolled(app, &bell).await;
        let wait = if lifecycle::is_online() {
            // The first question after silence is answered at once, so that everybody knows that the way is free.
            let is_connected = app.state.sync.with_untracked(|sync| sync.is_connected());
            match pull_once(app, if failures == 0 && is_connected { WAIT_SECONDS } else { 0 }).await {
                Ok(is_more) => {
                    if failures > 0 {
                        // The way is free again: what waits need not wait longer.
                        app.push_bell().ring();
                    }
                    failures = 0;
                    if is_more || lifecycle::is_visible() { 0 } else { HIDDEN_MILLIS }
                }
                Err(error) => {
                    failures += 1;
                    if error.refusal_code() == Some("revoked") {
                        forget_shown(app).await;
                        if failures == 1 {
                            app.run(ask_wipe(app));
                        }
                    }
                    note_failure(app, &error, failures)
                }
            }
        } else {
            app.state.sync.update(|sync| sync.phase = Phase::Offline);
            HIDDEN_MILLIS
        };
        if wait > 0 {
            timer::sleep_or(wait, &bell).await;
        }
    }
}

/// What the phone may not read any more is wiped; the pages show what is left.
async fn forget_shown(app: App) {
    load_records::reload_list(app).await;
    load_records::refresh_people(app).await;
    app.state.touch(Vec::new());
    app.tell_tabs("changed");
}

/// One question. Returns whether more is ready.
async fn pull_once(app: App, wait_seconds: u32) -> Result<bool, EngineError> {
    let engine = app.engine();
    let asked_millis = app.now_millis();
    let pulled = engine.pull(wait_seconds).await?;
    let is_sending = app.state.sync.with_untracked(|sync| sync.phase == Phase::Sending);
    note_contact(app, if is_sending { Phase::Sending } else { Phase::Live });
    if pulled.new_epoch {
        // The push loop compares first, and sends what the server misses.
        app.push_bell().ring();
    }
    if pulled.new_me {
        app.state.identity.set(engine.identity());
        app.tell_tabs("identity");
        app.state.say(t("people.me_changed"));
    }
    if pulled.ops > 0 || !pulled.changed.is_empty() {
        load_records::note_room(app);
        load_records::refresh_people(app).await;
        tell(app, pulled.changed).await;
    } else if !pulled.more && app.now_millis() - asked_millis < i64::from(BREATH_MILLIS) {
        timer::sleep(if wait_seconds == 0 { FIRST_BREATH_MILLIS } else { BREATH_MILLIS }).await;
    }
    Ok(pulled.more)
}
