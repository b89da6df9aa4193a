//! `GET /v1/ops?cursor&max&wait`: the ops of the caller's scope after a cursor, in the order of their positions.

use super::WireError;
use crate::cbor::{self, Value};
use crate::ids::{AccountId, RecordId};
use crate::statement::{Signed, read_uint, uint};

/// Whether an authentic op is allowed to show.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    /// It shows.
    Ok,
    /// It waits for somebody with the right to decide; the word says why, e.g. `revoked`.
    Held(String),
    /// It was decided that it never shows.
    Void,
}

impl Verdict {
    pub(crate) fn to_value(&self) -> Value {
        match self {
            Verdict::Ok => Value::Int(0),
            Verdict::Held(reason) => Value::text(reason),
            Verdict::Void => Value::Int(2),
        }
    }

    pub(crate) fn from_value(value: &Value) -> Option<Self> {
        match value {
            Value::Int(0) => Some(Verdict::Ok),
            Value::Int(2) => Some(Verdict::Void),
            Value::Text(reason) => Some(Verdict::Held(reason.clone())),
            _ => None,
        }
    }
}

/// One op with what the server decided about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PulledOp {
    /// Place in the server's order, from 1.
    pub pos: u64,
    /// The time that orders concurrent values, ms since 1970.
    pub eff_millis: i64,
    /// When it arrived, ms since 1970, server clock.
    pub received_millis: i64,
    /// May it show?
    pub verdict: Verdict,
    /// Whose log it is in.
    pub account: AccountId,
    /// The exact op bytes.
    pub op: Vec<u8>,
}

/// A person who wrote ops of this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// The account.
    pub account: AccountId,
    /// Name to show.
    pub name: String,
    /// Role word.
    pub role: String,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullPage {
    /// Ops in ascending position.
    pub ops: Vec<PulledOp>,
    /// The cursor to store together with this page.
    pub next: String,
    /// Newest checkpoint.
    pub checkpoint: Signed,
    /// Whether another page is ready now.
    pub more: bool,
    /// Server clock, ms since 1970.
    pub time_millis: i64,
    /// The authors of `ops`.
    pub people: Vec<PersonRow>,
    /// Records that left the scope of the reader, who wipes them.
    pub left: Vec<RecordId>,
}

impl PullPage {
    /// Canonical bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let op = |op: &PulledOp| {
            Value::Array(vec![
                uint(op.pos),
                Value::Int(op.eff_millis),
                Value::Int(op.received_millis),
                op.verdict.to_value(),
                op.account.to_value(),
                Value::bytes(&op.op),
            ])
        };
        let person =
            |p: &PersonRow| Value::Array(vec![p.account.to_value(), Value::text(&p.name), Value::text(&p.role)]);
        let mut pairs = vec![
            (1, Value::Array(self.ops.iter().map(op).collect())),
            (2, Value::text(&self.next)),
            (3, self.checkpoint.to_value()),
            (4, Value::Int(i64::from(self.more))),
            (5, Value::Int(self.time_millis)),
            (6, Value::Array(self.people.iter().map(person).collect())),
        ];
        if !self.left.is_empty() {
            pairs.push((7, Value::Array(self.left.iter().map(RecordId::to_value).collect())));
        }
        cbor::encode(&Value::int_map(pairs))
    }

    /// Reads canonical bytes.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WireError> {
        Self::from_value(&cbor::decode(bytes)?).ok_or(WireError::Shape("pull page"))
    }

    fn from_value(value: &Value) -> Option<Self> {
        let op = |value: &Value| {
            let [pos, eff, received, verdict, account, op] = value.as_array()? else { return None };
            Some(PulledOp {
                pos: read_uint(pos)?,
                eff_millis: eff.as_int()?,
                received_millis: received.as_int()?,
                verdict: Verdict::from_value(verdict)?,
                account: AccountId(account.as_array_of()?),
                op: op.as_bytes()?.to_vec(),
            })
        };
        let person = |value: &Value| {
            let [account, name, role] = value.as_array()? else { return None };
            Some(PersonRow {
                account: AccountId(account.as_array_of()?),
                name: name.as_text()?.to_owned(),
                role: role.as_text()?.to_owned(),
            })
        };
        Some(Self {
            ops: value.get(1)?.as_array()?.iter().map(op).collect::<Option<_>>()?,
            next: value.get(2)?.as_text()?.to_owned(),
            checkpoint: Signed::from_value(value.get(3)?)?,
            more: value.get(4)?.as_int()? != 0,
            time_millis: value.get(5)?.as_int()?,
            people: value.get(6)?.as_array()?.iter().map(person).collect::<Option<_>>()?,
            left: match value.get(7) {
                None => Vec::new(),
                Some(left) => records(left)?,
            },
        })
    }
}

/// Record ids in a list.
pub(super) fn records(value: &Value) -> Option<Vec<RecordId>> {
    value.as_array()?.iter().map(|record| record.as_array_of().map(RecordId)).collect()
}
