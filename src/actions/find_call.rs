//! Finding the call for help of this phone that still runs.

use greenshield_client::rows::ListRow;
use greenshield_domain::ids::RecordId;
use greenshield_domain::sos::{self, CallState};
use leptos::prelude::*;

use crate::context::App;
use crate::platform::prefs;

/// Where the call is remembered; the record itself is in the database.
pub(super) const PREF: &str = "sos";

/// Whether a call still runs.
#[must_use]
pub fn is_running(row: &ListRow) -> bool {
    CallState::of(row.state.as_deref()).is_running()
}

/// Finds the own call: the one that is remembered, else the newest one in the loaded list that runs.
pub async fn find_call(app: App) {
    let remembered = prefs::get::<String>(PREF).and_then(|hex| RecordId::from_hex(&hex).ok());
    let me = app.state.me();
    let mut row = match remembered {
        Some(record) => app.engine().list_rows(&[record]).await.ok().and_then(|mut rows| rows.pop()),
        None => None,
    };
    if row.is_none() {
        let is_mine = |row: &&ListRow| row.kind == sos::KIND && me.is_some() && row.reporter == me && is_running(row);
        row = app.state.records.with_untracked(|list| list.rows.iter().find(is_mine).cloned());
    }
    if app.state.sos.with_untracked(|known| *known != row) {
        app.state.sos.set(row);
    }
}
