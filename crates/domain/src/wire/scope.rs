//! `GET /v1/scope?after`: which records the caller may read now, for a phone whose rights have changed: it wipes the others.

use super::WireError;
use super::pull::records;
use crate::cbor::{self, Value};
use crate::ids::RecordId;

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopePage {
    /// Every record of the city is in the scope; nothing is listed then.
    pub all: bool,
    /// Records in the scope, ascending.
    pub records: Vec<RecordId>,
    /// What to ask for next as `after`; `None` when this was the last page.
    pub next: Option<RecordId>,
}

impl ScopePage {
    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&Value::int_map([
            (1, Value::Int(i64::from(self.all))),
            (2, Value::Array(self.records.iter().map(RecordId::to_value).collect())),
            (3, self.next.as_ref().map_or(Value::Null, RecordId::to_value)),
        ]))
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        Self::from_value(&cbor::decode(bytes)?).ok_or(WireError::Shape("scope page"))
    }

    fn from_value(value: &Value) -> Option<Self> {
        let next = match value.get(3)? {
            Value::Null => None,
            next => Some(RecordId(next.as_array_of()?)),
        };
        Some(Self { all: value.get(1)?.as_int()? != 0, records: records(value.get(2)?)?, next })
    }
}
