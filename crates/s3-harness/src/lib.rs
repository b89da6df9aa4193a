//! A private S3 server for tests: a thread of the test process, on 127.0.0.1, with a folder of its own.
//!
//! Owns: starting it, one bucket with its keys, and faults on demand. Refuses: to know what is stored in it. Invariants: the
//! port is one that the system gave; requests are checked for their signature; server and folder go when it is dropped.

#![expect(clippy::expect_used, reason = "a test that has no S3 server must stop, and say why")]

mod serve;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::thread::JoinHandle;

use tempfile::TempDir;
use tokio::sync::watch;

use self::serve::State;

/// The one bucket.
pub const BUCKET: &str = "greenshield";
/// Whoever signs with this key and [`SECRET_KEY`] may do everything.
pub const ACCESS_KEY: &str = "test-key";
/// See [`ACCESS_KEY`].
pub const SECRET_KEY: &str = "test-secret";

/// Says that the tests of a binary shall keep their blobs in S3.
const ASKED: &str = "GREENSHIELD_TEST_ON_S3";

/// A fresh server, if this run of the tests is the one of [`again`].
#[must_use]
pub fn asked() -> Option<S3> {
    std::env::var_os(ASKED).map(|_| S3::start())
}

/// Runs tests of this binary once more, now with blobs in S3: those whose name contains one of `wanted` and none of
/// `without`. It must be called from a test that is not among them.
pub fn again(wanted: &[&str], without: &[&str]) {
    let mut tests = Command::new(std::env::current_exe().expect("this binary"));
    tests.args(wanted).env(ASKED, "1");
    for name in without {
        tests.args(["--skip", name]);
    }
    let output = tests.output().expect("this binary");
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "on S3:\n{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(!told.contains("running 0 tests"), "no test is called one of {wanted:?}");
}

/// How the server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mood {
    /// As it should.
    Well,
    /// Every connection is cut before an answer.
    Gone,
    /// Every request gets this status and this code of S3.
    Answers(u16, &'static str),
    /// What is written gets this status and this code of S3; what is read is answered.
    RefusesWrites(u16, &'static str),
}

/// A running S3 server.
#[derive(Debug)]
pub struct S3 {
    address: SocketAddr,
    folder: TempDir,
    state: Arc<State>,
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl S3 {
    /// Starts one with an empty bucket.
    #[must_use]
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("gs-s3-").tempdir().expect("a folder for S3");
        std::fs::create_dir(folder.path().join(BUCKET)).expect("a bucket");
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.set_nonblocking(true).expect("a port for tokio");
        let address = listener.local_addr().expect("an address");
        let (state, stop) = (Arc::new(State::new()), watch::Sender::new(false));
        let (root, shared, stopped) = (folder.path().to_owned(), state.clone(), stop.subscribe());
        let thread = std::thread::spawn(move || serve::run(listener, &root, &shared, stopped));
        Self { address, folder, state, stop, thread: Some(thread) }
    }

    /// Its address, as a client is given it.
    #[must_use]
    pub fn endpoint(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Makes it answer differently from now on.
    pub fn feel(&self, mood: Mood) {
        self.state.feel(mood);
    }

    /// Requests since the start, the refused ones too.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.state.requests()
    }

    /// Where an object of the bucket stands on disk.
    #[must_use]
    pub fn object(&self, key: &str) -> PathBuf {
        self.folder.path().join(BUCKET).join(key)
    }
}

impl Drop for S3 {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic in it has been told on stderr.
            let _ = thread.join();
        }
    }
}
