//! A log: the ops of one key on one install, numbered from 0, each naming the one before.
//!
//! Owns: the one decision what to do with an arriving op. Refuses: to store, to send, to know a database. The server asks
//! the store for a [`LogView`], gets a [`Decision`] and translates it; so does the simulation.

use crate::ids::{LogId, OpId};
use crate::op::VerifiedOp;

/// The end of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogHead {
    /// The log.
    pub log: LogId,
    /// Seq of the newest op without a gap before it.
    pub seq: u64,
    /// That op.
    pub id: OpId,
}

/// What a store knows about a log at the moment an op arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct LogView {
    /// The main branch's newest op without a gap before it: (seq, id).
    pub head: Option<(u64, OpId)>,
    /// Whether this very op is stored already, applied or waiting.
    pub known: bool,
    /// Whether the op that it names as its predecessor stands on a side branch: then it belongs there, however long that is.
    pub after_fork: bool,
}

/// What to do with an authentic op. Every arm keeps its bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Next in line: apply.
    Accept,
    /// Stored before: answer with its receipt again.
    Duplicate,
    /// Ops before it are missing: keep it waiting, say from where to resend.
    Gap {
        /// The seq that is missed first.
        expected: u64,
    },
    /// Another op stands at its place or behind it: keep both branches, flag the log, tell the phone to rotate its key.
    Fork,
}

/// Decides by place and predecessor alone; clocks have no say.
#[must_use]
pub fn ingest(view: &LogView, op: &VerifiedOp) -> Decision {
    let header = op.header();
    let expected = view.head.map_or(0, |(seq, _)| seq + 1);
    match (view.known, header.seq) {
        (true, _) => Decision::Duplicate,
        (false, _) if view.after_fork => Decision::Fork,
        (false, seq) if seq > expected => Decision::Gap { expected },
        (false, seq) if seq < expected => Decision::Fork,
        (false, _) if header.prev == view.head.map(|(_, id)| id) => Decision::Accept,
        (false, _) => Decision::Fork,
    }
}
