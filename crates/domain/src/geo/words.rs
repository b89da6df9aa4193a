//! Positions as people write them. Integers only.

use super::Position;

/// Degrees with six decimals, the latitude first: `38.934200, 100.451700`. What programs and radios take.
#[must_use]
pub fn decimal(at: Position) -> String {
    format!("{}, {}", degrees(at.lat_e7), degrees(at.lon_e7))
}

/// Degrees × 1e7 as degrees with six decimals.
#[must_use]
pub fn degrees(e7: i64) -> String {
    let millionths = (e7.unsigned_abs() + 5) / 10;
    let sign = if e7 < 0 && millionths > 0 { "-" } else { "" };
    format!("{sign}{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// Degrees, minutes and tenths of seconds: `38°56′03.1″N 100°27′06.1″E`.
#[must_use]
pub fn dms(at: Position) -> String {
    format!("{} {}", sixtieths(at.lat_e7, "N", "S"), sixtieths(at.lon_e7, "E", "W"))
}

fn sixtieths(e7: i64, positive: &str, negative: &str) -> String {
    let tenths = (e7.unsigned_abs() * 36_000 + 5_000_000) / 10_000_000;
    let (seconds, tenth) = (tenths / 10, tenths % 10);
    let side = if e7 < 0 { negative } else { positive };
    format!("{}°{:02}′{:02}.{tenth}″{side}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::super::tests::GANZHOU;
    use super::*;

    #[test]
    fn a_position_is_written_in_degrees_and_in_sixtieths() {
        assert_eq!(decimal(GANZHOU), "38.934200, 100.451700");
        assert_eq!(dms(GANZHOU), "38°56′03.1″N 100°27′06.1″E");
        let south = Position { lat_e7: -389_999_999, lon_e7: -1 };
        assert_eq!(decimal(south), "-39.000000, 0.000000");
        assert_eq!(dms(south), "39°00′00.0″S 0°00′00.0″W");
    }
}
