//! Tracks: what the phone measured on a patrol, gaps included, and what can honestly be said about it.
//!
//! Owns: the bytes of a track segment (`docs/op-format.md`, §17), the typed gaps, the modes of moving. `measure` derives
//! distance and time, `gpx` writes the exchange file. Refuses: to invent: a gap is never bridged, raw fixes are never changed.
//!
//! Invariant: items are in the order in which they were recorded; a segment reads back exactly or not at all.

mod gpx;
mod measure;

use crate::cbor::{self, Value};
use crate::geo::Position;

pub use gpx::to_gpx;
pub use measure::{Facts, Gap, Leg, Line, measure};

/// Media type of a segment.
pub const MIME: &str = "application/vnd.greenshield.track+cbor";
/// Most items of one segment.
pub const MOST_ITEMS: usize = 20_000;
const VERSION: i64 = 1;
/// Times further from 1970 than this are none (the range of JavaScript), ms.
const MOST_MILLIS: i64 = 8_640_000_000_000_000;
/// Lengths beyond this are none: the size of the earth, cm.
const MOST_CM: i64 = 1_300_000_000;

/// How somebody moves. The numbers are stored and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Mode {
    /// On foot.
    #[default]
    Foot = 0,
    /// On a horse or camel.
    Horse = 1,
    /// Motorbike.
    Motorbike = 2,
    /// Car.
    Car = 3,
    /// Boat.
    Boat = 4,
    /// A drone flies, its pilot stands.
    Drone = 5,
}

impl Mode {
    /// All modes in the order in which they are offered.
    pub const ALL: [Mode; 6] = [Mode::Foot, Mode::Horse, Mode::Motorbike, Mode::Car, Mode::Boat, Mode::Drone];

    /// Stable word, as in the field `mode`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Mode::Foot => "foot",
            Mode::Horse => "horse",
            Mode::Motorbike => "motorbike",
            Mode::Car => "car",
            Mode::Boat => "boat",
            Mode::Drone => "drone",
        }
    }

    /// The mode of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.word() == word)
    }

    /// The fastest that can be true, in cm/s; a fix that would need more is left out of the line.
    #[must_use]
    pub fn top_speed_cm_s(self) -> i64 {
        match self {
            Mode::Foot => 500,
            Mode::Horse => 1_500,
            Mode::Motorbike => 3_500,
            Mode::Car => 4_500,
            Mode::Boat => 2_000,
            Mode::Drone => 3_000,
        }
    }

    /// How often a fix is kept at most, ms.
    #[must_use]
    pub fn pace_millis(self) -> i64 {
        match self {
            Mode::Foot | Mode::Horse | Mode::Boat => 5_000,
            Mode::Motorbike | Mode::Car | Mode::Drone => 3_000,
        }
    }
}

/// A fix as the phone measured it, WGS-84.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fix {
    /// When, ms since 1970.
    pub at_millis: i64,
    /// Latitude × 1e7.
    pub lat_e7: i64,
    /// Longitude × 1e7.
    pub lon_e7: i64,
    /// Radius of 95 % confidence, in cm.
    pub accuracy_cm: i64,
    /// Height above the ellipsoid in cm, if the phone knows it.
    pub altitude_cm: Option<i64>,
}

impl Fix {
    /// Where.
    #[must_use]
    pub fn position(&self) -> Position {
        Position { lat_e7: self.lat_e7, lon_e7: self.lon_e7 }
    }
}

/// Why nothing was recorded. The numbers are stored and never change their meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The screen was off, or another app in front: browsers give no position then.
    Hidden = 0,
    /// The phone found no position.
    NoFix = 1,
    /// The app was ended and opened again.
    Restart = 2,
    /// The person paused.
    Paused = 3,
}

impl Cause {
    const ALL: [Cause; 4] = [Cause::Hidden, Cause::NoFix, Cause::Restart, Cause::Paused];

    /// Stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Cause::Hidden => "hidden",
            Cause::NoFix => "no-fix",
            Cause::Restart => "restart",
            Cause::Paused => "paused",
        }
    }
}

/// An item of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// A fix.
    Fix(Fix),
    /// Nothing was recorded from here to there.
    Gap {
        /// Why.
        cause: Cause,
        /// Begin, ms since 1970.
        from_millis: i64,
        /// End, ms since 1970.
        until_millis: i64,
    },
}

/// A piece of a track, of one mode.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segment {
    /// How the person moved.
    pub mode: Mode,
    /// What was recorded.
    pub items: Vec<Item>,
}

/// Bytes that are no segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrackError {
    /// Not canonical CBOR, or another shape.
    #[error("this is no track segment")]
    Shape,
    /// Written by a newer app.
    #[error("a track segment of version {0}")]
    Version(i64),
    /// A number outside of its range.
    #[error("item {0} lies off the globe or has a negative length")]
    Range(usize),
}

impl Segment {
    /// The bytes: `[version, mode, [item …]]`; each item in differences to the one before, so that most numbers are small.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (mut at, mut lat, mut lon) = (0, 0, 0);
        let items = self.items.iter().map(|item| match item {
            Item::Fix(fix) => {
                let numbers = [fix.at_millis - at, fix.lat_e7 - lat, fix.lon_e7 - lon, fix.accuracy_cm];
                (at, lat, lon) = (fix.at_millis, fix.lat_e7, fix.lon_e7);
                Value::Array(numbers.into_iter().chain(fix.altitude_cm).map(Value::Int).collect())
            }
            Item::Gap { cause, from_millis, until_millis } => {
                let numbers = [*cause as i64, from_millis - at, until_millis - from_millis];
                at = *until_millis;
                Value::Array(numbers.map(Value::Int).to_vec())
            }
        });
        let items = items.collect();
        cbor::encode(&Value::Array(vec![Value::Int(VERSION), Value::Int(self.mode as i64), Value::Array(items)]))
    }

    /// Begin of its first and end of its last item, ms since 1970; of an empty one the end of time.
    #[must_use]
    pub fn span(&self) -> (i64, i64) {
        let ends = |item: &Item| match item {
            Item::Fix(fix) => (fix.at_millis, fix.at_millis),
            Item::Gap { from_millis, until_millis, .. } => (*from_millis, *until_millis),
        };
        let (first, last) = (self.items.first().map(ends), self.items.last().map(ends));
        (first.map_or(i64::MAX, |(from, _)| from), last.map_or(i64::MAX, |(_, until)| until))
    }

    /// Reads bytes.
    ///
    /// # Errors
    /// [`TrackError`].
    pub fn decode(bytes: &[u8]) -> Result<Self, TrackError> {
        let value = cbor::decode(bytes).map_err(|_| TrackError::Shape)?;
        let Some([version, mode, items]) = value.as_array() else { return Err(TrackError::Shape) };
        match version.as_int() {
            Some(VERSION) => {}
            Some(other) => return Err(TrackError::Version(other)),
            None => return Err(TrackError::Shape),
        }
        let mode = mode.as_int().and_then(|mode| Mode::ALL.into_iter().find(|known| *known as i64 == mode));
        let (Some(mode), Some(items)) = (mode, items.as_array()) else { return Err(TrackError::Shape) };
        if items.len() > MOST_ITEMS {
            return Err(TrackError::Shape);
        }
        let mut reader = Reader::default();
        let read = items.iter().enumerate().map(|(index, item)| reader.item(item).map_err(|fault| fault.at(index)));
        Ok(Self { mode, items: read.collect::<Result<_, _>>()? })
    }
}

/// Why an item does not read.
enum Fault {
    Shape,
    Range,
}

impl Fault {
    fn at(self, index: usize) -> TrackError {
        match self {
            Fault::Shape => TrackError::Shape,
            Fault::Range => TrackError::Range(index),
        }
    }
}

/// A time so much later, if it is one.
fn time(from: i64, later: i64) -> Result<i64, Fault> {
    from.checked_add(later).filter(|at| (-MOST_MILLIS..=MOST_MILLIS).contains(at)).ok_or(Fault::Range)
}

/// Adds the differences up.
#[derive(Default)]
struct Reader {
    at: i64,
    lat: i64,
    lon: i64,
}

impl Reader {
    fn item(&mut self, value: &Value) -> Result<Item, Fault> {
        let numbers: Option<Vec<i64>> = value.as_array().ok_or(Fault::Shape)?.iter().map(Value::as_int).collect();
        match numbers.ok_or(Fault::Shape)?.as_slice() {
            [cause, from, length] => {
                let cause = Cause::ALL.into_iter().find(|known| *known as i64 == *cause).ok_or(Fault::Shape)?;
                let from_millis = time(self.at, *from)?;
                self.at = time(from_millis, *length).ok().filter(|_| *length >= 0).ok_or(Fault::Range)?;
                Ok(Item::Gap { cause, from_millis, until_millis: self.at })
            }
            [at, lat, lon, accuracy_cm, altitude @ ..] if altitude.len() < 2 => {
                let add = |sum: i64, difference: &i64| sum.checked_add(*difference).ok_or(Fault::Range);
                (self.at, self.lat, self.lon) = (time(self.at, *at)?, add(self.lat, lat)?, add(self.lon, lon)?);
                let is_on_globe = self.lat.unsigned_abs() <= 900_000_000 && self.lon.unsigned_abs() <= 1_800_000_000;
                let is_high = altitude.first().is_some_and(|cm| cm.unsigned_abs() > MOST_CM.unsigned_abs());
                if !is_on_globe || is_high || !(0..=MOST_CM).contains(accuracy_cm) {
                    return Err(Fault::Range);
                }
                Ok(Item::Fix(Fix {
                    at_millis: self.at,
                    lat_e7: self.lat,
                    lon_e7: self.lon,
                    accuracy_cm: *accuracy_cm,
                    altitude_cm: altitude.first().copied(),
                }))
            }
            _ => Err(Fault::Shape),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fix(at_millis: i64, lat_e7: i64) -> Item {
        Item::Fix(Fix { at_millis, lat_e7, lon_e7: 1_000_000_000, accuracy_cm: 500, altitude_cm: Some(312_000) })
    }

    #[test]
    fn a_segment_reads_back_and_a_day_of_fixes_is_small() {
        let mut items = vec![Item::Gap { cause: Cause::Paused, from_millis: 5, until_millis: 900 }];
        items.extend((0..5_760).map(|i| fix(1_795_406_400_000 + i * 5_000, 389_000_000 + i * 70)));
        let segment = Segment { mode: Mode::Horse, items };
        let bytes = segment.encode();
        assert_eq!(Segment::decode(&bytes), Ok(segment));
        assert!(bytes.len() < 5_760 * 16, "{} bytes", bytes.len());
    }

    #[test]
    fn what_is_no_segment_is_refused_with_its_reason() {
        let bytes = |value| cbor::encode(&value);
        let of = |items: Vec<Value>| bytes(Value::Array(vec![Value::Int(1), Value::Int(0), Value::Array(items)]));
        let ints = |numbers: &[i64]| Value::Array(numbers.iter().copied().map(Value::Int).collect());
        assert_eq!(Segment::decode(b"GPX"), Err(TrackError::Shape));
        let newer = Value::Array(vec![Value::Int(2), Value::Int(0), Value::Array(vec![])]);
        assert_eq!(Segment::decode(&bytes(newer)), Err(TrackError::Version(2)));
        for (item, error) in [
            (ints(&[0, 900_000_001, 0, 0]), TrackError::Range(0)),
            (ints(&[0, 0, 0, -1]), TrackError::Range(0)),
            (ints(&[0, 0, -1]), TrackError::Range(0)),
            (ints(&[i64::MAX, 0, 0, 0, 0, 0]), TrackError::Shape),
            (ints(&[9, 0, 0]), TrackError::Shape),
            (Value::Int(1), TrackError::Shape),
        ] {
            assert_eq!(Segment::decode(&of(vec![item])), Err(error));
        }
        let twice = vec![ints(&[MOST_MILLIS, 0, 0, 0]), ints(&[1, 0, 0, 0])];
        assert_eq!(Segment::decode(&of(twice)), Err(TrackError::Range(1)));
    }
}
