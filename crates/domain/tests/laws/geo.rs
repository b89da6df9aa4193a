//! Positions: ways are the same in both directions, shifts have a way back, areas do not mind where their ring begins.

use greenshield_domain::geo::{Position, bd09_of_wgs84, contains, gcj02_of_wgs84, way, wgs84_of_bd09, wgs84_of_gcj02};
use proptest::prelude::*;

use crate::cases;

/// Somewhere in China, well within the box of the shift.
fn in_china() -> impl Strategy<Value = Position> {
    (200_000_000..500_000_000i64, 800_000_000..1_300_000_000i64)
        .prop_map(|(lat_e7, lon_e7)| Position { lat_e7, lon_e7 })
}

fn anywhere() -> impl Strategy<Value = Position> {
    (-900_000_000..=900_000_000i64, -1_800_000_000..=1_800_000_000i64)
        .prop_map(|(lat_e7, lon_e7)| Position { lat_e7, lon_e7 })
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_shifted_position_comes_back_to_less_than_a_metre(at in in_china()) {
        prop_assert!(way(at, wgs84_of_gcj02(gcj02_of_wgs84(at))).metres < 1);
        prop_assert!(way(at, wgs84_of_bd09(bd09_of_wgs84(at))).metres < 1);
    }

    #[test]
    fn a_shift_is_some_hundred_metres_and_never_kilometres(at in in_china()) {
        prop_assert!(way(at, gcj02_of_wgs84(at)).metres < 1_200);
        prop_assert!(way(at, bd09_of_wgs84(at)).metres < 2_500);
    }

    #[test]
    fn a_way_is_as_long_in_both_directions_and_no_longer_than_half_the_earth(a in anywhere(), b in anywhere()) {
        let (there, back) = (way(a, b), way(b, a));
        prop_assert!(there.metres.abs_diff(back.metres) <= 1 + there.metres / 100);
        prop_assert!(there.metres < 20_100_000 && there.bearing < 360);
        prop_assert_eq!(way(a, a).metres, 0);
    }

    #[test]
    fn a_ring_holds_the_same_wherever_it_begins(
        ring in prop::collection::vec(in_china(), 3..9), at in in_china(), turn in 0usize..9,
    ) {
        let mut turned = ring.clone();
        turned.rotate_left(turn % ring.len());
        prop_assert_eq!(contains(&ring, at), contains(&turned, at));
        let mut reversed = ring.clone();
        reversed.reverse();
        prop_assert_eq!(contains(&ring, at), contains(&reversed, at));
    }
}
