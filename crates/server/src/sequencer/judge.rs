//! Decisions about ops, and notes: the server's own log gets an op, in the same transaction as everything else of the group.

use greenshield_domain::audit::Note;
use greenshield_domain::ids::OpId;
use greenshield_domain::op::SignedOp;
use greenshield_domain::policy;
use greenshield_domain::verdict::Ruling;

use super::batch::{Batch, VerifiedBefore};
use super::{GroupError, SequencerError};
use crate::keys::ServerKey;
use crate::own_log;
use crate::store::StoreTx;

impl<T: StoreTx> Batch<T> {
    /// Decides; `None` when that verdict counts already, so that asking twice changes nothing.
    pub(super) async fn judge(
        &mut self,
        ruling: &Ruling,
        key: &ServerKey,
    ) -> Result<Result<Option<OpId>, SequencerError>, GroupError> {
        let target = self.tx.judged(ruling.target).await?.filter(|target| policy::is_judged(target.kind));
        let Some(target) = target else { return Ok(Err(SequencerError::OpUnknown)) };
        if target.verdict == ruling.verdict {
            return Ok(Ok(None));
        }
        if !self.may_decide(target.record, ruling).await? {
            return Ok(Err(SequencerError::NotAnswering));
        }
        // A clock that was set back must not let an older decision count.
        let at_millis = target.decided_millis.map_or(self.now, |decided| self.now.max(decided + 1));
        let head = self.begun_head(key, at_millis).await?;
        let op = own_log::decision(key, head, target.record, ruling, at_millis)?;
        let id = op.id();
        self.append(op, key, at_millis).await?;
        Ok(Ok(Some(id)))
    }

    /// Notes a deed.
    pub(super) async fn note(&mut self, note: &Note, key: &ServerKey) -> Result<OpId, GroupError> {
        let head = self.begun_head(key, self.now).await?;
        let op = own_log::note(key, head, note, self.now)?;
        let id = op.id();
        self.append(op, key, self.now).await?;
        Ok(id)
    }

    /// The head of the server's own log, which the first op of it begins.
    pub(super) async fn begun_head(&mut self, key: &ServerKey, at_millis: i64) -> Result<(u64, OpId), GroupError> {
        if let Some(head) = self.own_head(key).await? {
            return Ok(head);
        }
        let genesis = own_log::genesis(key)?;
        let id = genesis.id();
        self.append(genesis, key, at_millis).await?;
        Ok((0, id))
    }

    async fn own_head(&mut self, key: &ServerKey) -> Result<Option<(u64, OpId)>, GroupError> {
        let state = self.log(own_log::id(key)).await?.ok_or(GroupError::NoOwnLog)?;
        Ok(state.row.head)
    }

    pub(super) async fn append(&mut self, op: SignedOp, key: &ServerKey, at_millis: i64) -> Result<(), GroupError> {
        let op = op.verify(key.public(), &VerifiedBefore).map_err(own_log::OwnOpError::from)?;
        self.apply(&op, false, at_millis, &mut Vec::new()).await?;
        Ok(())
    }
}
