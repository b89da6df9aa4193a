//! Who is at the device, asked once more before something that reaches far: what is erased, taken out, or who may do what.
//!
//! Owns: how long an answer holds. A device without a PIN asks nothing: it has no way to know.

use leptos::prelude::*;

/// How long a PIN that was typed counts.
const HOLDS_MILLIS: i64 = 5 * 60_000;

/// The question and its last answer.
#[derive(Debug, Clone, Copy)]
pub struct Prove {
    /// Whether it is asked now.
    pub asks: RwSignal<bool>,
    /// When the PIN was typed last, on the phone's clock.
    pub proved_millis: RwSignal<Option<i64>>,
}

impl Default for Prove {
    fn default() -> Self {
        Self { asks: RwSignal::new(false), proved_millis: RwSignal::new(None) }
    }
}

/// Whether an answer still counts; a clock that was set back makes none younger.
#[must_use]
pub fn holds(proved_millis: Option<i64>, now_millis: i64) -> bool {
    proved_millis.is_some_and(|at| (0..HOLDS_MILLIS).contains(&(now_millis - at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_for_five_minutes_and_not_for_a_clock_that_was_set_back() {
        assert!(!holds(None, 1_000));
        assert!(holds(Some(1_000), 1_000) && holds(Some(1_000), 300_999));
        assert!(!holds(Some(1_000), 301_000) && !holds(Some(1_000), 999));
    }
}
