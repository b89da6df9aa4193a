//! Whether somebody may have reported the same thing already: near in place and time, and of the same category. A hint,
//! never a reason not to report.

use greenshield_domain::geo::{Position, way};
use greenshield_domain::ids::RecordId;

/// So near it is the same spot, as exact as phones are.
pub const HERE_METRES: u64 = 20;
/// So far away it is something else.
pub const MOST_METRES: u64 = 300;
/// So long before or after it is something else.
pub const MOST_MILLIS: i64 = 24 * 60 * 60_000;

/// A report as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The record; `None` for a form that is not saved.
    pub record: Option<RecordId>,
    /// The category.
    pub category: String,
    /// When it was found, ms since 1970.
    pub found_millis: i64,
    /// Where.
    pub place: Position,
}

/// One that may be the same thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Near {
    /// The record.
    pub record: RecordId,
    /// How far away.
    pub metres: u64,
    /// When it was found, ms since 1970.
    pub found_millis: i64,
}

/// The nearest of those that may be the same thing.
#[must_use]
pub fn nearest(of: &Sighting, known: &[Sighting]) -> Option<Near> {
    let near = |other: &Sighting| {
        let record = other.record.filter(|record| Some(*record) != of.record)?;
        let is_like = other.category == of.category && is_close_in_time(of.found_millis, other.found_millis);
        let metres = way(of.place, other.place).metres;
        (is_like && metres <= MOST_METRES).then_some(Near { record, metres, found_millis: other.found_millis })
    };
    known.iter().filter_map(near).min_by_key(|near| (near.metres, near.record))
}

/// Whether two moments lie so near that it may be the same thing.
#[must_use]
pub fn is_close_in_time(one_millis: i64, other_millis: i64) -> bool {
    one_millis.abs_diff(other_millis) <= MOST_MILLIS.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Position = Position { lat_e7: 389_256_000, lon_e7: 1_004_498_000 };

    fn sighting(n: u8, found_millis: i64, place: Position) -> Sighting {
        Sighting { record: Some(RecordId([n; 16])), category: "x".to_owned(), found_millis, place }
    }

    #[test]
    fn the_nearest_of_the_same_category_within_a_day_is_told() {
        let form = Sighting { record: None, ..sighting(0, 0, HERE) };
        let at = |n, metres: i64| sighting(n, 1_000, Position { lat_e7: HERE.lat_e7 + metres * 90, ..HERE });
        let other = Sighting { category: "y".to_owned(), ..at(9, 1) };
        let near = nearest(&form, &[at(1, 250), at(2, 100), at(3, 400), other]).unwrap();
        assert_eq!((near.record, near.metres), (RecordId([2; 16]), 100));
        assert_eq!(nearest(&form, &[at(3, 400), sighting(4, MOST_MILLIS + 1, HERE)]), None);
        assert_eq!(nearest(&form, &[sighting(4, i64::MIN, HERE)]), None);
    }

    #[test]
    fn a_record_is_no_duplicate_of_itself() {
        assert_eq!(nearest(&sighting(1, 0, HERE), &[sighting(1, 0, HERE)]), None);
    }
}
