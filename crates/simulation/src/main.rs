//! `greenshield-simulation`: repeats one seed, or runs many and says what happened.

#![expect(clippy::print_stdout, reason = "a command-line tool prints its results")]

use std::process::ExitCode;

use greenshield_simulation::{Mutant, run, run_many};

const HELP: &str = "greenshield-simulation replay --seed N [--mutant NAME] [--whole]
greenshield-simulation run --seed FIRST --seeds NUMBER";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let option = |name: &str| words.iter().position(|word| word == name).and_then(|at| words.get(at + 1));
    let number = |name: &str| option(name).and_then(|text| text.parse::<u64>().ok());
    let mutant = option("--mutant").and_then(|name| Mutant::ALL.into_iter().find(|m| format!("{m:?}") == *name));
    let done = match (words.first().map(String::as_str), number("--seed")) {
        (Some("replay"), Some(seed)) => run(seed, mutant).map(|outcome| {
            println!("seed {seed} holds; trace {}", greenshield_domain::ids::to_hex(&outcome.trace));
            outcome.counts
        }),
        (Some("run"), Some(first)) => run_many(first, number("--seeds").unwrap_or(1)),
        _ => {
            println!("{HELP}");
            return ExitCode::FAILURE;
        }
    };
    match done {
        Ok(counts) => {
            for (name, number) in counts.rows() {
                println!("{name}\t{number}");
            }
            ExitCode::SUCCESS
        }
        Err(violation) => {
            if words.iter().any(|word| word == "--whole") {
                println!("{}", violation.trace.join("\n"));
            }
            println!("{violation}");
            ExitCode::FAILURE
        }
    }
}
