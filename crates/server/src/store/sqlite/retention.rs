//! The runs of the retention job in SQLite.

use super::rows;
use super::{SqliteStore, SqliteTx, fault};
use crate::store::{RetentionStore, RetentionTx, RunRow, Stored};

const NEWEST: &str = "SELECT day, touched, run FROM retention_run ORDER BY number DESC LIMIT ?";
const OF_DAY: &str = "SELECT day, touched, run FROM retention_run WHERE day = ?";
const PUT: &str = "INSERT INTO retention_run (number, day, touched, run)
    SELECT coalesce(max(number), 0) + 1, ?1, ?2, ?3 FROM retention_run WHERE true
    ON CONFLICT (day) DO UPDATE SET touched = excluded.touched, run = excluded.run";

impl RetentionStore for SqliteStore {
    async fn retention_runs(&self, max: usize) -> Stored<Vec<RunRow>> {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let found = sqlx::query(NEWEST).bind(max).fetch_all(&self.readers).await;
        found.map_err(fault)?.iter().map(rows::retention_run).collect()
    }
}

impl RetentionTx for SqliteTx {
    async fn retention_run(&mut self, day: i64) -> Stored<Option<RunRow>> {
        let row = sqlx::query(OF_DAY).bind(day).fetch_optional(&mut *self.0).await;
        row.map_err(fault)?.as_ref().map(rows::retention_run).transpose()
    }

    async fn put_retention_run(&mut self, row: &RunRow) -> Stored<()> {
        self.run(sqlx::query(PUT).bind(row.day).bind(row.touched_millis).bind(row.kept())).await.map(drop)
    }
}
