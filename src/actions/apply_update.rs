//! Moving to the new version, when the person says so, no form is open and no patrol under way.

use leptos::prelude::*;

use crate::context::App;
use crate::platform::{page, worker};
use crate::state::words::t;

/// Lets the new version in; the page loads anew. With an open form, or on a patrol, nothing happens but a word.
pub async fn apply_update(app: App) {
    if app.state.form_open.get_untracked() || app.state.patrol.with_untracked(Option::is_some) {
        app.state.say(t("update.wait"));
        return;
    }
    app.state.say(t("update.working"));
    // No worker waits any more: another tab let it in, so loading anew is all that is left.
    if worker::apply_update().await.is_err() {
        page::reload();
    }
}

/// Loads the page anew, for a database that was lost.
pub fn reload() {
    page::reload();
}
