//! Putting the app on the home screen: how it is done in this browser, and by its own button where it has one.

use crate::context::App;
use crate::platform::{install, page};
use crate::state::browser::Family;
use crate::state::install::{Guide, guide};
use crate::state::words::t;

/// The way of this browser.
#[must_use]
pub fn own_guide() -> Guide {
    let browser = page::browser();
    guide(Family::of(&browser.user_agent, browser.is_ios))
}

/// Whether the browser offers a button of its own.
#[must_use]
pub fn is_offered() -> bool {
    install::is_offered()
}

/// Lets the browser ask the person.
pub async fn install_app(app: App) {
    // Whoever says no, or a browser that changed its mind, still has the steps on the page.
    if install::ask().await.unwrap_or(false) {
        app.state.say(t("install.done"));
    }
}
