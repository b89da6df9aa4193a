//! Reading the words of a language: a file beside the app, which the service worker keeps with it.

use crate::platform::net;
use crate::state::settings::Lang;
use crate::state::words;

/// Makes sure that a language can be spoken. `false` = its words are not on this phone and can not be fetched now.
pub async fn learn_words(lang: Lang) -> bool {
    if words::knows(lang) {
        return true;
    }
    match net::file(words::file_of(lang)).await {
        Ok(file) => words::learn(lang, &file),
        Err(_) => false,
    }
}
