//! The area of responsibility as code sees it: what it is called, which code it has, where its borders run.
//!
//! Owns: its kind, the numbers of its fields (the same as in `city/kinds.json`, kind `area`), the form of an outline in an op, and
//! the thinning that makes a border fit into one. Refuses: files ([`crate::geo::geojson`] reads them) and rights: those go by
//! codes, never by geometry.

use crate::cbor::Value;
use crate::geo::{Position, contains};
use crate::incident::field as shared;
use crate::merge::Merged;
use crate::op::Entry;

/// The kind number of an area.
pub const KIND: u32 = 50;

/// The state of an area that is no longer one; without a state it holds.
pub const WITHDRAWN: &str = "withdrawn";

/// Field numbers of an area; never reused.
pub mod field {
    /// What people call it (`lww`, text); the same number as the title of a task.
    pub const NAME: u32 = crate::task::field::TITLE;
    /// Its code (`lww`, text of digits), as rights name it; may be missing.
    pub const CODE: u32 = 21;
    /// Which element it is, a word of the catalogue (`lww`); may be missing.
    pub const ELEMENT: u32 = 22;
    /// Its borders (`lww`): an array of rings, each an array of integers as [`Outline::to_value`] writes it.
    pub const OUTLINE: u32 = 23;
    /// Who looks after it (`lww`, text).
    pub const KEEPER: u32 = 24;
    /// After how many days somebody has to be there again (`lww`, number); may be missing.
    pub const NEED: u32 = 25;
    /// What is forbidden there (`lww`, array of words of the city); may be missing.
    pub const BANS: u32 = 26;
    /// From when it is forbidden (`lww`, ms since 1970); may be missing.
    pub const BANNED_FROM: u32 = 27;
    /// The last day on which it is forbidden (`lww`, its first ms since 1970); may be missing.
    pub const BANNED_UNTIL: u32 = 28;
}

/// Degrees × 1e5 in an op: about a metre.
const E7_IN_A_STEP: i64 = 100;
/// Most corners of all rings of one area, so that an op stays far below its limit.
pub const MOST_CORNERS: usize = 1_200;
/// A number × 1000 in an op is one of these.
const THOUSAND: i64 = 1_000;
const DAY_MILLIS: i64 = 86_400_000;
/// Most rings of one area.
pub const MOST_RINGS: usize = 40;

/// Borders: rings of corners, in WGS-84. A ring inside another one is a hole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline(pub Vec<Vec<Position>>);

impl Outline {
    /// Whether it holds a position.
    #[must_use]
    pub fn holds(&self, at: Position) -> bool {
        self.0.iter().filter(|ring| contains(ring, at)).count() % 2 == 1
    }

    /// The box around it: south-west and north-east; `None` for no corner at all.
    #[must_use]
    pub fn corners(&self) -> Option<(Position, Position)> {
        let all = || self.0.iter().flatten();
        let low = Position { lat_e7: all().map(|at| at.lat_e7).min()?, lon_e7: all().map(|at| at.lon_e7).min()? };
        let high = Position { lat_e7: all().map(|at| at.lat_e7).max()?, lon_e7: all().map(|at| at.lon_e7).max()? };
        Some((low, high))
    }

    /// The same as polygons of RFC 7946, each its outer ring and then its holes: rings are closed, outer ones run against the
    /// clock and holes with it.
    #[must_use]
    pub fn polygons(&self) -> Vec<Vec<Vec<Position>>> {
        let rings: Vec<&Vec<Position>> = self.0.iter().filter(|ring| ring.len() > 2).collect();
        let around = |at: usize| {
            let is_inside = |outer: &Vec<Position>| {
                // A corner that both rings share says nothing.
                let own = rings[at].iter().find(|corner| !outer.contains(corner)).unwrap_or(&rings[at][0]);
                contains(outer, *own)
            };
            (0..rings.len()).filter(|other| *other != at && is_inside(rings[*other])).collect::<Vec<_>>()
        };
        let around: Vec<Vec<usize>> = (0..rings.len()).map(around).collect();
        let is_hole = |at: usize| around[at].len() % 2 == 1;
        // The ring right around a hole is the one that lies in all others around it.
        let owner = |hole: usize| around[hole].iter().copied().max_by_key(|ring| around[*ring].len());
        let polygon = |outer: usize| {
            let holes = (0..rings.len()).filter(|at| is_hole(*at) && owner(*at) == Some(outer));
            std::iter::once(closed(rings[outer], true)).chain(holes.map(|hole| closed(rings[hole], false))).collect()
        };
        (0..rings.len()).filter(|at| !is_hole(*at)).map(polygon).collect()
    }

    /// How many corners it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }

    /// Whether it has no corner.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// As an op keeps it: each ring is latitude and longitude of its first corner in steps of 1e-5 degrees, then the steps from
    /// corner to corner.
    #[must_use]
    pub fn to_value(&self) -> Value {
        let ring = |ring: &Vec<Position>| {
            let mut before = (0, 0);
            let steps = ring.iter().flat_map(|at| {
                let here = (at.lat_e7.div_euclid(E7_IN_A_STEP), at.lon_e7.div_euclid(E7_IN_A_STEP));
                let step = [Value::Int(here.0 - before.0), Value::Int(here.1 - before.1)];
                before = here;
                step
            });
            Value::Array(steps.collect())
        };
        Value::Array(self.0.iter().map(ring).collect())
    }

    /// Reads what an op keeps; `None` for anything else, and for positions that are not on this globe.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let Value::Array(rings) = value else { return None };
        let mut outline = Vec::with_capacity(rings.len());
        for ring in rings {
            let Value::Array(steps) = ring else { return None };
            let (mut ring, mut at) = (Vec::with_capacity(steps.len() / 2), (0_i64, 0_i64));
            for step in steps.chunks(2) {
                let [lat, lon] = step else { return None };
                at = (at.0.checked_add(lat.as_int()?)?, at.1.checked_add(lon.as_int()?)?);
                if at.0.abs() > 9_000_000 || at.1.abs() > 18_000_000 {
                    return None;
                }
                ring.push(Position { lat_e7: at.0 * E7_IN_A_STEP, lon_e7: at.1 * E7_IN_A_STEP });
            }
            outline.push(ring);
        }
        Some(Self(outline))
    }

    /// The same with at most [`MOST_CORNERS`] corners: the ones that say least go (Douglas and Peucker), and rings that became
    /// less than a triangle. A border that fits stays as it is.
    #[must_use]
    pub fn thinned(&self) -> Self {
        let (mut tolerance, mut thin) = (50_i64, self.clone());
        thin.0.sort_by_key(|ring| std::cmp::Reverse(ring.len()));
        thin.0.truncate(MOST_RINGS);
        let whole = thin.clone();
        while thin.len() > MOST_CORNERS {
            thin = Self(whole.0.iter().map(|ring| thin_ring(ring, tolerance)).filter(|ring| ring.len() > 2).collect());
            tolerance = tolerance.saturating_mul(2);
        }
        thin
    }
}

/// A ring that ends where it begins, against the clock or with it.
fn closed(ring: &[Position], against_the_clock: bool) -> Vec<Position> {
    let mut ring: Vec<Position> = ring.iter().chain(ring.first()).copied().collect();
    let twice_its_size: i128 = ring
        .windows(2)
        .map(|pair| {
            i128::from(pair[0].lon_e7) * i128::from(pair[1].lat_e7)
                - i128::from(pair[1].lon_e7) * i128::from(pair[0].lat_e7)
        })
        .sum();
    if (twice_its_size > 0) != against_the_clock {
        ring.reverse();
    }
    ring
}

/// The corners that are further than `tolerance` (degrees × 1e7) from the line between those that stay.
fn thin_ring(ring: &[Position], tolerance: i64) -> Vec<Position> {
    let Some(last) = ring.len().checked_sub(1).filter(|last| *last > 2) else { return ring.to_vec() };
    let mut stays = vec![false; ring.len()];
    (stays[0], stays[last]) = (true, true);
    let mut open = vec![(0, last)];
    while let Some((from, to)) = open.pop() {
        let furthest = (from + 1..to).map(|at| (distance_squared(ring[at], ring[from], ring[to]), at)).max();
        if let Some((far, at)) = furthest.filter(|(far, _)| *far > i128::from(tolerance) * i128::from(tolerance)) {
            let _how_far = far;
            stays[at] = true;
            open.extend([(from, at), (at, to)]);
        }
    }
    ring.iter().zip(stays).filter(|(_, stays)| *stays).map(|(at, _)| *at).collect()
}

/// Square of the distance from a line, or from its one point, in (degrees × 1e7)²; rounded down.
fn distance_squared(at: Position, from: Position, to: Position) -> i128 {
    let wide = |at: Position| (i128::from(at.lat_e7), i128::from(at.lon_e7));
    let ((y, x), (y0, x0), (y1, x1)) = (wide(at), wide(from), wide(to));
    let (dy, dx) = (y1 - y0, x1 - x0);
    let length = dy * dy + dx * dx;
    if length == 0 {
        return (y - y0) * (y - y0) + (x - x0) * (x - x0);
    }
    let cross = (x - x0) * dy - (y - y0) * dx;
    // The product of two crosses of this globe is below 2^127: each is at most 2 × (3.6e9)² < 2^65.
    (cross / isqrt(length)).pow(2)
}

fn isqrt(n: i128) -> i128 {
    i128::try_from(n.unsigned_abs().isqrt()).unwrap_or(i128::MAX).max(1)
}

/// An area that the desk makes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewArea {
    /// What people call it.
    pub name: String,
    /// Its code.
    pub code: Option<String>,
    /// Which element it is.
    pub element: Option<String>,
    /// Who looks after it.
    pub keeper: Option<String>,
    /// After how many days somebody has to be there again.
    pub need_days: Option<u32>,
    /// Its borders.
    pub outline: Outline,
}

impl NewArea {
    /// The op that makes it.
    #[must_use]
    pub fn to_entries(&self, now_millis: i64) -> Vec<Entry> {
        let text = |field, text: &Option<String>| text.as_ref().map(|text| Entry::set(field, Value::text(text)));
        let fixed = [
            Some(Entry::set(shared::FOUND_AT, Value::Int(now_millis))),
            Some(Entry::set(field::NAME, Value::text(&self.name))),
            text(field::CODE, &self.code),
            text(field::ELEMENT, &self.element),
            text(field::KEEPER, &self.keeper),
            self.need_days.map(|days| Entry::set(field::NEED, Value::Int(i64::from(days) * THOUSAND))),
            Some(Entry::set(field::OUTLINE, self.outline.thinned().to_value())),
        ];
        fixed.into_iter().flatten().collect()
    }
}

/// Typed view of a merged area.
#[derive(Debug, Clone, Copy)]
pub struct Area<'a>(pub &'a Merged);

impl Area<'_> {
    fn text(&self, field: u32) -> Option<&str> {
        self.0.value(field).and_then(Value::as_text)
    }

    /// What people call it.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text(field::NAME)
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.text(field::CODE)
    }

    /// Which element it is.
    #[must_use]
    pub fn element(&self) -> Option<&str> {
        self.text(field::ELEMENT)
    }

    /// Who looks after it.
    #[must_use]
    pub fn keeper(&self) -> Option<&str> {
        self.text(field::KEEPER)
    }

    /// After how many days somebody has to be there again; at least one.
    #[must_use]
    pub fn need_days(&self) -> Option<u32> {
        let days = self.0.value(field::NEED).and_then(Value::as_int)? / THOUSAND;
        u32::try_from(days).ok().filter(|days| *days > 0)
    }

    /// What is forbidden there at a time, ms since 1970, as words of the city; none before the first day and after the last one.
    #[must_use]
    pub fn bans(&self, now_millis: i64) -> Vec<String> {
        let time = |field| self.0.value(field).and_then(Value::as_int);
        let has_begun = time(field::BANNED_FROM).is_none_or(|from| from <= now_millis);
        let is_over = time(field::BANNED_UNTIL).is_some_and(|until| until.saturating_add(DAY_MILLIS) <= now_millis);
        let words = self.0.value(field::BANS).and_then(Value::as_array).unwrap_or_default();
        let words = words.iter().filter(|_| has_begun && !is_over);
        words.filter_map(|word| word.as_text().map(str::to_owned)).collect()
    }

    /// Its borders; empty when they do not read.
    #[must_use]
    pub fn outline(&self) -> Outline {
        self.0.value(field::OUTLINE).and_then(Outline::from_value).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_e7: i64, lon_e7: i64) -> Position {
        Position { lat_e7, lon_e7 }
    }

    /// A circle of many corners around a place in the mountains.
    fn round(corners: i32) -> Vec<Position> {
        let turn = |n: i32| std::f64::consts::TAU * f64::from(n) / f64::from(corners);
        let corner = |n| at(389_000_000 + (turn(n).sin() * 1e6) as i64, 1_004_000_000 + (turn(n).cos() * 1e6) as i64);
        (0..corners).map(corner).collect()
    }

    #[test]
    fn an_outline_reads_back_to_a_metre_and_nonsense_does_not_read() {
        let outline = Outline(vec![round(40), vec![at(-5, -7), at(900_000_000, 1_800_000_000), at(0, 12_345)]]);
        let back = Outline::from_value(&outline.to_value()).unwrap();
        assert_eq!(back.len(), outline.len());
        for (one, other) in back.0.iter().flatten().zip(outline.0.iter().flatten()) {
            assert!((one.lat_e7 - other.lat_e7).abs() < 100 && (one.lon_e7 - other.lon_e7).abs() < 100);
        }
        let int = Value::Int;
        for bad in [
            int(1),
            Value::Array(vec![int(1)]),
            Value::Array(vec![Value::Array(vec![int(1)])]),
            Value::Array(vec![Value::Array(vec![int(9_000_001), int(0)])]),
            Value::Array(vec![Value::Array(vec![int(i64::MAX), int(1), int(1), int(1)])]),
        ] {
            assert_eq!(Outline::from_value(&bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_hole_is_not_inside() {
        let hole: Vec<_> = [(10, 10), (10, 20), (20, 20), (20, 10)].map(|(lat, lon)| at(lat, lon)).to_vec();
        let all: Vec<_> = [(0, 0), (0, 100), (100, 100), (100, 0)].map(|(lat, lon)| at(lat, lon)).to_vec();
        let outline = Outline(vec![all, hole]);
        assert!(outline.holds(at(50, 50)) && !outline.holds(at(15, 15)) && !outline.holds(at(-1, 5)));
        assert_eq!(outline.corners(), Some((at(0, 0), at(100, 100))));
    }

    #[test]
    fn polygons_have_their_own_holes_and_what_lies_in_a_hole_is_land_again() {
        let square = |low: i64, high: i64| {
            [(low, low), (low, high), (high, high), (high, low)].map(|(lat, lon)| at(lat, lon)).to_vec()
        };
        let (lake, island, far, pond) = (square(10, 90), square(40, 60), square(200, 300), square(220, 240));
        let polygons =
            Outline(vec![island.clone(), pond.clone(), square(0, 100), far.clone(), lake.clone()]).polygons();
        let corners: Vec<Vec<Position>> = polygons
            .iter()
            .map(|rings| {
                rings.iter().filter_map(|ring| ring.iter().min_by_key(|at| (at.lat_e7, at.lon_e7)).copied()).collect()
            })
            .collect();
        assert_eq!(corners, [vec![island[0]], vec![at(0, 0), lake[0]], vec![far[0], pond[0]]]);
        for ring in polygons.iter().flatten() {
            assert_eq!((ring.len(), ring[0]), (5, ring[4]));
        }
        // Latitude is up, longitude to the right: against the clock for land, with it for holes.
        assert_eq!(polygons[1][0][..3], [at(0, 0), at(0, 100), at(100, 100)]);
        assert_eq!(polygons[1][1][..3], [at(10, 10), at(90, 10), at(90, 90)]);
        assert_eq!(Outline(vec![vec![at(0, 0), at(1, 1)]]).polygons(), Vec::<Vec<Vec<Position>>>::new());
    }

    #[test]
    fn a_border_of_many_corners_fits_and_stays_where_it_was() {
        let whole = Outline(vec![round(40_000)]);
        let thin = whole.thinned();
        assert!(thin.len() <= MOST_CORNERS && thin.len() > 100, "{}", thin.len());
        let bytes = crate::cbor::encode(&thin.to_value());
        assert!(bytes.len() < 12_000, "{}", bytes.len());
        assert!(thin.holds(at(389_000_000, 1_004_000_000)) && !thin.holds(at(390_100_000, 1_004_000_000)));
        assert!(thin.holds(at(389_000_000, 1_004_990_000)), "a hundred metres inside is still inside");
        let small = Outline(vec![round(30)]);
        assert_eq!(small.thinned(), small);
    }
}
