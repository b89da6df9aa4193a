//! What erasing needs of the one write transaction, as a part of the port.

use std::future::Future;

use greenshield_domain::ids::{BlobId, OpId, RecordId};
use greenshield_domain::op::Leaves;

use super::{Stored, UploadRow, WaitingRow};

/// The part of a write transaction that takes something away. Rows of ops stay: only their bytes become other ones.
pub trait ErasingTx: Send {
    /// What is erased of these ops; those of which nothing is are left out.
    fn erased(&mut self, ops: &[OpId]) -> impl Future<Output = Stored<Vec<(OpId, Leaves)>>> + Send;
    /// Keeps that leaves of an op are erased, besides those that are. The op itself may still be to come.
    fn put_erased(&mut self, op: OpId, leaves: Leaves) -> impl Future<Output = Stored<()>> + Send;
    /// Puts other bytes in the place of those of an op, applied or waiting.
    fn overwrite(&mut self, op: OpId, bytes: &[u8]) -> impl Future<Output = Stored<()>> + Send;
    /// All ops that wait for those before them.
    fn all_waiting(&mut self) -> impl Future<Output = Stored<Vec<WaitingRow>>> + Send;
    /// Forgets everything that was no op: it may hold copies.
    fn delete_rejected(&mut self) -> impl Future<Output = Stored<()>> + Send;
    /// A record no longer links a blob. When no other one does, the blob is not there any more, and its file has to go.
    fn unlink_blob(&mut self, record: RecordId, blob: BlobId) -> impl Future<Output = Stored<()>> + Send;
    /// Whether a blob was erased and no op that came later links it.
    fn is_erased_blob(&mut self, blob: BlobId) -> impl Future<Output = Stored<bool>> + Send;
    /// Erased blobs whose bytes still have to go.
    fn doomed_blobs(&mut self) -> impl Future<Output = Stored<Vec<BlobId>>> + Send;
    /// Says whether the bytes of an erased blob are gone.
    fn set_blob_gone(&mut self, blob: BlobId, gone: bool) -> impl Future<Output = Stored<()>> + Send;
    /// All uploads of a blob, whole or not.
    fn uploads_of(&mut self, blob: BlobId) -> impl Future<Output = Stored<Vec<UploadRow>>> + Send;
    /// Whether bytes of erased values may still lie about in the database.
    fn scrub_due(&mut self) -> impl Future<Output = Stored<bool>> + Send;
    /// Says so.
    fn set_scrub_due(&mut self, due: bool) -> impl Future<Output = Stored<()>> + Send;
}
