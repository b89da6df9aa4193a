//! A fresh phone begins with the newest records, and goes on where it was.

use greenshield_client::engine::{Engine, Save};
use greenshield_client::ports::{HttpResponse, TransportError};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::incident::KIND;
use greenshield_domain::statement::Checkpoint;
use greenshield_domain::wire::{PullPage, PulledOp, Verdict};
use greenshield_testkit::build::{LogBuilder, START_MILLIS};

use crate::device::{Parts, open, phone, report, server_key};
use crate::sending::{EPOCH, signed};

/// Reports of somebody else, oldest first.
fn reports(n: i64) -> Vec<Vec<u8>> {
    let mut log = LogBuilder::new(9, AccountId([9; 16]));
    log.genesis([1; 16]);
    (0..n)
        .map(|i| {
            let mut random = [0; 10];
            random[..8].copy_from_slice(&i.to_be_bytes());
            log.op(RecordId::v7(START_MILLIS + i, random), KIND, &[], report(i)).bytes().to_vec()
        })
        .collect()
}

fn page(ops: &[Vec<u8>], next: &str, more: bool) -> Result<HttpResponse, TransportError> {
    let pulled = |(pos, op): (u64, &Vec<u8>)| PulledOp {
        pos,
        eff_millis: START_MILLIS,
        received_millis: START_MILLIS,
        verdict: Verdict::Ok,
        account: AccountId([9; 16]),
        op: op.clone(),
    };
    let checkpoint = Checkpoint { epoch: EPOCH, size: 1, root: [0; 32], time_millis: 1 };
    let page = PullPage {
        ops: (1..).zip(ops).map(pulled).collect(),
        next: next.to_owned(),
        checkpoint: signed(&checkpoint, &server_key()),
        more,
        time_millis: START_MILLIS,
        people: Vec::new(),
        left: Vec::new(),
    };
    Ok(HttpResponse { status: 200, headers: Vec::new(), body: page.encode() })
}

fn answer(engine: &Engine<Parts>, replies: impl IntoIterator<Item = Result<HttpResponse, TransportError>>) {
    engine.ports().script.borrow_mut().extend(replies);
}

fn asked(engine: &Engine<Parts>) -> Vec<String> {
    engine.ports().sent.borrow().iter().map(|request| request.path.clone()).collect()
}

async fn shown(engine: &Engine<Parts>) -> Vec<i64> {
    engine.list(None, 99).await.unwrap().rows.iter().map(|row| row.sort_millis).collect()
}

#[tokio::test]
async fn the_newest_records_are_there_after_the_first_page_and_a_killed_phone_goes_on_behind_it() {
    let ops = reports(4);
    let engine = phone(1).await;
    let own = Save { record: None, kind: KIND, entries: report(77), draft: None };
    engine.save(own).await.unwrap();
    answer(&engine, [page(&ops[2..], "behind", true)]);
    assert!(engine.pull(0).await.unwrap().more);
    assert_eq!(shown(&engine).await, [77, 3, 2]);

    // The app is killed; what was fetched ahead is gone with it.
    let engine = open(engine.ports().store.clone(), 1).await;
    answer(&engine, [page(&ops[..2], "ordinary", false), page(&[], "ordinary", false)]);
    assert!(engine.pull(0).await.unwrap().more, "what came meanwhile waits at the cursor");
    assert_eq!(shown(&engine).await, [77, 3, 2, 1, 0]);
    assert!(!engine.pull(0).await.unwrap().more);
    assert_eq!(
        asked(&engine),
        ["/v1/snapshot?cursor=behind", "/v1/ops?cursor=ordinary&max=1000&wait=0"].map(str::to_owned)
    );
    assert_eq!(engine.status().await.unwrap().ops_unsent, 1, "what was saved meanwhile is untouched");
}

#[tokio::test]
async fn from_a_server_without_snapshots_a_fresh_phone_pulls_from_the_beginning() {
    let ops = reports(2);
    let engine = phone(1).await;
    let none = HttpResponse { status: 404, headers: Vec::new(), body: Vec::new() };
    answer(&engine, [Ok(none), page(&ops, "ordinary", false), page(&[], "ordinary", false)]);
    engine.pull(0).await.unwrap();
    assert_eq!(shown(&engine).await, [1, 0]);
    engine.pull(0).await.unwrap();
    assert_eq!(asked(&engine).iter().filter(|path| path.contains("snapshot")).count(), 1);
}

#[tokio::test]
async fn a_snapshot_of_a_server_that_was_restored_meanwhile_begins_again() {
    let ops = reports(2);
    let engine = phone(1).await;
    answer(&engine, [page(&ops[1..], "behind", true), Err(TransportError::Offline)]);
    engine.pull(0).await.unwrap();
    let epoch = br#"{"code":"epoch","message":"","detail":{"cursor":"x"}}"#.to_vec();
    answer(&engine, [Ok(HttpResponse { status: 409, headers: Vec::new(), body: epoch })]);
    let again = engine.pull(0).await.unwrap();
    assert!(again.more && again.new_epoch);
    answer(&engine, [page(&ops, "ordinary", false)]);
    engine.pull(0).await.unwrap();
    assert_eq!(shown(&engine).await, [1, 0]);
    assert_eq!(asked(&engine).last().unwrap(), "/v1/snapshot?cursor=");
}
