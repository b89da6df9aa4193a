//! Where a record belongs: what rights are decided by, besides who asks.
//!
//! Owns: how that follows from the ops of the record. Invariant: only ops that count say where a record belongs, so nobody can
//! move it into their own area without the right to.

use serde::{Deserialize, Serialize};

use super::office::seat_said;
use super::{Seat, is_person};
use crate::cbor::Value;
use crate::ids::AccountId;
use crate::merge::{MergeRule, Merged, RecordOp, merge};
use crate::op::{Entry, Header};
use crate::person;
use crate::verdict::FIRST_PROTOCOL_FIELD;

/// Text: the code of the area where it lies. Any kind may have it.
pub const AREA: u32 = FIRST_PROTOCOL_FIELD + 10;
/// Text: the unit that has to deal with it.
pub const UNIT: u32 = FIRST_PROTOCOL_FIELD + 11;
/// Bytes, added and removed: the account of somebody who was given it.
pub const ASSIGNED: u32 = FIRST_PROTOCOL_FIELD + 12;
/// Text, added and removed: a unit that helps whoever has to deal with it.
pub const HELPERS: u32 = FIRST_PROTOCOL_FIELD + 13;

/// The words for the fields above in `policy.json`.
pub const NAMES: [(&str, u32); 4] = [("area", AREA), ("unit", UNIT), ("assigned", ASSIGNED), ("helpers", HELPERS)];

/// Where a record belongs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Its kind.
    pub kind: u32,
    /// Who made it; of a person's record that person.
    pub owner: AccountId,
    /// The seat of its maker when it arrived: it belongs there as long as nobody says otherwise. Of a person's record the seat
    /// that it gives.
    #[serde(default)]
    pub home: Seat,
    /// The area that somebody wrote down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    /// The unit that somebody gave it to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The people whom somebody gave it to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assigned: Vec<AccountId>,
    /// The units that help.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helpers: Vec<String>,
}

impl Facts {
    /// Of a record whose first op this is.
    #[must_use]
    pub fn of_first(header: &Header, maker: AccountId, home: &Seat) -> Self {
        let owner = if is_person(header.kind) { person::account_of(header.record) } else { maker };
        let (home, assigned, helpers) = (home.clone(), Vec::new(), Vec::new());
        Self { kind: header.kind, owner, home, area: None, unit: None, assigned, helpers }
    }

    /// The same after all that was said about where it belongs.
    #[must_use]
    pub fn said_by(self, ops: &[RecordOp]) -> Self {
        let rule = |field| if is_several(field) { MergeRule::Set } else { MergeRule::Lww };
        let merged = merge(ops, rule);
        let text = |field| merged.value(field).and_then(Value::as_text).filter(|text| !text.is_empty());
        let (area, unit) = (text(AREA).map(str::to_owned), text(UNIT).map(str::to_owned));
        let home = if is_person(self.kind) { seat_said(&self.home, ops) } else { self.home };
        Self { area, unit, assigned: assigned(&merged), helpers: helpers(&merged), home, ..self }
    }

    /// The areas where it lies.
    pub fn areas(&self) -> impl Iterator<Item = &str> {
        let home = if self.area.is_some() { &[] } else { self.home.areas.as_slice() };
        self.area.iter().chain(home).map(String::as_str)
    }

    /// The unit that it is with.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref().or(self.home.unit.as_deref())
    }
}

fn assigned(merged: &Merged) -> Vec<AccountId> {
    merged.elements(ASSIGNED).filter_map(|element| element.value.as_array_of().map(AccountId)).collect()
}

fn helpers(merged: &Merged) -> Vec<String> {
    let units = merged.elements(HELPERS).filter_map(|element| element.value.as_text());
    units.filter(|unit| !unit.is_empty()).map(str::to_owned).collect()
}

/// Whether a field that says where a record belongs has several values, which are added and removed.
#[must_use]
pub fn is_several(field: u32) -> bool {
    [ASSIGNED, HELPERS].contains(&field)
}

/// Whether an entry says where its record of this kind belongs.
#[must_use]
pub fn says_where(kind: u32, entry: &Entry) -> bool {
    let is_of_person = is_person(kind) && [person::field::AREAS, person::field::UNIT].contains(&entry.field);
    is_of_person || NAMES.iter().any(|(_, field)| *field == entry.field)
}
