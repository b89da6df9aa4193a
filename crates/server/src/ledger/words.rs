//! The words of ledgers that no city package has, in both languages.

use std::collections::BTreeMap;

use greenshield_domain::city::Text;
use serde::Deserialize;

const WORDS: &str = include_str!("../../templates/ledger-words.json");

/// A language of labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// Its word in a query.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
        }
    }

    /// The text in this language.
    #[must_use]
    pub fn of(self, text: &Text) -> &str {
        match self {
            Self::Zh => &text.zh,
            Self::En => &text.en,
        }
    }
}

#[derive(Debug, Clone, Default, Deserialize)]
struct File {
    fixed: BTreeMap<String, Text>,
    options: BTreeMap<String, BTreeMap<String, Text>>,
}

/// The words in one language.
#[derive(Debug, Clone)]
pub struct Words {
    file: File,
    lang: Lang,
}

impl Words {
    /// In a language.
    #[must_use]
    pub fn load(lang: Lang) -> Self {
        // The file is part of the program; a test reads it.
        Self { file: serde_json::from_str(WORDS).unwrap_or_default(), lang }
    }

    /// A word by its key.
    #[must_use]
    pub fn of(&self, key: &str) -> &str {
        self.file.fixed.get(key).map_or("", |text| self.lang.of(text))
    }

    /// What an option of a field means that only the app knows.
    #[must_use]
    pub fn option(&self, field: &str, word: &str) -> Option<&str> {
        self.file.options.get(field)?.get(word).map(|text| self.lang.of(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_is_asked_for_is_there_in_both_languages() {
        let sources = [
            include_str!("cells.rs"),
            include_str!("csv.rs"),
            include_str!("gpx.rs"),
            include_str!("json.rs"),
            include_str!("kml.rs"),
            include_str!("xlsx.rs"),
            include_str!("../ledger.rs"),
        ];
        let mut asked = 0;
        for lang in [Lang::Zh, Lang::En] {
            let words = Words::load(lang);
            for key in sources.iter().flat_map(|source| source.split("words.of(\"").skip(1)) {
                let key = key.split('"').next().unwrap();
                assert!(!words.of(key).is_empty(), "{key}");
                asked += 1;
            }
            assert!(words.option("mode", "foot").is_some());
            for options in words.file.options.values() {
                assert!(options.values().all(|text| !lang.of(text).is_empty()));
            }
        }
        assert!(asked > 10);
    }
}
