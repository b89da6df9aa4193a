//! PostgreSQL keeps the contract, alone and with several processes.

use greenshield_domain::ids::Epoch;
use greenshield_pg_harness::Cluster;
use tokio::sync::mpsc;

use super::*;
use crate::store::{Heard, StoreTx as _, conformance};

async fn store() -> PostgresStore {
    PostgresStore::open(&Cluster::shared().database()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_keeps_the_contract_of_a_store() {
    conformance::everything_written_reads_back(&store().await).await;
    conformance::a_dropped_transaction_leaves_no_trace(&store().await).await;
    conformance::pages_stop_at_their_limits(&store().await).await;
    conformance::records_are_told_by_where_they_began(&store().await).await;
    conformance::the_decision_with_the_greatest_rank_counts(&store().await).await;
    conformance::where_a_record_belonged_is_told_by_position(&store().await).await;
    conformance::people_are_appointed_and_their_phones_end(&store().await).await;
    conformance::what_is_erased_is_overwritten_and_its_files_are_doomed(&store().await).await;
    conformance::keys_of_programs_are_found_by_their_secret_and_end(&store().await).await;
    conformance::runs_are_kept_by_day_and_told_by_when_they_began(&store().await).await;
    conformance::receivers_are_kept_by_name_and_read_back(&store().await).await;
    conformance::versions_of_the_city_are_kept_by_number_and_withdrawn_once(&store().await).await;
    conformance::what_somebody_has_is_told_by_kind_since_its_first_position(&store().await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_is_there_after_reopening() {
    let url = Cluster::shared().database();
    let store = PostgresStore::open(&url).await.unwrap();
    let row = conformance::first_start(&store).await;
    store.close().await;
    assert_eq!(PostgresStore::open(&url).await.unwrap().server().await.unwrap(), Some(row));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_from_other_faults() {
    let store = store().await;
    let raise = async |code| {
        let text = format!("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$");
        fault(sqlx::query(sqlx::AssertSqlSafe(text)).execute(&store.readers).await.unwrap_err())
    };
    assert!(matches!(raise("53100").await, StoreError::Full));
    assert!(matches!(raise("53200").await, StoreError::Backend(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_may_forget_is_brought_to_remember() {
    let url = Cluster::shared().database();
    let store = PostgresStore::open(&url).await.unwrap();
    let name = url.rsplit('/').find_map(|part| part.split_once("?host=")).unwrap().0;
    let forgetful = format!("ALTER DATABASE {name} SET synchronous_commit = off");
    sqlx::query(sqlx::AssertSqlSafe(forgetful)).execute(&store.writer).await.unwrap();
    let store = PostgresStore::open(&url).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    for (setting, value) in [
        ("synchronous_commit", "on"),
        ("transaction_isolation", "read committed"),
        ("lock_timeout", LOCK_WITHIN),
        ("idle_in_transaction_session_timeout", IDLE_WITHIN),
    ] {
        let found = sqlx::query_scalar("SELECT current_setting($1)").bind(setting);
        let found: String = found.fetch_one(&mut *tx.tx).await.unwrap();
        assert_eq!(found, value, "{setting}");
    }
    let write = sqlx::query("CREATE TABLE x ()").execute(&store.readers).await;
    assert!(write.is_err(), "those who read can not write");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_writes_only_after_the_first_and_sees_what_it_wrote() {
    let url = Cluster::shared().database();
    let [a, b] = [PostgresStore::open(&url).await.unwrap(), PostgresStore::open(&url).await.unwrap()];
    let mut first = a.begin().await.unwrap();
    let second = tokio::spawn(async move {
        let mut tx = b.begin().await.unwrap();
        tx.server().await.unwrap()
    });
    let waiting = "SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE l.locktype = 'advisory' AND NOT l.granted AND d.datname = current_database()";
    while sqlx::query_scalar::<_, i64>(waiting).fetch_one(&a.readers).await.unwrap() == 0 {}
    assert!(!second.is_finished());
    let row = ServerRow { epoch: Epoch([3; 8]), key_pkcs8: vec![1], began: None };
    first.put_server(&row, 1).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap(), Some(row));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_hears_of_every_commit_and_asks_again_after_a_loss() {
    let url = Cluster::shared().database();
    let [a, b] = [PostgresStore::open(&url).await.unwrap(), PostgresStore::open(&url).await.unwrap()];
    conformance::with_log(&a).await;
    let epoch = a.server().await.unwrap().unwrap().epoch;
    let (tell, mut heard) = mpsc::unbounded_channel();
    let listening = tokio::spawn(async move { b.follow(|news| tell.send(news).unwrap()).await });
    assert_eq!(heard.recv().await, Some(Heard { epoch, newest_pos: 0 }));
    let put = async |pos| {
        let mut tx = a.begin().await.unwrap();
        tx.put_op(&conformance::op(pos, 4, greenshield_domain::wire::Verdict::Ok)).await.unwrap();
        tx.commit().await.unwrap();
    };
    put(1).await;
    assert_eq!(heard.recv().await, Some(Heard { epoch, newest_pos: 1 }));

    let mut tx = a.begin().await.unwrap();
    assert!(matches!(tx.set_epoch(Epoch([4; 8])).await, Err(StoreError::Serving)));
    drop(tx);

    // The connection is cut, and before it stands again there is a commit.
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND mode = 'ShareLock'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    sqlx::query(cut).execute(&a.readers).await.unwrap();
    put(2).await;
    while heard.recv().await.unwrap().newest_pos < 2 {}
    listening.abort();
}
