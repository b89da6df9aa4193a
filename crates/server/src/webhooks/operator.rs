//! What whoever runs the server is told about webhooks, and may do: look, try, resume. Facts are JSON without secrets.

use greenshield_domain::calendar::utc;
use serde_json::{Value, json};

use super::Webhooks;
use super::event::Event;
use super::post::Answer;
use super::receiver::Receiver;
use crate::access;
use crate::entropy::random;
use crate::store::{KeyRow, Store, StoreTx as _, Stored, WebhookRow, WebhookTx as _};

/// How the receivers stand, one fact each.
///
/// # Errors
/// A fault of the store.
pub async fn list<S: Store>(store: &S, webhooks: &Webhooks, now_millis: i64) -> Stored<Vec<Value>> {
    let (rows, keys, newest) = (store.webhooks().await?, store.access_keys().await?, store.newest_pos().await?);
    let fact = |receiver: &Receiver| {
        let row = rows.iter().find(|row| row.name == receiver.name);
        let key = keys.iter().find(|key| key.told.id == receiver.key);
        stands(receiver, row, key, newest, now_millis)
    };
    Ok(webhooks.receivers().iter().map(|receiver| fact(receiver)).collect())
}

fn stands(receiver: &Receiver, row: Option<&WebhookRow>, key: Option<&KeyRow>, newest: u64, now: i64) -> Value {
    let position = row.map_or(receiver.from.unwrap_or(newest), |row| row.pos);
    let time = |of: fn(&WebhookRow) -> Option<i64>| row.and_then(of).map(utc);
    json!({
        "webhook": receiver.name,
        "to": receiver.origin(),
        "kinds": receiver.kinds,
        "key": receiver.key,
        "key_is_good": key.is_some_and(|key| access::is_good(&key.told, now)),
        "key_expires": key.map(|key| utc(key.told.expires_millis)),
        "position": position,
        "behind": newest.saturating_sub(position),
        "delivered": time(|row| row.delivered_millis),
        "failures": row.map_or(0, |row| row.failures),
        "error": row.and_then(|row| row.error.as_deref()),
        "next_try": time(|row| row.next_millis),
        "paused": time(|row| row.paused_millis),
    })
}

/// The access keys that a receiver may be given, the newest first: ids and names, no secrets, which nobody has but their programs.
///
/// # Errors
/// A fault of the store.
pub async fn keys<S: Store>(store: &S, now_millis: i64) -> Stored<Vec<Value>> {
    let good = store.access_keys().await?.into_iter().filter(|key| access::is_good(&key.told, now_millis));
    let fact = |key: KeyRow| {
        let told = key.told;
        json!({ "key": told.id, "name": told.name, "owner": told.owner, "role": told.role, "expires": utc(told.expires_millis) })
    };
    Ok(good.map(fact).collect())
}

/// Sends a signed ping to a receiver; gives what came of it, and whether it arrived. `None` when nobody has that name.
pub async fn test(webhooks: &Webhooks, name: &str, now_millis: i64) -> Option<(Value, bool)> {
    let (receiver, post) = webhooks.named(name)?;
    let ping = Event::ping(&receiver, random().map_or(0, u64::from_be_bytes), now_millis);
    let answer = post.send(&receiver, &ping, now_millis).await;
    let (is_there, told) = match answer {
        Answer::Delivered(status) => (true, format!("status {status}")),
        Answer::Gone => (false, "status 410".to_owned()),
        Answer::Failed { reason, .. } => (false, reason),
    };
    Some((json!({ "ping": name, "to": receiver.origin(), "id": ping.id, "answer": told }), is_there))
}

/// Lets a receiver that is paused, or waits for its next try, be tried within a minute; `false` when it was never told anything.
///
/// # Errors
/// A fault of the store.
pub async fn resume<S: Store>(store: &S, name: &str) -> Stored<bool> {
    let mut tx = store.begin().await?;
    let Some(row) = tx.webhook(name).await? else { return Ok(false) };
    tx.put_webhook(&WebhookRow { next_millis: None, paused_millis: None, ..row }).await?;
    tx.commit().await?;
    Ok(true)
}
