//! Reading aloud, by a voice that the device has itself.

use crate::context::App;
use crate::platform::speech;
use crate::state::settings::Lang;
use crate::state::words::{lang, t};

/// Reads words in the language of the app; says so where there is no voice for it.
pub fn read_aloud(app: App, words: &str) {
    let lang = match lang() {
        Lang::Chinese => "zh",
        Lang::English => "en",
    };
    if !speech::say(words, lang) {
        app.state.say(t("quiz.no_voice"));
    }
}

/// Makes the voices ready.
pub fn wake_voices() {
    speech::wake();
}

/// Stops reading.
pub fn be_quiet() {
    speech::hush();
}
