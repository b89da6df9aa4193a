//! Who may do what: the one gate for push, pull, heads, blobs and enrolment.
//!
//! Owns: the decision. Refuses: to be asked in two ways. Today every active account of a city reads and writes its records;
//! rights by role, area and field become data of the city package and are decided here, behind the same function.

use serde::{Deserialize, Serialize};

use crate::ids::sha256;
use crate::wire::Verdict;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Read records and blobs.
    Read,
    /// Upload blobs.
    Upload,
}

/// What the gate knows about who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Role word of the account.
    pub role: String,
    /// Whether the account or this log was revoked.
    pub revoked: bool,
}

/// Whether an action is allowed.
#[must_use]
pub fn authorize(standing: &Standing, action: Action) -> bool {
    match action {
        Action::Read => !standing.revoked,
        // Evidence of a revoked person is still evidence: it is kept, and held.
        Action::Upload => true,
    }
}

/// Whether an op that arrives now may show. It is stored and receipted in any case.
#[must_use]
pub fn verdict(standing: &Standing) -> Verdict {
    if standing.revoked { Verdict::Held("revoked".to_owned()) } else { Verdict::Ok }
}

/// Names the scope of a reader, for the cursor: when it changes, the phone must reconcile.
#[must_use]
pub fn scope_hash(standing: &Standing) -> [u8; 8] {
    let hash = sha256(&[b"gs/scope/1\0", if standing.revoked { b"none" } else { b"city" }]);
    let mut scope = [0; 8];
    scope.copy_from_slice(&hash[..8]);
    scope
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revoked_person_reads_nothing_and_what_arrives_is_kept_and_held() {
        let active = Standing { role: "volunteer".to_owned(), revoked: false };
        let revoked = Standing { revoked: true, ..active.clone() };
        assert!(authorize(&active, Action::Read) && authorize(&active, Action::Upload));
        assert!(!authorize(&revoked, Action::Read) && authorize(&revoked, Action::Upload));
        assert_eq!(verdict(&active), Verdict::Ok);
        assert_eq!(verdict(&revoked), Verdict::Held("revoked".to_owned()));
        assert_ne!(scope_hash(&active), scope_hash(&revoked));
    }
}
