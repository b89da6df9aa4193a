//! Retention: what was kept long enough is told, and goes where that is switched on; what somebody needs stays.

use std::path::Path;

use greenshield_domain::cbor::Value;
use greenshield_domain::erasure::{Basis, Erasure};
use greenshield_domain::ids::RecordId;
use greenshield_domain::op::{Entry, SignedOp};
use greenshield_domain::verdict::SERVER_ACCOUNT;
use greenshield_domain::wire::{AuditPage, EnrolResponse, RetentionCount, RetentionReport, RetentionRun};
use greenshield_domain::{incident, patrol};
use greenshield_pg_harness::Cluster;
use greenshield_server::retention::run_if_due;
use greenshield_server::store::{RetentionStore as _, RetentionTx as _, Store as _, StoreTx as _};
use greenshield_server::{admin, app};
use greenshield_testkit::build::photo;
use serde_json::json;

use super::running::Machine;
use super::support::{Call, HOUR, Phone, Reply, Server, genesis};
use super::tus::upload;

const DAY: i64 = 24 * HOUR;
const YEAR: i64 = 366 * DAY;
const NOTE: &str = "past the house of the herder at the third bend";
const TRACK: &[u8] = b"the way of somebody over a whole day, and enough of it to be found";
/// Patrols, the first class of the package.
const PATROLS: u32 = 1;

async fn person(server: &Server, seed: u64, role: &str) -> Phone {
    let code = server.invite(&format!("{role}{seed}"), role).await;
    let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
    let enrolled: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    Phone { log, genesis, lease: enrolled.lease.clone(), enrolled }
}

/// A patrol in a state, with a note and, if one is given, a track.
async fn walk(server: &Server, phone: &mut Phone, state: &str, note: &str, track: Option<&[u8]>) -> RecordId {
    let record = phone.log.record();
    let mut entries =
        vec![Entry::set(patrol::field::NOTE, Value::text(note)), Entry::set(patrol::field::STATE, Value::text(state))];
    entries.extend(track.map(|bytes| photo(bytes).to_entry(patrol::field::TRACK)));
    server.push(&[phone.log.op(record, patrol::KIND, &[], entries)]).await;
    if let Some(bytes) = track {
        upload(server, phone, bytes).await;
    }
    record
}

async fn hold(server: &Server, by: &Phone, record: RecordId, held: bool) {
    let asked = json!({ "record": record, "held": held, "reason": "立案调取" });
    server.send(Call::post("/v1/holds").signed(by.key(), server.now()).json(&asked)).await.ok();
}

async fn get(server: &Server, by: &Phone, path: &str) -> Reply {
    server.send(Call::get(path).signed(by.key(), server.now())).await
}

async fn run(server: &Server) -> RetentionRun {
    run_if_due(server.app()).await.unwrap().unwrap()
}

/// Of patrols: ended, due, erased, held, linked, waiting.
fn patrols(counts: &[RetentionCount]) -> [u64; 6] {
    let count = counts.iter().find(|count| count.class == PATROLS).unwrap();
    [count.looked, count.due, count.erased, count.held, count.linked, count.waiting]
}

/// Whether a file below a folder holds these bytes.
fn holds(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        let found = || std::fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes);
        if path.is_dir() { holds(&path, bytes) } else { found() }
    })
}

async fn ops_of(server: &Server, reader: &Phone, record: RecordId) -> Vec<SignedOp> {
    server.pull_all(reader).await.into_iter().filter(|op| op.header().record == record).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_long_enough_is_told_a_day_before_it_goes_and_then_is_in_no_file() {
    let server = Server::start_on_file().await;
    server.app().erases_due.set(true);
    let (mut maker, desk) = (person(&server, 1, "volunteer").await, person(&server, 2, "city-desk").await);
    let auditor = person(&server, 3, "auditor").await;
    let old = walk(&server, &mut maker, "ended", NOTE, Some(TRACK)).await;
    let held = walk(&server, &mut maker, "ended", "kept for the court", None).await;
    let named = walk(&server, &mut maker, "ended", "a fire was seen on it", None).await;
    let open = walk(&server, &mut maker, "underway", "never ended", None).await;
    let found = maker.log.record();
    let on = Entry::set(patrol::FOUND_ON, named.to_value());
    server.push(&[maker.log.op(found, incident::KIND, &[], vec![on])]).await;
    hold(&server, &desk, held, true).await;

    assert_eq!(patrols(&run(&server).await.counts), [3, 0, 0, 0, 0, 0]);
    server.clock.advance(YEAR + DAY);
    let told = run(&server).await;
    assert_eq!((patrols(&told.counts), told.erases), ([3, 1, 0, 1, 1, 0], true), "what goes is told first");
    assert_eq!(run_if_due(server.app()).await.unwrap(), None, "once a day");
    let report: RetentionReport = get(&server, &desk, "/v1/retention").await.read();
    assert_eq!((report.erases, report.runs.len(), report.runs[0].clone()), (true, 2, told));
    assert_eq!(
        (patrols(&report.now), report.due.iter().map(|row| row.record).collect()),
        ([3, 1, 0, 1, 1, 0], vec![old])
    );
    assert!(holds(server.data(), NOTE.as_bytes()) && server.blob_file(&photo(TRACK).blob).exists());

    server.clock.advance(DAY);
    let done = run(&server).await;
    assert_eq!((patrols(&done.counts), done.finished_millis), ([3, 1, 1, 1, 1, 0], Some(server.now())));
    for bytes in [NOTE.as_bytes(), TRACK] {
        assert!(!holds(server.data(), bytes));
    }
    assert!(!server.blob_file(&photo(TRACK).blob).exists());
    for word in ["kept for the court", "a fire was seen on it", "never ended"] {
        assert!(holds(server.data(), word.as_bytes()), "{word}");
    }
    // Its phone is told like of any erasure, with the class as the reason.
    let ops = ops_of(&server, &maker, old).await;
    let erasure = ops.iter().find_map(|op| Erasure::of(op, SERVER_ACCOUNT)).unwrap();
    assert_eq!((erasure.by, erasure.basis), (SERVER_ACCOUNT, Some(Basis::Retention)));
    assert!(erasure.note.starts_with("#1 巡护与轨迹 / "), "{}", erasure.note);
    assert_eq!(ops[0].body().hidden().count(), 2, "note and track; the state stays");
    for record in [held, named, open] {
        assert!(ops_of(&server, &maker, record).await.iter().all(|op| op.body().is_full()));
    }
    let audit: AuditPage = get(&server, &auditor, "/v1/audit").await.read();
    let noted: Vec<_> = audit.rows.iter().filter(|row| row.deed == "erasure").collect();
    assert_eq!(noted.iter().map(|row| (row.by, row.record)).collect::<Vec<_>>(), [(SERVER_ACCOUNT, Some(old))]);

    // The day after there is nothing left of it to look at. A hold that ended lets the time begin anew.
    hold(&server, &desk, held, false).await;
    server.clock.advance(DAY);
    assert_eq!(patrols(&run(&server).await.counts), [2, 0, 0, 0, 1, 0]);
    server.clock.advance(YEAR + DAY);
    assert_eq!(patrols(&run(&server).await.counts), [2, 1, 0, 0, 1, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_switched_it_on_everything_is_told_and_nothing_goes() {
    let server = Server::start().await;
    let (mut maker, desk) = (person(&server, 1, "volunteer").await, person(&server, 2, "city-desk").await);
    let record = walk(&server, &mut maker, "ended", NOTE, None).await;
    run(&server).await;
    server.clock.advance(3 * YEAR);
    for _ in 0..3 {
        server.clock.advance(DAY);
        let run = run(&server).await;
        assert_eq!((patrols(&run.counts), run.erases), ([1, 1, 0, 0, 0, 0], false));
    }
    assert!(ops_of(&server, &desk, record).await.iter().all(|op| op.body().is_full()));
    let refused = get(&server, &maker, "/v1/retention").await;
    assert_eq!(refused.error(), (403, "forbidden".to_owned()));
    // Counts are for whoever may ask; records only for those who read them.
    let admin = person(&server, 3, "admin").await;
    let report: RetentionReport = get(&server, &admin, "/v1/retention").await.read();
    assert_eq!((patrols(&report.now)[1], report.due, report.erases), (1, Vec::new(), false));
    assert_eq!(report.runs.len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_word_or_one_that_waits_keeps_a_record_also_on_the_day_on_which_it_would_go() {
    let server = Server::start().await;
    server.app().erases_due.set(true);
    let mut maker = person(&server, 1, "volunteer").await;
    let (spoken, waiting) = (
        walk(&server, &mut maker, "ended", NOTE, None).await,
        walk(&server, &mut maker, "ended", "one that waits", None).await,
    );
    server.clock.advance(YEAR + DAY);
    assert_eq!(patrols(&run(&server).await.counts)[..3], [2, 2, 0]);
    server.clock.advance(DAY);
    let word = |text| vec![Entry::set(patrol::field::NOTE, Value::text(text))];
    // The phone said both a year ago, and comes into the network today; the second one misses what was said before it.
    let late = maker.log.op(spoken, patrol::KIND, &[], word("and a word of today"));
    let missing = maker.report();
    let behind = maker.log.op(waiting, patrol::KIND, &[], word("behind a gap"));
    server.push(&[late, behind]).await;
    assert_eq!(patrols(&run(&server).await.counts), [2, 0, 0, 0, 0, 1]);
    server.push(&[missing]).await;
    server.clock.advance(DAY);
    assert_eq!(patrols(&run(&server).await.counts), [2, 0, 0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_jumps_ahead_takes_nothing_on_its_first_day_nor_once_it_is_set_right() {
    let server = Server::start().await;
    server.app().erases_due.set(true);
    let mut maker = person(&server, 1, "volunteer").await;
    walk(&server, &mut maker, "ended", NOTE, None).await;
    run(&server).await;
    server.clock.advance(14 * YEAR);
    assert_eq!(patrols(&run(&server).await.counts), [1, 1, 0, 0, 0, 0]);
    server.clock.advance(DAY - 14 * YEAR);
    assert_eq!(patrols(&run(&server).await.counts), [1, 0, 0, 0, 0, 0]);
    server.clock.advance(DAY);
    assert_eq!(patrols(&run(&server).await.counts), [1, 0, 0, 0, 0, 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_cut_is_gone_on_with_and_one_that_runs_is_left_alone() {
    let mut server = Server::start().await;
    server.app().erases_due.set(true);
    let mut maker = person(&server, 1, "volunteer").await;
    for _ in 0..3 {
        walk(&server, &mut maker, "ended", NOTE, None).await;
    }
    server.clock.advance(YEAR + DAY);
    run(&server).await;
    server.clock.advance(DAY);
    run(&server).await;
    // As if it had been killed behind the first steps.
    let mut row = server.app().store.retention_runs(1).await.unwrap().remove(0);
    assert_eq!(patrols(&row.run.counts)[..3], [3, 3, 3]);
    for _ in 0..2 {
        walk(&server, &mut maker, "ended", NOTE, None).await;
    }
    server.clock.advance(YEAR + DAY);
    run(&server).await;
    server.clock.advance(DAY);
    let day = row.day + 2 + (YEAR / DAY);
    row.day = day;
    (row.run.finished_millis, row.run.started_millis, row.touched_millis) = (None, server.now(), server.now());
    let mut tx = server.app().store.begin().await.unwrap();
    tx.put_retention_run(&row).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(run_if_due(server.app()).await.unwrap(), None, "somebody is at it");
    server = server.restart_after(async |_| {}).await;
    server.app().erases_due.set(true);
    server.clock.advance(HOUR);
    let done = run(&server).await;
    assert_eq!((patrols(&done.counts)[..3].to_vec(), done.finished_millis), (vec![3, 3, 5], Some(server.now())));
    assert_eq!(server.app().store.retention_runs(9).await.unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_server_tells_anew_before_it_erases() {
    let mut server = Server::start().await;
    server.app().erases_due.set(true);
    let mut maker = person(&server, 1, "volunteer").await;
    walk(&server, &mut maker, "ended", NOTE, None).await;
    server.clock.advance(YEAR + DAY);
    assert_eq!(patrols(&run(&server).await.counts)[..3], [1, 1, 0]);
    server = server
        .restart_after(async |place| {
            let store = app::open_store(place.clone()).await.unwrap();
            admin::new_epoch(&store).await.unwrap();
            store.close().await;
        })
        .await;
    server.app().erases_due.set(true);
    server.clock.advance(DAY);
    assert_eq!(patrols(&run(&server).await.counts)[..3], [1, 1, 0], "a hold that the backup lacked may still come");
    server.clock.advance(DAY);
    assert_eq!(patrols(&run(&server).await.counts)[..3], [1, 1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_over_one_database_one_does_it() {
    let a = Server::start_on(Cluster::shared().database()).await;
    let b = a.beside().await;
    let mut maker = person(&a, 1, "volunteer").await;
    walk(&a, &mut maker, "ended", NOTE, None).await;
    for server in [&a, &b] {
        server.app().erases_due.set(true);
    }
    for erased in [0, 1, 0] {
        for server in [&a, &b] {
            server.clock.advance(if erased == 0 { YEAR + DAY } else { DAY });
        }
        let (one, other) = tokio::join!(run_if_due(a.app()), run_if_due(b.app()));
        let runs: Vec<RetentionRun> = [one.unwrap(), other.unwrap()].into_iter().flatten().collect();
        assert_eq!(runs.iter().map(|run| patrols(&run.counts)[2]).collect::<Vec<_>>(), [erased]);
    }
}

#[test]
fn the_command_line_prints_every_class_and_changes_nothing() {
    let machine = Machine::new();
    let output = machine.command(&["retention", "--dry-run"]).output().unwrap();
    assert!(!output.status.success(), "no server ever ran");
    let server = machine.serve(&[], 1);
    let output = machine.command(&["retention", "--dry-run"]).output().unwrap();
    let lines: Vec<serde_json::Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (setting, classes) = lines.split_last().unwrap();
    assert_eq!(setting["setting"], "report");
    assert!(classes.len() > 5);
    for line in classes {
        assert_eq!((&line["retention"]["due"], &line["retention"]["class"]), (&json!(0), &line["class"]["id"]));
        assert!(line["class"]["label"]["zh"].is_string() && line["class"]["label"]["en"].is_string());
    }
    assert!(!machine.command(&["retention"]).output().unwrap().status.success(), "there is nothing else to do by hand");
    server.terminate();
}
