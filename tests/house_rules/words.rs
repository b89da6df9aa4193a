//! Words for people live in `locales/`, in both languages, and every one of them is used.

use std::collections::{BTreeMap, BTreeSet};

use crate::reader::{literals_of, none_of, read, shipped_rust, sources};

const LOCALES: [&str; 2] = ["locales/zh-CN.json", "locales/en.json"];

/// Keys that the code puts together: `format!("<prefix>{id}")`. Each prefix must stand in a string of `src/`.
const COMPUTED_KEYS: &[&str] = &[];

fn catalogue(path: &str) -> BTreeMap<String, String> {
    let text = read(path);
    let parsed = serde_json::from_str(if text.is_empty() { "{}" } else { &text });
    assert!(parsed.is_ok(), "{path}: {:?}", parsed.err());
    parsed.unwrap_or_default()
}

/// The `{name}` parts of a text.
fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|after| after.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn both_languages_have_the_same_keys_and_placeholders() {
    let [chinese, english] = LOCALES.map(catalogue);
    let mut findings = Vec::new();
    for (key, text) in &chinese {
        let Some(other) = english.get(key) else {
            findings.push(format!("{key} is missing in English"));
            continue;
        };
        if placeholders(text) != placeholders(other) || text.trim().is_empty() || other.trim().is_empty() {
            findings.push(format!("{key}: {text} | {other}"));
        }
    }
    findings.extend(
        english.keys().filter(|key| !chinese.contains_key(*key)).map(|key| format!("{key} is missing in Chinese")),
    );
    none_of("locales/zh-CN.json and locales/en.json say the same things:", &findings);
}

#[test]
fn no_key_is_written_twice() {
    let mut findings = Vec::new();
    for path in LOCALES {
        let mut seen = BTreeSet::new();
        for line in read(path).lines() {
            let key =
                line.trim().strip_prefix('"').and_then(|rest| rest.split_once("\":")).map(|(key, _)| key.to_owned());
            let Some(key) = key else { continue };
            if !seen.insert(key.clone()) {
                findings.push(format!("{path}: {key}"));
            }
        }
    }
    none_of("the second would silently win:", &findings);
}

#[test]
fn every_key_that_is_shown_exists() {
    let known = catalogue(LOCALES[0]);
    let mut findings = Vec::new();
    for source in sources(&["src"], ".rs") {
        for literal in literals_of(source.without_tests()) {
            let asks = ["t(", "tr(", "t!(", "tr!("].iter().any(|call| {
                let caller = literal.before.strip_suffix(call);
                caller.is_some_and(|code| !code.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            });
            if asks && !known.contains_key(&literal.text) {
                findings.push(format!("{}:{}: {}", source.path, literal.line, literal.text));
            }
        }
    }
    none_of("not in locales/zh-CN.json:", &findings);
}

#[test]
fn every_key_is_used() {
    let mut written = BTreeSet::new();
    for source in sources(&["src"], ".rs") {
        written.extend(literals_of(source.without_tests()).into_iter().map(|literal| literal.text));
    }
    let stale = COMPUTED_KEYS.iter().filter(|prefix| !written.iter().any(|text| text.starts_with(**prefix)));
    none_of("no string of src/ starts with this computed prefix:", &stale.map(|p| (*p).to_owned()).collect::<Vec<_>>());
    let is_used = |key: &String| written.contains(key) || COMPUTED_KEYS.iter().any(|prefix| key.starts_with(prefix));
    let findings = catalogue(LOCALES[0]).into_keys().filter(|key| !is_used(key)).collect::<Vec<_>>();
    none_of("words nobody sees; remove them from both locales:", &findings);
}

#[test]
fn no_words_for_people_in_the_code() {
    let is_han = |c: char| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{3000}'..='\u{303f}');
    let mut findings = Vec::new();
    for source in shipped_rust().into_iter().filter(|source| !source.is_test()) {
        for literal in literals_of(source.without_tests()) {
            if literal.text.contains(is_han) {
                findings.push(format!("{}:{}: {}", source.path, literal.line, literal.text));
            }
        }
    }
    none_of("these words belong in locales/ or in the city package:", &findings);
}
