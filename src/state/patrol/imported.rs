//! A track of another device as segments: pieces that an op can carry, gaps where the file has holes.

use greenshield_domain::track::{Cause, Fix, Item, Mode, Segment};

/// Items of one segment.
const SEGMENT_ITEMS: usize = 5_000;
/// Most segments of one import: an op has 64 entries. The rest of a file that is longer is thinned out.
const MOST_SEGMENTS: usize = 50;

/// The segments of stretches, in the order of their times. Between two stretches nothing is known.
#[must_use]
pub fn segments_of(mut stretches: Vec<Vec<Fix>>, mode: Mode) -> Vec<Segment> {
    for stretch in &mut stretches {
        greenshield_domain::order::sort_by_key(stretch, |fix| fix.at_millis);
    }
    greenshield_domain::order::sort_by_key(&mut stretches, |stretch| stretch.first().map(|fix| fix.at_millis));
    let fixes: usize = stretches.iter().map(Vec::len).sum();
    let keep_each = fixes.div_ceil(SEGMENT_ITEMS * MOST_SEGMENTS).max(1);
    let mut items = Vec::new();
    let mut until: Option<i64> = None;
    for stretch in stretches.iter().filter(|stretch| !stretch.is_empty()) {
        if let (Some(from_millis), Some(first)) = (until, stretch.first())
            && first.at_millis > from_millis
        {
            items.push(Item::Gap { cause: Cause::NoFix, from_millis, until_millis: first.at_millis });
        }
        items.extend(stretch.iter().step_by(keep_each).copied().map(Item::Fix));
        until = stretch.last().map(|fix| fix.at_millis);
    }
    items.chunks(SEGMENT_ITEMS).map(|items| Segment { mode, items: items.to_vec() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(seconds: i64) -> Fix {
        Fix { at_millis: seconds * 1_000, lat_e7: seconds, lon_e7: 0, accuracy_cm: 1_000, altitude_cm: None }
    }

    #[test]
    fn a_hole_of_the_file_is_a_gap_and_the_order_of_the_file_does_not_matter() {
        let segments = segments_of(vec![vec![fix(500), fix(510)], Vec::new(), vec![fix(10), fix(0)]], Mode::Horse);
        let gap = Item::Gap { cause: Cause::NoFix, from_millis: 10_000, until_millis: 500_000 };
        let fixes = [fix(0), fix(10), fix(500), fix(510)].map(Item::Fix);
        let items = vec![fixes[0], fixes[1], gap, fixes[2], fixes[3]];
        assert_eq!(segments, [Segment { mode: Mode::Horse, items }]);
        assert!(segments_of(Vec::new(), Mode::Foot).is_empty());
    }

    #[test]
    fn a_very_long_file_still_fits_one_op() {
        let long: Vec<Fix> = (0..300_000).map(fix).collect();
        let segments = segments_of(vec![long], Mode::Car);
        assert!(segments.len() <= MOST_SEGMENTS && segments.len() > MOST_SEGMENTS / 2);
    }
}
