//! Several people on one phone: whose database is open. Refuses: to delete or to mix; a switch only opens another one.

use greenshield_client::engine::{Engine, SealedOutbox};
use greenshield_domain::ids::to_hex;
use leptos::prelude::*;

use super::know_people::{MARKS, marks};
use super::lock_phone::seal_what_waits;
use crate::context::{App, VERSION};
use crate::platform::entropy::random;
use crate::platform::ports::BrowserPorts;
use crate::platform::{page, prefs};
use crate::state::vaults::Mark;

const OPEN: &str = "database";

/// Opens the database of somebody else. What waits in this one is sealed first, so that it goes out meanwhile.
pub async fn switch_to(app: App, database: String) {
    app.state.locking.set(true);
    seal_what_waits(app).await;
    set_open(&database);
    app.tell_tabs("person");
    page::start_anew(None);
}

/// Opens a database for somebody who has none here; an invitation that is open goes along.
pub async fn add_person(app: App) {
    let invite = app.state.invite.get_untracked();
    app.state.locking.set(true);
    seal_what_waits(app).await;
    if begin_new() {
        app.tell_tabs("person");
        page::start_anew(invite.as_deref());
    }
    app.state.locking.set(false);
}

/// The same from the page of a locked phone, whose outbox is sealed already.
pub fn open_other(database: &str) {
    set_open(database);
    page::start_anew(None);
}

/// The same for somebody who has none here.
pub fn open_new() {
    if begin_new() {
        page::start_anew(None);
    }
}

/// A browser that keeps no such thing opens the first one again; nothing is lost by it.
fn set_open(database: &str) {
    prefs::set(OPEN, database);
}

/// A new database, or one that was begun and is still nobody's. `false` = the browser keeps no list of them.
fn begin_new() -> bool {
    let (open, marks) = (prefs::open_database(), marks());
    let Some(database) = marks.unused(&open).or_else(|| Some(to_hex(&random::<4>()?))) else { return false };
    let marks = marks.with(&open, "").unwrap_or(marks);
    let marks = marks.with(&database, "").unwrap_or(marks);
    let is_kept = prefs::set(MARKS, marks);
    if is_kept {
        set_open(&database);
    }
    is_kept
}

/// What is unsent in the database of somebody else, as far as it tells without its key.
pub async fn outbox_of(mark: &Mark) -> SealedOutbox {
    let Ok(ports) = BrowserPorts::carrier_of(&prefs::name_of(&mark.database)).await else {
        return SealedOutbox::default();
    };
    match Engine::open_carrier(ports, VERSION).await {
        Ok(Some(engine)) => engine.sealed_outbox().await.unwrap_or_default(),
        _ => SealedOutbox::default(),
    }
}
