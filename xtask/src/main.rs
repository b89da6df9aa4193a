//! `cargo xtask`: the one door to the tools of this repository.
//!
//! Each command sets up what it needs, says what it does and how long it took, and is quick the second time.
//! It refuses to hide anything: a failed step ends the run and prints the command that repeats it.

#![expect(clippy::print_stdout, reason = "a command-line tool prints its results")]

mod bench;
mod bless;
mod files;
mod fuzz;
mod icons;
mod licences;
mod map;
mod map_pack;
mod parts;
mod process;
mod reproduce;
mod run;
mod setup;
mod slim;
mod soak;
mod supply;
mod test;
mod toolchain;
mod verifier;
mod web;

use std::env;
use std::process::ExitCode;

use process::{Failure, Outcome};
use setup::Need;
use toolchain::Places;

const HELP: &str = "cargo xtask <command>

  run [ADDRESS]     build everything and start a demo city, by default on 127.0.0.1:8080
  test [PART…]      everything that must be green: lint host fuzz web browser e2e
  web [--quick]     build the app into dist/; --quick: within seconds, large and slow, for a look
  fuzz [TARGET…]    feed the readers strange bytes; --seconds N each (20), --keep renews fuzz/corpus
  verifier          build dist/verify.html alone: the check of evidence exports
  reproduce         build the app once more in another folder and compare every byte
  soak [--hours N]  the tests of faults for hours, with other dice; writes docs/soak.md
  bench             measure the budgets and print them as a table
  setup             install whatever the commands above need
  icons             rebuild public/icons.svg and the app icons
  map-pack          rebuild public/map/base.pmtiles, the base map of the demo city
  licences          rewrite the list of the works of others in the app
  sbom              write dist/sbom.cdx.json, the parts of a release with their hashes (CycloneDX)
  bless             rewrite the golden files after a wanted change of format
  help              this text

Tools are kept in ~/.cache/greenshield (or $GREENSHIELD_CACHE).";

fn main() -> ExitCode {
    if let Some(done) = parts::as_bindgen() {
        return done;
    }
    let words = env::args().skip(1).collect::<Vec<_>>();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\n✗ {failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[String]) -> Outcome<()> {
    let words = words.iter().map(String::as_str).collect::<Vec<_>>();
    let (command, rest) = words.split_first().map_or(("help", &words[..]), |(first, rest)| (*first, rest));
    let places = Places::find()?;
    match command {
        "run" => run::run(&places, rest),
        "test" => test::run(&places, rest),
        "web" => web::run(&places, rest),
        "fuzz" => fuzz::run(&places, rest),
        "verifier" => verifier::build(&places),
        "reproduce" => reproduce::run(&places),
        "soak" => soak::run(&places, rest),
        "bench" => bench::run(&places, rest),
        "setup" => {
            setup::ensure(&places, &[Need::App, Need::Lints, Need::Browser, Need::Node, Need::Python, Need::Postgres])
        }
        "icons" => icons::build(&places),
        "map-pack" => map_pack::run(&places),
        "licences" => licences::build(&places),
        "sbom" => supply::sbom(&places),
        "bless" => bless::run(&places),
        // Not for people: `run` starts this to make the server's lines readable.
        run::PRINT_LINKS => run::print_links(),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => Err(Failure::Usage(other.to_owned())),
    }
}
