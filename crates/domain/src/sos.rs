//! The call for help as code sees it.
//!
//! Owns: its kind, its states, and what its ops say. The numbers of its fields are those of an incident ([`crate::incident`]),
//! so that every list and page shows a call like any other record. Refuses: when to call and whom; that is the phone's.

use crate::cbor::Value;
use crate::incident::{Place, field};
use crate::op::Entry;

/// The kind number of a call for help.
pub const KIND: u32 = 12;

/// States of a call, the words of `city/workflows.json`.
pub mod state {
    /// Somebody needs help.
    pub const OPEN: &str = "open";
    /// The desk answered.
    pub const ANSWERED: &str = "answered";
    /// The person says that the danger is over; the desk has to check it.
    pub const SAFE: &str = "safe";
    /// The desk ended it.
    pub const CLOSED: &str = "closed";
    /// The desk ended it: it was none.
    pub const FALSE_ALARM: &str = "falseAlarm";
}

/// How a call stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallState {
    /// Somebody needs help and nobody answered.
    Open,
    /// Help was promised.
    Answered,
    /// The person says that it is over.
    Safe,
    /// Over.
    Over,
}

impl CallState {
    /// Reads a state. One that this app does not know counts as open: nobody is forgotten.
    #[must_use]
    pub fn of(word: Option<&str>) -> Self {
        match word {
            Some(state::ANSWERED) => Self::Answered,
            Some(state::SAFE) => Self::Safe,
            Some(state::CLOSED | state::FALSE_ALARM) => Self::Over,
            _ => Self::Open,
        }
    }

    /// Whether somebody still has to do something.
    #[must_use]
    pub fn is_running(self) -> bool {
        self != Self::Over
    }
}

/// What a new call says: when, and where if that is known.
#[must_use]
pub fn call(at_millis: i64, place: Option<Place>) -> Vec<Entry> {
    let place = place.map(|place| Entry::set(field::PLACE, place.to_value()));
    let fixed =
        [Entry::set(field::FOUND_AT, Value::Int(at_millis)), Entry::set(field::STATE, Value::text(state::OPEN))];
    fixed.into_iter().chain(place).collect()
}

/// What a better position says.
#[must_use]
pub fn moved(place: Place) -> Vec<Entry> {
    vec![Entry::set(field::PLACE, place.to_value())]
}

/// What "I am safe" says.
#[must_use]
pub fn safe() -> Vec<Entry> {
    vec![Entry::set(field::STATE, Value::text(state::SAFE))]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_that_nobody_knows_counts_as_open() {
        assert_eq!(CallState::of(None), CallState::Open);
        assert_eq!(CallState::of(Some("from-a-later-app")), CallState::Open);
        assert_eq!(CallState::of(Some(state::FALSE_ALARM)), CallState::Over);
        assert!(CallState::Safe.is_running() && !CallState::Over.is_running());
    }
}
