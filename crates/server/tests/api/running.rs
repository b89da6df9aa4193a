//! The real command as a process, and phones that push at it until something breaks.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::ids::{OpId, from_hex};
use greenshield_domain::op::SignedOp;
use greenshield_domain::signature::PublicKey;
use greenshield_domain::statement::{Checkpoint, Receipt};
use greenshield_domain::tree;
use greenshield_domain::wire::{BeginResponse, CBOR_SEQ_MIME, PullPage, PushReply};
use greenshield_server::clock::{Clock as _, SystemClock};
use greenshield_testkit::build::{LogBuilder, Report, incident};
use greenshield_testkit::keys::P256Check;
use greenshield_testkit::rng::SplitMix;
use serde_json::{Value, json};

pub const BINARY: &str = env!("CARGO_BIN_EXE_greenshield");

pub struct Running {
    child: Child,
    pub address: String,
    pub facts: Vec<Value>,
}

/// Where a server process keeps everything.
pub struct Machine {
    pub dir: tempfile::TempDir,
    database: Option<String>,
}

impl Machine {
    /// With SQLite in its folder.
    pub fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap(), database: None }
    }

    /// With this database.
    pub fn on(database: &str) -> Self {
        Self { database: Some(database.to_owned()), ..Self::new() }
    }

    /// The command with where it shall work.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(BINARY);
        command.args(words).arg("--data").arg(self.dir.path());
        if let Some(url) = &self.database {
            command.args(["--database", url]);
        }
        command
    }

    /// Starts the server and waits for the facts that it prints.
    pub fn serve(&self, extra: &[&str], facts: usize) -> Running {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0", "--log", "error"]);
        let mut child = command.args(extra).stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let facts: Vec<Value> = lines.take(facts).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
        let address = facts[0]["listening"].as_str().unwrap().split_once("://").unwrap().1.to_owned();
        Running { child, address, facts }
    }

    pub fn invite(&self, role: &str) -> Value {
        let output = self.command(&["admin", "invite", "--role", role]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// Phones that are enrolled at a running server.
    pub fn pushers(&self, address: &str, seeds: std::ops::Range<u64>) -> Vec<Pusher> {
        seeds
            .map(|seed| {
                let (log, server_key) = enrol(address, &code_of(&self.invite("volunteer")), seed);
                Pusher { log, server_key, unsent: Vec::new(), receipted: Vec::new(), rng: SplitMix::new(seed) }
            })
            .collect()
    }
}

impl Running {
    /// The most memory that the process ever had; `None` where the system does not tell.
    pub fn peak_bytes(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? * 1024)
    }

    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn terminate(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "SIGTERM is a clean end");
    }
}

/// One request on a connection of its own.
pub fn http(
    address: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<(u16, Vec<u8>)> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: {}\r\n",
        body.len()
    );
    headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
    stream.write_all(&[head.as_bytes(), b"\r\n", body].concat())?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let end = reply.windows(4).position(|window| window == b"\r\n\r\n").ok_or_else(cut)?;
    let head = String::from_utf8_lossy(&reply[..end]).to_lowercase();
    let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).and_then(|n| n.parse().ok());
    let body = reply[end + 4..].to_vec();
    if length.is_some_and(|length: usize| length != body.len()) {
        return Err(cut());
    }
    Ok((status, body))
}

pub fn post_json(address: &str, path: &str, body: &Value) -> Value {
    let headers = [("content-type", "application/json")];
    let (status, reply) = http(address, "POST", path, &headers, body.to_string().as_bytes()).unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&reply));
    serde_json::from_slice(&reply).unwrap()
}

pub fn code_of(fact: &Value) -> String {
    fact["invite"]["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

pub fn enrol(address: &str, code: &str, seed: u64) -> (LogBuilder, PublicKey) {
    let begin = post_json(address, "/v1/enrol/begin", &json!({ "code": code }));
    let begin: BeginResponse = serde_json::from_value(begin).unwrap();
    let mut log = LogBuilder::new(seed, begin.account);
    let genesis = log.genesis(from_hex(&begin.nonce).unwrap().try_into().unwrap());
    post_json(address, "/v1/enrol", &json!({ "code": code, "op": URL_SAFE_NO_PAD.encode(genesis.bytes()) }));
    (log, PublicKey(from_hex(&begin.server_key).unwrap().try_into().unwrap()))
}

pub fn push(address: &str, ops: &[SignedOp]) -> std::io::Result<PushReply> {
    let body: Vec<u8> = ops.iter().flat_map(|op| op.bytes()).copied().collect();
    let (status, reply) = http(address, "POST", "/v1/ops", &[("content-type", CBOR_SEQ_MIME)], &body)?;
    // While its database is away, a server can only ask to try again.
    if status >= 500 {
        return Err(std::io::Error::other(status.to_string()));
    }
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&reply));
    Ok(PushReply::decode(&reply).unwrap())
}

/// A pushing phone: its ops, those without a receipt, and its dice.
pub struct Pusher {
    pub log: LogBuilder,
    server_key: PublicKey,
    unsent: Vec<SignedOp>,
    receipted: Vec<SignedOp>,
    rng: SplitMix,
}

impl Pusher {
    /// Pushes what is left; it must succeed.
    fn finish(&mut self, address: &str) {
        let unsent = std::mem::take(&mut self.unsent);
        if unsent.is_empty() {
            return;
        }
        push(address, &unsent).unwrap();
        self.receipted.extend(unsent);
    }

    /// Pushes until the server fails or nobody listens; tells of every reply.
    pub fn run(&mut self, address: &str, told: &mpsc::Sender<()>) {
        loop {
            while self.unsent.len() < 1 + usize::try_from(self.rng.below(20)).unwrap() {
                self.unsent.push(incident(&mut self.log, &Report::default()).1);
            }
            let Ok(reply) = push(address, &self.unsent) else { return };
            for signed in &reply.receipts {
                let receipt: Receipt = signed.open(&self.server_key, &P256Check).unwrap();
                let covered = |op: &SignedOp| (receipt.from..=receipt.upto).contains(&op.header().seq);
                assert!(self.unsent.iter().any(|op| op.id() == receipt.head));
                self.receipted.extend(self.unsent.extract_if(.., |op| covered(op)));
            }
            assert!(self.unsent.is_empty(), "{:?}", reply.results);
            if told.send(()).is_err() {
                return;
            }
        }
    }
}

pub fn pull_all(address: &str, log: &LogBuilder) -> (Vec<SignedOp>, PullPage) {
    let (mut cursor, mut ops) = (String::new(), Vec::new());
    loop {
        let path = format!("/v1/ops?cursor={cursor}");
        let authorization = log.key.authorization("GET", &path, SystemClock.now_millis());
        let (status, body) = http(address, "GET", &path, &[("authorization", &authorization)], b"").unwrap();
        assert_eq!(status, 200);
        let page = PullPage::decode(&body).unwrap();
        let positions: Vec<u64> = page.ops.iter().map(|op| op.pos).collect();
        let first = ops.len() as u64 + 1;
        assert_eq!(positions, Vec::from_iter(first..first + positions.len() as u64), "positions have no holes");
        ops.extend(page.ops.iter().map(|op| SignedOp::decode(&op.op).unwrap()));
        if !page.more {
            return (ops, page);
        }
        cursor = page.next;
    }
}

/// All phones push at these addresses, in turn, until `replies` were heard and then `strike` was done.
pub fn under_load(pushers: &mut [Pusher], addresses: &[&str], replies: u64, strike: impl FnOnce()) {
    std::thread::scope(|scope| {
        let (told, hear) = mpsc::channel();
        for (pusher, address) in pushers.iter_mut().zip(addresses.iter().cycle()) {
            let told = told.clone();
            scope.spawn(move || pusher.run(address, &told));
        }
        for _ in 0..replies {
            hear.recv_timeout(Duration::from_secs(60)).unwrap();
        }
        strike();
    });
}

/// Whatever had a receipt is there once and unchanged, and one tree stands over all of it.
pub fn nothing_is_lost(address: &str, pushers: &mut [Pusher]) {
    pushers.iter_mut().for_each(|pusher| pusher.finish(address));
    let (ops, last) = pull_all(address, &pushers[0].log);
    let stored: HashMap<OpId, &[u8]> = ops.iter().map(|op| (op.id(), op.bytes())).collect();
    assert_eq!(stored.len(), ops.len(), "no op is given out twice");
    let expected: usize = pushers.iter().map(|pusher| pusher.receipted.len()).sum();
    for op in pushers.iter().flat_map(|pusher| &pusher.receipted) {
        assert_eq!(stored.get(&op.id()).copied(), Some(op.bytes()), "a receipted op is missing or changed");
    }
    assert_eq!(ops.len(), expected + pushers.len());
    let checkpoint: Checkpoint = last.checkpoint.open(&pushers[0].server_key, &P256Check).unwrap();
    let leaves: Vec<_> = ops.iter().map(|op| tree::leaf_hash(&op.id().0)).collect();
    assert_eq!((checkpoint.size, checkpoint.root), (ops.len() as u64, tree::root(&leaves)));
}
