//! Who may do what: the one gate for push, pull, snapshot, heads, blobs, decisions, exports, people and enrolment.
//!
//! Owns: the decision. Refuses: to be asked in two ways, and to hold rights itself: they are data of the city package
//! (`policy.json`). What is not granted is refused.

pub mod area;
mod facts;
mod office;
mod rules;
mod scope;

use serde::{Deserialize, Serialize};

pub use self::facts::{AREA, ASSIGNED, Facts, HELPERS, NAMES as PROTOCOL_FIELDS, UNIT, is_several, says_where};
pub use self::office::{Appointed, Change, Office, Term, appointed, appoints, is_person, may_appoint, said_alone};
pub use self::rules::Rules;
pub use self::scope::{Passing, passing, shown};
use crate::city::Relation;
use crate::ids::{AccountId, sha256};
use crate::op::{Entry, Header};
use crate::verdict::{FIRST_CITY_KIND, FIRST_PROTOCOL_FIELD};
use crate::wire::Verdict;

/// What somebody wants to do. The first eight are granted in `policy.json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Read records and blobs.
    Read,
    /// Say something about a record, so that it shows.
    Write,
    /// Take a record out as evidence, with everything about it.
    Export,
    /// Release a held op, or decide that an op never shows; see what waits for that.
    Judge,
    /// Erase what was said about a record, for good, and forbid that by a legal hold.
    Erase,
    /// Read what was done with records and people: who took something out, who looked, who decided.
    Audit,
    /// Read how long records are kept, and which of them are due.
    Retention,
    /// See the versions of the city package, and say which one holds from which day on.
    Package,
    /// See people with their phones, enrol, move and revoke them. Granted by the roles that they have.
    #[serde(skip)]
    People,
    /// Upload blobs and packages. Granted to whoever is known.
    #[serde(skip)]
    Upload,
}

impl Action {
    /// All actions.
    pub const ALL: [Action; 10] = [
        Action::Read,
        Action::Write,
        Action::Export,
        Action::Judge,
        Action::Erase,
        Action::Audit,
        Action::Retention,
        Action::Package,
        Action::People,
        Action::Upload,
    ];
    /// Those that are granted over records.
    pub const OF_RECORDS: [Action; 5] = [Action::Read, Action::Write, Action::Export, Action::Judge, Action::Erase];
}

/// The reason that an op is held for when it makes a record anew that somebody else made.
pub const RECREATED: &str = "recreated";
/// The reason that an op is held for when its author may not say that about this record.
pub const FORBIDDEN: &str = "forbidden";
/// The reason that an op is held for when its author or phone was revoked.
pub const REVOKED: &str = "revoked";

/// Where a person works.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seat {
    /// Codes of areas; none = the whole city.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub areas: Vec<String>,
    /// Word of the unit, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// What the gate knows about who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// Who.
    pub account: AccountId,
    /// Role word of the account.
    pub role: String,
    /// Where that person works.
    #[serde(default)]
    pub seat: Seat,
    /// Whether the account or this log was revoked.
    pub revoked: bool,
}

impl Standing {
    /// Whether somebody stands like this to a record.
    #[must_use]
    pub fn relates(&self, relation: Relation, facts: &Facts) -> bool {
        match relation {
            Relation::All => true,
            Relation::Own => facts.owner == self.account,
            Relation::Assigned => facts.assigned.contains(&self.account),
            Relation::Unit => self.seat.unit.is_some() && facts.unit() == self.seat.unit.as_deref(),
            Relation::Helper => self.seat.unit.as_ref().is_some_and(|unit| facts.helpers.contains(unit)),
            Relation::Area => {
                let mine = &self.seat.areas;
                mine.is_empty() || facts.areas().any(|inner| mine.iter().any(|outer| area::contains(outer, inner)))
            }
        }
    }

    fn relates_to_person(&self, relation: Relation, person: &Person<'_>) -> bool {
        let mine = &self.seat.areas;
        match relation {
            Relation::All => true,
            Relation::Own => person.account == Some(self.account),
            Relation::Assigned | Relation::Helper => false,
            Relation::Unit => self.seat.unit.is_some() && person.seat.unit == self.seat.unit,
            // Who has the whole city lies in no smaller area.
            Relation::Area => {
                let inside = |inner: &String| mine.iter().any(|outer| area::contains(outer, inner));
                mine.is_empty() || (!person.seat.areas.is_empty() && person.seat.areas.iter().all(inside))
            }
        }
    }
}

/// Somebody with whom something is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person<'a> {
    /// The account; `None` for somebody who has none yet.
    pub account: Option<AccountId>,
    /// The role that they have or shall have.
    pub role: &'a str,
    /// Where they work or shall work.
    pub seat: &'a Seat,
}

/// What something is done with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target<'a> {
    /// Anything at all: the door, before it is known what is asked for.
    Door,
    /// A record. Exports take it whole.
    Record(&'a Facts),
    /// One field of a record.
    Field(&'a Facts, u32),
    /// A person.
    Person(Person<'a>),
}

/// Whether an action is allowed.
#[must_use]
pub fn authorize(rules: &Rules, who: &Standing, action: Action, target: Target<'_>) -> bool {
    if action == Action::Upload {
        // Evidence of a revoked person is still evidence: it is kept, and held.
        return true;
    }
    if who.revoked {
        return false;
    }
    match (action, target) {
        (Action::Upload, _) => true,
        (Action::People, Target::Door) => !rules.people(who).is_empty(),
        (Action::People, Target::Person(person)) => rules.people(who).iter().any(|grant| {
            grant.roles.iter().any(|role| role == person.role)
                && grant.relations.iter().any(|relation| who.relates_to_person(*relation, &person))
        }),
        (Action::People, Target::Record(_) | Target::Field(..)) | (_, Target::Person(_)) => false,
        (_, Target::Door) => rules.anywhere(who, action),
        (Action::Export, Target::Record(facts)) => rules.whole_record(who, action, facts),
        (_, Target::Record(facts)) => rules.record(who, action, facts),
        // What the protocol says about a record shows with it.
        (Action::Read, Target::Field(facts, FIRST_PROTOCOL_FIELD..)) => rules.record(who, action, facts),
        (_, Target::Field(facts, field)) => rules.field(who, action, facts, field),
    }
}

/// Whether an op that arrives now may show. It is stored and receipted in any case. An op is one thing: a field that its author
/// may not write holds all of it.
#[must_use]
pub fn verdict<'a>(
    rules: &Rules,
    author: &Standing,
    facts: &Facts,
    header: &Header,
    entries: impl IntoIterator<Item = &'a Entry>,
) -> Verdict {
    let held = |reason: &str| Verdict::Held(reason.to_owned());
    if author.revoked {
        return held(REVOKED);
    }
    let allowed = |field| authorize(rules, author, Action::Write, Target::Field(facts, field));
    if is_judged(header.kind) && entries.into_iter().any(|entry| !allowed(entry.field)) {
        return held(FORBIDDEN);
    }
    Verdict::Ok
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

/// Whether an op may be the one that made its record, though others came before it: it names nothing that its author saw, and the
/// first one that came was no such op. The record is still that one's `owner` then; whoever has made it already stays its owner.
#[must_use]
pub fn makes_behind(header: &Header, account: AccountId, origin: Option<Origin>, owner: AccountId) -> bool {
    is_judged(header.kind)
        && header.deps.is_empty()
        && origin.is_some_and(|origin| !origin.makes && origin.account != account && origin.account == owner)
}

/// Whether such an op does, by the verdict that counts for the newest op of the same log on the record before it.
#[must_use]
pub fn recreates(before: Option<&Verdict>) -> bool {
    before.is_none_or(|before| *before == Verdict::Held(RECREATED.to_owned()))
}

/// Names the scope of a reader, for the cursor: when it changes, the phone must reconcile. It tells nothing else.
#[must_use]
pub fn scope_hash(rules: &Rules, who: &Standing) -> [u8; 8] {
    let hash = if who.revoked {
        sha256(&[b"gs/scope/1\0", b"none"])
    } else if rules.reads_all(who) {
        sha256(&[b"gs/scope/1\0", b"city"])
    } else {
        // Plain data with text keys always becomes JSON.
        let seat = serde_json::to_vec(&who.seat).unwrap_or_default();
        sha256(&[b"gs/scope/2\0", &who.account.0, &sha256(&[rules.reading(who)]), &seat])
    };
    let mut scope = [0; 8];
    scope.copy_from_slice(&hash[..8]);
    scope
}

#[cfg(test)]
mod tests;
