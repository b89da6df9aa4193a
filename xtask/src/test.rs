//! `cargo xtask test`: everything that must be green, in the order of how soon it can fail.
//!
//! The run ends at the first red step. The table at the end shows where the time went.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use crate::fuzz;
use crate::process::{At, Failure, Outcome, Program, Spoken, Stopwatch, step};
use crate::run::build_server;
use crate::setup::{self, Need};
use crate::supply;
use crate::toolchain::{Places, WASM, Way};
use crate::web;

/// The parts in order, with what each proves and the tools it needs.
const PARTS: [(&str, &str, &[Need], Part); 6] = [
    ("lint", "format, lints, house rules", &[Need::App, Need::Lints], lint),
    ("host", "tests of all crates on this machine", &[Need::Postgres], host),
    ("fuzz", "strange bytes break no reader", &[Need::Fuzz], fuzz::part),
    ("web", "the app builds", &[Need::App], web::build),
    ("browser", "tests inside a real browser", &[Need::App, Need::Browser], browser),
    ("e2e", "journeys through app and server", &[Need::App, Need::Browser, Need::Node, Need::Python], e2e),
];

type Part = fn(&Places) -> Outcome<()>;

/// Runs the named parts, or all of them.
pub(crate) fn run(places: &Places, wanted: &[&str]) -> Outcome<()> {
    if let Some(unknown) = wanted.iter().find(|name| PARTS.iter().all(|(part, ..)| part != *name)) {
        return Err(Failure::Usage(format!("test {unknown}")));
    }
    let parts = PARTS.iter().filter(|(name, ..)| wanted.is_empty() || wanted.contains(name)).collect::<Vec<_>>();
    let mut times: Vec<(&str, Duration)> = Vec::new();
    let mut timed = |name, work: &dyn Fn() -> Outcome<()>| {
        let watch = Stopwatch::start();
        let outcome = work();
        times.push((name, watch.elapsed()));
        outcome
    };
    let mut needs = Vec::new();
    for need in parts.iter().flat_map(|(_, _, needs, _)| needs.iter()) {
        if !needs.contains(need) {
            needs.push(*need);
        }
    }
    timed("setup", &|| setup::ensure(places, &needs))?;
    for (name, purpose, _, part) in parts {
        let outcome = timed(name, &|| step(&format!("{name}: {purpose}"), || part(places)));
        if let Err(failure) = outcome {
            eprintln!("\n  this part alone: cargo xtask test {name}");
            return Err(failure);
        }
    }
    println!("\nall green");
    for (name, time) in &times {
        println!("  {name:<8} {:>12}", Spoken(*time));
    }
    println!("  {:<8} {:>12}", "total", Spoken(times.iter().map(|(_, time)| *time).sum()));
    Ok(())
}

fn lint(places: &Places) -> Outcome<()> {
    let cargo = |what: &str, args: &[&str]| Program::new(what, "cargo").args(args).dir(&places.root);
    step("format", || {
        cargo("the format check", &["fmt", "--all", "--check"]).run()?;
        cargo("the format check of fuzz/", &["fmt", "--check", "--manifest-path", "fuzz/Cargo.toml"]).run()
    })?;
    step("clippy, host", || {
        cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()
    })?;
    step("clippy, app", || {
        let way = ready_way()?;
        Program::new("clippy of the app", way.cargo())
            .args(["clippy", "--release", "--target", WASM, "-p", "greenshield", "-p", "greenshield-client"])
            .args(["-p", "greenshield-verifier", "--lib", "--bins", "--", "-D", "warnings"])
            .envs(way.env(places)?)
            .dir(&places.root)
            .run()
    })?;
    step("house rules", || {
        cargo("the house rules", &["test", "-q", "-p", "greenshield", "--test", "house_rules"]).run()
    })?;
    step("licences, sources, bans", || supply::check(places))?;
    if !Program::new("asking for cargo-deny", "cargo").args(["deny", "--version"]).succeeds() {
        eprintln!("  cargo-deny is not installed here; advisories are not looked up in this run");
        return Ok(());
    }
    step("cargo deny", || cargo("cargo deny", &["deny", "--all-features", "check"]).run())
}

fn host(places: &Places) -> Outcome<()> {
    Program::new("the tests", "cargo").args(["test", "--workspace"]).dir(&places.root).run()
}

fn browser(places: &Places) -> Outcome<()> {
    let way = ready_way()?;
    let version = places.locked_version("wasm-bindgen")?;
    let by_hand = |what: &str| Failure::ByHand { what: what.into(), how: "cargo xtask setup".into() };
    let runner = places.tool("wasm-bindgen-cli", "wasm-bindgen-test-runner", &version);
    Program::new("the browser tests", way.cargo())
        // What these tests prove does not depend on how small the code is, and the small build takes minutes to link.
        .args(["test", "--profile", "quick", "--target", WASM, "-p", "greenshield", "--test", "browser"])
        .envs(way.env(places)?)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", runner.ok_or_else(|| by_hand("the test runner"))?)
        .env("CHROMEDRIVER", setup::browser_driver().ok_or_else(|| by_hand("chromedriver"))?)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "300")
        .dir(&places.root)
        .run()
}

/// Journeys that measure times, or need all of two cores themselves: each has the machine for itself.
const ALONE: [&str; 12] = [
    "cuts",
    "journey",
    "kill",
    "lock",
    "map",
    "patrol",
    "resilience",
    "room",
    "seven-days",
    "tabs",
    "thin-line",
    "update",
];

fn e2e(places: &Places) -> Outcome<()> {
    web::build(places)?;
    step("building the server", || build_server(places))?;
    let folder = places.root.join("tests/e2e");
    let mut journeys = Vec::new();
    for entry in fs::read_dir(&folder).at(&folder)? {
        let path = entry.at(&folder)?.path();
        if path.to_string_lossy().ends_with(".test.mjs") {
            journeys.push(path);
        }
    }
    journeys.sort();
    if journeys.is_empty() {
        return Err(Failure::Content { path: folder, problem: "holds no *.test.mjs".into() });
    }
    let is_alone = |path: &PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy().replace(".test.mjs", "")).unwrap_or_default();
        ALONE.contains(&name.as_str())
    };
    let (alone, together): (Vec<PathBuf>, Vec<PathBuf>) = journeys.into_iter().partition(is_alone);
    if alone.len() != ALONE.len() {
        return Err(Failure::Content { path: folder, problem: format!("does not hold all of {ALONE:?}") });
    }
    for (name, at_once, journeys) in [("the journeys that measure", "1", alone), ("the other journeys", "2", together)]
    {
        Program::new(name, "node")
            // A step that fails may leave a browser open, and one that hangs must not take the whole run with it.
            .args(["--test", "--test-reporter=spec", "--test-force-exit", "--test-timeout=600000"])
            .args([format!("--test-concurrency={at_once}")])
            .args(journeys)
            .envs(node_env(places, "debug"))
            .dir(&folder)
            .run()?;
    }
    Ok(())
}

/// What the scripts in `tests/e2e` are told about this machine.
pub(crate) fn node_env(places: &Places, profile_dir: &str) -> Vec<(&'static str, OsString)> {
    let browser = setup::browser().unwrap_or_else(|| PathBuf::from("/usr/bin/chromium"));
    vec![
        ("GREENSHIELD_BIN", places.server(profile_dir).into()),
        ("GREENSHIELD_PYTHON", setup::python(places).into()),
        ("CHROMIUM", browser.into()),
    ]
}

fn ready_way() -> Outcome<Way> {
    let how = "cargo xtask setup".to_owned();
    Way::ready().ok_or(Failure::ByHand { what: "the wasm target".into(), how })
}
