//! Who may do what: the one gate for push, pull, heads, blobs and enrolment.
//!
//! Owns: the decision. Refuses: to be asked in two ways. Today every active account of a city reads and writes its records;
//! rights by role, area and field become data of the city package and are decided here, behind the same function.

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, sha256};
use crate::op::Header;
use crate::wire::Verdict;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Read records and blobs.
    Read,
    /// Upload blobs.
    Upload,
    /// Release a held op, or decide that an op never shows; see what waits for that.
    Judge,
    /// See how the phones of the city are.
    Oversee,
}

/// Role words that may judge. They become data of the city package with the other rights by role.
const JUDGES: [&str; 2] = ["desk", "chief"];
/// Role words that may see how the phones are.
const OVERSEERS: [&str; 3] = ["desk", "officer", "chief"];
/// Kinds below this are the protocol's own.
const FIRST_CITY_KIND: u32 = 10;
/// The reason that an op is held for when it makes a record anew that somebody else made.
pub const RECREATED: &str = "recreated";

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
        Action::Judge => !standing.revoked && JUDGES.contains(&standing.role.as_str()),
        Action::Oversee => !standing.revoked && OVERSEERS.contains(&standing.role.as_str()),
    }
}

/// Whether an op that arrives now may show. It is stored and receipted in any case.
#[must_use]
pub fn verdict(standing: &Standing) -> Verdict {
    if standing.revoked { Verdict::Held("revoked".to_owned()) } else { Verdict::Ok }
}

/// Whether an op is about a record of the city: only such ops are held and judged.
#[must_use]
pub fn is_judged(kind: u32) -> bool {
    kind >= FIRST_CITY_KIND
}

/// The first op that the server stored of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Who wrote it.
    pub account: AccountId,
    /// Whether it made the record: it names nothing that its author saw.
    pub makes: bool,
}

impl Origin {
    /// What an op is as the first of its record.
    #[must_use]
    pub fn of(header: &Header, account: AccountId) -> Self {
        Self { account, makes: header.deps.is_empty() }
    }
}

/// Whether an op may make a record anew: it names nothing that its author saw, and another person made the record. Whoever
/// edits what somebody else made names it, or has an earlier op of the same log on it, which is asked for only then.
#[must_use]
pub fn may_recreate(header: &Header, account: AccountId, origin: Option<Origin>) -> bool {
    is_judged(header.kind)
        && header.deps.is_empty()
        && origin.is_some_and(|origin| origin.makes && origin.account != account)
}

/// Whether such an op does, by the verdict that counts for the newest op of the same log on the record before it.
#[must_use]
pub fn recreates(before: Option<&Verdict>) -> bool {
    before.is_none_or(|before| *before == Verdict::Held(RECREATED.to_owned()))
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

    #[test]
    fn only_the_desk_judges_and_only_while_it_is_active() {
        for (role, may) in
            [("volunteer", false), ("auxiliary", false), ("officer", false), ("desk", true), ("chief", true)]
        {
            let standing = Standing { role: role.to_owned(), revoked: false };
            assert_eq!(authorize(&standing, Action::Judge), may, "{role}");
            assert!(!authorize(&Standing { revoked: true, ..standing }, Action::Judge));
        }
    }

    #[test]
    fn those_who_answer_for_others_see_their_phones() {
        for (role, may) in
            [("volunteer", false), ("auxiliary", false), ("officer", true), ("desk", true), ("chief", true)]
        {
            let standing = Standing { role: role.to_owned(), revoked: false };
            assert_eq!(authorize(&standing, Action::Oversee), may, "{role}");
            assert!(!authorize(&Standing { revoked: true, ..standing }, Action::Oversee));
        }
    }
}
