//! The real command as a process: stopped in good order, administered while it runs, talked to badly.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use greenshield_domain::ids::BlobId;
use greenshield_domain::verdict::{Ruling, SERVER_ACCOUNT};
use greenshield_domain::wire::Verdict;
use greenshield_server::clock::{Clock as _, SystemClock};
use serde_json::json;

use super::running::{Machine, code_of, enrol, http, post_json, pull_all};

#[test]
fn sigterm_ends_long_polls_and_the_process() {
    let machine = Machine::new();
    let server = machine.serve(&[], 1);
    let (log, _) = enrol(&server.address, &code_of(&machine.invite("desk")), 1);
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
    let machine = Machine::new();
    let mut codes = std::collections::BTreeSet::new();
    let mut accounts = std::collections::BTreeSet::new();
    for _ in 0..2 {
        let server = machine.serve(&["--demo"], 4);
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
    let machine = Machine::new();
    let server = machine.serve(&[], 1);
    let fact = machine.invite("auxiliary");
    assert_eq!(
        (fact["invite"]["role"].as_str(), fact["invite"]["name"].as_str()),
        (Some("auxiliary"), Some("生态警员(辅警)"))
    );
    assert!(fact["invite"]["url"].as_str().unwrap().starts_with(&format!("http://{}/#/enrol/", server.address)));
    enrol(&server.address, &code_of(&fact), 1);
    let wrong = machine.command(&["admin", "invite", "--role", "king"]).output().unwrap();
    assert!(!wrong.status.success() && wrong.stdout.is_empty());
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("volunteer, auxiliary, officer, chief, desk, city-desk"));
    let second = machine.command(&["serve", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert!(!second.status.success(), "a second server on the same data does not start");
    server.terminate();
}

#[test]
fn a_revoked_phone_is_refused_by_the_running_server() {
    let machine = Machine::new();
    let server = machine.serve(&[], 1);
    let (log, _) = enrol(&server.address, &code_of(&machine.invite("volunteer")), 1);
    let revoke = machine.command(&["admin", "revoke", "--log", &log.log().to_hex()]).output().unwrap();
    assert!(revoke.status.success());
    let authorization = log.key.authorization("GET", "/v1/me", SystemClock.now_millis());
    let (status, _) = http(&server.address, "GET", "/v1/me", &[("authorization", &authorization)], b"").unwrap();
    assert_eq!(status, 403);
    server.terminate();
}

#[test]
fn an_operator_releases_and_voids_ops_while_the_server_runs() {
    let machine = Machine::new();
    let server = machine.serve(&[], 1);
    let (mut log, _) = enrol(&server.address, &code_of(&machine.invite("volunteer")), 1);
    let (_, op) = greenshield_testkit::build::incident(&mut log, &greenshield_testkit::build::Report::default());
    let headers = [("content-type", "application/cbor-seq")];
    assert_eq!(http(&server.address, "POST", "/v1/ops", &headers, op.bytes()).unwrap().0, 200);
    let id = op.id().to_hex();
    let decide = |word: &str, id: &str, reason: &str| {
        machine.command(&["admin", word, "--op", id, "--reason", reason]).output().unwrap()
    };
    for (word, expected) in [("void", Verdict::Void), ("release", Verdict::Ok)] {
        let output = decide(word, &id, "核实");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let (ops, _) = pull_all(&server.address, &log);
        let ruling = Ruling::read(ops.last().unwrap()).unwrap();
        assert_eq!((ruling.target, ruling.verdict, ruling.by), (op.id(), expected, SERVER_ACCOUNT));
        let again: serde_json::Value = serde_json::from_slice(&decide(word, &id, "核实").stdout).unwrap();
        assert_eq!(again, json!({ "op": id, "decision": null }));
    }
    assert!(!decide("void", &"ab".repeat(32), "x").status.success(), "there is no such op");
    assert!(!decide("void", &id, " ").status.success(), "a decision has a reason");
    server.terminate();
}

#[test]
fn a_new_epoch_is_refused_while_the_server_runs_and_told_to_phones_afterwards() {
    let machine = Machine::new();
    let server = machine.serve(&[], 1);
    let (log, _) = enrol(&server.address, &code_of(&machine.invite("volunteer")), 1);
    let (_, page) = pull_all(&server.address, &log);
    let new_epoch = || machine.command(&["admin", "new-epoch"]).output().unwrap();
    assert!(!new_epoch().status.success());
    server.terminate();
    assert!(new_epoch().status.success());
    let server = machine.serve(&[], 1);
    let path = format!("/v1/ops?cursor={}", page.next);
    let authorization = log.key.authorization("GET", &path, SystemClock.now_millis());
    let (status, body) = http(&server.address, "GET", &path, &[("authorization", &authorization)], b"").unwrap();
    assert_eq!((status, String::from_utf8_lossy(&body).contains("\"code\":\"epoch\"")), (409, true));
    server.terminate();
}

#[test]
fn headers_that_never_end_do_not_keep_others_from_being_served() {
    let machine = Machine::new();
    let server = machine.serve(&[], 1);
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
    let machine = Machine::new();
    let server = machine.serve(&[], 1);
    let (log, _) = enrol(&server.address, &code_of(&machine.invite("volunteer")), 1);
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
    let staged = machine.dir.path().join("uploads").join(path.rsplit('/').next().unwrap());
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
    assert_eq!(std::fs::read(machine.dir.path().join("blobs").join(&id[..2]).join(&id)).unwrap(), b"photo");
    server.terminate();
}
