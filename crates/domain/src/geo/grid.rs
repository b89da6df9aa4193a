//! The grid of Chinese offices: CGCS2000, Gauss–Krüger in zones of 3°, the number of the zone before the easting.

use super::{AXIS, FLATTENING, Position};

/// A point of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GridPoint {
    /// Number of the zone; its middle is at three times as many degrees.
    pub zone: i64,
    /// North of the equator, cm.
    pub north_cm: i64,
    /// East, cm: 500 km in the middle of the zone, without the number of the zone.
    pub east_cm: i64,
}

impl GridPoint {
    /// The easting as it is written: eight digits of metres, the first two are the zone.
    #[must_use]
    pub fn east_with_zone(self) -> i64 {
        self.zone * 1_000_000 + (self.east_cm + 50).div_euclid(100)
    }

    /// The northing in metres.
    #[must_use]
    pub fn north(self) -> i64 {
        (self.north_cm + 50).div_euclid(100)
    }
}

/// The zone of a position, by its longitude. `None` outside of the zones that China uses (25 to 45).
#[must_use]
pub fn zone_of(at: Position) -> Option<i64> {
    let zone = (at.lon_e7 + 15_000_000).div_euclid(30_000_000);
    (25..=45).contains(&zone).then_some(zone)
}

/// A position on the grid of a zone: Krüger's series to the fourth power, exact to the millimetre within some degrees of the
/// middle.
#[must_use]
pub fn gauss_kruger(at: Position, zone: i64) -> GridPoint {
    let (lat, lon) = at.degrees();
    let (lat, turn) = (lat.to_radians(), (lon - zone as f64 * 3.0).to_radians());
    let n = FLATTENING / (2.0 - FLATTENING);
    let (n2, n3, n4) = (n * n, n.powi(3), n.powi(4));
    let radius = AXIS / (1.0 + n) * (1.0 + n2 / 4.0 + n4 / 64.0);
    let series = [
        n / 2.0 - 2.0 * n2 / 3.0 + 5.0 * n3 / 16.0 + 41.0 * n4 / 180.0,
        13.0 * n2 / 48.0 - 3.0 * n3 / 5.0 + 557.0 * n4 / 1440.0,
        61.0 * n3 / 240.0 - 103.0 * n4 / 140.0,
        49_561.0 * n4 / 161_280.0,
    ];
    let eccentricity = (FLATTENING * (2.0 - FLATTENING)).sqrt();
    let conformal = (lat.sin().atanh() - eccentricity * (eccentricity * lat.sin()).atanh()).sinh();
    let xi = conformal.atan2(turn.cos());
    let eta = (turn.sin() / conformal.hypot(turn.cos())).asinh();
    let (mut north, mut east) = (xi, eta);
    for (factor, k) in series.iter().zip([2.0, 4.0, 6.0, 8.0]) {
        north += factor * (k * xi).sin() * (k * eta).cosh();
        east += factor * (k * xi).cos() * (k * eta).sinh();
    }
    let cm = |radians: f64| (radians * radius * 100.0).round() as i64;
    GridPoint { zone, north_cm: cm(north), east_cm: cm(east) + 50_000_000 }
}

#[cfg(test)]
mod tests {
    use super::super::tests::GANZHOU;
    use super::*;

    #[test]
    fn ganzhou_is_where_proj_puts_it_in_both_of_its_zones() {
        let near = |point: GridPoint, east_cm: i64, north_cm: i64| {
            assert!(point.east_cm.abs_diff(east_cm) <= 1 && point.north_cm.abs_diff(north_cm) <= 1, "{point:?}");
        };
        near(gauss_kruger(GANZHOU, 33), 62_587_481, 431_220_144);
        near(gauss_kruger(GANZHOU, 34), 36_574_873, 431_233_929);
    }

    #[test]
    fn the_zone_follows_the_longitude_and_ends_with_china() {
        let zone = |lon_e7| zone_of(Position { lat_e7: 0, lon_e7 });
        assert_eq!(zone(GANZHOU.lon_e7), Some(33));
        assert_eq!((zone(1_004_999_999), zone(1_005_000_000)), (Some(33), Some(34)));
        assert_eq!((zone(100_000_000), zone(1_400_000_000), zone(-1_000_000_000)), (None, None, None));
        assert_eq!(gauss_kruger(GANZHOU, 33).east_with_zone(), 33_625_875);
    }
}
