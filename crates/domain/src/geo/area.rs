//! Areas as rings of corners.

use super::Position;

/// Whether a ring of corners holds a position. Exact: integers only. The ring closes by itself; fewer than three corners hold
/// nothing. The first and the last corner may be the same. An area over the date line must be cut there.
#[must_use]
pub fn contains(ring: &[Position], at: Position) -> bool {
    let mut is_inside = false;
    let Some(mut before) = ring.last() else { return false };
    for corner in ring {
        if (corner.lat_e7 > at.lat_e7) != (before.lat_e7 > at.lat_e7) {
            let wide = |value: i64| i128::from(value);
            let rise = wide(before.lat_e7) - wide(corner.lat_e7);
            let turn = (wide(before.lon_e7) - wide(corner.lon_e7)) * (wide(at.lat_e7) - wide(corner.lat_e7))
                - (wide(at.lon_e7) - wide(corner.lon_e7)) * rise;
            if (turn > 0) == (rise > 0) && turn != 0 {
                is_inside = !is_inside;
            }
        }
        before = corner;
    }
    is_inside
}

/// The point of a ring of corners that lies nearest to a position; `None` for no corner. For areas of some hundred kilometres at
/// most: within them the meridians are taken for parallel.
#[must_use]
pub fn nearest_on(ring: &[Position], at: Position) -> Option<Position> {
    let squeeze = at.degrees().0.to_radians().cos();
    let flat = |corner: Position| ((corner.lon_e7 - at.lon_e7) as f64 * squeeze, (corner.lat_e7 - at.lat_e7) as f64);
    let mut nearest: Option<(f64, Position)> = None;
    let mut before = *ring.last()?;
    for corner in ring {
        let ((x0, y0), (x1, y1)) = (flat(before), flat(*corner));
        let (dx, dy) = (x1 - x0, y1 - y0);
        let length = dx * dx + dy * dy;
        let share = if length > 0.0 { (-(x0 * dx + y0 * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        let (x, y) = (x0 + dx * share, y0 + dy * share);
        let far = x * x + y * y;
        if nearest.is_none_or(|(known, _)| far < known) {
            let between = |from: i64, to: i64| from + ((to - from) as f64 * share).round() as i64;
            let lat_e7 = between(before.lat_e7, corner.lat_e7);
            nearest = Some((far, Position { lat_e7, lon_e7: between(before.lon_e7, corner.lon_e7) }));
        }
        before = *corner;
    }
    nearest.map(|(_, at)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_e7: i64, lon_e7: i64) -> Position {
        Position { lat_e7, lon_e7 }
    }

    #[test]
    fn a_valley_with_a_notch_holds_what_is_inside() {
        let ring = [at(0, 0), at(0, 100), at(100, 100), at(20, 50), at(100, 0)];
        assert!(contains(&ring, at(10, 50)));
        assert!(contains(&ring, at(60, 10)) && contains(&ring, at(60, 90)));
        assert!(!contains(&ring, at(60, 50)), "the notch is outside");
        assert!(!contains(&ring, at(-1, 50)) && !contains(&ring, at(10, 101)));
        let turned = [ring[4], ring[3], ring[2], ring[1], ring[0]];
        assert!(contains(&turned, at(60, 10)) && !contains(&turned, at(60, 50)));
    }

    #[test]
    fn the_nearest_point_of_a_border_is_a_corner_or_between_two() {
        let (south, west, side) = (389_000_000, 1_004_000_000, 1_000_000);
        let ring = [at(south, west), at(south, west + side), at(south + side, west + side), at(south + side, west)];
        let beside = at(south + 300_000, west - 500_000);
        assert_eq!(nearest_on(&ring, beside), Some(at(south + 300_000, west)));
        assert_eq!(nearest_on(&ring, at(south - 9, west - 9)), Some(ring[0]), "beyond a corner");
        assert_eq!(
            nearest_on(&ring, at(south + 900_000, west + 500_000)),
            Some(at(south + side, west + 500_000)),
            "from inside"
        );
        assert_eq!(nearest_on(&ring[..1], beside), Some(ring[0]));
        assert_eq!(nearest_on(&[], beside), None);
    }

    #[test]
    fn less_than_a_triangle_holds_nothing() {
        assert!(!contains(&[], at(0, 0)));
        assert!(!contains(&[at(0, 0), at(10, 10)], at(5, 5)));
    }
}
