//! The snapshot for a new phone: whole records, newest first, then an ordinary cursor.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{Epoch, RecordId};
use greenshield_domain::incident::{KIND, field};
use greenshield_domain::op::{Entry, SignedOp};
use greenshield_domain::wire::{Cursor, PullPage, SnapshotCursor};

use super::support::{Call, NOW, Phone, Reply, Server};

async fn ask(server: &Server, phone: &Phone, query: &str) -> Reply {
    server.send(Call::get(&format!("/v1/snapshot{query}")).signed(phone.key(), NOW)).await
}

/// All pages, with something done between them.
async fn pages(server: &Server, phone: &Phone, max: usize, mut between: impl AsyncFnMut()) -> Vec<PullPage> {
    let (mut pages, mut cursor) = (Vec::<PullPage>::new(), String::new());
    while pages.last().is_none_or(|page| page.more) {
        let page = ask(server, phone, &format!("?cursor={cursor}&max={max}")).await.page();
        cursor.clone_from(&page.next);
        pages.push(page);
        between().await;
    }
    pages
}

fn ops(page: &PullPage) -> Vec<SignedOp> {
    page.ops.iter().map(|op| SignedOp::decode(&op.op).unwrap()).collect()
}

fn note(phone: &mut Phone, record: RecordId, words: &str) -> SignedOp {
    phone.log.op(record, KIND, &[], vec![Entry::set(field::NOTE, Value::text(words))])
}

#[tokio::test(flavor = "multi_thread")]
async fn records_come_whole_and_newest_first_and_what_arrives_meanwhile_waits_at_the_cursor() {
    let server = Server::start().await;
    let (mut one, mut two) = (server.phone(1).await, server.phone(2).await);
    let records: Vec<RecordId> = one.reports(8).iter().map(|op| op.header().record).collect();
    let mut all: Vec<SignedOp> = records.iter().map(|record| note(&mut two, *record, "seen")).collect();
    let mut one = server.phone(3).await;
    all.extend(records.iter().rev().map(|record| note(&mut one, *record, "a")));
    all.extend(records.iter().map(|record| note(&mut two, *record, "b")));
    server.push(&all).await;
    let before = server.pull(&two, "").await.page();

    let first = records[0];
    let pages = pages(&server, &two, 7, async || {
        let late = [note(&mut one, first, "late"), one.report()];
        server.push(&late).await;
    })
    .await;
    let mut places: BTreeMap<RecordId, BTreeSet<usize>> = BTreeMap::new();
    let mut order = Vec::new();
    for (number, page) in pages.iter().enumerate() {
        assert!(page.ops.len() <= 7 && page.ops.is_sorted_by_key(|op| op.pos));
        let mut authors: Vec<_> = page.ops.iter().map(|op| op.account).collect();
        authors.sort_unstable();
        authors.dedup();
        assert_eq!(page.people.iter().map(|person| person.account).collect::<Vec<_>>(), authors);
        for op in ops(page) {
            places.entry(op.header().record).or_default().insert(number);
        }
        order.push(page.ops.iter().map(|op| op.pos).max().unwrap());
    }
    assert!(pages.len() > 3 && places.values().all(|pages| pages.len() == 1), "no record is split");
    let page_of = |record: &RecordId| places[record].first().copied().unwrap();
    assert!(records.iter().rev().map(page_of).is_sorted(), "the record that began last comes first");
    let mut given: Vec<_> = pages.iter().flat_map(|page| page.ops.clone()).collect();
    given.sort_by_key(|op| op.pos);
    assert_eq!(given, before.ops, "exactly the ops of the moment at which it began");
    assert_eq!(pages.last().unwrap().next, before.next);
    let after = server.pull(&two, &format!("?cursor={}", before.next)).await.page();
    assert_eq!(after.ops.len(), 2 * pages.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_over_the_limit_of_a_page_begins_on_its_own_and_goes_on_behind_it() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let old = phone.report();
    let large = phone.report();
    let record = large.header().record;
    let mut edits: Vec<SignedOp> = (0..9).map(|i| note(&mut phone, record, &format!("{i}"))).collect();
    let new = phone.report();
    edits.splice(0..0, [old.clone(), large]);
    edits.push(new.clone());
    server.push(&edits).await;
    let pages = pages(&server, &phone, 4, async || ()).await;
    let given: Vec<Vec<u64>> = pages.iter().map(|page| page.ops.iter().map(|op| op.pos).collect()).collect();
    assert_eq!(given, [vec![13], vec![3, 4, 5, 6], vec![7, 8, 9, 10], vec![11, 12], vec![1, 2]]);

    // The same by bytes: 80 notes of 15,000 bytes are more than a page.
    let long = "x".repeat(15_000);
    let heavy = phone.report();
    let record = heavy.header().record;
    let heavy: Vec<SignedOp> =
        [heavy].into_iter().chain((0..80).map(|_| note(&mut phone, record, &long)).collect::<Vec<_>>()).collect();
    server.push(&heavy).await;
    let pages = self::pages(&server, &phone, 1_000, async || ()).await;
    assert_eq!(pages.iter().map(|page| page.ops.len()).collect::<Vec<_>>(), [69, 12, 13]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_snapshot_of_another_epoch_or_scope_begins_again_and_needs_the_right_to_read() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    server.push(&phone.reports(3)).await;
    let page = ask(&server, &phone, "?max=1").await.page();
    let good = SnapshotCursor::from_text(&page.next).unwrap();
    assert_eq!((good.began.pos, page.ops[0].pos), (4, 4));
    for (began, code) in [
        (Cursor { epoch: Epoch([9; 8]), ..good.began }, "epoch"),
        (Cursor { pos: 99, ..good.began }, "epoch"),
        (Cursor { scope: [9; 8], ..good.began }, "scope"),
    ] {
        let reply = ask(&server, &phone, &format!("?cursor={}", SnapshotCursor { began, ..good }.to_text())).await;
        let error = reply.error_body();
        assert_eq!((reply.status.as_u16(), error.code.as_str()), (409, code));
        assert_eq!(error.detail["cursor"], "");
    }
    for (upto, after) in [(0, 0), (u64::MAX, u64::MAX), (3, u64::MAX), (3, 3), (i64::MAX as u64, 7)] {
        let cursor = SnapshotCursor { upto, after, ..good }.to_text();
        ask(&server, &phone, &format!("?cursor={cursor}")).await.page();
    }
    let ordinary = good.began.to_text();
    for bad in ["?cursor=no".to_owned(), format!("?cursor={ordinary}")] {
        assert_eq!(ask(&server, &phone, &bad).await.error(), (400, "bad_cursor".to_owned()));
    }
    assert_eq!(ask(&server, &phone, "?max=many").await.error(), (400, "bad_query".to_owned()));
    assert_eq!(server.send(Call::get("/v1/snapshot")).await.error(), (401, "unauthorized".to_owned()));
    server.revoke(&phone).await;
    assert_eq!(ask(&server, &phone, "").await.error(), (403, "revoked".to_owned()));
}
