//! Words for people: a catalogue for each language, looked up by key.
//!
//! Owns: which language is spoken now, and the catalogues as far as they are learned: they are files beside the app, so that
//! a phone reads one language at its start and not two. A key that is missing shows itself, so that it is found; a house rule
//! sees to it that none is. Changing the language builds the pages anew, so no text needs to be reactive by itself.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;

use greenshield_domain::city::Text;

use super::settings::Lang;

type Catalogue = BTreeMap<String, String>;

thread_local! {
    static LANG: Cell<Lang> = const { Cell::new(Lang::Chinese) };
    static WORDS: [OnceCell<&'static Catalogue>; 2] = const { [OnceCell::new(), OnceCell::new()] };
}

fn catalogue(lang: Lang) -> Option<&'static Catalogue> {
    // The native tests have no files beside them to wait for.
    #[cfg(test)]
    learn(
        lang,
        match lang {
            Lang::Chinese => include_bytes!("../../locales/zh-CN.json"),
            Lang::English => include_bytes!("../../locales/en.json"),
        },
    );
    WORDS.with(|words| words[lang as usize].get().copied())
}

/// Where the catalogue of a language lies, beside the app.
#[must_use]
pub fn file_of(lang: Lang) -> &'static str {
    match lang {
        Lang::Chinese => "/locales/zh-CN.json",
        Lang::English => "/locales/en.json",
    }
}

/// Whether a language can be spoken.
#[must_use]
pub fn knows(lang: Lang) -> bool {
    WORDS.with(|words| words[lang as usize].get().is_some())
}

/// Takes over the catalogue of a language, JSON of key to text. Returns whether the language can be spoken now.
pub fn learn(lang: Lang, file: &[u8]) -> bool {
    if !knows(lang)
        && let Ok(catalogue) = serde_json::from_slice::<Catalogue>(file)
    {
        // Kept to the end of the page, so that a text is a plain reference.
        WORDS.with(|words| {
            words[lang as usize].get_or_init(|| Box::leak(Box::new(catalogue)));
        });
    }
    knows(lang)
}

/// The language spoken now.
#[must_use]
pub fn lang() -> Lang {
    LANG.get()
}

/// Speaks another language from now on; [`learn`] it before.
pub fn speak(lang: Lang) {
    LANG.set(lang);
}

/// The text of a key.
#[must_use]
pub fn t(key: &'static str) -> &'static str {
    catalogue(lang()).and_then(|catalogue| catalogue.get(key)).map_or(key, String::as_str)
}

/// The text of a key with `{name}` filled in.
#[must_use]
pub fn tr(key: &'static str, values: &[(&str, &str)]) -> String {
    let mut rest = t(key);
    let mut text = String::with_capacity(rest.len() + 16);
    while let Some((before, after)) = rest.split_once('{') {
        text.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            text.push('{');
            rest = after;
            continue;
        };
        text.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = behind;
    }
    text.push_str(rest);
    text
}

/// A text of the city package in the language spoken now.
#[must_use]
pub fn of(text: &Text) -> &str {
    match lang() {
        Lang::Chinese => &text.zh,
        Lang::English => &text.en,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_speaks_the_language_chosen_and_fills_in_values() {
        speak(Lang::Chinese);
        assert_eq!(t("lamp.saved"), "已存本机");
        assert_eq!(tr("lamp.partial", &[("done", "1"), ("total", "2")]), "文字已到，照片 1/2");
        speak(Lang::English);
        assert_ne!(t("lamp.saved"), "已存本机");
        speak(Lang::Chinese);
    }

    #[test]
    fn a_file_that_does_not_read_teaches_nothing_and_one_that_does_counts_once() {
        // The words belong to their thread; other tests may have taught this one already.
        let fresh = std::thread::spawn(|| {
            assert!(!knows(Lang::English) && !learn(Lang::English, b"<!doctype html>"));
            assert!(learn(Lang::English, br#"{"lamp.saved":"Kept"}"#) && learn(Lang::English, b"{}"));
            speak(Lang::English);
            t("lamp.saved")
        });
        assert_eq!(fresh.join().unwrap(), "Kept");
    }

    #[test]
    fn an_unknown_key_shows_itself() {
        assert_eq!(t("no.such.key"), "no.such.key");
    }
}
