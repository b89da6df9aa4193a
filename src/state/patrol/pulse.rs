//! What the phone lets somebody feel who can not see it: a heartbeat while the track is recorded, an alarm while it is not.

use greenshield_domain::track::Cause;

use super::{LOST_MILLIS, Recorder};

/// Minutes between two heartbeats that can be chosen; 0 = none.
pub const EVERY_MINUTES: [u8; 4] = [0, 1, 5, 15];

/// What is felt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pulse {
    /// One short one: the track is recorded.
    Beat,
    /// Three long ones: there is no position.
    Lost,
}

/// What is due now; `last_millis` is when something was felt last. Nothing in a rest, and nothing while the position is still
/// being looked for.
#[must_use]
pub fn pulse(walk: &Recorder, every_minutes: u8, last_millis: i64, now_millis: i64) -> Option<Pulse> {
    if every_minutes == 0 || now_millis - last_millis < i64::from(every_minutes) * 60_000 {
        return None;
    }
    match walk.open {
        None => Some(Pulse::Beat),
        Some(gap) if gap.cause == Cause::Paused => None,
        Some(gap) => (walk.is_denied || now_millis - gap.from_millis > LOST_MILLIS).then_some(Pulse::Lost),
    }
}

#[cfg(test)]
mod tests {
    use greenshield_domain::ids::RecordId;
    use greenshield_domain::track::Fix;

    use super::*;
    use crate::state::patrol::Plan;

    const MINUTE: i64 = 60_000;

    fn fix(at_millis: i64) -> Fix {
        Fix { at_millis, lat_e7: 0, lon_e7: 0, accuracy_cm: 500, altitude_cm: None }
    }

    #[test]
    fn the_heart_beats_as_often_as_was_chosen_and_only_while_the_track_is_recorded() {
        let mut walk = Recorder::begun(RecordId([1; 16]), &Plan { has_track: true, ..Plan::default() }, 0);
        assert_eq!(pulse(&walk, 1, -MINUTE, 0), None, "still looking");
        assert_eq!(pulse(&walk, 1, 0, 2 * MINUTE), Some(Pulse::Lost));
        walk.fix(fix(2 * MINUTE));
        assert_eq!(pulse(&walk, 1, 2 * MINUTE, 3 * MINUTE - 1), None);
        assert_eq!(pulse(&walk, 1, 2 * MINUTE, 3 * MINUTE), Some(Pulse::Beat));
        assert_eq!(pulse(&walk, 5, 2 * MINUTE, 3 * MINUTE), None);
        assert_eq!(pulse(&walk, 0, 0, 90 * MINUTE), None, "turned off");
        walk.pause(3 * MINUTE);
        assert_eq!(pulse(&walk, 1, 0, 9 * MINUTE), None, "a rest");
    }
}
