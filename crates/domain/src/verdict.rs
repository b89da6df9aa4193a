//! Decisions about ops: a held op is released, an op never shows. Each is an op of the server's own log on the same record.
//!
//! Owns: what such an op says, and which of several about one op counts. Refuses: to say who may decide (that is `policy`), and
//! decisions of anybody but the server. Invariant: the verdict that counts is a function of the set of ops; when each of them
//! arrived can not matter.

use std::collections::BTreeMap;

use crate::cbor::Value;
use crate::ids::{AccountId, OpId, sha256};
use crate::merge::RecordOp;
use crate::op::{Draft, Entry, OpError, SignedOp, UnsignedOp};
use crate::wire::Verdict;

/// The kind of an op that decides about another one.
pub const KIND_VERDICT: u32 = 1;
/// The kind of an op that says what is erased (`erasure`).
pub const KIND_ERASURE: u32 = 3;
/// The kind of an op that begins or ends a legal hold (`erasure`).
pub const KIND_HOLD: u32 = 4;
/// Kinds below this are the protocol's own.
pub const FIRST_CITY_KIND: u32 = 10;
/// Fields from here on belong to the protocol, whatever the kind: an app that does not know them carries them and shows nothing.
pub const FIRST_PROTOCOL_FIELD: u32 = 1_000_000;
/// The account of the server's own log. No person has it.
pub const SERVER_ACCOUNT: AccountId = AccountId([0; 16]);
/// Longest reason, in bytes.
pub const MAX_REASON_BYTES: usize = 2_000;

const TARGET: u32 = FIRST_PROTOCOL_FIELD;
const VERDICT: u32 = FIRST_PROTOCOL_FIELD + 1;
const DECIDED_BY: u32 = FIRST_PROTOCOL_FIELD + 2;
const REASON: u32 = FIRST_PROTOCOL_FIELD + 3;
/// Seeds that are tried for an id behind that of the target. Two are enough for most; if none gives one, any will do.
const MOST_SEEDS: u32 = 4_096;

/// What a decision says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ruling {
    /// The op that it is about; it stands on the same record.
    pub target: OpId,
    /// What counts from now on.
    pub verdict: Verdict,
    /// Who decided; [`SERVER_ACCOUNT`] for whoever runs the server.
    pub by: AccountId,
    /// Why, for people.
    pub reason: String,
}

impl Ruling {
    /// The entries of its op.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        vec![
            Entry::set(TARGET, self.target.to_value()),
            Entry::set(VERDICT, self.verdict.to_value()),
            Entry::set(DECIDED_BY, self.by.to_value()),
            Entry::set(REASON, Value::text(&self.reason)),
        ]
    }

    /// Fixes the op. Its id stands behind that of its target: older apps take the kind of a record from the least id.
    ///
    /// # Errors
    /// [`OpError`] as [`Draft::freeze`].
    pub fn freeze(&self, draft: &Draft) -> Result<UnsignedOp, OpError> {
        freeze_behind(draft, self.target)
    }

    /// Reads the op of a decision; `None` for every other op.
    #[must_use]
    pub fn read(op: &SignedOp) -> Option<Self> {
        if op.header().kind != KIND_VERDICT {
            return None;
        }
        let get = |field| op.body().entries().find(|entry| entry.field == field).map(|entry| &entry.value);
        Some(Self {
            target: OpId(get(TARGET)?.as_array_of()?),
            verdict: Verdict::from_value(get(VERDICT)?)?,
            by: AccountId(get(DECIDED_BY)?.as_array_of()?),
            reason: get(REASON)?.as_text()?.to_owned(),
        })
    }
}

/// Fixes an op of the server's own log with the first seed that puts its id behind another one, if there is such a seed.
///
/// # Errors
/// [`OpError`] as [`Draft::freeze`].
pub fn freeze_behind(draft: &Draft, other: OpId) -> Result<UnsignedOp, OpError> {
    let (mut frozen, mut number) = (draft.clone().freeze()?, 0_u32);
    while frozen.id() < other && number < MOST_SEEDS {
        number += 1;
        let hash = sha256(&[b"gs/verdict-seed/1\0", &draft.seed, &number.to_be_bytes()]);
        let mut seed = [0; 16];
        seed.copy_from_slice(&hash[..16]);
        frozen = Draft { seed, ..draft.clone() }.freeze()?;
    }
    Ok(frozen)
}

/// A decision with its place among others about the same op.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The op that says it.
    pub id: OpId,
    /// Its place in the server's log.
    pub seq: u64,
    /// When it was made, ms since 1970, server clock.
    pub eff_millis: i64,
    /// What it says.
    pub ruling: Ruling,
}

impl Decision {
    /// Reads a decision of the server; `account` is whose log the op is in.
    #[must_use]
    pub fn of(op: &SignedOp, account: AccountId, eff_millis: i64) -> Option<Self> {
        let ruling = (account == SERVER_ACCOUNT).then(|| Ruling::read(op)).flatten()?;
        Some(Self { id: op.id(), seq: op.header().seq, eff_millis, ruling })
    }

    /// The later decision counts; the place in the log and the id decide between equal times.
    #[must_use]
    pub fn rank(&self) -> (i64, u64, OpId) {
        (self.eff_millis, self.seq, self.id)
    }
}

/// The decisions that count among the ops of one record, by the op that each is about.
#[must_use]
pub fn decisions<'a>(ops: impl IntoIterator<Item = (&'a SignedOp, AccountId, i64)>) -> BTreeMap<OpId, Decision> {
    let mut counted: BTreeMap<OpId, Decision> = BTreeMap::new();
    for decision in ops.into_iter().filter_map(|(op, account, eff)| Decision::of(op, account, eff)) {
        let newest = counted.entry(decision.ruling.target).or_insert_with(|| decision.clone());
        if newest.rank() < decision.rank() {
            *newest = decision;
        }
    }
    counted
}

/// Whether an op is a word of the server about what people wrote: a decision, an erasure, a hold, of this version or a later one.
#[must_use]
pub fn is_decision(op: &SignedOp, account: AccountId) -> bool {
    [KIND_VERDICT, KIND_ERASURE, KIND_HOLD].contains(&op.header().kind) && account == SERVER_ACCOUNT
}

/// Whether an op is about a record of the city, and not of the protocol's own kinds.
fn is_of_city(op: &SignedOp) -> bool {
    op.header().kind >= FIRST_CITY_KIND
}

/// The ops of a record as the merge takes them: with the verdict that counts, and without the decisions themselves. Those
/// neither show nor hide anything and are no heads.
#[must_use]
pub fn judged<'a>(ops: impl IntoIterator<Item = (&'a SignedOp, RecordOp)>) -> Vec<RecordOp> {
    let ops: Vec<(&SignedOp, RecordOp)> = ops.into_iter().collect();
    let counted = decisions(ops.iter().map(|(op, taken)| (*op, taken.account, taken.eff_millis)));
    // Kinds of the protocol say nothing about a record, so nobody says it with them past the rights over the record.
    let ordinary = ops.into_iter().filter(|(op, _)| is_of_city(op));
    let judged = ordinary.map(|(_, taken)| match counted.get(&taken.id) {
        Some(decision) => RecordOp { verdict: decision.ruling.verdict.clone(), ..taken },
        None => taken,
    });
    judged.collect()
}
