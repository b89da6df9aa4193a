//! `cargo xtask soak`: the tests of faults again and again with other dice, for hours, and a report of what really ran.
//!
//! Owns: the turns, the counting and `docs/soak.md`. Refuses: to go on after a failure: the report then says which promise
//! broke and how to see it again. Invariant: every number in the report was printed by the run itself.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use crate::process::{At, Failure, Outcome, Program, Spoken, Stopwatch, step};
use crate::run::build_server;
use crate::setup::{self, Need};
use crate::test::node_env;
use crate::toolchain::Places;
use crate::web;

/// Worlds of one turn of the simulation.
const SEEDS: u64 = 1_000;
/// The seeds of the ordinary tests end far below.
const FIRST_SEED: u64 = 1_000_000;

/// What a turn does besides simulating: its name in the report, how often its thing happens in a turn, and how it is run.
struct Turn {
    name: &'static str,
    times: u64,
    how: How,
}

enum How {
    /// A test of a crate, named, told the number by a variable.
    Test { package: &'static str, target: [&'static str; 2], test: &'static str, variable: &'static str },
    /// A journey in the browser, told the number by a variable.
    Journey { file: &'static str, variable: &'static str },
}

const TURNS: [Turn; 8] = [
    Turn {
        name: "kills of the server, or of PostgreSQL, under 20 pushing phones",
        times: 3 * 25,
        how: How::Test {
            package: "greenshield-server",
            target: ["--test", "main"],
            test: "kill::",
            variable: "GREENSHIELD_KILLS",
        },
    },
    Turn {
        name: "kills of the browser around 已存本机",
        times: 40,
        how: How::Journey { file: "kill.test.mjs", variable: "GREENSHIELD_ROUNDS" },
    },
    Turn {
        name: "cuts of an upload at random bytes",
        times: 500,
        how: How::Journey { file: "cuts.test.mjs", variable: "GREENSHIELD_CUTS" },
    },
    Turn {
        name: "evidence files tampered with",
        times: 100_000,
        how: How::Test {
            package: "greenshield-domain",
            target: ["--test", "laws"],
            test: "every_changed",
            variable: "GREENSHIELD_TAMPER_ROUNDS",
        },
    },
    Turn {
        name: "MiB of rescue packages as large as they can be",
        times: 2_000,
        how: How::Test {
            package: "greenshield-server",
            target: ["--test", "main"],
            test: "large::",
            variable: "GREENSHIELD_PACKAGE_MIB",
        },
    },
    Turn {
        name: "reports from four windows at once",
        times: 4 * 100,
        how: How::Journey { file: "tabs.test.mjs", variable: "GREENSHIELD_TAB_OPS" },
    },
    Turn {
        name: "positions on each of seven days without a signal",
        times: 5_760,
        how: How::Journey { file: "seven-days.test.mjs", variable: "GREENSHIELD_DAY_FIXES" },
    },
    Turn {
        name: "laws of merge, log and codec: times their ordinary number of cases",
        times: 10,
        how: How::Test {
            package: "greenshield-domain",
            target: ["--test", "laws"],
            test: "",
            variable: "GREENSHIELD_LAW_FACTOR",
        },
    },
];

/// What happened how often, by name, in the order in which it came first.
#[derive(Default)]
struct Tally(Vec<(String, u64)>);

impl Tally {
    fn add(&mut self, name: &str, number: u64) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, sum)) => *sum += number,
            None => self.0.push((name.to_owned(), number)),
        }
    }

    fn add_printed(&mut self, printed: &str) {
        for (name, number) in printed.lines().filter_map(|line| line.split_once('\t')) {
            self.add(name, number.parse().unwrap_or(0));
        }
    }
}

/// Runs for so many hours and writes the report.
pub(crate) fn run(places: &Places, words: &[&str]) -> Outcome<()> {
    let hours = match words {
        [] => 1.0,
        ["--hours", number] => number.parse::<f64>().ok().filter(|hours| *hours > 0.0).ok_or_else(usage)?,
        _ => return Err(usage()),
    };
    setup::ensure(places, &[Need::App, Need::Browser, Need::Node, Need::Postgres])?;
    web::build(places)?;
    step("building the server", || build_server(places))?;
    let planned = Duration::from_secs_f64(hours * 3600.0);
    let (watch, mut worlds, mut others) = (Stopwatch::start(), Tally::default(), Tally::default());
    let mut seed = FIRST_SEED;
    let mut outcome = Ok(());
    for turn in TURNS.iter().cycle() {
        outcome = worlds_of(places, seed, &mut worlds).and_then(|()| {
            seed += SEEDS;
            if watch.elapsed() < planned { take(places, turn, &mut others) } else { Ok(()) }
        });
        if outcome.is_err() || watch.elapsed() >= planned {
            break;
        }
    }
    let report = report(hours, watch.elapsed(), (FIRST_SEED, seed), &worlds, &others, outcome.as_ref().err());
    let path = places.root.join("docs/soak.md");
    fs::write(&path, report).at(&path)?;
    eprintln!("the report is in docs/soak.md");
    outcome
}

fn usage() -> Failure {
    Failure::Usage("soak [--hours NUMBER]".to_owned())
}

fn worlds_of(places: &Places, seed: u64, tally: &mut Tally) -> Outcome<()> {
    let printed = step(&format!("simulating the worlds {seed} to {}", seed + SEEDS - 1), || {
        Program::new("the simulation", "cargo")
            .args(["run", "-q", "-p", "greenshield-simulation", "--", "run"])
            .args(["--seed".to_owned(), seed.to_string(), "--seeds".to_owned(), SEEDS.to_string()])
            .dir(&places.root)
            .output()
    })?;
    tally.add_printed(&printed);
    Ok(())
}

fn take(places: &Places, turn: &Turn, tally: &mut Tally) -> Outcome<()> {
    // Where one number makes several of the thing, the report counts the things.
    let per_number = match turn.how {
        How::Test { test: "kill::", .. } => 3,
        How::Journey { file: "tabs.test.mjs", .. } => 4,
        _ => 1,
    };
    let number = (turn.times / per_number).to_string();
    let program = match turn.how {
        How::Test { package, target, test, variable } => Program::new(turn.name, "cargo")
            .args(["test", "-q", "-p", package])
            .args(target)
            .args([test])
            .env(variable, number)
            .dir(&places.root),
        How::Journey { file, variable } => Program::new(turn.name, "node")
            .args(["--test", "--test-force-exit", file])
            .envs(node_env(places, "debug"))
            .env(variable, OsString::from(number))
            .dir(&places.root.join("tests/e2e")),
    };
    step(&format!("{}: {}", turn.times, turn.name), || program.run_quietly())?;
    tally.add(turn.name, turn.times);
    Ok(())
}

fn report(
    hours: f64,
    took: Duration,
    seeds: (u64, u64),
    worlds: &Tally,
    others: &Tally,
    failure: Option<&Failure>,
) -> String {
    let verdict = match failure {
        Some(failure) => format!("**A promise broke.**\n\n```\n{failure}\n```"),
        None => "**0 violations.**".to_owned(),
    };
    let mut text = format!(
        "# Soak report\n\nWritten by `cargo xtask soak --hours {hours}`, which ran for {} and counted itself what follows. {verdict}\n\n\
         ## Simulated worlds\n\nSeeds {} to {}; one alone again: `cargo run -p greenshield-simulation -- replay --seed N`.\n\n",
        Spoken(took),
        seeds.0,
        seeds.1.saturating_sub(1),
    );
    for (title, tally) in [("in the worlds", worlds), ("on real components", others)] {
        if title == "on real components" {
            text.push_str("\n## Real browser, server, databases and files\n\n");
        }
        // Writing to a string cannot fail.
        let _ = writeln!(text, "| {title} | number |\n|---|---|");
        for (name, number) in &tally.0 {
            let _ = writeln!(text, "| {name} | {} |", grouped(*number));
        }
    }
    text
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let head = digits.len() % 3;
    let mut parts = Vec::new();
    if head > 0 {
        parts.push(&digits[..head]);
    }
    parts.extend(digits.as_bytes()[head..].chunks(3).map(|part| std::str::from_utf8(part).unwrap_or("")));
    parts.join(",")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_report_tells_what_was_counted_and_what_broke() {
        let mut worlds = Tally::default();
        worlds.add_printed("seeds\t1000\nserver kills\t7\n");
        worlds.add_printed("seeds\t1000\nserver kills\t5\n");
        let good = report(0.5, Duration::from_secs(60), (5, 2005), &worlds, &Tally::default(), None);
        assert!(good.contains("| seeds | 2,000 |") && good.contains("| server kills | 12 |"), "{good}");
        assert!(good.contains("Seeds 5 to 2004") && good.contains("0 violations"), "{good}");
        let bad = report(0.5, Duration::from_secs(60), (5, 5), &worlds, &Tally::default(), Some(&usage()));
        assert!(!bad.contains("0 violations") && bad.contains("A promise broke"), "{bad}");
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!([0, 12, 999, 1_000, 1_234_567].map(grouped), ["0", "12", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn every_turn_is_told_by_another_variable_that_its_test_reads() {
        let names: BTreeSet<&str> = TURNS
            .iter()
            .map(|turn| match turn.how {
                How::Test { variable, .. } | How::Journey { variable, .. } => variable,
            })
            .collect();
        assert_eq!(names.len(), TURNS.len());
    }
}
