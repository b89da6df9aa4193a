//! What a receiver that is busy says about when it wants to be asked again: `Retry-After` (RFC 9110, 10.2.3).
//!
//! Refuses: to be asked sooner than the own wait is over, and to wait for longer than a day. What is neither seconds nor a date says
//! nothing.

use std::time::UNIX_EPOCH;

/// The longest wait that a receiver may ask for.
pub const MOST_MILLIS: i64 = 24 * 3_600_000;

/// In how many ms a receiver asks to be asked again, by status and header of its answer; `None` when it says nothing of it.
#[must_use]
pub fn asked_millis(status: u16, header: Option<&str>, now_millis: i64) -> Option<i64> {
    if !matches!(status, 429 | 503) {
        return None;
    }
    let text = header?.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number {
        // More digits than fit are longer than a day, too.
        return Some(text.parse::<i64>().map_or(MOST_MILLIS, |seconds| seconds.saturating_mul(1_000)).min(MOST_MILLIS));
    }
    let date = httpdate::parse_http_date(text).ok()?.duration_since(UNIX_EPOCH).ok()?;
    let at_millis = i64::try_from(date.as_millis()).unwrap_or(i64::MAX);
    Some(at_millis.saturating_sub(now_millis).clamp(0, MOST_MILLIS))
}

/// How long is waited: as the receiver asks, and never shorter than the own wait.
#[must_use]
pub fn heeding(own_millis: i64, asked_millis: Option<i64>) -> i64 {
    asked_millis.map_or(own_millis, |asked| asked.min(MOST_MILLIS).max(own_millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1994-11-06T08:49:37Z.
    const NOW: i64 = 784_111_777_000;

    #[test]
    fn seconds_and_dates_are_read_of_those_who_are_busy() {
        let asked = |header| asked_millis(503, Some(header), NOW);
        assert_eq!((asked("120"), asked(" 0 ")), (Some(120_000), Some(0)));
        assert_eq!(asked("Sun, 06 Nov 1994 08:59:37 GMT"), Some(600_000));
        assert_eq!(asked("Sunday, 06-Nov-94 08:59:37 GMT"), Some(600_000));
        assert_eq!(asked("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0), "it is over");
        for long in ["86401", "99999999999999999999999999", "Sun, 06 Nov 2044 08:00:00 GMT"] {
            assert_eq!(asked(long), Some(MOST_MILLIS), "{long}");
        }
        for nothing in ["", "-1", "+5", "1.5", "soon", "60 s", "Sun, 06 Nov"] {
            assert_eq!(asked(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn only_429_and_503_ask_for_it() {
        for status in [429, 503] {
            assert_eq!(asked_millis(status, Some("7"), NOW), Some(7_000));
            assert_eq!(asked_millis(status, None, NOW), None);
        }
        for status in [200, 301, 404, 410, 500, 502, 504] {
            assert_eq!(asked_millis(status, Some("7"), NOW), None, "{status}");
        }
    }

    #[test]
    fn the_wait_is_never_shorter_than_the_own_one_and_never_longer_than_a_day() {
        assert_eq!(heeding(5_000, None), 5_000);
        assert_eq!(heeding(5_000, Some(0)), 5_000);
        assert_eq!(heeding(5_000, Some(600_000)), 600_000);
        assert_eq!(heeding(3_600_000, Some(600_000)), 3_600_000);
        assert_eq!(heeding(5_000, Some(i64::MAX)), MOST_MILLIS);
    }
}
