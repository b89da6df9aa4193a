//! Looks: colours only in the tokens, every style file linked, every picture there.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::reader::{literals_of, none_of, read, shipped_rust, sources};

const TOKENS: &str = "style/tokens.css";

/// The colours written out in a text: `#rgb`, `#rrggbb` with or without alpha, and colour functions.
fn colours(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('#') {
        let word = text[at + 1..].chars().take_while(|c| c.is_alphanumeric() || *c == '_' || *c == '-');
        let word = word.collect::<String>();
        if [3, 4, 6, 8].contains(&word.len()) && word.chars().all(|c| c.is_ascii_hexdigit()) {
            found.push(format!("#{}", word.to_lowercase()));
        }
    }
    for function in ["rgb(", "rgba(", "hsl(", "hsla(", "oklch(", "oklab(", "lab(", "lch("] {
        let is_word = |at: usize| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '-');
        found.extend(text.match_indices(function).filter(|(at, _)| is_word(*at)).map(|(_, f)| f.to_owned()));
    }
    found
}

#[test]
fn colours_are_written_only_in_the_tokens() {
    let mut findings = Vec::new();
    let places = ["style", "public", "crates/verifier/page"];
    let sheets = [".css", ".js", ".html"].into_iter().flat_map(|ending| sources(&places, ending));
    for source in sheets {
        if source.path != TOKENS {
            findings.extend(colours(&source.text).into_iter().map(|colour| format!("{}: {colour}", source.path)));
        }
    }
    for source in shipped_rust() {
        for literal in literals_of(source.without_tests()) {
            let place = format!("{}:{}", source.path, literal.line);
            findings.extend(colours(&literal.text).into_iter().map(|colour| format!("{place}: {colour}")));
        }
    }
    none_of("a colour has a name in style/tokens.css and is used by that name:", &findings);
}

#[test]
fn page_manifest_and_app_icon_use_colours_of_the_tokens() {
    let tokens = colours(&read(TOKENS));
    let mut findings = Vec::new();
    for path in ["index.html", "public/manifest.webmanifest", "public/icons/icon.svg", "public/icons/maskable.svg"] {
        let strange = colours(&read(path)).into_iter().filter(|colour| !tokens.contains(colour));
        findings.extend(strange.map(|colour| format!("{path}: {colour}")));
    }
    none_of("these cannot read tokens, so they repeat them, and these colours are not there:", &findings);
}

#[test]
fn every_token_that_is_used_exists() {
    let tokens = read(TOKENS);
    let rust = shipped_rust().iter().map(|source| source.text.clone()).collect::<String>();
    let mut findings = Vec::new();
    for source in sources(&["style", "crates/verifier/page"], ".css") {
        for after in source.text.split("var(").skip(1) {
            let name = after.split([')', ',', ' ']).next().unwrap_or_default().trim();
            // A custom property may also be set by its own component, in the sheet or from the view.
            let defined = [&tokens, &source.text].iter().any(|css| css.contains(&format!("{name}:")));
            if !defined && !rust.contains(&format!("\"{name}\"")) && !rust.contains(&format!("style:{name}")) {
                findings.push(format!("{}: var({name})", source.path));
            }
        }
    }
    none_of("not defined in style/tokens.css nor in the same file:", &findings);
}

#[test]
fn every_style_file_is_linked_once() {
    let page = read("index.html");
    let mut findings = Vec::new();
    let files = sources(&["style"], ".css");
    for source in &files {
        if page.matches(&format!("href=\"{}\"", source.path)).count() != 1 {
            findings.push(format!("{} is not linked exactly once", source.path));
        }
        if source.text.contains("@import") {
            findings.push(format!("{} uses @import, which Trunk does not follow", source.path));
        }
    }
    for after in page.split("rel=\"css\" href=\"").skip(1) {
        let path = after.split('"').next().unwrap_or_default();
        if files.iter().all(|source| source.path != path) {
            findings.push(format!("{path} is linked and does not exist"));
        }
    }
    none_of("index.html links the files of style/:", &findings);
}

#[test]
fn every_icon_is_in_the_sprite() {
    let sprite = read("public/icons.svg");
    let exists = |name: &str| sprite.contains(&format!("id=\"{name}\""));
    let mut findings = Vec::new();
    let icons: Value = serde_json::from_str(&read("city/icons.json")).unwrap();
    for (id, name) in ["groups", "categories"].iter().filter_map(|part| icons[*part].as_object()).flatten() {
        if !exists(name.as_str().unwrap_or_default()) {
            findings.push(format!("city/icons.json: {id}: {name}"));
        }
    }
    for source in sources(&["src"], ".rs") {
        for literal in literals_of(&source.text) {
            let is_icon = literal.before.ends_with("<Iconname=") || literal.before.ends_with("icon=");
            if is_icon && !exists(&literal.text) {
                findings.push(format!("{}:{}: {}", source.path, literal.line, literal.text));
            }
        }
    }
    none_of("add the name to xtask/src/icons.rs and run `cargo xtask icons`:", &findings);
}

#[test]
fn every_category_and_group_has_an_icon() {
    let catalog: Value = serde_json::from_str(&read("city/catalog.json")).unwrap();
    let icons: Value = serde_json::from_str(&read("city/icons.json")).unwrap();
    for part in ["groups", "categories"] {
        let ids = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
        let wanted = catalog[part].as_array().into_iter().flatten().map(ids).collect::<BTreeSet<_>>();
        let found = icons[part].as_object().into_iter().flatten().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>();
        assert_eq!(found, wanted, "city/icons.json: {part}");
    }
}
