//! The versions of the city package in PostgreSQL.

use super::rows;
use super::{PostgresStore, PostgresTx, fault};
use crate::store::{CityRow, CityStore, CityTx, Stored};

const ALL: &str =
    "SELECT version, holds_from, sha256, octet_length(package)::BIGINT AS size, account, note, kept, withdrawn_at
    FROM city_version ORDER BY version";
const PACKAGE: &str = "SELECT package FROM city_version WHERE version = $1";
const PUT: &str = "INSERT INTO city_version (version, holds_from, sha256, package, account, note, kept, withdrawn_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
const WITHDRAW: &str = "UPDATE city_version SET withdrawn_at = $1 WHERE version = $2 AND withdrawn_at IS NULL";

impl CityStore for PostgresStore {
    async fn city_versions(&self) -> Stored<Vec<CityRow>> {
        let found = sqlx::query(ALL).fetch_all(&self.readers).await;
        found.map_err(fault)?.iter().map(rows::city_version).collect()
    }

    async fn city_package(&self, version: u32) -> Stored<Option<String>> {
        let package = sqlx::query_scalar(PACKAGE).bind(i64::from(version)).fetch_optional(&self.readers).await;
        package.map_err(fault)
    }
}

impl CityTx for PostgresTx {
    async fn city_versions(&mut self) -> Stored<Vec<CityRow>> {
        let found = sqlx::query(ALL).fetch_all(&mut *self.tx).await;
        found.map_err(fault)?.iter().map(rows::city_version).collect()
    }

    async fn put_city_version(&mut self, row: &CityRow, package: &str) -> Stored<()> {
        let insert = sqlx::query(PUT).bind(i64::from(row.version)).bind(row.from_millis).bind(&row.sha256[..]);
        let insert = insert.bind(package).bind(&row.by.0[..]).bind(&row.note).bind(row.kept_millis);
        self.run(insert.bind(row.withdrawn_millis)).await.map(drop)
    }

    async fn withdraw_city_version(&mut self, version: u32, now_millis: i64) -> Stored<bool> {
        let update = sqlx::query(WITHDRAW).bind(now_millis).bind(i64::from(version));
        Ok(self.run(update).await?.rows_affected() > 0)
    }
}
