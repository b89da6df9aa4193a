//! The part of the write transaction of PostgreSQL that takes something away.

use greenshield_domain::ids::{BlobId, OpId, RecordId};
use greenshield_domain::op::Leaves;

use super::rows::{self, fixed};
use super::{PostgresTx, fault};
use crate::store::{ErasingTx, Stored, UploadRow, WaitingRow};

impl ErasingTx for PostgresTx {
    async fn erased(&mut self, ops: &[OpId]) -> Stored<Vec<(OpId, Leaves)>> {
        let found = sqlx::query("SELECT op, leaves FROM erasure WHERE op = ANY($1)");
        let found =
            found.bind(Vec::from_iter(ops.iter().map(|id| &id.0[..]))).fetch_all(&mut *self.tx).await.map_err(fault)?;
        let erased = |row| Ok((OpId(fixed(row, "erasure", "op")?), Leaves(rows::int(row, "leaves")?.cast_unsigned())));
        found.iter().map(erased).collect()
    }

    async fn put_erased(&mut self, op: OpId, leaves: Leaves) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO erasure (op, leaves) VALUES ($1, $2)
             ON CONFLICT (op) DO UPDATE SET leaves = erasure.leaves | excluded.leaves",
        );
        self.run(insert.bind(&op.0[..]).bind(leaves.0.cast_signed())).await.map(drop)
    }

    async fn overwrite(&mut self, op: OpId, bytes: &[u8]) -> Stored<()> {
        self.flush().await?;
        for update in ["UPDATE op SET bytes = $1 WHERE id = $2", "UPDATE pen SET bytes = $1 WHERE id = $2"] {
            self.run(sqlx::query(update).bind(bytes).bind(&op.0[..])).await?;
        }
        Ok(())
    }

    async fn all_waiting(&mut self) -> Stored<Vec<WaitingRow>> {
        let found = sqlx::query("SELECT id, log, seq, received, bytes FROM pen").fetch_all(&mut *self.tx).await;
        found.map_err(fault)?.iter().map(rows::waiting).collect()
    }

    async fn delete_rejected(&mut self) -> Stored<()> {
        self.run(sqlx::query("DELETE FROM rejected")).await.map(drop)
    }

    async fn unlink_blob(&mut self, record: RecordId, blob: BlobId) -> Stored<()> {
        self.flush().await?;
        let unlink = sqlx::query("DELETE FROM op_blob WHERE record = $1 AND sha256 = $2");
        self.run(unlink.bind(&record.0[..]).bind(&blob.0[..])).await?;
        let links = sqlx::query("SELECT record FROM op_blob WHERE sha256 = $1 LIMIT 1").bind(&blob.0[..]);
        if links.fetch_optional(&mut *self.tx).await.map_err(fault)?.is_some() {
            return Ok(());
        }
        self.run(sqlx::query("DELETE FROM blob WHERE sha256 = $1").bind(&blob.0[..])).await?;
        self.set_blob_gone(blob, false).await
    }

    async fn is_erased_blob(&mut self, blob: BlobId) -> Stored<bool> {
        self.flush().await?;
        let found = sqlx::query("SELECT gone FROM erased_blob WHERE sha256 = $1").bind(&blob.0[..]);
        Ok(found.fetch_optional(&mut *self.tx).await.map_err(fault)?.is_some())
    }

    async fn doomed_blobs(&mut self) -> Stored<Vec<BlobId>> {
        let found = sqlx::query("SELECT sha256 FROM erased_blob WHERE gone = 0 ORDER BY sha256");
        let found = found.fetch_all(&mut *self.tx).await.map_err(fault)?;
        found.iter().map(|row| Ok(BlobId(fixed(row, "erased_blob", "sha256")?))).collect()
    }

    async fn set_blob_gone(&mut self, blob: BlobId, gone: bool) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO erased_blob (sha256, gone) VALUES ($1, $2)
             ON CONFLICT (sha256) DO UPDATE SET gone = excluded.gone",
        );
        self.run(insert.bind(&blob.0[..]).bind(i64::from(gone))).await.map(drop)
    }

    async fn uploads_of(&mut self, blob: BlobId) -> Stored<Vec<UploadRow>> {
        let found = sqlx::query("SELECT * FROM upload WHERE sha256 = $1").bind(&blob.0[..]);
        found.fetch_all(&mut *self.tx).await.map_err(fault)?.iter().map(rows::upload).collect()
    }

    async fn scrub_due(&mut self) -> Stored<bool> {
        let row = sqlx::query("SELECT scrub_due FROM server").fetch_one(&mut *self.tx).await;
        Ok(rows::int(&row.map_err(fault)?, "scrub_due")? != 0)
    }

    async fn set_scrub_due(&mut self, due: bool) -> Stored<()> {
        self.run(sqlx::query("UPDATE server SET scrub_due = $1").bind(i64::from(due))).await.map(drop)
    }
}
