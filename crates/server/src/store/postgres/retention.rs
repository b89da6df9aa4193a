//! The runs of the retention job in PostgreSQL.

use super::rows;
use super::{PostgresStore, PostgresTx, fault};
use crate::store::{RetentionStore, RetentionTx, RunRow, Stored};

const NEWEST: &str = "SELECT day, touched, run FROM retention_run ORDER BY number DESC LIMIT $1";
const OF_DAY: &str = "SELECT day, touched, run FROM retention_run WHERE day = $1";
const PUT: &str = "INSERT INTO retention_run (number, day, touched, run)
    SELECT coalesce(max(number), 0) + 1, $1::BIGINT, $2::BIGINT, $3::TEXT FROM retention_run WHERE true
    ON CONFLICT (day) DO UPDATE SET touched = excluded.touched, run = excluded.run";

impl RetentionStore for PostgresStore {
    async fn retention_runs(&self, max: usize) -> Stored<Vec<RunRow>> {
        let max = i64::try_from(max).unwrap_or(i64::MAX);
        let found = sqlx::query(NEWEST).bind(max).fetch_all(&self.readers).await;
        found.map_err(fault)?.iter().map(rows::retention_run).collect()
    }
}

impl RetentionTx for PostgresTx {
    async fn retention_run(&mut self, day: i64) -> Stored<Option<RunRow>> {
        let row = sqlx::query(OF_DAY).bind(day).fetch_optional(&mut *self.tx).await;
        row.map_err(fault)?.as_ref().map(rows::retention_run).transpose()
    }

    async fn put_retention_run(&mut self, row: &RunRow) -> Stored<()> {
        self.run(sqlx::query(PUT).bind(row.day).bind(row.touched_millis).bind(row.kept())).await.map(drop)
    }
}
