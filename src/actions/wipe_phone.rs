//! Somebody asked from afar that this phone wipes itself.

use greenshield_client::engine::WipeStep;
use greenshield_domain::wire::WipeState;

use super::make_package::forget_package;
use super::watch_eviction::forget_owner;
use crate::context::App;
use crate::platform::{page, prefs};
use crate::state::words::t;

/// Says on the empty phone that it was wiped on purpose.
const MARK: &str = "wiped";

/// Keeps the wish and does what can be done of it.
pub async fn note_wipe(app: App, wish: WipeState) {
    // What can not be kept now is told again at the next contact.
    if app.engine().note_wipe(wish).await.is_ok() {
        app.state.say(t("wipe.asked"));
        wipe_phone(app).await;
        // What is unsent goes first.
        app.push_bell().ring();
    }
}

/// Asks the server whether there is such a wish, for a phone that may not read any more.
pub async fn ask_wipe(app: App) {
    let engine = app.engine();
    let Ok(report) = engine.health().await else { return };
    if let Ok(Some(wish)) = engine.tell_health(&report).await {
        note_wipe(app, wish).await;
    }
}

/// Goes on with a wipe that was asked for; nothing where none was.
pub async fn wipe_phone(app: App) {
    if app.engine().identity().is_none() || app.engine().wipe_step().await != Ok(WipeStep::Done) {
        return;
    }
    forget_package().await;
    forget_owner();
    prefs::set(MARK, true);
    app.tell_tabs("identity");
    // Nothing of what the pages hold in memory stays.
    page::reload();
}

/// Whether this phone was wiped on purpose and belongs to nobody since.
#[must_use]
pub fn was_wiped() -> bool {
    prefs::get(MARK).unwrap_or(false)
}

/// Somebody has the phone again.
pub fn forget_wipe() {
    prefs::remove(MARK);
}
