//! When this phone tells the server how it is: seldom, and sooner when something changed much.

use greenshield_domain::wire::HealthReport;

/// Between two reports.
const STEP_MILLIS: i64 = 10 * 60_000;
/// Between two reports when something changed much.
const LEAST_MILLIS: i64 = 60_000;
/// A clock that moved by so much was set.
const MUCH_SKEW_MILLIS: i64 = 60_000;

/// Whether to tell now, after what was told last and when (ms by the phone's clock).
#[must_use]
pub fn is_due(last: Option<&(i64, HealthReport)>, now_millis: i64, report: &HealthReport) -> bool {
    let Some((at_millis, told)) = last else { return true };
    // A clock that was set back would otherwise keep the phone silent.
    let age = now_millis.checked_sub(*at_millis).filter(|age| *age >= 0).unwrap_or(STEP_MILLIS);
    age >= STEP_MILLIS || (age >= LEAST_MILLIS && changed_much(told, report))
}

fn changed_much(told: &HealthReport, now: &HealthReport) -> bool {
    let is_empty = |report: &HealthReport| report.ops_unsent + report.files_unsent == 0;
    let facts =
        |report: &HealthReport| (report.version.clone(), report.is_persisted, report.is_standalone, report.continues);
    let skew = |report: &HealthReport| report.skew_millis.unwrap_or(0);
    is_empty(told) != is_empty(now)
        || facts(told) != facts(now)
        || skew(told).abs_diff(skew(now)) > MUCH_SKEW_MILLIS as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_tells_at_the_first_contact_then_every_ten_minutes_or_when_something_changed_much() {
        let report = HealthReport { ops_unsent: 3, ..HealthReport::default() };
        assert!(is_due(None, 0, &report));
        let last = Some((1_000_000, report.clone()));
        let due = |after: i64, report: &HealthReport| is_due(last.as_ref(), 1_000_000 + after, report);
        assert_eq!([due(599_999, &report), due(600_000, &report), due(-1, &report)], [false, true, true]);
        let fewer = HealthReport { ops_unsent: 1, ..report.clone() };
        let empty = HealthReport { ops_unsent: 0, ..report.clone() };
        let kept = HealthReport { is_persisted: Some(true), ..report.clone() };
        let set = HealthReport { skew_millis: Some(-90_000), ..report };
        assert!(!due(120_000, &fewer));
        for changed in [empty, kept, set] {
            assert_eq!([due(59_999, &changed), due(60_000, &changed)], [false, true]);
        }
    }
}
