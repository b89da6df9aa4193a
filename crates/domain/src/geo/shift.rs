//! The shifted datums of Chinese map services, by the formulas that are public.
//!
//! Only for handing a point to such a service, or for reading one that came from there. Outside of the box that these formulas
//! use for China a position stays as it is.

use std::f64::consts::PI;

use super::Position;

/// Half axis of the ellipsoid of the shift, metres.
const SHIFT_AXIS: f64 = 6_378_245.0;
/// Its squared eccentricity.
const SHIFT_SQUEEZE: f64 = 0.006_693_421_622_965_943;
/// How fast the second shift turns.
const TURN: f64 = PI * 3000.0 / 180.0;
/// Steps of the way back; each brings some hundred times nearer.
const STEPS: usize = 4;

fn is_shifted(lat: f64, lon: f64) -> bool {
    (0.8293..=55.8271).contains(&lat) && (72.004..=137.8347).contains(&lon)
}

/// How far GCJ-02 is from WGS-84 here, in degrees.
fn offset(lat: f64, lon: f64) -> (f64, f64) {
    let (x, y) = (lon - 105.0, lat - 35.0);
    let wave = |value: f64, periods: [f64; 2], heights: [f64; 2]| {
        heights[0] * (value / periods[0] * PI).sin() + heights[1] * (value / periods[1] * PI).sin()
    };
    let common = (20.0 * (6.0 * x * PI).sin() + 20.0 * (2.0 * x * PI).sin()) * 2.0 / 3.0;
    let of_lat = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + common
        + wave(y, [1.0, 3.0], [20.0, 40.0]) * 2.0 / 3.0
        + wave(y, [12.0, 30.0], [160.0, 320.0]) * 2.0 / 3.0;
    let of_lon = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + common
        + wave(x, [1.0, 3.0], [20.0, 40.0]) * 2.0 / 3.0
        + wave(x, [12.0, 30.0], [150.0, 300.0]) * 2.0 / 3.0;
    let bulge = 1.0 - SHIFT_SQUEEZE * lat.to_radians().sin().powi(2);
    let along = SHIFT_AXIS * (1.0 - SHIFT_SQUEEZE) / bulge.powf(1.5);
    let across = SHIFT_AXIS / bulge.sqrt() * lat.to_radians().cos();
    ((of_lat / along).to_degrees(), (of_lon / across).to_degrees())
}

fn gcj02(lat: f64, lon: f64) -> (f64, f64) {
    let (up, right) = offset(lat, lon);
    (lat + up, lon + right)
}

fn bd09(lat: f64, lon: f64) -> (f64, f64) {
    let radius = lat.hypot(lon) + 0.000_02 * (lat * TURN).sin();
    let angle = lat.atan2(lon) + 0.000_003 * (lon * TURN).cos();
    (radius * angle.sin() + 0.006, radius * angle.cos() + 0.006_5)
}

/// The way back by trying: what has to be shifted to come out here?
fn undo(shift: fn(f64, f64) -> (f64, f64), lat: f64, lon: f64) -> (f64, f64) {
    let (mut from_lat, mut from_lon) = (lat, lon);
    for _ in 0..STEPS {
        let (to_lat, to_lon) = shift(from_lat, from_lon);
        from_lat += lat - to_lat;
        from_lon += lon - to_lon;
    }
    (from_lat, from_lon)
}

fn within(at: Position, change: impl Fn(f64, f64) -> (f64, f64)) -> Position {
    let (lat, lon) = at.degrees();
    if !is_shifted(lat, lon) {
        return at;
    }
    let (lat, lon) = change(lat, lon);
    Position::of_degrees(lat, lon)
}

/// WGS-84 as GCJ-02: Amap, Tencent.
#[must_use]
pub fn gcj02_of_wgs84(at: Position) -> Position {
    within(at, gcj02)
}

/// GCJ-02 as WGS-84, to less than a metre.
#[must_use]
pub fn wgs84_of_gcj02(at: Position) -> Position {
    within(at, |lat, lon| undo(gcj02, lat, lon))
}

/// WGS-84 as BD-09: Baidu.
#[must_use]
pub fn bd09_of_wgs84(at: Position) -> Position {
    within(at, |lat, lon| {
        let (lat, lon) = gcj02(lat, lon);
        bd09(lat, lon)
    })
}

/// BD-09 as WGS-84, to less than a metre.
#[must_use]
pub fn wgs84_of_bd09(at: Position) -> Position {
    within(at, |lat, lon| {
        let (lat, lon) = undo(bd09, lat, lon);
        undo(gcj02, lat, lon)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::GANZHOU;
    use super::super::{Wind, way};
    use super::*;

    #[test]
    fn in_ganzhou_the_shift_is_163_metres_to_the_northeast() {
        let shift = way(GANZHOU, gcj02_of_wgs84(GANZHOU));
        assert!(shift.metres.abs_diff(163) <= 3, "{shift:?}");
        assert!(shift.bearing.abs_diff(64) <= 3, "{shift:?}");
        assert_eq!(Wind::of_bearing(shift.bearing), Wind::NorthEast);
    }

    #[test]
    fn outside_of_china_nothing_moves() {
        let berlin = Position { lat_e7: 525_200_000, lon_e7: 134_050_000 };
        assert_eq!([gcj02_of_wgs84(berlin), bd09_of_wgs84(berlin), wgs84_of_gcj02(berlin)], [berlin; 3]);
    }
}
