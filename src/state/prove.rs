//! Who is at the device, asked once more before something that reaches far: what is erased, taken out, or who may do what.
//!
//! Owns: how long an answer holds. A device without a PIN asks nothing: it has no way to know.

/// How long a PIN that was typed counts.
const HOLDS_MILLIS: i64 = 5 * 60_000;

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
