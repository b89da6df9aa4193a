//! Seq 0 of every log: the key introduces itself.

use super::{Body, Draft, Entry, KIND_GENESIS, OpError, SignedOp};
use crate::cbor::Value;
use crate::ids::{AccountId, CheckpointId, LogId, OpId, RecordId};
use crate::signature::PublicKey;

/// The log that a new log carries on after its key was lost, cloned or restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Continues {
    /// The old log.
    pub log: LogId,
    /// Its last seq that this phone knows.
    pub seq: u64,
    /// The op there.
    pub head: OpId,
}

/// What a genesis says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Genesis {
    /// The key of the log (P-256).
    pub key: PublicKey,
    /// The nonce that the server gave for this enrolment.
    pub nonce: [u8; 16],
    /// Whose log it is.
    pub account: AccountId,
    /// Version of the app that made it.
    pub app_version: String,
    /// The log that it carries on, if any.
    pub continues: Option<Continues>,
}

const ALG: u32 = 1;
const KEY: u32 = 2;
const NONCE: u32 = 3;
const ACCOUNT: u32 = 4;
const APP_VERSION: u32 = 5;
const CONTINUES: u32 = 6;

impl Genesis {
    /// The draft of seq 0. `clock` is (wall ms, boot, mono ms).
    #[must_use]
    pub fn draft(&self, clock: (i64, [u8; 8], i64), seen: CheckpointId, seed: [u8; 16]) -> Draft {
        let log = self.key.log_id();
        let mut entries = vec![
            Entry::set(ALG, Value::Int(i64::from(PublicKey::ALG_ES256))),
            Entry::set(KEY, Value::bytes(self.key.0)),
            Entry::set(NONCE, Value::bytes(self.nonce)),
            Entry::set(ACCOUNT, self.account.to_value()),
            Entry::set(APP_VERSION, Value::text(&self.app_version)),
        ];
        entries.extend(self.continues.map(|old| {
            let seq = Value::Int(i64::try_from(old.seq).unwrap_or(i64::MAX));
            Entry::set(CONTINUES, Value::Array(vec![old.log.to_value(), seq, old.head.to_value()]))
        }));
        Draft {
            log,
            seq: 0,
            prev: None,
            wall_millis: clock.0,
            boot: clock.1,
            mono_millis: clock.2,
            seen,
            record: Self::record(&log),
            kind: KIND_GENESIS,
            deps: Vec::new(),
            seed,
            entries,
        }
    }

    /// The record that a genesis is about: the install itself, named by the first half of its log id.
    #[must_use]
    pub fn record(log: &LogId) -> RecordId {
        let mut record = [0; 16];
        record.copy_from_slice(&log.0[..16]);
        RecordId(record)
    }

    /// Reads a genesis and checks that its key makes the id of its log.
    ///
    /// # Errors
    /// [`OpError::Shape`] when it is no genesis, [`OpError::WrongKey`] when the key belongs to another log.
    pub fn read(op: &SignedOp) -> Result<Self, OpError> {
        let shape = |part| OpError::Shape { part };
        let (header, Body::Full { entries, .. }) = (op.header(), op.body()) else { return Err(shape("genesis.body")) };
        if header.seq != 0 || header.kind != KIND_GENESIS || header.record != Self::record(&header.log) {
            return Err(shape("genesis.header"));
        }
        let get = |field| entries.iter().find(|entry| entry.field == field).map(|entry| &entry.value);
        if get(ALG) != Some(&Value::Int(i64::from(PublicKey::ALG_ES256))) {
            return Err(shape("genesis.alg"));
        }
        let key = PublicKey(get(KEY).and_then(Value::as_array_of).ok_or(shape("genesis.key"))?);
        if key.log_id() != header.log {
            return Err(OpError::WrongKey);
        }
        Ok(Self {
            key,
            nonce: get(NONCE).and_then(Value::as_array_of).ok_or(shape("genesis.nonce"))?,
            account: AccountId(get(ACCOUNT).and_then(Value::as_array_of).ok_or(shape("genesis.account"))?),
            app_version: get(APP_VERSION).and_then(Value::as_text).ok_or(shape("genesis.app_version"))?.to_owned(),
            continues: get(CONTINUES).map(|value| continues(value).ok_or(shape("genesis.continues"))).transpose()?,
        })
    }
}

fn continues(value: &Value) -> Option<Continues> {
    let [log, seq, head] = value.as_array()? else { return None };
    Some(Continues {
        log: LogId(log.as_array_of()?),
        seq: u64::try_from(seq.as_int()?).ok()?,
        head: OpId(head.as_array_of()?),
    })
}
