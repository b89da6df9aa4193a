//! What must hold, and how a broken promise is told.

use crate::mutant::Mutant;

/// What must hold in every world.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// I1: every op shown as saved is on its phone or at the server.
    SavedIsKept,
    /// I2: every receipted op is at the server, byte for byte.
    ReceiptedIsStored,
    /// I3: same scope and position, same records.
    SameRecords,
    /// I4: what shows is a function of the set of ops.
    FunctionOfTheSet,
    /// I5: no phone holds a word of somebody else about a record that is not for it.
    OutsideScope,
    /// I6: no op is attributed to another account.
    RightAuthor,
    /// I7: no hole at or below the cursor.
    NoHole,
    /// I8: the Merkle tree only grows.
    TreeGrows,
    /// I9: what is erased is on no phone that synced, in no file of the server and in no export.
    ErasedIsGone,
    /// I10: queues drain within ten rounds.
    QueuesDrain,
    /// A log that was never copied is one chain.
    OneChain,
}

/// Steps that a violation shows.
const SHOWN_STEPS: usize = 15;

/// A broken invariant.
#[derive(Debug)]
pub struct Violation {
    /// The seed that shows it again.
    pub seed: u64,
    /// Which one.
    pub invariant: Invariant,
    /// What was found.
    pub detail: String,
    /// Every step.
    pub trace: Vec<String>,
    /// The mistake that was tried.
    pub mutant: Option<Mutant>,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "seed {} breaks {:?}: {}", self.seed, self.invariant, self.detail)?;
        writeln!(f, "the last steps:")?;
        for line in &self.trace[self.trace.len().saturating_sub(SHOWN_STEPS)..] {
            writeln!(f, "  {line}")?;
        }
        write!(f, "again: cargo run -p greenshield-simulation -- replay --seed {}", self.seed)?;
        self.mutant.map_or(Ok(()), |mutant| write!(f, " --mutant {mutant:?}"))
    }
}

impl std::error::Error for Violation {}
