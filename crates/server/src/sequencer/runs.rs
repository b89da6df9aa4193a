//! From stored ops to receipts: contiguous runs of one log that arrived together.

use greenshield_domain::ids::{CheckpointId, Epoch, LogId, OpId};
use greenshield_domain::statement::Receipt;

/// A stored and applied op, as a receipt needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Landed {
    pub(super) log: LogId,
    pub(super) fork: bool,
    pub(super) seq: u64,
    pub(super) id: OpId,
    pub(super) prev: Option<OpId>,
    pub(super) received_millis: i64,
}

impl Landed {
    /// The receipt of this op alone.
    pub(super) fn receipt(&self, epoch: Epoch, checkpoint: CheckpointId) -> Receipt {
        Receipt {
            epoch,
            log: self.log,
            from: self.seq,
            upto: self.seq,
            head: self.id,
            received_millis: self.received_millis,
            checkpoint,
        }
    }

    /// Whether this op comes right after the end of a run.
    fn continues(&self, run: &Receipt) -> bool {
        self.log == run.log
            && self.seq == run.upto + 1
            && self.prev == Some(run.head)
            && self.received_millis == run.received_millis
    }
}

/// Joins ops into as few receipts as their chains and times of arrival allow.
pub(super) fn receipts(mut landed: Vec<Landed>, epoch: Epoch, checkpoint: CheckpointId) -> Vec<Receipt> {
    landed.sort_unstable();
    landed.dedup_by_key(|op| op.id);
    let mut receipts: Vec<Receipt> = Vec::new();
    for op in landed {
        match receipts.last_mut() {
            Some(run) if op.continues(run) => (run.upto, run.head) = (op.seq, op.id),
            _ => receipts.push(op.receipt(epoch, checkpoint)),
        }
    }
    receipts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(log: u8, fork: bool, seq: u8, received_millis: i64) -> Landed {
        let id = |seq: u8| OpId([log + u8::from(fork) * 100 + seq; 32]);
        Landed {
            log: LogId([log; 32]),
            fork,
            seq: u64::from(seq),
            id: id(seq),
            prev: seq.checked_sub(1).map(id),
            received_millis,
        }
    }

    fn spans(landed: Vec<Landed>) -> Vec<(u8, u64, u64, i64)> {
        let receipts = receipts(landed, Epoch([0; 8]), CheckpointId::NONE);
        receipts.iter().map(|r| (r.log.0[0], r.from, r.upto, r.received_millis)).collect()
    }

    #[test]
    fn a_contiguous_run_is_one_receipt_whatever_the_order_of_arrival() {
        assert_eq!(spans(vec![op(1, false, 2, 5), op(1, false, 0, 5), op(1, false, 1, 5)]), [(1, 0, 2, 5)]);
    }

    #[test]
    fn gaps_times_logs_and_branches_split_runs() {
        let landed = vec![
            op(1, false, 0, 5),
            op(1, false, 1, 6),
            op(1, false, 3, 6),
            op(1, true, 4, 6),
            op(2, false, 5, 6),
            op(2, false, 5, 6),
        ];
        assert_eq!(spans(landed), [(1, 0, 0, 5), (1, 1, 1, 6), (1, 3, 3, 6), (1, 4, 4, 6), (2, 5, 5, 6)]);
    }
}
