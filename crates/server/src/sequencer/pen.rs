//! Ops that wait for the ops before them.

use greenshield_domain::erasure::Erasure;
use greenshield_domain::ids::{LogId, OpId};
use greenshield_domain::log::Decision;
use greenshield_domain::op::{SignedOp, VerifiedOp};

use super::batch::{Batch, VerifiedBefore};
use super::runs::Landed;
use crate::store::{KnownOp, Place, StoreError, StoreTx, WaitingRow};

impl<T: StoreTx> Batch<T> {
    /// Lets an op wait for those before it.
    pub(super) async fn wait(&mut self, op: &VerifiedOp) -> Result<(), StoreError> {
        let (id, header, received_millis) = (op.id(), op.header(), self.now);
        let left = self.left_of(op);
        let bytes = left.as_ref().unwrap_or(op).bytes().to_vec();
        self.tx.put_waiting(&WaitingRow { id, log: header.log, seq: header.seq, received_millis, bytes }).await?;
        self.known.insert(id, KnownOp { id, received_millis, place: Place::Waiting });
        let Some(state) = self.logs.get_mut(&header.log) else { return Ok(()) };
        state.waiting += 1;
        // What it says is gone needs no place in the order: a restored server does not wait with that.
        match Erasure::of(op, state.row.account.id) {
            Some(erasure) => self.take_erasure(header.record, &erasure).await,
            None => Ok(()),
        }
    }

    /// Applies what waited for the op at `seq`, and so on.
    pub(super) async fn wake(&mut self, log: LogId, seq: u64, landed: &mut Vec<Landed>) -> Result<(), StoreError> {
        let mut next = vec![seq + 1];
        while let Some(seq) = next.pop() {
            if self.logs.get(&log).is_none_or(|state| state.waiting == 0) {
                return Ok(());
            }
            for row in self.tx.waiting_at(log, seq).await? {
                let Some((head, op)) = self.read_waiting(&row) else {
                    return Err(StoreError::Corrupt { table: "pen", column: "bytes" });
                };
                let fork = match self.decide(head, &op).await? {
                    Decision::Accept => false,
                    Decision::Fork => true,
                    Decision::Gap { .. } | Decision::Duplicate => continue,
                };
                self.tx.delete_waiting(row.id).await?;
                if let Some(state) = self.logs.get_mut(&log) {
                    state.waiting -= 1;
                }
                self.apply(&op, fork, row.received_millis, landed).await?;
                next.push(seq + 1);
            }
        }
        Ok(())
    }

    fn read_waiting(&self, row: &WaitingRow) -> Option<(Option<(u64, OpId)>, VerifiedOp)> {
        let state = &self.logs.get(&row.log)?.row;
        let op = SignedOp::decode(&row.bytes).ok()?.verify(&state.public_key, &VerifiedBefore).ok()?;
        Some((state.head, op))
    }
}
