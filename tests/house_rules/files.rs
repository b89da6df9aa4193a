//! Files: how long, how named, and that no test is forgotten.

use crate::reader::{all_rust, none_of, read, sources};

const LONGEST_FILE: usize = 500;
/// Names that say nothing about what a file owns.
const EMPTY_NAMES: [&str; 6] = ["utils", "util", "helpers", "common", "manager", "service"];

#[test]
fn no_file_is_longer_than_500_lines() {
    let mut findings = Vec::new();
    for source in all_rust() {
        let lines = source.text.lines().count();
        if lines > LONGEST_FILE {
            findings.push(format!("{}: {lines} lines", source.path));
        }
    }
    none_of("a file that needs more than 500 lines owns more than one thing:", &findings);
}

#[test]
fn modules_are_named_after_what_they_own() {
    let mut findings = Vec::new();
    for source in all_rust() {
        let stem = source.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
        if stem == "mod" || EMPTY_NAMES.contains(&stem) {
            findings.push(source.path);
        }
    }
    none_of("`foo.rs` beside `foo/` instead of mod.rs, and a name that says what the file owns:", &findings);
}

#[test]
fn every_module_says_what_it_owns() {
    let silent =
        all_rust().into_iter().filter(|source| !source.is_test() && !source.text.trim_start().starts_with("//!"));
    let findings = silent.map(|source| source.path).collect::<Vec<_>>();
    none_of("the first line of a file is `//!`: what it owns, what it refuses:", &findings);
}

#[test]
fn every_browser_test_file_is_part_of_the_browser_suite() {
    let suite = read("tests/browser.rs");
    let mut findings = Vec::new();
    for source in sources(&["tests/browser"], ".rs") {
        let inner = source.path.trim_start_matches("tests/browser/");
        let Some(stem) = inner.strip_suffix(".rs").filter(|stem| !stem.contains('/')) else { continue };
        if !suite.contains(&format!("mod {stem};")) {
            findings.push(source.path);
        }
    }
    none_of("tests/browser.rs must name every file of tests/browser/:", &findings);
}

#[test]
fn every_journey_has_the_name_that_is_run() {
    let mut findings = Vec::new();
    for source in sources(&["tests/e2e"], ".mjs") {
        let is_run = source.path.ends_with(".test.mjs") && source.path.matches('/').count() == 2;
        if source.text.contains("\"node:test\"") && !is_run && source.text.contains("\ntest(") {
            findings.push(source.path);
        }
    }
    none_of("`cargo xtask test e2e` runs tests/e2e/*.test.mjs and nothing else:", &findings);
}

#[test]
fn every_native_test_file_is_compiled() {
    let mut findings = Vec::new();
    for manifest in sources(&["Cargo.toml", "crates", "xtask"], "Cargo.toml") {
        let package = manifest.path.trim_end_matches("Cargo.toml");
        let tests = format!("{package}tests");
        for source in sources(&[&tests], ".rs") {
            let inner = source.path.trim_start_matches(package);
            let is_listed = manifest.text.contains(&format!("path = \"{inner}\""));
            let is_suite = inner.matches('/').count() == 1;
            if is_suite && manifest.text.contains("autotests = false") && !is_listed {
                findings.push(source.path);
            }
        }
    }
    none_of("discovery of tests is off in this package, so its Cargo.toml must list:", &findings);
}
