//! `cargo xtask fuzz`: the targets of `fuzz/` under libFuzzer, on the stable compiler.
//!
//! Owns: the instrumented build, running two targets at a time, and keeping the corpus small. Invariants: the build is apart
//! from every other (`target/fuzz`); what is found on the way stays in `target/fuzz/corpus`, and only `--keep` changes
//! `fuzz/corpus`; an input that breaks a target is kept and printed with the command that repeats it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Mutex;
use std::thread;

use crate::process::{At as _, Failure, Outcome, Program, Spoken, Stopwatch, step};
use crate::setup::{self, Need};
use crate::toolchain::Places;

/// Seconds for each target when nothing else is said.
const SECONDS: &str = "20";
/// And when all of them are a part of the tests: there they mostly walk through what earlier runs have found.
const SECONDS_AS_PART: &str = "10";
/// Targets at a time.
const AT_ONCE: usize = 2;
/// Longest input, where the corpus holds no longer one.
const MAX_INPUT_BYTES: &str = "8192";
/// Room of each target in the repository.
const KEPT_BYTES: usize = 16_000;
/// A longer input must be a seed to be kept there.
const LONG_BYTES: usize = 2_000;
/// And of those no more than these.
const MAX_LONG_SEEDS: usize = 3;
/// A target that needs more memory, in all or at once, breaks: nothing that a stranger sends may cost so much.
const MEMORY: [&str; 2] = ["-rss_limit_mb=1024", "-malloc_limit_mb=256"];
/// Coverage as libFuzzer reads it; what a nightly compiler would add by itself.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Wanted<'a> {
    targets: Vec<&'a str>,
    seconds: &'a str,
    keep: bool,
}

impl<'a> Wanted<'a> {
    fn read(words: &[&'a str], known: &[String]) -> Outcome<Self> {
        let mut wanted = Self { targets: Vec::new(), seconds: SECONDS, keep: false };
        let mut words = words.iter();
        let usage = |word: &str| Failure::Usage(format!("fuzz {word}"));
        while let Some(word) = words.next() {
            match *word {
                "--keep" => wanted.keep = true,
                "--seconds" => {
                    let seconds = words.next().filter(|seconds| seconds.parse::<u32>().is_ok_and(|n| n > 0));
                    wanted.seconds = seconds.ok_or_else(|| usage("--seconds"))?;
                }
                target if known.iter().any(|name| name == target) => wanted.targets.push(target),
                other => return Err(usage(other)),
            }
        }
        Ok(wanted)
    }
}

/// All targets, shortly.
pub(crate) fn part(places: &Places) -> Outcome<()> {
    run(places, &["--seconds", SECONDS_AS_PART])
}

/// Builds all targets and runs those that are named, or all.
pub(crate) fn run(places: &Places, words: &[&str]) -> Outcome<()> {
    let known = targets(&places.root.join("fuzz/targets"))?;
    let wanted = Wanted::read(words, &known)?;
    setup::ensure(places, &[Need::Fuzz])?;
    let fuzz = Fuzz::build(places)?;
    let chosen =
        known.iter().map(String::as_str).filter(|name| wanted.targets.is_empty() || wanted.targets.contains(name));
    let chosen: Vec<&str> = chosen.collect();
    if wanted.keep {
        step("seeds from the golden vectors", || fuzz.seed(places))?;
    }
    let watch = Stopwatch::start();
    let queue = Mutex::new(chosen.iter());
    let next = || queue.lock().map_or(None, |mut queue| queue.next().copied());
    let work = || std::iter::from_fn(next).map(|name| fuzz.run(name, wanted.seconds)).collect::<Vec<_>>();
    let outcomes = thread::scope(|scope| {
        let hands: Vec<_> = (0..AT_ONCE).map(|_| scope.spawn(work)).collect();
        hands.into_iter().flat_map(|hand| hand.join().unwrap_or_default()).collect::<Vec<_>>()
    });
    eprintln!("  {} targets · {}", outcomes.len(), Spoken(watch.elapsed()));
    outcomes.into_iter().collect::<Outcome<()>>()?;
    if wanted.keep { chosen.iter().try_for_each(|name| fuzz.keep(name)) } else { Ok(()) }
}

/// The names of the targets, sorted.
fn targets(folder: &Path) -> Outcome<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).at(folder)? {
        let name = entry.at(folder)?.file_name().to_string_lossy().into_owned();
        names.extend(name.strip_suffix(".rs").map(str::to_owned));
    }
    names.sort();
    Ok(names)
}

/// The built targets and the folders around them.
struct Fuzz {
    programs: PathBuf,
    /// `fuzz/corpus`, in the repository.
    kept: PathBuf,
    /// `target/fuzz`.
    work: PathBuf,
}

impl Fuzz {
    fn build(places: &Places) -> Outcome<Self> {
        let about = Program::new("asking rustc for its host", "rustc").args(["-vV"]).output()?;
        let host = about.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or("x86_64-unknown-linux-gnu");
        let work = places.target.join("fuzz");
        step("building the fuzz targets (about 2 min the first time)", || {
            // Naming the target keeps build scripts and macros free of the instrumentation.
            Program::new("the fuzz targets", "cargo")
                .args(["build", "--release", "--bins", "--manifest-path", "fuzz/Cargo.toml", "--target", host])
                .env("RUSTFLAGS", COVERAGE)
                .env("CARGO_TARGET_DIR", &work)
                .dir(&places.root)
                .run()
        })?;
        Ok(Self { programs: work.join(host).join("release"), kept: places.root.join("fuzz/corpus"), work })
    }

    fn seed(&self, places: &Places) -> Outcome<()> {
        Program::new("the seeds", "cargo")
            .args(["run", "--quiet", "--manifest-path", "fuzz/Cargo.toml", "--example", "seeds", "--"])
            .args([self.work.join("seeds")])
            .env("CARGO_TARGET_DIR", &self.work)
            .dir(&places.root)
            .run()
    }

    /// The folders with inputs of a target: new ones go to the first.
    fn folders(&self, name: &str) -> Outcome<Vec<PathBuf>> {
        let found = self.work.join("corpus").join(name);
        fs::create_dir_all(&found).at(&found)?;
        let more = [self.kept.join(name), self.work.join("seeds").join(name)];
        Ok(std::iter::once(found).chain(more.into_iter().filter(|folder| folder.is_dir())).collect())
    }

    fn run(&self, name: &str, seconds: &str) -> Outcome<()> {
        let crashes = self.work.join("crashes");
        fs::create_dir_all(&crashes).at(&crashes)?;
        let log = self.work.join(format!("{name}.log"));
        let file = File::create(&log).at(&log)?;
        let program = self.programs.join(name);
        let mut command = Program::new(name, &program)
            .args([format!("-max_total_time={seconds}"), format!("-max_len={MAX_INPUT_BYTES}"), "-timeout=10".into()])
            .args(MEMORY)
            .args([format!("-artifact_prefix={}/{name}-", crashes.display())])
            .args(self.folders(name)?)
            .into_command();
        let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(file).status();
        let status = status.map_err(|source| Failure::Start { program: program.display().to_string(), source })?;
        let said = fs::read_to_string(&log).at(&log)?;
        if status.success() {
            eprintln!("  {name:<16} {}", summary(&said));
            return Ok(());
        }
        let tail: Vec<&str> = said.lines().filter(|line| !line.starts_with('#')).collect();
        eprintln!("{}", tail[tail.len().saturating_sub(25)..].join("\n"));
        let input = said.lines().find_map(|line| line.split_once("Test unit written to ").map(|(_, path)| path.trim()));
        let repeat = format!("{} {}", program.display(), input.unwrap_or("<no input was written>"));
        Err(Failure::Ended { what: format!("the fuzz target {name}"), status, repeat })
    }

    /// Renews `fuzz/corpus`: of everything that is known, few and short inputs that reach the most.
    fn keep(&self, name: &str) -> Outcome<()> {
        let fresh = self.work.join("merged").join(name);
        let _ = fs::remove_dir_all(&fresh);
        fs::create_dir_all(&fresh).at(&fresh)?;
        Program::new("the merge", self.programs.join(name))
            // Edges alone: how often one is taken would keep ten times as many inputs.
            .args(["-merge=1".to_owned(), "-use_counters=0".to_owned(), format!("-max_len={MAX_INPUT_BYTES}")])
            .args([&fresh])
            .args(self.folders(name)?)
            .run_quietly()?;
        let seeds: BTreeSet<Vec<u8>> = read_all(&self.work.join("seeds").join(name))?.into_values().collect();
        let kept = chosen(read_all(&fresh)?, &seeds);
        let folder = self.kept.join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).at(&folder)?;
        for (name, bytes) in &kept {
            // libFuzzer's names are SHA-1; sixteen digits tell inputs apart as well.
            let path = folder.join(name.chars().take(16).collect::<String>());
            fs::write(&path, bytes).at(&path)?;
        }
        eprintln!(
            "  {name:<16} {} inputs, {} bytes kept",
            kept.len(),
            kept.iter().map(|(_, b)| b.len()).sum::<usize>()
        );
        Ok(())
    }
}

/// The files of a folder by name; none when there is no such folder.
fn read_all(folder: &Path) -> Outcome<BTreeMap<String, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.at(folder)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(name, fs::read(&path).at(&path)?);
    }
    Ok(files)
}

/// Inputs for the repository: long ones only if they are seeds, and the others from the shortest on, as far as the room goes.
fn chosen(inputs: BTreeMap<String, Vec<u8>>, seeds: &BTreeSet<Vec<u8>>) -> Vec<(String, Vec<u8>)> {
    let mut inputs: Vec<_> = inputs.into_iter().collect();
    inputs.sort_by_key(|(name, bytes)| (bytes.len(), name.clone()));
    let (mut long_seeds, mut room) = (MAX_LONG_SEEDS, KEPT_BYTES);
    inputs.retain(|(_, bytes)| {
        let left = if bytes.len() > LONG_BYTES {
            seeds.contains(bytes).then(|| long_seeds.checked_sub(1)).flatten().map(|left| long_seeds = left)
        } else {
            room.checked_sub(bytes.len()).map(|left| room = left)
        };
        left.is_some()
    });
    inputs
}

/// `1,234 runs, 567 edges`, from what libFuzzer said.
fn summary(said: &str) -> String {
    let number = |text: &str| text.split_whitespace().next().unwrap_or_default().to_owned();
    let runs = said.lines().rev().find_map(|line| line.strip_prefix("Done ")).map(number);
    let edges = said.lines().rev().find_map(|line| line.split_once("cov: ")).map(|(_, rest)| number(rest));
    format!("{:>9} runs, {:>5} edges", runs.unwrap_or_default(), edges.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<String> {
        vec!["cbor".to_owned(), "op".to_owned()]
    }

    #[test]
    fn targets_time_and_keeping_are_read_in_any_order() {
        let wanted = Wanted::read(&["op", "--seconds", "5", "cbor", "--keep"], &known()).unwrap();
        assert_eq!(wanted, Wanted { targets: vec!["op", "cbor"], seconds: "5", keep: true });
        let plain = Wanted::read(&[], &known()).unwrap();
        assert_eq!(plain, Wanted { targets: vec![], seconds: SECONDS, keep: false });
    }

    #[test]
    fn an_unknown_target_and_a_time_that_is_none_are_refused() {
        for words in [&["exif"][..], &["--seconds"], &["--seconds", "0"], &["--seconds", "soon"]] {
            assert!(Wanted::read(words, &known()).is_err(), "{words:?}");
        }
    }

    #[test]
    fn short_inputs_are_kept_as_far_as_the_room_goes_and_long_ones_if_they_are_seeds() {
        let mut inputs = BTreeMap::from([("long".to_owned(), vec![1; 2_001]), ("seed".to_owned(), vec![2; 3_000])]);
        inputs.extend((0..20u8).map(|i| (format!("{i:02}"), vec![i; 1_000])));
        let kept = chosen(inputs, &BTreeSet::from([vec![2; 3_000]]));
        let names: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!((names.len(), names[0], names[15], names[16]), (17, "00", "15", "seed"));
    }

    #[test]
    fn what_the_fuzzer_said_becomes_one_line() {
        let said = "#2\tINITED cov: 12 ft: 13\n#9\tNEW    cov: 345 ft: 4\nDone 678 runs in 1 second(s)\n";
        assert_eq!(summary(said), "      678 runs,   345 edges");
    }
}
