//! Distance, time and line of a track. Derived only: the raw fixes stay what they are.
//!
//! A fix counts when it is exact enough, later than the one before, and reachable at the speed of the mode. Nothing is counted
//! across a gap.

use super::{Cause, Fix, Item, Mode, Segment};
use crate::geo;

/// A worse fix is left out...
const MOST_ACCURACY_CM: i64 = 5_000;
/// ...unless there was no better one for so long.
const PATIENCE_MILLIS: i64 = 60_000;
/// Without any fix for so long there is a gap, whether somebody noticed or not.
const SILENCE_MILLIS: i64 = 120_000;
/// Standing still is not walking: less than this is the noise of the receiver.
const LEAST_STEP_CM: i64 = 800;
/// So many fixes in a row that are out of reach of the last good one: that one was wrong, or the person was carried.
const MOST_OUTLIERS: u32 = 3;

/// A time in which nothing was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Why.
    pub cause: Cause,
    /// Begin, ms since 1970.
    pub from_millis: i64,
    /// End, ms since 1970.
    pub until_millis: i64,
}

/// A stretch of the line without a gap, of one mode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leg {
    /// How the person moved.
    pub mode: Mode,
    /// The fixes that count.
    pub fixes: Vec<Fix>,
}

/// The line of a track: its legs; between two of them nothing is known.
pub type Line = Vec<Leg>;

/// What can be said of a track.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facts {
    /// Recorded way in cm.
    pub distance_cm: i64,
    /// Time from the first to the last item, without pauses, ms.
    pub duration_millis: i64,
    /// Part of it in which positions were recorded, ms.
    pub recorded_millis: i64,
    /// Fixes as measured.
    pub fixes: usize,
    /// Fixes that do not count.
    pub left_out: usize,
    /// Where nothing was recorded, pauses included.
    pub gaps: Vec<Gap>,
    /// What is drawn.
    pub line: Line,
}

impl Facts {
    /// The share of the time that was recorded, in percent; 100 for no time at all.
    #[must_use]
    pub fn recorded_percent(&self) -> u8 {
        let percent = self.recorded_millis.saturating_mul(100).checked_div(self.duration_millis).unwrap_or(100);
        u8::try_from(percent).unwrap_or(100).min(100)
    }
}

/// Measures segments in the order in which they were recorded.
#[must_use]
pub fn measure(segments: &[Segment]) -> Facts {
    let mut meter = Meter::default();
    for segment in segments {
        meter.leg(segment.mode);
        for item in &segment.items {
            match item {
                Item::Fix(fix) => meter.fix(*fix),
                Item::Gap { cause, from_millis, until_millis } => {
                    meter.gap(Gap { cause: *cause, from_millis: *from_millis, until_millis: *until_millis });
                }
            }
        }
    }
    meter.facts()
}

#[derive(Default)]
struct Meter {
    facts: Facts,
    mode: Mode,
    /// The last fix that counts; `None` after a gap.
    last: Option<Fix>,
    /// The last fix from which way was counted.
    anchor: Option<Fix>,
    outliers: u32,
    first_millis: Option<i64>,
    last_millis: i64,
    /// Whether the leg of [`Self::mode`] has begun.
    has_leg: bool,
}

impl Meter {
    fn leg(&mut self, mode: Mode) {
        if mode != self.mode {
            (self.mode, self.has_leg) = (mode, false);
        }
    }

    fn seen(&mut self, from: i64, until: i64) {
        self.first_millis.get_or_insert(from);
        self.last_millis = self.last_millis.max(until);
    }

    fn gap(&mut self, gap: Gap) {
        self.seen(gap.from_millis, gap.until_millis);
        if gap.until_millis > gap.from_millis {
            self.facts.gaps.push(gap);
        }
        self.cut();
    }

    fn cut(&mut self) {
        (self.last, self.anchor, self.outliers, self.has_leg) = (None, None, 0, false);
    }

    fn fix(&mut self, fix: Fix) {
        self.facts.fixes += 1;
        if self.counts(&fix) {
            self.take(fix);
        } else {
            self.facts.left_out += 1;
        }
    }

    /// Whether it counts; notices a silence and a last fix that was wrong.
    fn counts(&mut self, fix: &Fix) -> bool {
        if self.first_millis.is_some() && fix.at_millis <= self.last_millis && self.last.is_some() {
            return false;
        }
        if let Some(last) = self.last {
            let silence = fix.at_millis - last.at_millis;
            if fix.accuracy_cm > MOST_ACCURACY_CM && silence < PATIENCE_MILLIS {
                return false;
            }
            if silence > SILENCE_MILLIS {
                self.gap(Gap { cause: Cause::NoFix, from_millis: last.at_millis, until_millis: fix.at_millis });
            } else if self.is_out_of_reach(&last, fix) {
                self.outliers += 1;
                if self.outliers < MOST_OUTLIERS {
                    return false;
                }
                self.cut();
            }
        }
        true
    }

    /// The radius of both fixes is no way.
    fn is_out_of_reach(&self, last: &Fix, fix: &Fix) -> bool {
        let needed = distance_cm(last, fix) - last.accuracy_cm - fix.accuracy_cm;
        let reach = self.mode.top_speed_cm_s().saturating_mul(fix.at_millis - last.at_millis) / 1_000;
        needed > reach
    }

    fn take(&mut self, fix: Fix) {
        self.seen(fix.at_millis, fix.at_millis);
        if let Some(anchor) = self.anchor {
            let way = distance_cm(&anchor, &fix);
            if way >= LEAST_STEP_CM.max(fix.accuracy_cm / 2) {
                self.facts.distance_cm += way;
                self.anchor = Some(fix);
            }
        } else {
            self.anchor = Some(fix);
        }
        (self.last, self.outliers) = (Some(fix), 0);
        if self.has_leg {
            if let Some(leg) = self.facts.line.last_mut() {
                leg.fixes.push(fix);
            }
        } else {
            self.facts.line.push(Leg { mode: self.mode, fixes: vec![fix] });
            self.has_leg = true;
        }
    }

    fn facts(mut self) -> Facts {
        let total = self.last_millis - self.first_millis.unwrap_or(self.last_millis);
        let length = |is_pause: bool, gaps: &[Gap]| {
            let counted = gaps.iter().filter(|gap| (gap.cause == Cause::Paused) == is_pause);
            counted.map(|gap| gap.until_millis - gap.from_millis).fold(0, i64::saturating_add)
        };
        self.facts.duration_millis = total.saturating_sub(length(true, &self.facts.gaps)).max(0);
        let unknown = length(false, &self.facts.gaps);
        self.facts.recorded_millis = self.facts.duration_millis.saturating_sub(unknown).max(0);
        self.facts
    }
}

fn distance_cm(a: &Fix, b: &Fix) -> i64 {
    geo::distance_cm(a.position(), b.position())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// About 1 m to the north.
    const METRE: i64 = 90;

    fn fix(seconds: i64, metres: i64, accuracy_m: i64) -> Item {
        Item::Fix(Fix {
            at_millis: seconds * 1_000,
            lat_e7: 389_000_000 + metres * METRE,
            lon_e7: 1_004_000_000,
            accuracy_cm: accuracy_m * 100,
            altitude_cm: None,
        })
    }

    fn gap(cause: Cause, from: i64, until: i64) -> Item {
        Item::Gap { cause, from_millis: from * 1_000, until_millis: until * 1_000 }
    }

    fn walk(items: Vec<Item>) -> Facts {
        measure(&[Segment { mode: Mode::Foot, items }])
    }

    fn metres(facts: &Facts) -> i64 {
        (facts.distance_cm + 50) / 100
    }

    #[test]
    fn a_walk_is_as_long_as_it_is() {
        let facts = walk((0..=100).map(|i| fix(i * 10, i * 12, 6)).collect());
        assert!((metres(&facts) - 1_200).abs() < 6, "{}", metres(&facts));
        assert_eq!((facts.recorded_percent(), facts.gaps.len(), facts.left_out), (100, 0, 0));
        assert_eq!((facts.line.len(), facts.duration_millis), (1, 1_000_000));
    }

    #[test]
    fn standing_still_is_no_way() {
        let facts = walk((0..200).map(|i| fix(i * 5, [0, 3, -4, 2][i as usize % 4], 9)).collect());
        assert_eq!(metres(&facts), 0);
    }

    #[test]
    fn a_gap_is_never_bridged() {
        let mut items: Vec<Item> = (0..=10).map(|i| fix(i * 10, i * 12, 5)).collect();
        items.push(gap(Cause::Hidden, 100, 700));
        items.extend((0..=10).map(|i| fix(700 + i * 10, 900 + i * 12, 5)));
        let facts = walk(items);
        assert!((metres(&facts) - 240).abs() < 3, "{}", metres(&facts));
        assert_eq!((facts.line.len(), facts.gaps.len(), facts.recorded_percent()), (2, 1, 25));
    }

    #[test]
    fn a_pause_is_no_part_of_the_patrol() {
        let mut items: Vec<Item> = (0..=10).map(|i| fix(i * 10, i * 12, 5)).collect();
        items.push(gap(Cause::Paused, 100, 1_900));
        items.extend((0..=10).map(|i| fix(1_900 + i * 10, 120 + i * 12, 5)));
        let facts = walk(items);
        assert_eq!((facts.duration_millis, facts.recorded_percent()), (200_000, 100));
    }

    #[test]
    fn a_silence_that_nobody_noticed_is_a_gap() {
        let facts = walk(vec![fix(0, 0, 5), fix(10, 12, 5), fix(400, 500, 5), fix(410, 512, 5)]);
        assert_eq!(facts.gaps, [Gap { cause: Cause::NoFix, from_millis: 10_000, until_millis: 400_000 }]);
        assert!((metres(&facts) - 24).abs() < 2, "{}", metres(&facts));
    }

    #[test]
    fn a_jump_is_left_out_and_a_weak_fix_too_unless_there_is_no_better() {
        let facts = walk(vec![fix(0, 0, 5), fix(10, 9, 5), fix(20, 3_000, 5), fix(30, 27, 5), fix(40, 36, 200)]);
        assert_eq!((facts.left_out, metres(&facts)), (2, 27));
        let facts = walk(vec![fix(0, 0, 5), fix(70, 200, 80)]);
        assert_eq!(facts.left_out, 0);
    }

    #[test]
    fn a_last_fix_that_was_wrong_does_not_stop_the_line() {
        let mut items = vec![fix(0, 5_000, 5)];
        items.extend((1..=10).map(|i| fix(i * 10, i * 10, 5)));
        let facts = walk(items);
        assert_eq!((facts.left_out, facts.line.len()), (2, 2));
        assert!((metres(&facts) - 70).abs() < 2, "{}", metres(&facts));
    }

    #[test]
    fn what_one_mode_can_not_reach_another_can() {
        let items: Vec<Item> = (0..10).map(|i| fix(i * 10, i * 250, 5)).collect();
        assert!(walk(items.clone()).left_out > 0);
        let ride = measure(&[Segment { mode: Mode::Motorbike, items }]);
        assert_eq!((ride.left_out, ride.line[0].mode), (0, Mode::Motorbike));
    }

    #[test]
    fn a_track_of_nothing_says_nothing() {
        assert_eq!(measure(&[]), Facts::default());
        assert_eq!(Facts::default().recorded_percent(), 100);
    }
}
