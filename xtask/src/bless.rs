//! `cargo xtask bless`: rewrites golden files after a wanted change of format.
//!
//! Golden files exist so that a format cannot change by accident. Run this only on purpose, read the diff, and say in the
//! commit why old data stays readable.

use crate::process::{Outcome, Program, step};
use crate::toolchain::Places;

/// Writes the golden vectors anew and shows which files changed.
pub(crate) fn run(places: &Places) -> Outcome<()> {
    step("rewriting the golden vectors", || {
        Program::new("the golden vectors", "cargo")
            .args(["run", "-q", "-p", "greenshield-domain", "--example", "bless_golden"])
            .dir(&places.root)
            .run()
    })?;
    Program::new("git", "git").args(["status", "--short"]).dir(&places.root).run()
}
