//! Where things are: distance, direction, the ways to write a position, the shifted grids of Chinese map services, areas.
//!
//! Owns: arithmetic on WGS-84 positions. Refuses: to store anything shifted; GCJ-02 and BD-09 exist only in what is handed to
//! another program. WGS-84 and CGCS2000 differ by decimetres at most, which is far below what a phone measures, so one is taken
//! for the other here. Invariant: integers at the boundaries, degrees × 1e7 and whole metres; floats only inside. Nothing here
//! takes part in the merge, so a last bit that differs between machines is no harm.

mod area;
pub mod geojson;
mod grid;
pub mod marks;
mod shift;
mod words;

pub use area::{contains, nearest_on};
pub use grid::{GridPoint, gauss_kruger, zone_of};
pub use shift::{bd09_of_wgs84, gcj02_of_wgs84, wgs84_of_bd09, wgs84_of_gcj02};
pub use words::{decimal, degrees, dms};

use crate::incident::Place;

/// Degrees × 1e7 in a degree.
const E7: f64 = 1e7;
/// Half axis of the ellipsoid, metres (GRS80; WGS-84 has the same).
const AXIS: f64 = 6_378_137.0;
/// Flattening of GRS80; that of WGS-84 differs in the tenth place.
const FLATTENING: f64 = 1.0 / 298.257_222_101;

/// A position. Which datum it is in, the functions say; without a word it is WGS-84.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Latitude × 1e7.
    pub lat_e7: i64,
    /// Longitude × 1e7.
    pub lon_e7: i64,
}

impl Position {
    /// The position of a place.
    #[must_use]
    pub fn of(place: &Place) -> Self {
        Self { lat_e7: place.lat_e7, lon_e7: place.lon_e7 }
    }

    fn degrees(self) -> (f64, f64) {
        (self.lat_e7 as f64 / E7, self.lon_e7 as f64 / E7)
    }

    fn of_degrees(lat: f64, lon: f64) -> Self {
        Self { lat_e7: (lat * E7).round() as i64, lon_e7: (lon * E7).round() as i64 }
    }
}

/// One of the eight winds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wind {
    /// North.
    North,
    /// Northeast.
    NorthEast,
    /// East.
    East,
    /// Southeast.
    SouthEast,
    /// South.
    South,
    /// Southwest.
    SouthWest,
    /// West.
    West,
    /// Northwest.
    NorthWest,
}

impl Wind {
    /// The wind of a bearing in degrees, clockwise from north.
    #[must_use]
    pub fn of_bearing(degrees: u32) -> Self {
        use Wind::*;
        let winds = [North, NorthEast, East, SouthEast, South, SouthWest, West, NorthWest];
        winds[((degrees % 360) * 10 + 225) as usize / 450 % 8]
    }

    /// A name for programs: `n`, `ne`, …
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::North => "n",
            Self::NorthEast => "ne",
            Self::East => "e",
            Self::SouthEast => "se",
            Self::South => "s",
            Self::SouthWest => "sw",
            Self::West => "w",
            Self::NorthWest => "nw",
        }
    }
}

/// The way from one position to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// How far, in metres.
    pub metres: u64,
    /// Where to at the start, degrees clockwise from true north, 0 to 359.
    pub bearing: u32,
}

/// The way from `from` to `to`, over the ground: better than 0.5 % up to 100 km.
///
/// The angle is that of a sphere, the radius that of the ellipsoid in this direction halfway.
#[must_use]
pub fn way(from: Position, to: Position) -> Way {
    let (metres, azimuth) = over_ground(from, to);
    Way { metres: metres.round() as u64, bearing: azimuth.to_degrees().rem_euclid(360.0).round() as u32 % 360 }
}

/// The length of [`way`] in cm, for sums of many short ones.
#[must_use]
pub fn distance_cm(from: Position, to: Position) -> i64 {
    (over_ground(from, to).0 * 100.0).round() as i64
}

/// Metres, and radians clockwise from north.
fn over_ground(from: Position, to: Position) -> (f64, f64) {
    let ((lat1, lon1), (lat2, lon2)) = (from.degrees(), to.degrees());
    let (a, b, turn) = (lat1.to_radians(), lat2.to_radians(), (lon2 - lon1).to_radians());
    let chord = ((b - a) / 2.0).sin().powi(2) + a.cos() * b.cos() * (turn / 2.0).sin().powi(2);
    let angle = 2.0 * chord.clamp(0.0, 1.0).sqrt().asin();
    let azimuth = (turn.sin() * b.cos()).atan2(a.cos() * b.sin() - a.sin() * b.cos() * turn.cos());
    let squeeze = FLATTENING * (2.0 - FLATTENING);
    let bulge = 1.0 - squeeze * ((a + b) / 2.0).sin().powi(2);
    let across = AXIS / bulge.sqrt();
    let along = AXIS * (1.0 - squeeze) / bulge.powf(1.5);
    let radius = 1.0 / (azimuth.cos().powi(2) / along + azimuth.sin().powi(2) / across);
    (angle * radius, azimuth)
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) const GANZHOU: Position = Position { lat_e7: 389_342_000, lon_e7: 1_004_517_000 };

    fn at(lat: f64, lon: f64) -> Position {
        Position::of_degrees(lat, lon)
    }

    #[test]
    fn a_degree_of_the_meridian_and_of_a_parallel_have_their_length() {
        // Lengths of the ellipsoid at 39° (M and N cos φ, integrated): 111,016 m and 86,629 m.
        let north = way(at(38.5, 100.0), at(39.5, 100.0));
        assert!(north.metres.abs_diff(111_016) < 60, "{north:?}");
        assert_eq!(north.bearing, 0);
        let east = way(at(39.0, 100.0), at(39.0, 101.0));
        assert!(east.metres.abs_diff(86_629) < 60, "{east:?}");
        assert!((89..=90).contains(&east.bearing));
    }

    #[test]
    fn a_way_over_the_date_line_is_short() {
        assert!(way(at(10.0, 179.9), at(10.0, -179.9)).metres < 23_000);
    }

    #[test]
    fn a_bearing_has_the_nearest_of_eight_winds() {
        let keys = [0, 22, 23, 90, 135, 180, 200, 225, 270, 315, 337, 338, 359].map(|b| Wind::of_bearing(b).key());
        assert_eq!(keys, ["n", "n", "ne", "e", "se", "s", "s", "sw", "w", "nw", "nw", "n", "n"]);
    }
}
