//! Proofs for auditors: that an op is in the log, and that the log only grew.
//!
//! Owns: the hashes of the tree, read from the log once and then kept in memory, 64 bytes for each op. Refuses: trees that no
//! checkpoint signs. Invariant: what is given passes the check of `domain::tree::proof` against the signed root, or nothing is
//! given; ops, accounts and records never leave here, only hashes.

mod nodes;

use std::ops::Range;

use greenshield_domain::ids::OpId;
use greenshield_domain::statement::Checkpoint;
use greenshield_domain::tree::Hash;
use greenshield_domain::tree::proof::{consistency_parts, inclusion_parts};
use greenshield_domain::wire::{ConsistencyProof, InclusionProof};
use thiserror::Error;
use tokio::sync::Mutex;

use self::nodes::Nodes;
use crate::store::{CheckpointRow, Store, StoreError};

/// Ids that are read at a time.
const PAGE: usize = 20_000;

/// Why there is no proof.
#[derive(Debug, Error)]
pub enum ProofError {
    /// No such op.
    #[error("there is no such op in the log")]
    UnknownOp,
    /// No checkpoint signs a tree of this size.
    #[error("no checkpoint has {size} ops")]
    UnknownSize {
        /// The size that was asked for.
        size: u64,
    },
    /// The op came later than the tree.
    #[error("the op stands at {pos}, the tree has {size} ops")]
    TooNew {
        /// Where the op stands.
        pos: u64,
        /// Size of the tree.
        size: u64,
    },
    /// The old tree is larger than the new one.
    #[error("a tree of {to} ops does not begin with one of {from}")]
    Backwards {
        /// The old size.
        from: u64,
        /// The new size.
        to: u64,
    },
    /// The log does not hash to what was signed.
    #[error("the stored log does not hash to the signed root of {size} ops; the database is damaged")]
    Damaged {
        /// Size of the tree.
        size: u64,
    },
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The tree as far as somebody asked.
#[derive(Debug, Default)]
pub struct Proofs {
    nodes: Mutex<Nodes>,
}

impl Proofs {
    /// Proves that an op is in the tree of a checkpoint, the newest one without a size.
    ///
    /// # Errors
    /// [`ProofError`].
    pub async fn inclusion<S: Store>(
        &self,
        store: &S,
        op: OpId,
        size: Option<u64>,
    ) -> Result<InclusionProof, ProofError> {
        let (row, checkpoint) = checkpoint(store, size).await?;
        let size = checkpoint.size;
        let pos = store.op_pos(op).await?.ok_or(ProofError::UnknownOp)?;
        if pos > size {
            return Err(ProofError::TooNew { pos, size });
        }
        let path = self.path(store, inclusion_parts(pos - 1, size), size).await?;
        let proof = InclusionProof { pos, size, path, checkpoint: row.signed };
        if proof.shows(op, &checkpoint) { Ok(proof) } else { Err(ProofError::Damaged { size }) }
    }

    /// Proves that the tree of a checkpoint is the beginning of that of a later one, the newest one without a size.
    ///
    /// # Errors
    /// [`ProofError`].
    pub async fn consistency<S: Store>(
        &self,
        store: &S,
        from: u64,
        to: Option<u64>,
    ) -> Result<ConsistencyProof, ProofError> {
        let (row, new) = checkpoint(store, to).await?;
        let to = new.size;
        if from > to {
            return Err(ProofError::Backwards { from, to });
        }
        let (_, old) = checkpoint(store, Some(from)).await?;
        let path = self.path(store, consistency_parts(from, to), to).await?;
        let proof = ConsistencyProof { from, to, path, checkpoint: row.signed };
        if proof.shows(&old, &new) { Ok(proof) } else { Err(ProofError::Damaged { size: to }) }
    }

    async fn path<S: Store>(&self, store: &S, parts: Vec<Range<u64>>, size: u64) -> Result<Vec<Hash>, ProofError> {
        let mut nodes = self.nodes.lock().await;
        while nodes.size() < size {
            let ids = store.op_ids_after(nodes.size(), PAGE).await?;
            if ids.is_empty() {
                return Err(ProofError::Damaged { size });
            }
            ids.iter().for_each(|id| nodes.push(id));
        }
        let hashes = parts.into_iter().map(|part| nodes.hash(part));
        hashes.collect::<Option<_>>().ok_or(ProofError::Damaged { size })
    }
}

async fn checkpoint<S: Store>(store: &S, size: Option<u64>) -> Result<(CheckpointRow, Checkpoint), ProofError> {
    let row = match size {
        None => store.newest_checkpoint().await?,
        Some(size) => store.checkpoint_of_size(size).await?,
    };
    let row = row.ok_or(ProofError::UnknownSize { size: size.unwrap_or_default() })?;
    let corrupt = |_| StoreError::Corrupt { table: "checkpoint", column: "payload" };
    let checkpoint = row.signed.read_unchecked().map_err(corrupt)?;
    Ok((row, checkpoint))
}
