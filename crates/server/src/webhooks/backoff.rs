//! How long it takes until a delivery that failed is tried again.

/// After the first failure.
const FIRST_MILLIS: i64 = 5_000;
/// The longest wait; it is tried for ever.
pub const LONGEST_MILLIS: i64 = 3_600_000;

/// The wait after so many failures in a row, ms. It doubles each time up to an hour; `dice` takes up to half of it away, so that
/// receivers that failed together do not come back together.
#[must_use]
pub fn wait_millis(failures: u64, dice: u64) -> i64 {
    // Ten times twice as long is more than an hour.
    let doubled = u32::try_from(failures.saturating_sub(1)).unwrap_or(u32::MAX).min(10);
    let longest = (FIRST_MILLIS << doubled).min(LONGEST_MILLIS);
    let half = longest / 2;
    half + i64::try_from(dice % (half.unsigned_abs() + 1)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_an_hour_and_varies_by_half() {
        for (failures, longest) in [(0, 5_000), (1, 5_000), (2, 10_000), (3, 20_000), (10, 2_560_000), (11, 3_600_000)]
        {
            assert_eq!(wait_millis(failures, 0), longest / 2, "{failures}");
            assert_eq!(wait_millis(failures, longest.unsigned_abs() / 2), longest, "{failures}");
        }
        for failures in [1, 7, 12, 1_000, u64::MAX] {
            for dice in [0, 1, 77_777_777, u64::MAX] {
                let wait = wait_millis(failures, dice);
                assert!((2_500..=LONGEST_MILLIS).contains(&wait), "{failures} {dice}: {wait}");
            }
        }
    }
}
