//! Words for people: the catalogue of both languages, looked up by key.
//!
//! Owns: which language is spoken now. A key that is missing shows itself, so that it is found; a house rule sees to it that
//! none is. Changing the language builds the pages anew, so no text needs to be reactive by itself.

use std::cell::{Cell, OnceCell};
use std::collections::BTreeMap;

use greenshield_domain::city::Text;

use super::settings::Lang;

type Catalogue = BTreeMap<String, String>;

const CHINESE: &str = include_str!("../../locales/zh-CN.json");
const ENGLISH: &str = include_str!("../../locales/en.json");

thread_local! {
    static LANG: Cell<Lang> = const { Cell::new(Lang::Chinese) };
    static WORDS: [OnceCell<&'static Catalogue>; 2] = const { [OnceCell::new(), OnceCell::new()] };
}

fn catalogue(lang: Lang) -> &'static Catalogue {
    WORDS.with(|words| {
        let (cell, text) = match lang {
            Lang::Chinese => (&words[0], CHINESE),
            Lang::English => (&words[1], ENGLISH),
        };
        // Read once and kept to the end of the page, so that a text is a plain reference.
        *cell.get_or_init(|| Box::leak(Box::new(serde_json::from_str(text).unwrap_or_default())))
    })
}

/// The language spoken now.
#[must_use]
pub fn lang() -> Lang {
    LANG.get()
}

/// Speaks another language from now on.
pub fn speak(lang: Lang) {
    LANG.set(lang);
}

/// The text of a key.
#[must_use]
pub fn t(key: &'static str) -> &'static str {
    catalogue(lang()).get(key).map_or(key, String::as_str)
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
    fn an_unknown_key_shows_itself() {
        assert_eq!(t("no.such.key"), "no.such.key");
    }
}
