//! The part of the write transaction of SQLite that takes something away.

use greenshield_domain::ids::{BlobId, OpId, RecordId};
use greenshield_domain::op::Leaves;

use super::rows::{self, fixed};
use super::{SqliteTx, fault, id_list};
use crate::store::{ErasingTx, Stored, UploadRow, WaitingRow};

impl ErasingTx for SqliteTx {
    async fn erased(&mut self, ops: &[OpId]) -> Stored<Vec<(OpId, Leaves)>> {
        let found = sqlx::query("SELECT op, leaves FROM erasure WHERE op IN (SELECT unhex(value) FROM json_each(?1))");
        let found = found.bind(id_list(ops.iter().map(|id| &id.0[..]))).fetch_all(&mut *self.0).await.map_err(fault)?;
        let erased = |row| Ok((OpId(fixed(row, "erasure", "op")?), Leaves(rows::int(row, "leaves")?.cast_unsigned())));
        found.iter().map(erased).collect()
    }

    async fn put_erased(&mut self, op: OpId, leaves: Leaves) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO erasure (op, leaves) VALUES (?, ?)
             ON CONFLICT (op) DO UPDATE SET leaves = erasure.leaves | excluded.leaves",
        );
        self.run(insert.bind(&op.0[..]).bind(leaves.0.cast_signed())).await.map(drop)
    }

    async fn overwrite(&mut self, op: OpId, bytes: &[u8]) -> Stored<()> {
        for update in ["UPDATE op SET bytes = ? WHERE id = ?", "UPDATE pen SET bytes = ? WHERE id = ?"] {
            self.run(sqlx::query(update).bind(bytes).bind(&op.0[..])).await?;
        }
        Ok(())
    }

    async fn all_waiting(&mut self) -> Stored<Vec<WaitingRow>> {
        let found = sqlx::query("SELECT id, log, seq, received, bytes FROM pen").fetch_all(&mut *self.0).await;
        found.map_err(fault)?.iter().map(rows::waiting).collect()
    }

    async fn delete_rejected(&mut self) -> Stored<()> {
        self.run(sqlx::query("DELETE FROM rejected")).await.map(drop)
    }

    async fn unlink_blob(&mut self, record: RecordId, blob: BlobId) -> Stored<()> {
        let unlink = sqlx::query("DELETE FROM op_blob WHERE record = ? AND sha256 = ?");
        self.run(unlink.bind(&record.0[..]).bind(&blob.0[..])).await?;
        let links = sqlx::query("SELECT record FROM op_blob WHERE sha256 = ? LIMIT 1").bind(&blob.0[..]);
        if links.fetch_optional(&mut *self.0).await.map_err(fault)?.is_some() {
            return Ok(());
        }
        self.run(sqlx::query("DELETE FROM blob WHERE sha256 = ?").bind(&blob.0[..])).await?;
        self.set_blob_gone(blob, false).await
    }

    async fn is_erased_blob(&mut self, blob: BlobId) -> Stored<bool> {
        let found = sqlx::query("SELECT gone FROM erased_blob WHERE sha256 = ?").bind(&blob.0[..]);
        Ok(found.fetch_optional(&mut *self.0).await.map_err(fault)?.is_some())
    }

    async fn doomed_blobs(&mut self) -> Stored<Vec<BlobId>> {
        let found = sqlx::query("SELECT sha256 FROM erased_blob WHERE gone = 0 ORDER BY sha256");
        let found = found.fetch_all(&mut *self.0).await.map_err(fault)?;
        found.iter().map(|row| Ok(BlobId(fixed(row, "erased_blob", "sha256")?))).collect()
    }

    async fn set_blob_gone(&mut self, blob: BlobId, gone: bool) -> Stored<()> {
        let insert = sqlx::query(
            "INSERT INTO erased_blob (sha256, gone) VALUES (?, ?)
             ON CONFLICT (sha256) DO UPDATE SET gone = excluded.gone",
        );
        self.run(insert.bind(&blob.0[..]).bind(i64::from(gone))).await.map(drop)
    }

    async fn uploads_of(&mut self, blob: BlobId) -> Stored<Vec<UploadRow>> {
        let found = sqlx::query("SELECT * FROM upload WHERE sha256 = ?").bind(&blob.0[..]);
        found.fetch_all(&mut *self.0).await.map_err(fault)?.iter().map(rows::upload).collect()
    }

    async fn scrub_due(&mut self) -> Stored<bool> {
        let row = sqlx::query("SELECT scrub_due FROM server").fetch_one(&mut *self.0).await;
        Ok(rows::int(&row.map_err(fault)?, "scrub_due")? != 0)
    }

    async fn set_scrub_due(&mut self, due: bool) -> Stored<()> {
        self.run(sqlx::query("UPDATE server SET scrub_due = ?").bind(i64::from(due))).await.map(drop)
    }
}
