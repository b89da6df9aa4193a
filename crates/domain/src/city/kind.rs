//! Kinds and their fields: what a record is, as data.

use serde::{Deserialize, Serialize};

use super::{Choice, Register, Source, Text};
use crate::merge::MergeRule;

/// How a field's value is written and shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldType {
    /// Text.
    Text,
    /// A number × 1000 as an integer.
    Number,
    /// 0 or 1.
    Bool,
    /// Text: the id of one option.
    Option,
    /// Array of option ids.
    Options,
    /// Integer: ms since 1970.
    Time,
    /// Array [lat × 1e7, lon × 1e7, accuracy in cm, fix time in ms, source].
    Place,
    /// Text: the id of a workflow state.
    State,
    /// A link to a blob.
    Blob,
    /// 16 bytes: the id of another record.
    Record,
    /// Array of ids of other records, 16 bytes each.
    Records,
    /// A map that only code reads.
    Map,
}

/// A field of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldDef {
    /// Number inside the kind, never reused.
    pub id: u32,
    /// Stable word.
    pub name: String,
    /// Merge rule.
    pub rule: MergeRule,
    /// Type of the value.
    #[serde(rename = "type")]
    pub ty: FieldType,
    /// Name to show.
    pub label: Text,
    /// The catalogue field that this number stands for, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub catalog: Option<String>,
    /// Of a state: the workflow whose word it is; words of several workflows may be the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<String>,
    /// The options that it has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// Where its options come from, when they are not its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Whether a form must not leave it out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub required: bool,
    /// Whether it takes many words.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub long: bool,
    /// Words of a table that mean that there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blank: Vec<String>,
}

/// A kind of record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kind {
    /// Number, never reused; below 10 is the protocol's own.
    pub id: u32,
    /// Stable word.
    pub name: String,
    /// Name to show.
    pub label: Text,
    /// Its workflow, if it has one.
    #[serde(default)]
    pub workflow: Option<String>,
    /// Whether `*` of a grant leaves it out: who may do what with it is said by its name.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guarded: bool,
    /// How it is kept as a register, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<Register>,
    /// Its fields.
    pub fields: Vec<FieldDef>,
}

impl Kind {
    /// A field by its number.
    #[must_use]
    pub fn field(&self, id: u32) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.id == id)
    }

    /// A field by its word.
    #[must_use]
    pub fn field_named(&self, name: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The field that stands for a catalogue field.
    #[must_use]
    pub fn catalog_field(&self, catalog_id: &str) -> Option<&FieldDef> {
        self.fields.iter().find(|field| field.catalog.as_deref() == Some(catalog_id))
    }
}
