//! The real command as a process: killed under load, stopped in good order, administered while it runs.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::ids::{BlobId, OpId, from_hex};
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

const BINARY: &str = env!("CARGO_BIN_EXE_greenshield");

struct Running {
    child: Child,
    address: String,
    facts: Vec<Value>,
}

/// Starts the server and waits for the facts that it prints.
fn serve(data: &Path, extra: &[&str], facts: usize) -> Running {
    let mut command = Command::new(BINARY);
    command.args(["serve", "--listen", "127.0.0.1:0", "--log", "error", "--data"]).arg(data).args(extra);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let facts: Vec<Value> = lines.take(facts).map(|line| serde_json::from_str(&line.unwrap()).unwrap()).collect();
    let address = facts[0]["listening"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    Running { child, address, facts }
}

impl Running {
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn terminate(mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert!(self.child.wait().unwrap().success(), "SIGTERM is a clean end");
    }
}

/// One request on a connection of its own.
fn http(
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

fn post_json(address: &str, path: &str, body: &Value) -> Value {
    let headers = [("content-type", "application/json")];
    let (status, reply) = http(address, "POST", path, &headers, body.to_string().as_bytes()).unwrap();
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&reply));
    serde_json::from_slice(&reply).unwrap()
}

fn code_of(fact: &Value) -> String {
    fact["invite"]["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}

fn invite(data: &Path, role: &str) -> Value {
    let output = Command::new(BINARY).args(["admin", "invite", "--role", role, "--data"]).arg(data).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn enrol(address: &str, code: &str, seed: u64) -> (LogBuilder, PublicKey) {
    let begin = post_json(address, "/v1/enrol/begin", &json!({ "code": code }));
    let begin: BeginResponse = serde_json::from_value(begin).unwrap();
    let mut log = LogBuilder::new(seed, begin.account);
    let genesis = log.genesis(from_hex(&begin.nonce).unwrap().try_into().unwrap());
    post_json(address, "/v1/enrol", &json!({ "code": code, "op": URL_SAFE_NO_PAD.encode(genesis.bytes()) }));
    (log, PublicKey(from_hex(&begin.server_key).unwrap().try_into().unwrap()))
}

fn push(address: &str, ops: &[SignedOp]) -> std::io::Result<PushReply> {
    let body: Vec<u8> = ops.iter().flat_map(|op| op.bytes()).copied().collect();
    let (status, reply) = http(address, "POST", "/v1/ops", &[("content-type", CBOR_SEQ_MIME)], &body)?;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&reply));
    Ok(PushReply::decode(&reply).unwrap())
}

/// A pushing phone: its ops, those without a receipt, and its dice.
struct Pusher {
    log: LogBuilder,
    server_key: PublicKey,
    unsent: Vec<SignedOp>,
    receipted: Vec<SignedOp>,
    rng: SplitMix,
}

impl Pusher {
    /// Pushes until the server is gone; tells of every receipt.
    fn run(&mut self, address: &str, told: &mpsc::Sender<()>) {
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

fn pull_all(address: &str, log: &LogBuilder) -> (Vec<SignedOp>, PullPage) {
    let (mut cursor, mut ops) = (String::new(), Vec::new());
    loop {
        let path = format!("/v1/ops?cursor={cursor}");
        let authorization = log.key.authorization("GET", &path, SystemClock.now_millis());
        let (status, body) = http(address, "GET", &path, &[("authorization", &authorization)], b"").unwrap();
        assert_eq!(status, 200);
        let page = PullPage::decode(&body).unwrap();
        ops.extend(page.ops.iter().map(|op| SignedOp::decode(&op.op).unwrap()));
        if !page.more {
            return (ops, page);
        }
        cursor = page.next;
    }
}

#[test]
fn killed_under_load_the_server_loses_no_receipted_op() {
    const PHONES: u64 = 6;
    const ROUNDS: usize = 10;
    let dir = tempfile::tempdir().unwrap();
    let running = serve(dir.path(), &[], 1);
    let mut pushers: Vec<Pusher> = (1..=PHONES)
        .map(|seed| {
            let (log, server_key) = enrol(&running.address, &code_of(&invite(dir.path(), "volunteer")), seed);
            Pusher { log, server_key, unsent: Vec::new(), receipted: Vec::new(), rng: SplitMix::new(seed) }
        })
        .collect();
    let mut running = Some(running);
    let mut dice = SplitMix::new(42);
    for _ in 0..ROUNDS {
        let server = running.take().unwrap_or_else(|| serve(dir.path(), &[], 1));
        let acknowledged = 5 + dice.below(20);
        std::thread::scope(|scope| {
            let (told, hear) = mpsc::channel();
            for pusher in &mut pushers {
                let (told, address) = (told.clone(), server.address.clone());
                scope.spawn(move || pusher.run(&address, &told));
            }
            for _ in 0..acknowledged {
                hear.recv_timeout(Duration::from_secs(60)).unwrap();
            }
            server.kill();
        });
    }
    let server = serve(dir.path(), &[], 1);
    for pusher in &mut pushers {
        let unsent = std::mem::take(&mut pusher.unsent);
        push(&server.address, &unsent).unwrap();
        pusher.receipted.extend(unsent);
    }
    let (ops, last) = pull_all(&server.address, &pushers[0].log);
    let stored: std::collections::HashMap<OpId, &[u8]> = ops.iter().map(|op| (op.id(), op.bytes())).collect();
    assert_eq!(stored.len(), ops.len(), "no op is given out twice");
    let expected: usize = pushers.iter().map(|pusher| pusher.receipted.len()).sum();
    for op in pushers.iter().flat_map(|pusher| &pusher.receipted) {
        assert_eq!(stored.get(&op.id()).copied(), Some(op.bytes()), "a receipted op is missing or changed");
    }
    assert_eq!(ops.len(), expected + usize::try_from(PHONES).unwrap());
    let checkpoint: Checkpoint = last.checkpoint.open(&pushers[0].server_key, &P256Check).unwrap();
    let leaves: Vec<_> = ops.iter().map(|op| tree::leaf_hash(&op.id().0)).collect();
    assert_eq!((checkpoint.size, checkpoint.root), (ops.len() as u64, tree::root(&leaves)));
    server.terminate();
}

#[test]
fn sigterm_ends_long_polls_and_the_process() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[], 1);
    let (log, _) = enrol(&server.address, &code_of(&invite(dir.path(), "desk")), 1);
    let (ops, last) = pull_all(&server.address, &log);
    assert_eq!(ops.len(), 1);
    let path = format!("/v1/ops?wait=25&cursor={}", last.next);
    let authorization = log.key.authorization("GET", &path, SystemClock.now_millis());
    let mut poll = TcpStream::connect(&server.address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: {authorization}\r\n\r\n");
    poll.write_all(request.as_bytes()).unwrap();
    // A second request that is answered proves that the first one was read.
    assert_eq!(http(&server.address, "GET", "/v1/health", &[], b"").unwrap().0, 200);
    server.terminate();
    let mut reply = Vec::new();
    poll.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    drop(poll.read_to_end(&mut reply));
    assert!(reply.is_empty() || reply.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&reply));
}

#[test]
fn the_demo_prints_an_invite_for_each_role_and_fresh_ones_at_each_start() {
    let dir = tempfile::tempdir().unwrap();
    let mut codes = std::collections::BTreeSet::new();
    let mut accounts = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let server = serve(dir.path(), &["--demo"], 4);
        let roles: Vec<&str> = server.facts[1..].iter().map(|fact| fact["invite"]["role"].as_str().unwrap()).collect();
        assert_eq!(roles, ["volunteer", "auxiliary", "desk"]);
        for fact in &server.facts[1..] {
            let url = fact["invite"]["url"].as_str().unwrap();
            assert!(url.starts_with(&format!("http://{}/#/enrol/", server.address)), "{url}");
            let begin = post_json(&server.address, "/v1/enrol/begin", &json!({ "code": code_of(fact) }));
            accounts.insert(begin["account"].to_string());
            codes.insert(code_of(fact));
        }
        server.terminate();
    }
    assert_eq!((codes.len(), accounts.len()), (6, 3), "new links for the same people");
}

#[test]
fn an_invite_can_be_made_while_the_server_runs_and_names_its_address() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[], 1);
    let fact = invite(dir.path(), "auxiliary");
    assert_eq!(
        (fact["invite"]["role"].as_str(), fact["invite"]["name"].as_str()),
        (Some("auxiliary"), Some("生态警员(辅警)"))
    );
    assert!(fact["invite"]["url"].as_str().unwrap().starts_with(&format!("http://{}/#/enrol/", server.address)));
    enrol(&server.address, &code_of(&fact), 1);
    let wrong =
        Command::new(BINARY).args(["admin", "invite", "--role", "king", "--data"]).arg(dir.path()).output().unwrap();
    assert!(!wrong.status.success() && wrong.stdout.is_empty());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("volunteer, auxiliary, officer, desk"));
    let second =
        Command::new(BINARY).args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(dir.path()).output().unwrap();
    assert!(!second.status.success(), "a second server on the same data does not start");
    server.terminate();
}

#[test]
fn a_revoked_phone_is_refused_by_the_running_server() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[], 1);
    let (log, _) = enrol(&server.address, &code_of(&invite(dir.path(), "volunteer")), 1);
    let revoke = Command::new(BINARY)
        .args(["admin", "revoke", "--log", &log.log().to_hex(), "--data"])
        .arg(dir.path())
        .output()
        .unwrap();
    assert!(revoke.status.success());
    let authorization = log.key.authorization("GET", "/v1/me", SystemClock.now_millis());
    let (status, _) = http(&server.address, "GET", "/v1/me", &[("authorization", &authorization)], b"").unwrap();
    assert_eq!(status, 403);
    server.terminate();
}

#[test]
fn a_new_epoch_is_refused_while_the_server_runs_and_told_to_phones_afterwards() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[], 1);
    let (log, _) = enrol(&server.address, &code_of(&invite(dir.path(), "volunteer")), 1);
    let (_, page) = pull_all(&server.address, &log);
    let new_epoch = || Command::new(BINARY).args(["admin", "new-epoch", "--data"]).arg(dir.path()).output().unwrap();
    assert!(!new_epoch().status.success());
    server.terminate();
    assert!(new_epoch().status.success());
    let server = serve(dir.path(), &[], 1);
    let path = format!("/v1/ops?cursor={}", page.next);
    let authorization = log.key.authorization("GET", &path, SystemClock.now_millis());
    let (status, body) = http(&server.address, "GET", &path, &[("authorization", &authorization)], b"").unwrap();
    assert_eq!((status, String::from_utf8_lossy(&body).contains("\"code\":\"epoch\"")), (409, true));
    server.terminate();
}

#[test]
fn headers_that_never_end_do_not_keep_others_from_being_served() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[], 1);
    let slow: Vec<TcpStream> = (0..50)
        .map(|_| {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            stream.write_all(b"GET /v1/health HTTP/1.1\r\nx: ").unwrap();
            stream
        })
        .collect();
    assert_eq!(http(&server.address, "GET", "/v1/health", &[], b"").unwrap().0, 200);
    drop(slow);
    server.terminate();
}

#[test]
fn a_connection_cut_in_the_middle_of_a_piece_keeps_what_had_arrived() {
    let dir = tempfile::tempdir().unwrap();
    let server = serve(dir.path(), &[], 1);
    let (log, _) = enrol(&server.address, &code_of(&invite(dir.path(), "volunteer")), 1);
    let signed = |method, path: &str| log.key.authorization(method, path, SystemClock.now_millis());
    let metadata = super::tus::metadata(&BlobId::of(b"photo"), "image/jpeg");
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let create = signed("POST", "/v1/blobs");
    write!(
        stream,
        "POST /v1/blobs HTTP/1.1\r\nhost: x\r\nconnection: close\r\ntus-resumable: 1.0.0\r\nauthorization: {create}\r\n\
         upload-length: 5\r\nupload-metadata: {metadata}\r\ncontent-length: 0\r\n\r\n"
    )
    .unwrap();
    let mut reply = String::new();
    stream.read_to_string(&mut reply).unwrap();
    let path = reply.lines().find_map(|line| line.strip_prefix("location: ")).unwrap().to_owned();

    let mut stream = TcpStream::connect(&server.address).unwrap();
    let patch = signed("PATCH", &path);
    write!(
        stream,
        "PATCH {path} HTTP/1.1\r\nhost: x\r\ntus-resumable: 1.0.0\r\nauthorization: {patch}\r\nupload-offset: 0\r\n\
         content-type: application/offset+octet-stream\r\ncontent-length: 5\r\n\r\npho"
    )
    .unwrap();
    let staged = dir.path().join("uploads").join(path.rsplit('/').next().unwrap());
    while std::fs::metadata(&staged).map_or(0, |facts| facts.len()) < 3 {
        std::thread::yield_now();
    }
    drop(stream);
    let patch = signed("PATCH", &path);
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("authorization", patch.as_str()),
        ("upload-offset", "3"),
        ("content-type", "application/offset+octet-stream"),
    ];
    assert_eq!(http(&server.address, "PATCH", &path, &headers, b"to").unwrap().0, 204);
    let id = BlobId::of(b"photo").to_hex();
    assert_eq!(std::fs::read(dir.path().join("blobs").join(&id[..2]).join(&id)).unwrap(), b"photo");
    server.terminate();
}
