//! The part of the contract that is about receivers of webhooks.

use super::first_start;
use crate::store::{Store, StoreTx as _, Turn, WebhookRow, WebhookTx as _};

pub(in crate::store) async fn receivers_are_kept_by_name_and_read_back<S: Store>(store: &S) {
    first_start(store).await;
    assert_eq!(store.webhooks().await.unwrap(), []);
    let new = |name: &str, pos| WebhookRow { name: name.to_owned(), pos, ..WebhookRow::default() };
    let mut tx = store.begin().await.unwrap();
    assert_eq!(tx.webhook("gis").await.unwrap(), None);
    tx.put_webhook(&new("gis", 0)).await.unwrap();
    tx.put_webhook(&new("archive", 7)).await.unwrap();
    assert_eq!(tx.webhook("gis").await.unwrap(), Some(new("gis", 0)));
    tx.commit().await.unwrap();
    let full = WebhookRow {
        turn: Some(Turn { of: [3; 16], until_millis: 60 }),
        failures: 4,
        error: Some("status 500".to_owned()),
        next_millis: Some(-5),
        delivered_millis: Some(1),
        paused_millis: Some(2),
        ..new("gis", 9)
    };
    let mut tx = store.begin().await.unwrap();
    tx.put_webhook(&full).await.unwrap();
    assert_eq!(tx.webhook("gis").await.unwrap(), Some(full.clone()));
    tx.commit().await.unwrap();
    assert_eq!(store.webhooks().await.unwrap(), [new("archive", 7), full.clone()]);
    let mut tx = store.begin().await.unwrap();
    tx.put_webhook(&new("gis", 10)).await.unwrap();
    assert_eq!(tx.webhook("gis").await.unwrap(), Some(new("gis", 10)), "what is not there any more is gone");
    drop(tx);
    assert_eq!(store.webhooks().await.unwrap(), [new("archive", 7), full]);
}
