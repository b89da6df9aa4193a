//! `POST /v1/ops`: a CBOR sequence of ops, of any logs, by any carrier.

use super::WireError;
use crate::cbor::{self, Value};
use crate::ids::{Epoch, LogId, OpId};
use crate::log::LogHead;
use crate::statement::{Signed, read_uint, uint};

/// Most ops in one push.
pub const MAX_PUSH_OPS: usize = 500;
/// Most bytes in one push, before compression.
pub const MAX_PUSH_BYTES: usize = 4 * 1024 * 1024;

/// What became of one op. Codes never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ResultCode {
    /// Stored and applied.
    Stored = 0,
    /// Stored before.
    Duplicate = 1,
    /// Stored; does not show until somebody with the right decides.
    Held = 2,
    /// Stored; applied when the ops before it arrive.
    Gap = 3,
    /// Stored beside another op of the same place; the phone starts a new log.
    Fork = 4,
    /// Not an op, or not signed by its log; bytes kept for 90 days.
    Malformed = 5,
    /// Over a limit; bytes stay on the phone.
    OverLimit = 6,
    /// No such log is enrolled here; bytes stay on the phone.
    UnknownLog = 7,
}

impl ResultCode {
    /// Reads a code.
    #[must_use]
    pub fn from_int(code: i64) -> Option<Self> {
        use ResultCode as R;
        [R::Stored, R::Duplicate, R::Held, R::Gap, R::Fork, R::Malformed, R::OverLimit, R::UnknownLog]
            .get(usize::try_from(code).ok()?)
            .copied()
    }

    /// Whether the server now keeps the op durably (codes 0 to 4).
    #[must_use]
    pub fn is_kept(self) -> bool {
        (self as u8) <= 4
    }
}

/// The result of one op; ops without a result were stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpResult {
    /// Its place in the pushed sequence, from 0.
    pub index: u64,
    /// Its id, where it could be read.
    pub id: Option<OpId>,
    /// What became of it.
    pub code: ResultCode,
    /// A stable word for programs, e.g. `revoked`, `bad_signature`.
    pub reason: String,
}

impl OpResult {
    pub(crate) fn to_value(&self) -> Value {
        let id = self.id.map_or(Value::Null, |id| id.to_value());
        Value::Array(vec![uint(self.index), id, Value::Int(self.code as i64), Value::text(&self.reason)])
    }

    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        let [index, id, code, reason] = value.as_array()? else { return None };
        Some(Self {
            index: read_uint(index)?,
            id: if *id == Value::Null { None } else { Some(OpId(id.as_array_of()?)) },
            code: ResultCode::from_int(code.as_int()?)?,
            reason: reason.as_text()?.to_owned(),
        })
    }
}

/// The reply to a push.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushReply {
    /// Everything that was not simply stored.
    pub results: Vec<OpResult>,
    /// The server's head of every log named in the push.
    pub heads: Vec<LogHead>,
    /// Signed [`crate::statement::Receipt`]s for all that is stored and applied.
    pub receipts: Vec<Signed>,
    /// The next lease of the pushing log, when the request was signed by it.
    pub lease: Option<[u8; 16]>,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
    /// The database incarnation.
    pub epoch: Epoch,
    /// The checkpoint right after the commit.
    pub checkpoint: Signed,
}

impl PushReply {
    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        cbor::encode(&Value::int_map([
            (1, Value::Array(self.results.iter().map(OpResult::to_value).collect())),
            (2, heads_to_value(&self.heads)),
            (3, Value::Array(self.receipts.iter().map(Signed::to_value).collect())),
            (4, self.lease.map_or(Value::Null, Value::bytes)),
            (5, Value::Int(self.time_millis)),
            (6, self.epoch.to_value()),
            (7, self.checkpoint.to_value()),
        ]))
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        Self::from_value(&cbor::decode(bytes)?).ok_or(WireError::Shape("push reply"))
    }

    fn from_value(value: &Value) -> Option<Self> {
        Some(Self {
            results: value.get(1)?.as_array()?.iter().map(OpResult::from_value).collect::<Option<_>>()?,
            heads: heads_from_value(value.get(2)?)?,
            receipts: value.get(3)?.as_array()?.iter().map(Signed::from_value).collect::<Option<_>>()?,
            lease: match value.get(4)? {
                Value::Null => None,
                lease => Some(lease.as_array_of()?),
            },
            time_millis: value.get(5)?.as_int()?,
            epoch: Epoch(value.get(6)?.as_array_of()?),
            checkpoint: Signed::from_value(value.get(7)?)?,
        })
    }
}

/// Cuts a pushed body into items without looking inside them: one that is not canonical is an item and refused later, alone.
/// The second part is the error that ended the reading, if any: the items before it are whole.
/// Reading ends one item behind [`MAX_PUSH_OPS`], enough to refuse the push.
#[must_use]
pub fn split_push(body: &[u8]) -> (Vec<&[u8]>, Option<cbor::CborError>) {
    let (mut items, mut at) = (Vec::new(), 0);
    while at < body.len() && items.len() <= MAX_PUSH_OPS {
        match cbor::item_length(&body[at..]) {
            Ok(used) => {
                items.push(&body[at..at + used]);
                at += used;
            }
            Err(error) => return (items, Some(error)),
        }
    }
    (items, None)
}

pub(super) fn heads_to_value(heads: &[LogHead]) -> Value {
    let head = |head: &LogHead| Value::Array(vec![head.log.to_value(), uint(head.seq), head.id.to_value()]);
    Value::Array(heads.iter().map(head).collect())
}

pub(super) fn heads_from_value(value: &Value) -> Option<Vec<LogHead>> {
    let head = |value: &Value| {
        let [log, seq, id] = value.as_array()? else { return None };
        Some(LogHead { log: LogId(log.as_array_of()?), seq: read_uint(seq)?, id: OpId(id.as_array_of()?) })
    };
    value.as_array()?.iter().map(head).collect()
}
