//! What of a kind is asked for: a stretch of time, a part of the earth, a language.
//!
//! Owns: how dates, intervals and boxes are written. Refuses: to guess: what does not read is a fault, never the whole.

use chrono::{DateTime, NaiveDate};
use greenshield_domain::city::Kind;
use greenshield_domain::geo::Position;

use super::Lang;

/// The city's clock is eight hours before that of Greenwich.
pub const CITY_OFFSET_MILLIS: i64 = 8 * 3_600_000;
const DAY_MILLIS: i64 = 24 * 3_600_000;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Of which kind.
    pub kind: &'a Kind,
    /// From when on, ms since 1970.
    pub from_millis: Option<i64>,
    /// Until when, this moment included.
    pub until_millis: Option<i64>,
    /// Where.
    pub bbox: Option<Bbox>,
    /// The language of labels.
    pub lang: Lang,
    /// Whether the tracks of records are read.
    pub tracks: bool,
}

impl Asked<'_> {
    /// Whether nothing narrows it.
    #[must_use]
    pub fn takes_all(&self) -> bool {
        self.from_millis.is_none() && self.until_millis.is_none() && self.bbox.is_none()
    }

    pub(super) fn has_moment(&self, millis: i64) -> bool {
        self.from_millis.is_none_or(|from| from <= millis) && self.until_millis.is_none_or(|until| millis <= until)
    }

    pub(super) fn needs_tracks(&self) -> bool {
        self.tracks || self.bbox.is_some()
    }
}

/// A part of the earth, degrees × 1e7; where the west end lies east of the east end, it goes over the antimeridian.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bbox {
    west: i64,
    south: i64,
    east: i64,
    north: i64,
}

impl Bbox {
    /// Reads `west,south,east,north` in degrees, or the same with a lowest and a highest height, which say nothing here.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let numbers = text.split(',').map(|part| part.trim().parse::<f64>().ok().filter(|n| n.is_finite()));
        let numbers: Vec<f64> = numbers.collect::<Option<_>>()?;
        let (west, south, east, north) = match numbers[..] {
            [west, south, east, north] | [west, south, _, east, north, _] => (west, south, east, north),
            _ => return None,
        };
        let on_globe = [west, east].iter().all(|lon| lon.abs() <= 180.0)
            && [south, north].iter().all(|lat| lat.abs() <= 90.0)
            && south <= north;
        let e7 = |degrees: f64| (degrees * 1e7).round() as i64;
        on_globe.then(|| Self { west: e7(west), south: e7(south), east: e7(east), north: e7(north) })
    }

    /// Whether a position lies in it, its edges included.
    #[must_use]
    pub fn has(&self, at: Position) -> bool {
        (self.south..=self.north).contains(&at.lat_e7) && self.has_lon(at.lon_e7)
    }

    /// Its corner in the south-west.
    #[must_use]
    pub fn corner(&self) -> Position {
        Position { lat_e7: self.south, lon_e7: self.west }
    }

    fn has_lon(&self, lon: i64) -> bool {
        if self.west <= self.east {
            (self.west..=self.east).contains(&lon)
        } else {
            lon >= self.west || lon <= self.east
        }
    }

    /// Whether the straight line between two positions has a part in it.
    #[must_use]
    pub fn meets(&self, from: Position, to: Position) -> bool {
        let halves = if self.west <= self.east {
            vec![(self.west, self.east)]
        } else {
            vec![(self.west, 1_800_000_000), (-1_800_000_000, self.east)]
        };
        halves.into_iter().any(|(west, east)| self.clips((west, east), from, to))
    }

    /// Liang and Barsky: the part of the line that is inside of all four edges.
    fn clips(&self, (west, east): (i64, i64), from: Position, to: Position) -> bool {
        let (dx, dy) = ((to.lon_e7 - from.lon_e7) as f64, (to.lat_e7 - from.lat_e7) as f64);
        let edges = [
            (-dx, from.lon_e7 - west),
            (dx, east - from.lon_e7),
            (-dy, from.lat_e7 - self.south),
            (dy, self.north - from.lat_e7),
        ];
        let (mut first, mut last) = (0.0_f64, 1.0_f64);
        for (speed, room) in edges {
            let room = room as f64;
            if speed < 0.0 {
                first = first.max(room / speed);
            } else if speed > 0.0 {
                last = last.min(room / speed);
            } else if room < 0.0 {
                return false;
            }
        }
        first <= last
    }
}

/// The first and the last moment of what is written: a date is a day of the city, a time with its offset is a moment. In a query
/// a `+` comes as a blank.
#[must_use]
pub fn moment(text: &str) -> Option<(i64, i64)> {
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        let first = date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_millis() - CITY_OFFSET_MILLIS;
        return Some((first, first + DAY_MILLIS - 1));
    }
    let at = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).ok()?.timestamp_millis();
    Some((at, at))
}

/// From when until when, both included; `None` for an end that is open.
pub type Stretch = (Option<i64>, Option<i64>);

/// Reads an instant or an interval as OGC API – Features writes it: `T`, `T/T`, `../T`, `T/..`; an open end may also be empty.
#[must_use]
pub fn interval(text: &str) -> Option<Stretch> {
    let Some((from, until)) = text.split_once('/') else {
        return moment(text).map(|(first, last)| (Some(first), Some(last)));
    };
    let end = |text: &str| match text {
        "" | ".." => Some(None),
        text => moment(text).map(Some),
    };
    let (from, until) = (end(from)?.map(|(first, _)| first), end(until)?.map(|(_, last)| last));
    let is_backwards = from.zip(until).is_some_and(|(from, until)| from > until);
    (!is_backwards).then_some((from, until))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lon: f64, lat: f64) -> Position {
        Position { lat_e7: (lat * 1e7) as i64, lon_e7: (lon * 1e7) as i64 }
    }

    #[test]
    fn a_box_has_its_edges_and_may_go_over_the_antimeridian() {
        let city = Bbox::read("99.5,38.0,101.0,39.5").unwrap();
        assert!(city.has(at(99.5, 38.0)) && city.has(at(101.0, 39.5)) && !city.has(at(101.1, 39.0)));
        assert_eq!(Bbox::read("99.5,38.0,-10,101.0,39.5,9000"), Some(city));
        let pacific = Bbox::read("170,-10,-170,10").unwrap();
        assert!(pacific.has(at(179.0, 0.0)) && pacific.has(at(-175.0, 0.0)) && !pacific.has(at(0.0, 0.0)));
        assert!(pacific.meets(at(165.0, 0.0), at(175.0, 0.0)) && !pacific.meets(at(0.0, 0.0), at(100.0, 0.0)));
    }

    #[test]
    fn a_line_meets_a_box_that_it_only_crosses() {
        let city = Bbox::read("100,38,101,39").unwrap();
        assert!(city.meets(at(99.0, 38.5), at(102.0, 38.5)));
        assert!(city.meets(at(100.5, 38.5), at(100.5, 38.5)));
        assert!(!city.meets(at(99.0, 37.0), at(99.5, 40.0)));
        assert!(!city.meets(at(99.0, 38.9), at(100.2, 40.0)));
    }

    #[test]
    fn what_is_no_box_is_refused() {
        for bad in
            ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "0,10,1,9", "-181,0,0,1", "0,0,0,91", "NaN,0,1,1", "1e999,0,1,1"]
        {
            assert_eq!(Bbox::read(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_moments_and_intervals_read_and_nothing_else_does() {
        let noon = 1_795_406_400_000; // 2026-11-23T12:00:00+08:00
        let midnight = noon - 12 * 3_600_000;
        assert_eq!(moment("2026-11-23"), Some((midnight, midnight + DAY_MILLIS - 1)));
        for same in ["2026-11-23T04:00:00Z", "2026-11-23T12:00:00+08:00", "2026-11-23T12:00:00 08:00"] {
            assert_eq!(interval(same), Some((Some(noon), Some(noon))), "{same}");
        }
        assert_eq!(interval("2026-11-23T04:00:00Z/.."), Some((Some(noon), None)));
        assert_eq!(interval("/2026-11-23T04:00:00Z"), Some((None, Some(noon))));
        assert_eq!(interval("../.."), Some((None, None)));
        for bad in
            ["", "yesterday", "2026-13-01", "2026-11-24/2026-11-23", "2026-11-23/2026-11-24/..", "..", "1795406400000"]
        {
            assert_eq!(interval(bad), None, "{bad}");
        }
    }
}
