//! The PIN of this phone: set, changed, taken away; and locking. Refuses: to delete anything, whatever is typed.

use greenshield_client::ports::Ports as _;
use leptos::prelude::*;

use super::know_people::others;
use crate::context::App;
use crate::platform::page;
use crate::platform::sealing::BrowserSealer;
use crate::platform::timer::within;
use crate::state::lock::wait_words;
use crate::state::message::Message;
use crate::state::words::{t, tr};

/// Sealing what waits may not keep the phone open for longer.
const SEALING_MILLIS: u32 = 20_000;

/// What the page of the PIN is told.
pub type Answer = Result<(), String>;

/// Whether this phone can have a PIN at all.
#[must_use]
pub fn can_lock(app: App) -> bool {
    app.engine().ports().vault().is_some()
}

/// Looks whether a PIN is set; another window may have set it.
pub async fn look_for_pin(app: App) {
    if let Ok(locked) = app.engine().ports().locked().await {
        app.state.has_pin.set(locked.is_some());
    }
}

/// Whether a typed PIN is the one of this phone; wrong ones are counted here as before the lock.
///
/// # Errors
/// Words for the page.
pub async fn check_pin(app: App, pin: String) -> Answer {
    let engine = app.engine();
    let locked = engine.ports().locked().await.map_err(|exception| Message::of_code(&exception.name).title)?;
    let Some(locked) = locked else { return Ok(()) };
    let now = engine.ports().clock().wall_millis();
    match locked.unlock(&pin, now).await {
        Ok(Some(_)) => Ok(()),
        Ok(None) => {
            let wait = locked.tries().await.unwrap_or_default().wait_millis(now);
            Err(if wait > 0 {
                tr("lock.wrong_wait", &[("time", &wait_words(wait))])
            } else {
                t("lock.wrong").to_owned()
            })
        }
        Err(exception) => Err(Message::of_code(&exception.name).title),
    }
}

/// Sets a PIN or another one.
///
/// # Errors
/// Words for the page; what was before still holds.
pub async fn set_pin(app: App, pin: String) -> Answer {
    let outcome = app.engine().ports().set_pin(&pin).await;
    outcome.map_err(|exception| Message::of_code(&exception.name).title)?;
    app.state.has_pin.set(true);
    app.tell_tabs("pin");
    app.state.say(t("lock.is_set"));
    Ok(())
}

/// Takes the PIN away.
///
/// # Errors
/// Words for the page; the PIN still holds.
pub async fn remove_pin(app: App) -> Answer {
    let outcome = app.engine().ports().remove_pin().await;
    outcome.map_err(|exception| Message::of_code(&exception.name).title)?;
    app.state.has_pin.set(false);
    app.tell_tabs("pin");
    app.state.say(t("lock.is_removed"));
    Ok(())
}

/// Hides everything at once, seals what waits so that it goes out without the PIN, and starts anew: the key is gone with the page.
pub async fn lock(app: App) {
    if !app.state.has_pin.get_untracked() || app.state.locking.get_untracked() {
        return;
    }
    app.state.locking.set(true);
    app.tell_tabs("lock");
    seal_what_waits(app).await;
    page::reload();
}

/// Another window opens the database of somebody else: this one follows.
pub fn open_too(app: App) {
    app.state.locking.set(true);
    page::start_anew(None);
}

/// What another window began: only the page goes.
pub fn lock_too(app: App) {
    if app.state.has_pin.get_untracked() {
        app.state.locking.set(true);
        page::reload();
    }
}

/// Seals what waits, on a phone with a PIN or with several people.
pub async fn seal_outbox(app: App) {
    if app.state.has_pin.get_untracked() || !others().is_empty() {
        seal_what_waits(app).await;
    }
}

/// Seals what waits for the server. What can not be sealed now waits until this person is back.
pub async fn seal_what_waits(app: App) {
    let engine = app.engine();
    if engine.identity().is_some() {
        let _waits = within(SEALING_MILLIS, engine.seal_outbox(&mut BrowserSealer::default())).await;
    }
}
