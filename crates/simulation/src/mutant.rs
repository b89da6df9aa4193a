//! Known-bad versions of the product, as wrappers around its ports. They prove that the harness can see.
//!
//! Each one is a mistake that somebody could make. The product has no switch for any of them: a mutant is a disk, a network
//! or a machine that turns what the right code does into what the wrong code would have done.

/// A mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutant {
    /// The id covers the signature: an op that is signed again for the next try is another op.
    IdOverSignature,
    /// The cursor of a page is committed before the page.
    CursorBeforePage,
    /// Positions are given before commits and become visible in another order.
    SequenceAsCursor,
    /// The server answers before its disk has it.
    NormalSync,
    /// The queue is keyed by the token of the login.
    QueueByToken,
    /// Receipts are believed unseen.
    ReceiptNotVerified,
    /// A reply of 200 empties the queue.
    ClearedByStatus,
    /// An op leaves before it is committed.
    PushBeforeCommit,
    /// Ops with a clock far off are refused.
    ClockRefused,
    /// A restored server keeps its epoch.
    SameEpoch,
    /// An op is attributed to who carries it.
    CarrierIsAuthor,
    /// The op and its place in the queue are two transactions.
    WriteWithoutOutbox,
    /// A phone with other rights keeps what it had.
    ScopeKept,
    /// A phone that hears of an erasure keeps its copy.
    ErasureKept,
}

impl Mutant {
    /// All of them.
    pub const ALL: [Mutant; 14] = [
        Mutant::IdOverSignature,
        Mutant::CursorBeforePage,
        Mutant::SequenceAsCursor,
        Mutant::NormalSync,
        Mutant::QueueByToken,
        Mutant::ReceiptNotVerified,
        Mutant::ClearedByStatus,
        Mutant::PushBeforeCommit,
        Mutant::ClockRefused,
        Mutant::SameEpoch,
        Mutant::CarrierIsAuthor,
        Mutant::WriteWithoutOutbox,
        Mutant::ScopeKept,
        Mutant::ErasureKept,
    ];
}
