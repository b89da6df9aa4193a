//! `GET /v1/heads?logs=HEX,HEX`: how far the server has each log, to reconcile after a restore or a rotation.

use super::WireError;
use super::push::{heads_from_value, heads_to_value};
use crate::cbor::{self, Value};
use crate::ids::Epoch;
use crate::log::LogHead;
use crate::statement::{read_uint, uint};

/// Where the incarnation of a database began: what it was made from, and how much of that it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Began {
    /// The incarnation before it.
    pub after: Epoch,
    /// Ops in the log at that time: whatever had a higher position before is missing, unless somebody brought it again.
    pub size: u64,
}

/// The reply; a log that the server does not hold is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadsReply {
    /// Heads of the logs asked for.
    pub heads: Vec<LogHead>,
    /// The database incarnation.
    pub epoch: Epoch,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
    /// Where this incarnation began; `None` = it is the first, or the server does not tell.
    pub began: Option<Began>,
}

impl HeadsReply {
    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let began = self.began.map(|began| (4, Value::Array(vec![began.after.to_value(), uint(began.size)])));
        let told = [(1, heads_to_value(&self.heads)), (2, self.epoch.to_value()), (3, Value::Int(self.time_millis))];
        cbor::encode(&Value::int_map(told.into_iter().chain(began)))
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let value = cbor::decode(bytes)?;
        let began = |value: &Value| {
            let [after, size] = value.as_array()? else { return None };
            Some(Began { after: Epoch(after.as_array_of()?), size: read_uint(size)? })
        };
        let read = || {
            Some(Self {
                heads: heads_from_value(value.get(1)?)?,
                epoch: Epoch(value.get(2)?.as_array_of()?),
                time_millis: value.get(3)?.as_int()?,
                began: match value.get(4) {
                    Some(value) => Some(began(value)?),
                    None => None,
                },
            })
        };
        read().ok_or(WireError::Shape("heads reply"))
    }
}
