//! Enrolment: an invitation makes this phone somebody's.

use greenshield_domain::wire::BeginResponse;
use leptos::prelude::*;

use super::wipe_phone::forget_wipe;
use super::{change_settings, check_storage, load_first};
use crate::context::App;
use crate::platform::page;
use crate::state::message::Message;

/// Asks whom a code is for, without using it up.
///
/// # Errors
/// Words for the page.
pub async fn look_at_invite(app: App, code: &str) -> Result<BeginResponse, Message> {
    app.engine().who_is_invited(code).await.map_err(|error| Message::of_enrolment(&error))
}

/// Enrols. May be called again after any failure.
///
/// # Errors
/// Words for the page.
pub async fn enrol_phone(app: App, code: &str) -> Result<(), Message> {
    app.engine().enrol(code).await.map_err(|error| Message::of_enrolment(&error))?;
    // The signal may be gone in a moment, and what is sealed for the server without one needs its key.
    let _later = app.engine().learn_sealing_key().await;
    forget_invite(app);
    forget_wipe();
    app.state.identity.set(app.engine().identity());
    app.state.evicted.set(None);
    change_settings::show(&app.state);
    app.tell_tabs("identity");
    app.wake_sync();
    load_first::load_first(app).await;
    check_storage::ask_to_persist(app).await;
    Ok(())
}

/// Takes the code out of the address.
pub fn forget_invite(app: App) {
    page::clear_fragment();
    app.state.invite.set(None);
}
