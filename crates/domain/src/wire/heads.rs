//! `GET /v1/heads?logs=HEX,HEX`: how far the server has each log, to reconcile after a restore or a rotation.

use super::WireError;
use super::push::{heads_from_value, heads_to_value};
use crate::cbor::{self, Value};
use crate::ids::Epoch;
use crate::log::LogHead;

/// The reply; a log that the server does not hold is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadsReply {
    /// Heads of the logs asked for.
    pub heads: Vec<LogHead>,
    /// The database incarnation.
    pub epoch: Epoch,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
}

impl HeadsReply {
    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&Value::int_map([
            (1, heads_to_value(&self.heads)),
            (2, self.epoch.to_value()),
            (3, Value::Int(self.time_millis)),
        ]))
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        let value = cbor::decode(bytes)?;
        let read = || {
            Some(Self {
                heads: heads_from_value(value.get(1)?)?,
                epoch: Epoch(value.get(2)?.as_array_of()?),
                time_millis: value.get(3)?.as_int()?,
            })
        };
        read().ok_or(WireError::Shape("heads reply"))
    }
}
