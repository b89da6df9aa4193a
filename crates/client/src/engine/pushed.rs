//! What a push did, as its callers read it.

use greenshield_domain::ids::RecordId;

/// What a push did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pushed {
    /// Ops sent.
    pub sent: usize,
    /// Ops that now have a verified receipt.
    pub delivered: usize,
    /// Records whose rows changed.
    pub changed: Vec<RecordId>,
    /// Ops that are due right now, after this push.
    pub due: usize,
    /// When the next waiting op becomes due, ms since 1970 on the phone's clock; `None` = nothing waits.
    pub next_due_millis: Option<i64>,
    /// The log of this install can not go on: a copy of this phone writes in it too. The next call that finds nothing to send
    /// begins a new one.
    pub stale_copy: bool,
    /// A new log has begun: tell the other tabs.
    pub rotated: bool,
}
