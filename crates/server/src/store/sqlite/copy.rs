//! Copies of the database file: made while a server runs, read without changing them.
//!
//! Owns: the connections for that. Refuses: the store's pools; a copy is never opened as a store. Invariant: a copy is one
//! committed state, and reading it changes no byte.

use std::path::Path;

use futures_util::TryStreamExt as _;
use greenshield_domain::ids::{BlobId, Epoch};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions as _, Connection as _};

use super::rows::{fixed, uint};
use super::{BUSY_TIMEOUT, FILE, fault};
use crate::store::Stored;

/// What a copy says about itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The incarnation.
    pub epoch: Epoch,
    /// Position of the newest op.
    pub newest_pos: u64,
}

/// Writes the newest committed state of a data folder's database into a new file. A running server goes on meanwhile.
///
/// # Errors
/// [`StoreError`](crate::store::StoreError).
pub async fn write(data: &Path, to: &Path) -> Stored<()> {
    let options = SqliteConnectOptions::new().filename(data.join(FILE)).busy_timeout(BUSY_TIMEOUT);
    let mut connection = options.disable_statement_logging().connect().await.map_err(fault)?;
    sqlx::query("VACUUM INTO ?").bind(to.to_string_lossy()).execute(&mut connection).await.map_err(fault)?;
    connection.close().await.map_err(fault)
}

/// An open copy.
#[derive(Debug)]
pub struct Copy(SqliteConnection);

impl Copy {
    /// Opens a copy that nobody writes.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub async fn open(file: &Path) -> Stored<Self> {
        let options = SqliteConnectOptions::new().filename(file).read_only(true).immutable(true);
        options.disable_statement_logging().connect().await.map(Self).map_err(fault)
    }

    /// What it says about itself.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub async fn facts(&mut self) -> Stored<Facts> {
        let row = sqlx::query("SELECT epoch, (SELECT coalesce(max(pos), 0) FROM op) AS pos FROM server");
        let row = row.fetch_one(&mut self.0).await.map_err(fault)?;
        Ok(Facts { epoch: Epoch(fixed(&row, "server", "epoch")?), newest_pos: uint(&row, "op", "pos")? })
    }

    /// Whether its pages and indexes are whole.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub async fn is_whole(&mut self) -> Stored<bool> {
        let said = sqlx::query_scalar::<_, String>("PRAGMA integrity_check(1)").fetch_one(&mut self.0).await;
        Ok(said.map_err(fault)? == "ok")
    }

    /// Every file that was erased.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub async fn erased_blobs(&mut self) -> Stored<Vec<BlobId>> {
        let found = sqlx::query("SELECT sha256 FROM erased_blob").fetch_all(&mut self.0).await.map_err(fault)?;
        found.iter().map(|row| Ok(BlobId(fixed(row, "erased_blob", "sha256")?))).collect()
    }

    /// Every blob that it names, by name, with its size.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError).
    pub async fn blobs(&mut self) -> Stored<Vec<(BlobId, u64)>> {
        let mut found = sqlx::query("SELECT sha256, size FROM blob ORDER BY sha256").fetch(&mut self.0);
        let mut blobs = Vec::new();
        while let Some(row) = found.try_next().await.map_err(fault)? {
            blobs.push((BlobId(fixed(&row, "blob", "sha256")?), uint(&row, "blob", "size")?));
        }
        Ok(blobs)
    }
}
