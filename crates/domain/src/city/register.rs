//! Registers 台账: kinds that a city keeps as lists and that need no code of their own; and the figures that are counted over records.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Text, YearDay};

/// How a kind is kept as a register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// The group that it stands in, by its word.
    pub group: String,
    /// Picture, a name of the sprite.
    pub icon: String,
    /// Names of the fields that a line shows.
    pub columns: Vec<String>,
    /// Roles that keep it: they enter and change records. What they may do is still a matter of the policy.
    pub keepers: Vec<String>,
    /// Name of the field with the units that each have a part of it: the part of each is a task with a deadline of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parts: Option<String>,
    /// How it is filled by a rule, if people take turns in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rota: Option<Rota>,
}

/// Fields of a register in which people take turns day by day, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rota {
    /// The day.
    pub day: String,
    /// Who leads (text).
    pub leader: String,
    /// Who serves (text).
    pub people: String,
}

/// Registers that stand together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterGroup {
    /// Stable word.
    pub id: String,
    /// Name to show.
    pub label: Text,
}

/// Which records count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// Name of the kind.
    pub kind: String,
    /// Fields by name that must have one of these values; any value where none is named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub having: BTreeMap<String, Vec<String>>,
    /// The states that count; none = all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<String>,
    /// From this day of the year that is asked for; none = ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<YearDay>,
    /// Only what another unit took on, by the day on which it did.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub accepted: bool,
}

/// A figure of the statistics: what is counted, and of how many.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// Stable word.
    pub id: String,
    /// Name to show.
    pub label: Text,
    /// What is counted.
    pub count: Count,
    /// Of how many it is a share, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Count>,
    /// The field by which it is broken down, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// `registers.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Registers {
    /// Groups in the order in which they are shown.
    pub groups: Vec<RegisterGroup>,
    /// Figures in the order in which they are shown.
    pub figures: Vec<Figure>,
}

/// Where the options of a field come from, when they are not its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// Counties of the city, by code; the city itself stands for all of them.
    Counties,
    /// Departments of the catalogue.
    Departments,
    /// Elements of the catalogue.
    Elements,
    /// Quizzes, by number.
    Quizzes,
    /// Records of a kind, by its name.
    Records(String),
}
