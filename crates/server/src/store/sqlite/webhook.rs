//! How far receivers of webhooks are, in SQLite.

use super::rows;
use super::{SqliteStore, SqliteTx, fault, int};
use crate::store::{Stored, WebhookRow, WebhookStore, WebhookTx};

const ALL: &str = "SELECT name, pos, turn_of, turn_until, failures, error, next_at, delivered_at, paused_at
    FROM webhook ORDER BY name";
const NAMED: &str = "SELECT name, pos, turn_of, turn_until, failures, error, next_at, delivered_at, paused_at
    FROM webhook WHERE name = ?";
const PUT: &str =
    "INSERT INTO webhook (name, pos, turn_of, turn_until, failures, error, next_at, delivered_at, paused_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET pos = excluded.pos,
    turn_of = excluded.turn_of, turn_until = excluded.turn_until, failures = excluded.failures, error = excluded.error,
    next_at = excluded.next_at, delivered_at = excluded.delivered_at, paused_at = excluded.paused_at";

impl WebhookStore for SqliteStore {
    async fn webhooks(&self) -> Stored<Vec<WebhookRow>> {
        let found = sqlx::query(ALL).fetch_all(&self.readers).await;
        found.map_err(fault)?.iter().map(rows::webhook).collect()
    }
}

impl WebhookTx for SqliteTx {
    async fn webhook(&mut self, name: &str) -> Stored<Option<WebhookRow>> {
        let row = sqlx::query(NAMED).bind(name).fetch_optional(&mut *self.0).await;
        row.map_err(fault)?.as_ref().map(rows::webhook).transpose()
    }

    async fn put_webhook(&mut self, row: &WebhookRow) -> Stored<()> {
        let put = sqlx::query(PUT).bind(&row.name).bind(int(row.pos));
        let put = put.bind(row.turn.as_ref().map(|turn| &turn.of[..])).bind(row.turn.map(|turn| turn.until_millis));
        let put = put.bind(int(row.failures)).bind(&row.error).bind(row.next_millis);
        self.run(put.bind(row.delivered_millis).bind(row.paused_millis)).await.map(drop)
    }
}
