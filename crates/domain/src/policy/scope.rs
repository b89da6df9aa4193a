//! What of a stretch of the server's order a reader is given, when records come into a scope and leave it.
//!
//! Invariants: nothing is given that the reader may not read now; a reader who goes on, stretch by stretch, ends with every op
//! of every record in the scope, and was told of each record that left it.

use super::{Action, Facts, Rules, Standing, Target, authorize};
use crate::op::SignedOp;

/// What becomes of a record's ops in a stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// They are not for this reader.
    Nothing,
    /// They are given.
    Ops,
    /// The record came into the scope, or went and came back: all its ops up to the end of the stretch are given.
    Whole,
    /// The record left the scope: the reader wipes it.
    Left,
}

/// Decides about a record that has ops after `after`, up to `upto`. `history` says where it belonged from which position on,
/// ascending; its last line is how things stand now, also beyond `upto`.
#[must_use]
pub fn passing(rules: &Rules, who: &Standing, history: &[(u64, Facts)], after: u64, upto: u64) -> Passing {
    let sees = |facts: &Facts| authorize(rules, who, Action::Read, Target::Record(facts));
    let passed = history.iter().take_while(|(since, _)| *since <= upto).count();
    let Some(((since, there), before)) = history[..passed].split_last() else { return Passing::Nothing };
    let moved = *since > after;
    if !sees(there) {
        let saw = before.iter().any(|(_, facts)| sees(facts));
        return if moved && saw { Passing::Left } else { Passing::Nothing };
    }
    // It left since; that is told when its place is reached.
    if !history.last().is_some_and(|(_, now)| sees(now)) {
        return Passing::Nothing;
    }
    let is_new = history.first().is_some_and(|(since, _)| *since > after);
    if moved && !is_new { Passing::Whole } else { Passing::Ops }
}

/// The op as a reader of its record may see it: fields that are not for the reader are hidden under their hashes.
#[must_use]
pub fn shown(rules: &Rules, who: &Standing, facts: &Facts, op: SignedOp) -> SignedOp {
    let hides = |field| !authorize(rules, who, Action::Read, Target::Field(facts, field));
    if op.body().entries().any(|entry| hides(entry.field)) { op.redact(|entry| hides(entry.field)) } else { op }
}
