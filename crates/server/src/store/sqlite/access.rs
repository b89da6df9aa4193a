//! The keys of programs in SQLite.

use greenshield_domain::ids::AccessKeyId;

use super::rows;
use super::{SqliteStore, SqliteTx, fault};
use crate::store::{KeyRow, KeyStore, KeyTx, Stored};

const BY_SECRET: &str = "SELECT k.id, k.account, k.log, k.name AS key_name, k.created, k.expires_at, k.revoked_at,
    k.used_at, a.name, a.role, a.seat FROM access_key k JOIN account a ON a.id = k.account WHERE k.secret_hash = ?";
const ALL: &str = "SELECT k.id, k.account, k.log, k.name AS key_name, k.created, k.expires_at, k.revoked_at,
    k.used_at, a.name, a.role, a.seat FROM access_key k JOIN account a ON a.id = k.account
    ORDER BY k.created DESC, k.id";
const PUT: &str =
    "INSERT INTO access_key (id, secret_hash, account, log, name, created, expires_at, revoked_at, used_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
const REVOKE: &str = "UPDATE access_key SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL";
const USE: &str = "UPDATE access_key SET used_at = ? WHERE id = ?";

impl KeyStore for SqliteStore {
    async fn access_key(&self, secret_hash: [u8; 32]) -> Stored<Option<KeyRow>> {
        let row = sqlx::query(BY_SECRET).bind(&secret_hash[..]).fetch_optional(&self.readers).await;
        row.map_err(fault)?.as_ref().map(rows::access_key).transpose()
    }

    async fn access_keys(&self) -> Stored<Vec<KeyRow>> {
        let found = sqlx::query(ALL).fetch_all(&self.readers).await;
        found.map_err(fault)?.iter().map(rows::access_key).collect()
    }
}

impl KeyTx for SqliteTx {
    async fn put_access_key(&mut self, key: &KeyRow, secret_hash: [u8; 32]) -> Stored<()> {
        let told = &key.told;
        let insert = sqlx::query(PUT).bind(&told.id.0[..]).bind(&secret_hash[..]).bind(&told.account.0[..]);
        let insert = insert.bind(&key.log.0[..]).bind(&told.name).bind(told.created_millis).bind(told.expires_millis);
        self.run(insert.bind(told.revoked_millis).bind(told.used_millis)).await.map(drop)
    }

    async fn revoke_access_key(&mut self, id: AccessKeyId, now_millis: i64) -> Stored<bool> {
        Ok(self.run(sqlx::query(REVOKE).bind(now_millis).bind(&id.0[..])).await?.rows_affected() > 0)
    }

    async fn use_access_key(&mut self, id: AccessKeyId, now_millis: i64) -> Stored<()> {
        self.run(sqlx::query(USE).bind(now_millis).bind(&id.0[..])).await.map(drop)
    }
}
