//! Who may know whom: the browser, the clock, the database and the wire each have one home.

use std::collections::{BTreeMap, BTreeSet};

use crate::reader::{Source, all_rust, code_of, literals_of, names, none_of, read, shipped_rust, sources};

/// Everything that the pure core may depend on. Adding to it is a decision, so it is made here.
const DOMAIN_DEPENDENCIES: [&str; 8] =
    ["base64", "crc32fast", "hmac", "serde", "serde_json", "serde_path_to_error", "sha2", "thiserror"];

/// Lines of a file whose code, without comments and strings, fulfils the condition.
fn code_lines(source: &Source, is_bad: impl Fn(&str) -> bool) -> Vec<String> {
    let code = code_of(&source.text);
    let bad = code.lines().enumerate().filter(|(_, line)| is_bad(line));
    bad.map(|(at, line)| format!("{}:{}: {}", source.path, at + 1, line.trim())).collect()
}

#[test]
fn only_the_platform_speaks_to_the_browser() {
    let mut findings = Vec::new();
    for source in shipped_rust() {
        // The page of the verifier is a program of its own: three calls that its scripts make into the check.
        let homes = ["src/main.rs", "crates/verifier/src/browser.rs"];
        let is_home = homes.contains(&source.path.as_str()) || source.path.starts_with("src/platform");
        if !is_home {
            let browser = ["web_sys", "js_sys", "wasm_bindgen", "gloo"];
            findings.extend(code_lines(&source, |line| browser.iter().any(|word| names(line, word))));
        }
    }
    none_of(
        "web_sys, js_sys, wasm_bindgen and gloo belong in src/platform/ (and crates/verifier/src/browser.rs):",
        &findings,
    );
}

#[test]
fn screens_never_name_the_platform() {
    let mut findings = Vec::new();
    for source in sources(&["src/ui", "src/ui.rs", "src/state", "src/state.rs"], ".rs") {
        findings.extend(code_lines(&source, |line| names(line, "platform::") || names(line, "crate::platform")));
    }
    none_of(
        "ui and state take what they need as arguments; only app.rs, actions and tasks see the platform:",
        &findings,
    );
}

#[test]
fn the_domain_depends_on_nothing_that_does_io() {
    let manifest = read("crates/domain/Cargo.toml");
    let section = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    let lines = section.lines().skip(1).take_while(|line| !line.starts_with('['));
    let mut found = lines.filter_map(|line| line.split(['.', '=', ' ']).next()).collect::<Vec<_>>();
    found.retain(|name| !name.is_empty() && !name.starts_with('#'));
    found.sort_unstable();
    assert_eq!(found, DOMAIN_DEPENDENCIES, "the dependency list of greenshield-domain is part of the design");
}

#[test]
fn the_server_reaches_the_client_only_in_tests() {
    let manifest = read("crates/server/Cargo.toml");
    let shipped = manifest.split("[dev-dependencies]").next().unwrap_or_default();
    assert!(!shipped.contains("greenshield-client"), "the server ships without the client");
}

#[test]
fn a_clock_is_read_only_where_the_reason_stands() {
    let mut findings = Vec::new();
    for source in all_rust() {
        let code = code_of(&source.text);
        let lines = code.lines().collect::<Vec<_>>();
        for (at, line) in lines.iter().enumerate() {
            // tokio's own clock is the runtime's, which a test can stop and move.
            let line = line.replace("tokio::time::Instant::now", "");
            let reads = line.contains("SystemTime::now") || line.contains("Instant::now");
            let excused = lines[at.saturating_sub(15)..=at].iter().any(|l| l.contains("clippy::disallowed_methods"));
            if reads && !excused {
                findings.push(format!("{}:{}: {}", source.path, at + 1, line.trim()));
            }
        }
    }
    none_of(
        "`now` is an argument; the one clock of a process carries #[expect(clippy::disallowed_methods, reason)]:",
        &findings,
    );
}

#[test]
fn sql_lives_in_the_store() {
    let openings = ["SELECT ", "INSERT INTO ", "INSERT OR ", "UPDATE ", "DELETE FROM ", "CREATE TABLE ", "PRAGMA "];
    let mut findings = Vec::new();
    for source in shipped_rust() {
        if source.path.starts_with("crates/server/src/store") || source.is_test() {
            continue;
        }
        for literal in literals_of(source.without_tests()) {
            let statement = literal.text.trim_start();
            if openings.iter().any(|opening| statement.starts_with(opening)) {
                findings.push(format!(
                    "{}:{}: {}",
                    source.path,
                    literal.line,
                    statement.lines().next().unwrap_or_default()
                ));
            }
        }
    }
    none_of("SQL belongs in crates/server/src/store/ and migrations/:", &findings);
}

/// The name of the type that a line declares, or nothing.
fn declared(line: &str) -> &str {
    let after = line.split_once("struct ").or_else(|| line.split_once("enum ")).map_or("", |(_, after)| after);
    after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()
}

#[test]
fn wire_shapes_live_in_wire() {
    let mut findings = Vec::new();
    for source in shipped_rust() {
        if source.path.ends_with("wire.rs") || source.path.contains("/wire/") {
            continue;
        }
        let code = code_of(&source.text);
        let lines = code.lines().collect::<Vec<_>>();
        for (at, line) in lines.iter().enumerate() {
            let name = declared(line);
            let attributes = lines[..at].iter().rev().take_while(|above| above.trim_start().starts_with("#["));
            let is_written = attributes.into_iter().any(|above| above.contains("erialize"));
            if is_written && (name.ends_with("Request") || name.ends_with("Response")) {
                findings.push(format!("{}:{}: {name}", source.path, at + 1));
            }
        }
    }
    none_of("a …Request or …Response that serde reads or writes belongs in wire.rs:", &findings);
}

/// The files below `crate::` that a code names, by their path without ending: `store/read`.
fn known_files<'a>(code: &str, files: &'a BTreeSet<String>) -> BTreeSet<&'a str> {
    let mut known = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let paths = match after.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap_or_default().split(',').collect::<Vec<_>>(),
            None => vec![after],
        };
        for path in paths {
            let end = |c: char| !c.is_alphanumeric() && c != '_' && c != ':';
            let mut path = path.trim().split(end).next().unwrap_or_default().replace("::", "/");
            while !path.is_empty() && !files.contains(&path) {
                path.truncate(path.rfind('/').unwrap_or(0));
            }
            known.extend(files.get(&path).map(String::as_str));
        }
    }
    known
}

#[test]
fn files_of_the_server_know_each_other_in_one_direction_only() {
    let sources = sources(&["crates/server/src"], ".rs");
    let name_of = |path: &str| path.trim_start_matches("crates/server/src/").trim_end_matches(".rs").to_owned();
    let sources: Vec<_> = sources.iter().filter(|source| !source.is_test()).collect();
    let files: BTreeSet<String> = sources.iter().map(|source| name_of(&source.path)).collect();
    let mut left: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for source in &sources {
        let name = name_of(&source.path);
        let mut known = known_files(&code_of(source.without_tests()), &files);
        known.remove(name.as_str());
        left.insert(name, known);
    }
    // Again and again the files that know nobody who is left are put away; what stays knows each other in a circle.
    while let Some(name) = left.iter().find(|(_, known)| known.iter().all(|file| !left.contains_key(*file))) {
        let name = name.0.clone();
        left.remove(&name);
    }
    let findings: Vec<String> = left.iter().map(|(name, known)| format!("{name} knows {known:?}")).collect();
    none_of("a file of the server is in or above a circle of files:", &findings);
}
