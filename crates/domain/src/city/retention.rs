//! How long records are kept, as data: one class for each reason to keep. Which records are due is decided by `crate::retention`.

use serde::{Deserialize, Serialize};

use super::Text;

/// What becomes of a record that was kept long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RetentionAct {
    /// It is told, and stays.
    Report,
    /// It is told, and erased where whoever runs the server switched that on.
    Erase,
}

/// Records that are kept for the same reason and equally long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RetentionClass {
    /// Number, never reused.
    pub id: u32,
    /// Stable word.
    pub key: String,
    /// Name to show.
    pub label: Text,
    /// The ground, for people. Whoever runs the server confirms it.
    pub why: Text,
    /// Names of kinds.
    pub kinds: Vec<String>,
    /// The states that it means, all of them ended; none = every ended one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<String>,
    /// Names of fields: a record that says one of them is kept, however old.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held_by: Vec<String>,
    /// How long after its last op.
    pub months: u32,
    /// What becomes of it then.
    pub act: RetentionAct,
}

/// `retention.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// In the order in which they are shown.
    pub classes: Vec<RetentionClass>,
}

impl Retention {
    /// A class by its number.
    #[must_use]
    pub fn class(&self, id: u32) -> Option<&RetentionClass> {
        self.classes.iter().find(|class| class.id == id)
    }
}
