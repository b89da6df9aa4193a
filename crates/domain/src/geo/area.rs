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
    fn less_than_a_triangle_holds_nothing() {
        assert!(!contains(&[], at(0, 0)));
        assert!(!contains(&[at(0, 0), at(10, 10)], at(5, 5)));
    }
}
