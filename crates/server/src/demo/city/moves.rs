//! What becomes of deadlines and of days of review: some deadline moves for a reason, and days that are over were kept.

use greenshield_domain::cbor::Value;
use greenshield_domain::city::Kind;
use greenshield_domain::ids::RecordId;
use greenshield_domain::op::Entry;
use greenshield_domain::task::field::{DUE, DUE_REASON, REVIEWS};
use greenshield_domain::task::{self, Review};
use serde::Deserialize;

use super::{Clerk, DAY_MILLIS, DemoError, MORNING_MILLIS};

/// A deadline that moves.
#[derive(Deserialize)]
pub(super) struct Moved {
    /// Of which record of the batch, counted from 0.
    of: usize,
    /// By so many days.
    by: i64,
    /// So many days after the record was made.
    after: i64,
    /// Why.
    reason: String,
}

/// Moves the deadline of a record of which this was said, if it is the one.
pub(super) fn move_deadline(
    clerk: &mut Clerk<'_>,
    kind: &Kind,
    moved: Option<&Moved>,
    (record, i, at): (RecordId, usize, i64),
    said: &[Entry],
) -> Result<(), DemoError> {
    let due = said.iter().find(|entry| entry.field == DUE).and_then(|entry| entry.value.as_int());
    let (Some(moved), Some(due)) = (moved.filter(|moved| moved.of == i), due) else { return Ok(()) };
    let due = Entry::set(DUE, Value::Int(due + moved.by * DAY_MILLIS));
    let reason = Entry::set(DUE_REASON, Value::text(&moved.reason));
    clerk.say(record, kind.id, vec![due, reason], at + moved.after * DAY_MILLIS)
}

/// Says what was found on the days of review of a task that are over.
pub(super) fn review(
    clerk: &mut Clerk<'_>,
    words: &[String],
    (record, i): (RecordId, usize),
    said: &[Entry],
) -> Result<(), DemoError> {
    let days = said.iter().filter(|entry| entry.field == REVIEWS).filter_map(|entry| entry.value.as_int());
    let over: Vec<i64> = days.filter(|day| *day + MORNING_MILLIS < clerk.now && !words.is_empty()).collect();
    for (day_millis, n) in over.into_iter().zip(i..) {
        let at_millis = day_millis + MORNING_MILLIS;
        let review = Review { day_millis, at_millis, text: words[n % words.len()].clone() };
        clerk.say(record, task::KIND, vec![review.to_entry()], at_millis)?;
    }
    Ok(())
}
