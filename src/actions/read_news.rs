//! What is new after an update: told once.

use leptos::prelude::*;

use crate::context::{App, VERSION};
use crate::platform::prefs;
use crate::state::news::is_news;

/// The preference that holds the version whose news were seen.
const SEEN: &str = "version";

/// Looks whether there is something to tell.
pub fn look_for_news(app: App) {
    let seen: Option<String> = prefs::get(SEEN);
    app.state.news.set(is_news(seen.as_deref(), VERSION));
    if seen.is_none() {
        prefs::set(SEEN, VERSION);
    }
}

/// The news were seen, or put away.
pub fn note_seen(app: App) {
    prefs::set(SEEN, VERSION);
    app.state.news.set(false);
}
