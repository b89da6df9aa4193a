//! When to try again: jitter over the upper half, 1 s to 5 min, without end.

/// Longest wait in ms.
const MOST_MILLIS: u64 = 300_000;

/// Wait in ms after the n-th failure in a row (from 1), given 32 random bits. Half of the ceiling is the least, so that a
/// phone never hammers.
#[must_use]
pub(super) fn wait_millis(failures: u32, random: u32) -> i64 {
    let ceiling = (1_000u64 << failures.saturating_sub(1).min(9)).min(MOST_MILLIS);
    let spread = ceiling / 2 * u64::from(random) / u64::from(u32::MAX);
    i64::try_from(ceiling / 2 + spread).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_from_a_second_to_five_minutes_and_stay_there() {
        for (failures, least, most) in
            [(1, 500, 1_000), (2, 1_000, 2_000), (9, 128_000, 256_000), (10, 150_000, 300_000)]
        {
            assert_eq!((wait_millis(failures, 0), wait_millis(failures, u32::MAX)), (least, most));
        }
        assert_eq!(wait_millis(u32::MAX, u32::MAX), 300_000);
    }
}
