//! The part of the contract that is about the runs of the retention job.

use greenshield_domain::ids::Epoch;
use greenshield_domain::wire::{RetentionCount, RetentionRun};

use super::first_start;
use crate::store::{RetentionTx as _, RunRow, Store, StoreTx as _};

fn row(day: i64, touched_millis: i64) -> RunRow {
    let counts = vec![RetentionCount { class: 1, looked: 3, oldest_millis: Some(-5), ..RetentionCount::default() }];
    let run = RetentionRun { started_millis: day * 10, finished_millis: None, erases: true, counts };
    RunRow { day, touched_millis, epoch: Epoch([8; 8]), run }
}

pub(in crate::store) async fn runs_are_kept_by_day_and_told_by_when_they_began<S: Store>(store: &S) {
    first_start(store).await;
    assert_eq!(store.retention_runs(12).await.unwrap(), []);
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.retention_run(7).await.unwrap(), None);
    // The clock was set back after the first one.
    for day in [9, 7, 8] {
        tx.put_retention_run(&row(day, 1)).await.unwrap();
    }
    tx.commit().await.unwrap();
    let done = RunRow { run: RetentionRun { finished_millis: Some(99), ..row(7, 2).run }, ..row(7, 2) };
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.retention_run(7).await.unwrap(), Some(row(7, 1)));
    tx.put_retention_run(&done).await.unwrap();
    assert_eq!(tx.retention_run(7).await.unwrap(), Some(done.clone()));
    tx.commit().await.unwrap();
    assert_eq!(store.retention_runs(12).await.unwrap(), [row(8, 1), done, row(9, 1)]);
    assert_eq!(store.retention_runs(1).await.unwrap(), [row(8, 1)]);
    let mut tx = store.begin().await.unwrap();
    tx.put_retention_run(&row(10, 1)).await.unwrap();
    drop(tx);
    assert_eq!(store.retention_runs(1).await.unwrap(), [row(8, 1)]);
}
