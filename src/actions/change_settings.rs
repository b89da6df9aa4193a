//! Language, colours and size of type.

use leptos::prelude::*;

use super::learn_words::learn_words;
use crate::context::App;
use crate::platform::{page, prefs};
use crate::state::settings::{Lang, Settings};
use crate::state::words::t;
use crate::state::{AppState, words};

/// Takes over and keeps a choice.
pub fn change_settings(app: App, change: impl FnOnce(&mut Settings)) {
    let mut settings = app.state.settings.get_untracked();
    change(&mut settings);
    prefs::set("settings", settings);
    words::speak(settings.lang);
    app.state.settings.set(settings);
    show(&app.state);
}

/// Speaks another language, as soon as its words are read.
pub fn change_language(app: App, lang: Lang) {
    app.run(async move {
        if learn_words(lang).await {
            change_settings(app, |settings| settings.lang = lang);
        } else {
            app.state.say(t("error.network"));
        }
    });
}

/// Puts the choices on the page.
pub fn show(state: &AppState) {
    let settings = state.settings.get_untracked();
    words::speak(settings.lang);
    page::set_language(settings.lang.tag());
    page::set_theme(settings.theme.word());
    let role = state.identity.with_untracked(|identity| identity.as_ref().map(|row| row.role.clone()));
    page::set_type_size(if settings.is_large(role.as_deref()) { "large" } else { "normal" });
}

/// Pictures chosen last.
#[must_use]
pub fn recent_categories() -> Vec<String> {
    prefs::get("recents").unwrap_or_default()
}

/// Remembers a chosen picture.
pub fn remember_category(id: &str) {
    prefs::set("recents", crate::state::categories::used(recent_categories(), id));
}

/// Whether a hint was put away.
#[must_use]
pub fn is_put_away(hint: &str) -> bool {
    prefs::get(&format!("away.{hint}")).unwrap_or(false)
}

/// Puts a hint away for good.
pub fn put_away(hint: &str) {
    prefs::set(&format!("away.{hint}"), true);
}
