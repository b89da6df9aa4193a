//! Who may do what, as data: role × action × kind × field × relation. The decision itself is `crate::policy`.

use serde::{Deserialize, Serialize};

use super::Kind;
use crate::policy::Action;

/// The word that stands for every kind but the guarded ones, and for every field of a city kind.
pub const ANY: &str = "*";

/// How somebody stands to a record or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// Made it; is that person.
    Own,
    /// It lies in one of the areas of whoever asks. Who has no areas has the whole city.
    Area,
    /// It is with the same unit.
    Unit,
    /// It was given to whoever asks.
    Assigned,
    /// The unit of whoever asks helps with it.
    Helper,
    /// Always.
    All,
}

impl Relation {
    /// All relations.
    pub const ALL: [Relation; 6] =
        [Relation::Own, Relation::Area, Relation::Unit, Relation::Assigned, Relation::Helper, Relation::All];
}

/// Actions that a role may do with fields of records to which it stands in a relation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// What may be done.
    pub actions: Vec<Action>,
    /// With which records.
    pub relations: Vec<Relation>,
    /// Names of kinds, or [`ANY`], which leaves out the guarded ones that are not named beside it.
    pub kinds: Vec<String>,
    /// Names of kinds that [`ANY`] does not mean here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except_kinds: Vec<String>,
    /// Names of fields, or [`ANY`]. The fields of the protocol (`area`, `unit`, `assigned`, `helpers`) are meant only where they
    /// are named.
    pub fields: Vec<String>,
    /// Names of fields that [`ANY`] does not mean here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<String>,
}

impl Grant {
    /// Whether it is about records of this kind.
    #[must_use]
    pub fn means(&self, kind: &Kind) -> bool {
        let is_named = |name: &str| self.kinds.iter().any(|known| known == name);
        is_named(&kind.name) || (is_named(ANY) && !kind.guarded && !self.except_kinds.contains(&kind.name))
    }
}

/// People whom a role may see, enrol, move and revoke.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeopleGrant {
    /// Roles that they have, and may be given.
    pub roles: Vec<String>,
    /// How they stand to whoever asks.
    pub relations: Vec<Relation>,
}

/// The rights of a role. What is not granted is refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RolePolicy {
    /// Word of the role.
    pub role: String,
    /// Over records.
    pub grants: Vec<Grant>,
    /// Over people.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<PeopleGrant>,
}

/// `policy.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// One for each role of the city.
    pub roles: Vec<RolePolicy>,
}
