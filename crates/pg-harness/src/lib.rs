//! A private PostgreSQL for tests, from the system's package: its own folder, a unix socket in it, no network.
//!
//! Owns: starting it once per test binary, fresh databases, killing it, and that nothing of it is left. Refuses: to know what
//! is stored in it. Invariants: `fsync` stays on; server and folder go when the test process ends, however it ends.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that has no database must stop, and say why")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Where Debian puts each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// Waits for the end of its input, that is of the test process; then ends the server and removes the folder.
const SWEEPER: &str = r#"
trap : INT TERM
while read -r line; do :; done
pid=$(head -n 1 "$0/data/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid" 2>/dev/null
tries=0
while [ -e "$0/data/postmaster.pid" ] && [ $tries -lt 100 ]; do sleep 0.05; tries=$((tries + 1)); done
rm -rf "$0"
"#;

/// Says that the tests of a binary shall run on PostgreSQL.
const ASKED: &str = "GREENSHIELD_TEST_ON_POSTGRES";

/// A fresh database, if this run of the tests is the one of [`again`].
#[must_use]
pub fn asked() -> Option<String> {
    std::env::var_os(ASKED).map(|_| Cluster::shared().database())
}

/// Runs tests of this binary once more, now on PostgreSQL: those whose name contains one of `wanted` and none of `without`.
/// It must be called from a test that is not among them.
pub fn again(wanted: &[&str], without: &[&str]) {
    let mut tests = Command::new(std::env::current_exe().expect("this binary"));
    tests.args(wanted).env(ASKED, "1");
    for name in without {
        tests.args(["--skip", name]);
    }
    let output = tests.output().expect("this binary");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "on PostgreSQL:\n{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!told.contains("running 0 tests"), "no test is called one of {wanted:?}");
}

/// A running PostgreSQL with its folder.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
    server: Child,
    sweeper: Child,
    databases: AtomicU32,
}

impl Cluster {
    /// The one that the tests of this binary share.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Starts one for whoever wants to kill it.
    #[must_use]
    pub fn start() -> Self {
        let programs = programs();
        let folder = tempfile::Builder::new().prefix("gs-pg-").tempdir().expect("a folder for PostgreSQL").keep();
        if is_root() {
            // The server refuses to run as root, and must own its folder.
            run(Command::new("chown").arg("postgres:").arg(&folder));
        }
        let sweeper = Command::new("sh").arg("-c").arg(SWEEPER).arg(&folder).stdin(Stdio::piped()).spawn();
        let sweeper = sweeper.expect("sh");
        let data = folder.join("data");
        let init = ["--no-sync", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C", "-D"];
        run(as_owner(&programs.join("initdb")).args(init).arg(&data).current_dir(&folder));
        let server = serve(&programs, &folder);
        let mut cluster = Self { programs, folder, server, sweeper, databases: AtomicU32::new(0) };
        cluster.wait_until_ready();
        cluster
    }

    /// A fresh, empty database, as a URL.
    #[must_use]
    pub fn database(&self) -> String {
        let name = format!("test_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        run(Command::new(self.programs.join("createdb")).args(["-U", "postgres", "-h"]).arg(&self.folder).arg(&name));
        format!("postgres:///{name}?host={}&user=postgres", self.folder.display())
    }

    /// Kills the server as a power cut would, and starts it on the same data. Returns when it answers again.
    pub fn kill_and_restart(&mut self) {
        // Without its parent every session ends by itself, and the new server waits for that.
        let pid = std::fs::read_to_string(self.folder.join("data/postmaster.pid")).expect("a running server");
        run(Command::new("kill").arg("-KILL").arg(pid.lines().next().unwrap_or_default()));
        self.server.wait().expect("the end of PostgreSQL");
        self.server = serve(&self.programs, &self.folder);
        self.wait_until_ready();
    }

    fn wait_until_ready(&mut self) {
        let mut server = Command::new(self.programs.join("pg_isready"));
        // It waits by itself for an answer; a socket that is not there yet it reports at once.
        server.args(["-q", "-t", "10", "-U", "postgres", "-h"]).arg(&self.folder);
        for _ in 0..2_000 {
            if server.status().expect("pg_isready").success() {
                return;
            }
            // After a kill it does not start while a session of the one before still ends.
            if self.server.try_wait().is_ok_and(|ended| ended.is_some()) {
                self.server = serve(&self.programs, &self.folder);
            }
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        panic!("PostgreSQL does not start: {log}");
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The end of its input makes the sweeper begin.
        drop(self.sweeper.stdin.take());
        let _ = self.sweeper.wait();
        let _ = self.server.wait();
    }
}

/// The programs of the newest version that is installed.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten().map(|entry| entry.path().join("bin"));
    let found = versions.filter(|bin| bin.join("initdb").is_file()).max_by_key(|bin| {
        let name = bin.parent().and_then(Path::file_name).unwrap_or_default();
        name.to_string_lossy().parse::<u32>().unwrap_or_default()
    });
    found.expect("PostgreSQL below /usr/lib/postgresql; `cargo xtask setup` installs it")
}

fn serve(programs: &Path, folder: &Path) -> Child {
    let log = std::fs::File::options().create(true).append(true).open(folder.join("log")).expect("a log");
    let errors = log.try_clone().expect("a log");
    let mut server = as_owner(&programs.join("postgres"));
    server.arg("-D").arg(folder.join("data")).arg("-k").arg(folder);
    server.args(["-c", "listen_addresses=", "-c", "max_connections=300", "-c", "unix_socket_permissions=0777"]);
    server.current_dir(folder).stdin(Stdio::null()).stdout(log).stderr(errors).spawn().expect("postgres")
}

/// A program of the server as its owner: `postgres` for root, otherwise whoever runs the tests.
fn as_owner(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.args(["--reuid", "postgres", "--regid", "postgres", "--clear-groups", "--"]).arg(program);
    command
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n")
}

fn run(command: &mut Command) {
    let output = command.output().expect("a program of the system");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
