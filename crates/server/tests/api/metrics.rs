//! The page of numbers, asked as a Prometheus does.

use std::collections::BTreeMap;

use greenshield_domain::ids::BlobId;
use greenshield_server::clock::{Clock as _, SystemClock};
use greenshield_testkit::build::{LogBuilder, Report, incident};

use super::running::{Machine, Running, code_of, enrol, http, pull_all, push};
use super::tus::metadata;

/// The page as numbers, by name and labels; every line must read.
fn scrape(address: &str) -> BTreeMap<String, f64> {
    let (status, page) = http(address, "GET", "/metrics", &[], b"").unwrap();
    assert_eq!(status, 200);
    let page = String::from_utf8(page).unwrap();
    let lines = page.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap()).map(|(name, n)| (name.to_owned(), n.parse().unwrap())).collect()
}

fn start(machine: &Machine) -> (Running, String) {
    let server = machine.serve(&["--metrics-listen", "127.0.0.1:0"], 2);
    let address = server.facts[1]["metrics"].as_str().unwrap();
    let address = address.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/metrics")).unwrap().to_owned();
    (server, address)
}

fn upload(server: &Running, log: &LogBuilder, name: &BlobId, bytes: &[u8]) -> u16 {
    let authorization = log.key.authorization("POST", "/v1/blobs", SystemClock.now_millis());
    let (length, metadata) = (bytes.len().to_string(), metadata(name, "image/jpeg"));
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("authorization", authorization.as_str()),
        ("upload-length", length.as_str()),
        ("upload-metadata", metadata.as_str()),
        ("content-type", "application/offset+octet-stream"),
    ];
    http(&server.address, "POST", "/v1/blobs", &headers, bytes).unwrap().0
}

#[test]
fn what_happens_is_counted_and_told_on_a_listener_of_its_own() {
    let machine = Machine::new();
    let (server, metrics) = start(&machine);
    let before = scrape(&metrics);
    for name in ["held", "gap", "fork"].map(|code| format!("greenshield_ops_total{{code=\"{code}\"}}")) {
        assert_eq!(before.get(&name), Some(&0.0), "{name}: an alarm can tell zero from nothing");
    }
    let (mut log, _) = enrol(&server.address, &code_of(&machine.invite("volunteer")), 1);
    let ops: Vec<_> = (0..7).map(|_| incident(&mut log, &Report::default()).1).collect();
    push(&server.address, &ops[..5]).unwrap();
    push(&server.address, &ops[..2]).unwrap();
    push(&server.address, &ops[6..]).unwrap();
    pull_all(&server.address, &log);
    assert_eq!(upload(&server, &log, &BlobId::of(b"photo"), b"photo"), 201);
    assert_eq!(upload(&server, &log, &BlobId::of(b"photo?"), b"photo!"), 460);

    let after = scrape(&metrics);
    let is = |name: &str, n: f64| assert_eq!(after.get(name), Some(&n), "{name} in {after:#?}");
    is("greenshield_ops_total{code=\"stored\"}", 5.0);
    is("greenshield_ops_total{code=\"duplicate\"}", 2.0);
    is("greenshield_ops_total{code=\"gap\"}", 1.0);
    is("greenshield_pushes_total", 3.0);
    is("greenshield_receipts_total", 2.0);
    is("greenshield_commit_ops_sum", 9.0);
    is("greenshield_commit_seconds_count", 4.0);
    is("greenshield_pull_pages_total", 1.0);
    is("greenshield_uploads_finished_total{kind=\"blob\"}", 1.0);
    is("greenshield_uploads_refused_total{code=\"hash_mismatch\"}", 1.0);
    is("greenshield_blob_bytes_total", 5.0);
    is("greenshield_newest_position", 6.0);
    is("greenshield_queue_jobs", 0.0);
    is("greenshield_uploads_running", 0.0);
    is("greenshield_long_polls_open", 0.0);
    is("greenshield_commit_failures_total", 0.0);
    is("greenshield_responses_total{status=\"460\"}", 1.0);
    let info =
        format!("greenshield_info{{version=\"{}\",database=\"sqlite\",blobs=\"folder\"}}", env!("CARGO_PKG_VERSION"));
    is(&info, 1.0);
    assert!(after["greenshield_free_bytes"] > 0.0);
    let started = SystemClock.now_millis() as f64 / 1000.0 - after["process_start_time_seconds"];
    assert!((0.0..600.0).contains(&started), "{started}");

    let account = log.account().to_hex();
    let told = after.keys().any(|name| {
        [&log.log().to_hex(), &account, &BlobId::of(b"photo").to_hex()].iter().any(|id| name.contains(*id))
    });
    assert!(!told, "no id is in a label");
    assert_ne!(
        http(&server.address, "GET", "/metrics", &[], b"").unwrap().0,
        200,
        "phones and strangers do not see it"
    );
    server.terminate();
}

#[test]
fn a_poll_that_waits_is_seen_and_the_listener_does_not_hold_up_the_end() {
    let machine = Machine::new();
    let (server, metrics) = start(&machine);
    let (log, _) = enrol(&server.address, &code_of(&machine.invite("volunteer")), 1);
    let (_, page) = pull_all(&server.address, &log);
    let path = format!("/v1/ops?wait=25&cursor={}", page.next);
    let authorization = log.key.authorization("GET", &path, SystemClock.now_millis());
    std::thread::scope(|scope| {
        let poll = scope.spawn(|| http(&server.address, "GET", &path, &[("authorization", &authorization)], b""));
        while scrape(&metrics)["greenshield_long_polls_open"] < 1.0 {
            std::thread::yield_now();
        }
        // An op of somebody else ends the wait.
        enrol(&server.address, &code_of(&machine.invite("volunteer")), 2);
        assert_eq!(poll.join().unwrap().unwrap().0, 200);
    });
    assert_eq!(scrape(&metrics)["greenshield_long_polls_open"], 0.0);
    server.terminate();
}
