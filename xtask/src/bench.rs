//! `cargo xtask bench`: measures the budgets of the architecture in a real browser against a real server.
//!
//! The measuring is `tests/e2e/bench.mjs`; this module only builds what it measures, as fast as users get it.

use crate::process::{Outcome, Program, step};
use crate::setup::{self, Need};
use crate::test::node_env;
use crate::toolchain::Places;
use crate::web;

/// The profile of the server as it is shipped. The workspace's `release` is tuned for the app's size, not for speed.
const SHIPPED: &str = "shipped";
const SHIPPED_SETTINGS: [&str; 4] = [
    "profile.shipped.inherits='release'",
    "profile.shipped.opt-level=3",
    "profile.shipped.lto=false",
    "profile.shipped.codegen-units=16",
];

/// Builds app and server and hands `words` on to the measuring script.
pub(crate) fn run(places: &Places, words: &[&str]) -> Outcome<()> {
    setup::ensure(places, &[Need::App, Need::Browser, Need::Node, Need::PouchPeer])?;
    web::build(places)?;
    step("building the server as it is shipped (about 6 min the first time)", || {
        Program::new("building the server", "cargo")
            .args(["build", "-p", "greenshield-server", "--profile", SHIPPED])
            .args(SHIPPED_SETTINGS.iter().flat_map(|setting| ["--config", setting]))
            .dir(&places.root)
            .run()
    })?;
    Program::new("the measurements", "node")
        .args(["tests/e2e/bench.mjs"])
        .args(words)
        .envs(node_env(places, SHIPPED))
        .dir(&places.root)
        .run()
}
