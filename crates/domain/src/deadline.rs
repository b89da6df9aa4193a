//! Limits of time as the law counts them: natural days, working days, hours, over the holidays that the State Council orders for
//! each year.
//!
//! Owns: the count. The first day does not count; a limit in natural days whose last day is no working day ends on the next one;
//! a limit in hours runs through. Refuses: to guess. Where the table of a year is missing, it says which year, moves nothing and
//! counts no working days.

use crate::calendar::civil;
use crate::city::{CountBy, Date, Holidays, Limit};

const MINUTE_MILLIS: i64 = 60_000;
const HOUR_MILLIS: i64 = 60 * MINUTE_MILLIS;
const DAY_MILLIS: i64 = 24 * HOUR_MILLIS;
/// No row of days off is longer.
const MOST_DAYS_OFF: i64 = 40;

/// When a limit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deadline {
    /// Its last moment, ms since 1970; `None` when it can not be counted.
    pub due_millis: Option<i64>,
    /// The year whose table of holidays is missing, so that the end was not moved, or not counted at all.
    pub missing_year: Option<i64>,
}

/// The day of a moment, ms since 1970, by the clock of the law; `None` only for a clock that is centuries off.
#[must_use]
pub fn date_of(holidays: &Holidays, millis: i64) -> Option<Date> {
    let local = millis + i64::from(holidays.zone_minutes) * MINUTE_MILLIS;
    let (year, month, day) = civil(local.div_euclid(DAY_MILLIS));
    Date::try_from(format!("{year:04}-{month:02}-{day:02}")).ok()
}

/// Whether a day, counted from 1970, is a working day.
///
/// # Errors
/// The year, when it has no table.
pub fn is_working(holidays: &Holidays, day: i64) -> Result<bool, i64> {
    let (year, _, _) = civil(day);
    let table = holidays.years.iter().find(|table| i64::from(table.year) == year).ok_or(year)?;
    // 1970-01-01 was a Thursday.
    let is_weekend = (day + 3).rem_euclid(7) >= 5;
    Ok(if is_weekend { table.has_workday(day) } else { !table.is_holiday(day) })
}

/// The next working day, this one included.
fn next_working(holidays: &Holidays, day: i64) -> Result<i64, i64> {
    for day in day..day + MOST_DAYS_OFF {
        if is_working(holidays, day)? {
            return Ok(day);
        }
    }
    Ok(day)
}

/// The last day of a limit in working days.
fn count_working(holidays: &Holidays, mut day: i64, count: u32) -> Result<i64, i64> {
    for _ in 0..count {
        day = next_working(holidays, day + 1)?;
    }
    Ok(day)
}

/// When a limit ends that starts at a moment, ms since 1970.
#[must_use]
pub fn deadline(holidays: &Holidays, limit: Limit, start_millis: i64) -> Deadline {
    let zone_millis = i64::from(holidays.zone_minutes) * MINUTE_MILLIS;
    let first = (start_millis + zone_millis).div_euclid(DAY_MILLIS);
    let end_of = |day: i64| Some((day + 1) * DAY_MILLIS - zone_millis - 1);
    match limit.by {
        CountBy::Hours => {
            let due = start_millis.saturating_add(i64::from(limit.count) * HOUR_MILLIS);
            Deadline { due_millis: Some(due), missing_year: None }
        }
        CountBy::Days => {
            let last = first + i64::from(limit.count);
            match next_working(holidays, last) {
                Ok(last) => Deadline { due_millis: end_of(last), missing_year: None },
                Err(year) => Deadline { due_millis: end_of(last), missing_year: Some(year) },
            }
        }
        CountBy::WorkingDays => match count_working(holidays, first, limit.count) {
            Ok(last) => Deadline { due_millis: end_of(last), missing_year: None },
            Err(year) => Deadline { due_millis: None, missing_year: Some(year) },
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::{day_of, utc};

    fn holidays() -> Holidays {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../city/calendar.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    /// Ten o'clock in Zhangye.
    fn at(year: i64, month: i64, day: i64) -> i64 {
        day_of(year, month, day) * DAY_MILLIS + 2 * HOUR_MILLIS
    }

    /// The day in Zhangye on which a limit ends, and the year that is missing.
    fn ends(by: CountBy, count: u32, start: i64) -> (String, Option<i64>) {
        let found = deadline(&holidays(), Limit { count, by }, start);
        let day = found.due_millis.map(|due| utc(due + 8 * HOUR_MILLIS)[..10].to_owned()).unwrap_or_default();
        (day, found.missing_year)
    }

    fn day(by: CountBy, count: u32, start: i64) -> String {
        let (day, missing) = ends(by, count, start);
        assert_eq!(missing, None, "{day}");
        day
    }

    #[test]
    fn the_first_day_does_not_count_and_the_last_one_counts_to_its_end() {
        let start = at(2026, 11, 24);
        assert_eq!(day(CountBy::Days, 3, start), "2026-11-27");
        let found = deadline(&holidays(), Limit { count: 3, by: CountBy::Days }, start);
        assert_eq!(found.due_millis.map(utc).as_deref(), Some("2026-11-27T15:59:59.999Z"), "midnight in Zhangye");
        let late = start + 13 * HOUR_MILLIS;
        assert_eq!(day(CountBy::Days, 3, late), "2026-11-27", "the hour of the first day does not matter");
        assert_eq!(day(CountBy::Days, 3, late + 2 * HOUR_MILLIS), "2026-11-30", "after midnight it is another day");
    }

    #[test]
    fn a_last_day_at_the_weekend_moves_to_monday() {
        assert_eq!(day(CountBy::Days, 3, at(2026, 11, 25)), "2026-11-30");
        assert_eq!(day(CountBy::Days, 3, at(2026, 11, 26)), "2026-11-30");
    }

    #[test]
    fn spring_festival_moves_the_end_and_takes_out_working_days() {
        // 15 to 23 February 2026 are off; the Saturdays 14 and 28 are worked.
        assert_eq!(day(CountBy::Days, 3, at(2026, 2, 13)), "2026-02-24");
        assert_eq!(day(CountBy::Days, 1, at(2026, 2, 13)), "2026-02-14", "a Saturday that is worked");
        assert_eq!(day(CountBy::WorkingDays, 3, at(2026, 2, 12)), "2026-02-24", "13, 14, 24");
        assert_eq!(day(CountBy::WorkingDays, 5, at(2026, 2, 23)), "2026-02-28", "24 to 27, and Saturday 28");
        // 28 January to 4 February 2025; Sunday 26 January and Saturday 8 February are worked.
        assert_eq!(day(CountBy::Days, 3, at(2025, 1, 27)), "2025-02-05");
        assert_eq!(day(CountBy::WorkingDays, 3, at(2025, 1, 24)), "2025-02-05", "26, 27, 5");
    }

    #[test]
    fn national_day_and_the_days_that_make_up_for_it() {
        assert_eq!(day(CountBy::Days, 3, at(2026, 9, 30)), "2026-10-08");
        assert_eq!(day(CountBy::WorkingDays, 3, at(2026, 9, 30)), "2026-10-10", "8, 9, and Saturday 10");
        assert_eq!(day(CountBy::Days, 3, at(2026, 9, 17)), "2026-09-20", "a Sunday that is worked");
        assert_eq!(day(CountBy::Days, 7, at(2025, 9, 30)), "2025-10-09", "with Mid-Autumn until the 8th");
        assert_eq!(day(CountBy::WorkingDays, 1, at(2025, 10, 10)), "2025-10-11");
    }

    #[test]
    fn ends_of_months_and_years_are_days_like_any_other() {
        assert_eq!(day(CountBy::Days, 30, at(2026, 1, 29)), "2026-02-28");
        assert_eq!(day(CountBy::Days, 3, at(2026, 4, 27)), "2026-04-30");
        assert_eq!(
            day(CountBy::Days, 3, at(2025, 12, 29)),
            "2026-01-04",
            "New Year is off; Sunday 4 January is worked"
        );
        assert_eq!(day(CountBy::WorkingDays, 2, at(2025, 12, 30)), "2026-01-04");
    }

    #[test]
    fn hours_run_through_every_holiday() {
        let start = at(2026, 2, 14);
        let found = deadline(&holidays(), Limit { count: 24, by: CountBy::Hours }, start);
        assert_eq!(found, Deadline { due_millis: Some(start + DAY_MILLIS), missing_year: None });
    }

    #[test]
    fn a_year_without_a_table_is_named_and_nothing_is_guessed() {
        assert_eq!(ends(CountBy::Days, 3, at(2026, 12, 30)), ("2027-01-02".to_owned(), Some(2027)), "not moved");
        assert_eq!(ends(CountBy::WorkingDays, 3, at(2026, 12, 30)), (String::new(), Some(2027)));
        assert_eq!(ends(CountBy::Days, 1, at(2026, 12, 30)), ("2026-12-31".to_owned(), None));
        assert_eq!(ends(CountBy::Days, 3, at(2024, 5, 6)), ("2024-05-09".to_owned(), Some(2024)));
    }
}
