//! Starting other programs and telling the developer about it: one header line, one closing line with the time taken.
//!
//! Owns the only clock of `xtask` and its only error type. A failed program is reported with the command that repeats it;
//! nothing is retried here and nothing is swallowed.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use std::{env, fmt, io};

/// Why a command of `xtask` ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("{what} failed ({status})\n  repeat it with: {repeat}")]
    Ended { what: String, status: ExitStatus, repeat: String },
    #[error("cannot start `{program}`: {source}")]
    Start { program: String, source: io::Error },
    #[error("{}: {source}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{}: {problem}", path.display())]
    Content { path: PathBuf, problem: String },
    #[error("{what} is missing and cannot be installed from here. Install it by hand, then run this again:\n  {how}")]
    ByHand { what: String, how: String },
    #[error("unknown command `{0}`; `cargo xtask help` lists them")]
    Usage(String),
}

/// Result of everything in `xtask`.
pub(crate) type Outcome<T> = Result<T, Failure>;

/// Names the path in an I/O error.
pub(crate) trait At<T> {
    /// Turns the error into one that says which file it was.
    fn at(self, path: &Path) -> Outcome<T>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, path: &Path) -> Outcome<T> {
        self.map_err(|source| Failure::File { path: path.to_owned(), source })
    }
}

/// Time since a step began.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "xtask measures its own steps and is never compiled to wasm")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Duration {
        self.0.elapsed()
    }
}

/// A duration as people say it: `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) struct Spoken(pub(crate) Duration);

impl fmt::Display for Spoken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        let text = match seconds {
            0..=9 => format!("{:.1} s", self.0.as_secs_f64()),
            10..=59 => format!("{seconds} s"),
            _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
        };
        f.pad(&text)
    }
}

/// Prints the header of a step, runs it, prints how long it took.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> Outcome<T>) -> Outcome<T> {
    eprintln!("▸ {what}");
    let watch = Stopwatch::start();
    let outcome = work();
    let mark = if outcome.is_ok() { '✓' } else { '✗' };
    eprintln!("{mark} {what} · {}", Spoken(watch.elapsed()));
    outcome
}

/// A program about to be run. Prints nothing by itself; wrap it in [`step`] when it takes long.
pub(crate) struct Program {
    command: Command,
    what: String,
    shown_env: Vec<(OsString, OsString)>,
}

impl Program {
    /// `what` names the purpose in error messages.
    pub(crate) fn new(what: &str, program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        // `cargo run` describes xtask's own package in the environment. Build scripts that watch these names would
        // run again whenever a build is started by hand and by xtask in turn.
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST") || text == "LD_LIBRARY_PATH" {
                command.env_remove(&name);
            }
        }
        Self { command, what: what.to_owned(), shown_env: Vec::new() }
    }

    pub(crate) fn args<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(mut self, args: I) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.shown_env.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self.command.env(name, value);
        self
    }

    pub(crate) fn envs<N: AsRef<OsStr>, V: AsRef<OsStr>>(mut self, vars: impl IntoIterator<Item = (N, V)>) -> Self {
        for (name, value) in vars {
            self = self.env(name, value);
        }
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    /// Runs with the terminal of the developer.
    pub(crate) fn run(mut self) -> Outcome<()> {
        let status = self.command.status().map_err(|source| self.start_error(source))?;
        if status.success() { Ok(()) } else { Err(self.ended(status)) }
    }

    /// Runs silently; shows what the program said only when it fails.
    pub(crate) fn run_quietly(mut self) -> Outcome<()> {
        let output = self.command.stdin(Stdio::null()).output().map_err(|source| self.start_error(source))?;
        if output.status.success() {
            return Ok(());
        }
        eprint!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Err(self.ended(output.status))
    }

    /// Runs silently and gives what the program printed to stdout, trimmed.
    pub(crate) fn output(mut self) -> Outcome<String> {
        let output = self.command.stdin(Stdio::null()).output().map_err(|source| self.start_error(source))?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        } else {
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
            Err(self.ended(output.status))
        }
    }

    /// True when the program exists and ends well. What it prints is thrown away.
    pub(crate) fn succeeds(mut self) -> bool {
        let quiet = self.command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }

    /// The bare command, for the one caller that replaces this process by it.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }

    fn start_error(&self, source: io::Error) -> Failure {
        Failure::Start { program: self.command.get_program().to_string_lossy().into_owned(), source }
    }

    fn ended(&self, status: ExitStatus) -> Failure {
        // PATH would drown the rest of the line; `setup` puts our tools on it, any other way of having them will do.
        let env = self.shown_env.iter().filter(|(name, _)| name != "PATH");
        let env = env.map(|(name, value)| format!("{}={}", name.to_string_lossy(), quoted(value)));
        let words = std::iter::once(self.command.get_program()).chain(self.command.get_args()).map(quoted);
        let repeat = env.chain(words).collect::<Vec<_>>().join(" ");
        Failure::Ended { what: self.what.clone(), status, repeat }
    }
}

/// A word as a shell would need it.
fn quoted(word: impl AsRef<OsStr>) -> String {
    let text = word.as_ref().to_string_lossy().into_owned();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@+".contains(c);
    if !text.is_empty() && text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// The first program of that name on the PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(name)).find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_like_speech() {
        assert_eq!(Spoken(Duration::from_millis(412)).to_string(), "0.4 s");
        assert_eq!(Spoken(Duration::from_secs(12)).to_string(), "12 s");
        assert_eq!(Spoken(Duration::from_secs(185)).to_string(), "3 min 05 s");
    }

    #[test]
    fn a_failed_program_names_the_command_that_repeats_it() {
        let failure = Program::new("the check", "sh").args(["-c", "exit 3"]).env("MODE", "a b").run().unwrap_err();
        let text = failure.to_string();
        assert!(text.contains("the check failed"), "{text}");
        assert!(text.contains("MODE='a b' sh -c 'exit 3'"), "{text}");
    }
}
