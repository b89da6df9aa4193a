//! Registers as code sees them: kinds of the city package that have a number in one range, and fields that mean the same in all
//! of them.
//!
//! Owns: that range, those numbers, and what of a record stands in a line of a list. Refuses: what the other fields mean; the
//! city package says so (`city/kinds.json`, kinds with a `register`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::attendance::came;
use crate::cbor::Value;
use crate::ids::{AccountId, RecordId};
use crate::incident::{BlobLink, field as shared};
use crate::merge::{MergeRule, Merged};
use crate::verdict::FIRST_PROTOCOL_FIELD;
use crate::{patrol, task};

/// Field numbers that mean the same in every register; never reused. Title, note, state, answer, photos, place, deadline and
/// origin have the numbers that they have in a task.
pub mod field {
    /// Area code of a county, or of the city (`lww`, text).
    pub const COUNTY: u32 = 30;
    /// On which day it was, is or will be (`lww`, ms since 1970).
    pub const DAY: u32 = 31;
    /// The unit that answers for it (`lww`, text).
    pub const UNIT: u32 = 32;
    /// Documents that belong to it (`set` of blob links with the name of the file).
    pub const DOCUMENTS: u32 = 45;
    /// Who came, said by the people themselves (`set` of [account, ms since 1970]); see `attendance`.
    pub const SIGNED_IN: u32 = 50;
    /// Who came, said by those who keep the list (`set` of accounts).
    pub const SIGNED_FOR: u32 = 51;
    /// The quiz that belongs to it (text: its number).
    pub const QUIZ: u32 = 52;
}

/// The first kind of this range, and the first one behind it.
const KINDS: (u32, u32) = (FIRST_KIND, 100);
/// The first of them; the kinds below it are known to the programs themselves.
pub const FIRST_KIND: u32 = 60;
/// Most characters of a text in a line.
const LINE_CHARS: usize = 80;

/// Whether records of a kind are shown by what the city package says of it alone.
#[must_use]
pub fn is_register(kind: u32) -> bool {
    (KINDS.0..KINDS.1).contains(&kind)
}

/// The documents of a record, in no order.
pub fn documents(merged: &Merged) -> impl Iterator<Item = BlobLink> {
    merged.elements(field::DOCUMENTS).filter_map(|found| BlobLink::from_value(&found.value))
}

/// The value of a field in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LineValue {
    /// A number × 1000, a moment in ms since 1970, or 0 or 1.
    Int(i64),
    /// Words, the id of an option, or an id in hex.
    Text(String),
    /// Several of them.
    Texts(Vec<String>),
}

impl LineValue {
    fn of(value: &Value) -> Option<Self> {
        if let Some(number) = value.as_int() {
            return Some(Self::Int(number));
        }
        if let Some(text) = value.as_text() {
            return (!text.is_empty()).then(|| Self::Text(text.chars().take(LINE_CHARS).collect()));
        }
        if let Some(id) = value.as_array_of() {
            return Some(Self::Text(RecordId(id).to_hex()));
        }
        let id = |value: &Value| value.as_array_of().map(|id| RecordId(id).to_hex());
        let texts: Vec<String> =
            value.as_array()?.iter().filter_map(|v| v.as_text().map(str::to_owned).or_else(|| id(v))).collect();
        (!texts.is_empty()).then_some(Self::Texts(texts))
    }

    /// The words or ids in it.
    #[must_use]
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Int(_) => &[],
            Self::Text(text) => std::slice::from_ref(text),
            Self::Texts(texts) => texts,
        }
    }
}

/// The fields that a line has no place of its own for, by number; none for other kinds than tasks, patrols and registers. Who came stands
/// there as accounts in hex, whoever said so.
#[must_use]
pub fn line_values(kind: u32, merged: &Merged) -> BTreeMap<u32, LineValue> {
    const ELSEWHERE: [u32; 7] = [
        shared::FOUND_AT,
        shared::PLACE,
        shared::NOTE,
        shared::STATE,
        shared::PHOTOS,
        task::field::TITLE,
        field::DOCUMENTS,
    ];
    // Of a patrol only as what it was walked: the figures count it.
    let is_counted = |id: u32| kind != patrol::KIND || id == patrol::field::HATS;
    if !is_register(kind) && ![task::KIND, patrol::KIND].contains(&kind) {
        return BTreeMap::new();
    }
    let is_own = |id: u32| id < FIRST_PROTOCOL_FIELD && !ELSEWHERE.contains(&id) && is_counted(id);
    let own = merged.fields.iter().filter(|(id, _)| is_own(**id));
    let line = own.filter_map(|(id, state)| {
        let value = if state.rule == MergeRule::Set {
            let texts: Vec<String> =
                state.shown.iter().filter_map(|element| element.value.as_text().map(str::to_owned)).collect();
            (!texts.is_empty()).then_some(LineValue::Texts(texts))
        } else {
            state.shown.first().and_then(|shown| LineValue::of(&shown.value))
        };
        Some((*id, value?))
    });
    let came: Vec<String> = came(merged).keys().map(AccountId::to_hex).collect();
    let came = (!came.is_empty()).then_some((field::SIGNED_IN, LineValue::Texts(came)));
    line.chain(came).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_holds_reads_back_and_is_short() {
        let long: String = std::iter::repeat_n('长', 200).collect();
        let values = [
            (Value::Int(36_000), Some(LineValue::Int(36_000))),
            (Value::text("county"), Some(LineValue::Text("county".to_owned()))),
            (Value::text(""), None),
            (Value::Null, None),
            (Value::text(&long), Some(LineValue::Text(long.chars().take(LINE_CHARS).collect()))),
            (Value::Array(vec![Value::text("a"), Value::Int(3)]), Some(LineValue::Texts(vec!["a".to_owned()]))),
            (RecordId([7; 16]).to_value(), Some(LineValue::Text("07".repeat(16)))),
            (Value::Array(vec![RecordId([7; 16]).to_value()]), Some(LineValue::Texts(vec!["07".repeat(16)]))),
        ];
        for (value, expected) in values {
            let line = LineValue::of(&value);
            assert_eq!(line, expected);
            let again = line.as_ref().map(|line| serde_json::to_string(line).unwrap());
            assert_eq!(again.map(|json| serde_json::from_str(&json).unwrap()), line);
        }
    }

    #[test]
    fn the_range_holds_no_kind_that_has_code_of_its_own() {
        for kind in [crate::incident::KIND, task::KIND, crate::person::KIND, crate::referral::KIND, crate::land::KIND] {
            assert!(!is_register(kind));
        }
        assert!(is_register(60) && is_register(99) && !is_register(100));
    }
}
