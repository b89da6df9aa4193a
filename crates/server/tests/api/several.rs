//! Several server processes over one PostgreSQL: one order, one tree, and what one stores the other tells.

use std::time::Duration;

use greenshield_domain::ids::BlobId;
use greenshield_pg_harness::Cluster;

use super::running::{Machine, nothing_is_lost, under_load};
use super::support::Server;
use super::tus::{creation, patch, receipt, tus};

/// Longer than any hand-over takes, and shorter than a long poll waits by itself.
const SOON: Duration = Duration::from_secs(15);

#[test]
fn processes_that_start_at_once_on_an_empty_database_give_one_order_and_one_tree() {
    let database = Cluster::shared().database();
    let machines = [Machine::on(&database), Machine::on(&database)];
    let [a, b] = std::thread::scope(|scope| {
        let starting = machines.each_ref().map(|machine| scope.spawn(move || machine.serve(&[], 1)));
        starting.map(|starting| starting.join().unwrap())
    });
    let mut pushers = machines[0].pushers(&a.address, 1..11);
    pushers.extend(machines[1].pushers(&b.address, 11..21));
    under_load(&mut pushers, &[&a.address, &b.address], 200, || {});
    nothing_is_lost(&b.address, &mut pushers);
    nothing_is_lost(&a.address, &mut pushers);

    // Even if only the other one still serves, nobody may start a new epoch.
    let new_epoch = || machines[0].command(&["admin", "new-epoch"]).output().unwrap().status.success();
    a.terminate();
    assert!(!new_epoch());
    b.terminate();
    assert!(new_epoch());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_at_one_process_wakes_a_long_poll_at_another_and_its_cursors_are_good_there() {
    let a = Server::start_on(Cluster::shared().database()).await;
    let b = a.beside().await;
    let mut phone = a.phone(1).await;
    let mut cursor = a.pull(&phone, "").await.page().next;
    for op in phone.reports(20) {
        let query = format!("?wait=25&cursor={cursor}");
        let (polled, _) =
            tokio::join!(tokio::time::timeout(SOON, b.pull(&phone, &query)), a.push(std::slice::from_ref(&op)));
        assert_eq!(polled.unwrap().page().ops[0].op, op.bytes());
        // What the first process says is asked of the second at once, whether it has heard of the commit or not.
        cursor = a.pull(&phone, &format!("?cursor={cursor}")).await.page().next;
        assert!(b.pull(&phone, &format!("?cursor={cursor}")).await.page().ops.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_begun_at_one_process_is_continued_at_another_that_shares_the_blobs() {
    let a = Server::start_on(Cluster::shared().database()).await;
    let b = a.beside().await;
    let phone = a.phone(1).await;
    let blob = BlobId::of(b"photo");
    let path = a.send(creation(&phone, &blob, 5)).await.ok().header("location").to_owned();
    a.send(patch(&phone, &path, 0, "pho")).await.ok();
    assert_eq!(b.send(tus(&phone, "HEAD", &path)).await.ok().header("upload-offset"), "3");
    let done = b.send(patch(&phone, &path, 3, "to")).await.ok();
    assert_eq!(receipt(&a, &done).unwrap().blob, blob);
    let again = a.send(tus(&phone, "HEAD", &path)).await.ok();
    assert_eq!(receipt(&b, &again), receipt(&b, &done));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_with_a_character_that_postgresql_can_not_store_is_simply_not_there() {
    let server = Server::start_on(Cluster::shared().database()).await;
    let phone = server.phone(1).await;
    assert_eq!(server.send(tus(&phone, "HEAD", "/v1/blobs/%00")).await.status, 404);
}

#[test]
fn what_holds_on_sqlite_holds_on_postgresql() {
    let wanted = [
        "auth",
        "city",
        "download",
        "enrol",
        "erasures",
        "pull",
        "push",
        "retention",
        "statements",
        "tus",
        "webhooks::",
    ]
    .map(|name| format!("api::{name}"));
    greenshield_pg_harness::again(&wanted.each_ref().map(String::as_str), &[]);
}
