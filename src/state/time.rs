//! Times as people say them: clock, day, age. The zone is an argument; the phone gives it once.

use greenshield_domain::calendar::{civil, day_of};
use greenshield_domain::city::Date;

use super::words::{t, tr};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment of the phone: what turns stored times into words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Now {
    /// ms since 1970.
    pub millis: i64,
    /// Minutes that the local clock is ahead of UTC.
    pub zone_minutes: i32,
}

impl Now {
    fn local(self, millis: i64) -> i64 {
        millis + i64::from(self.zone_minutes) * MINUTE
    }

    /// The local day of a moment, counted from 1970.
    #[must_use]
    pub fn day_of(self, millis: i64) -> i64 {
        self.local(millis).div_euclid(DAY)
    }

    /// Days before today; negative for the future.
    #[must_use]
    pub fn days_ago(self, millis: i64) -> i64 {
        self.day_of(self.millis) - self.day_of(millis)
    }

    /// `14:05`.
    #[must_use]
    pub fn clock(self, millis: i64) -> String {
        let minutes = self.local(millis).rem_euclid(DAY) / MINUTE;
        format!("{:02}:{:02}", minutes / 60, minutes % 60)
    }

    /// Month and day of the month.
    #[must_use]
    pub fn month_day(self, millis: i64) -> (i64, i64) {
        let (_, month, day) = civil(self.day_of(millis));
        (month, day)
    }

    /// The date of today; `None` only for a clock that is centuries off.
    #[must_use]
    pub fn date(self) -> Option<Date> {
        let (year, month, day) = civil(self.day_of(self.millis));
        Date::try_from(format!("{year:04}-{month:02}-{day:02}")).ok()
    }

    /// The date of a moment as a date field holds it, `2026-09-01`.
    #[must_use]
    pub fn iso_day(self, millis: i64) -> String {
        let (year, month, day) = civil(self.day_of(millis));
        format!("{year:04}-{month:02}-{day:02}")
    }

    /// The first moment of a date that was picked, and the last one, ms since 1970; `None` for no date.
    #[must_use]
    pub fn ends_of(self, date: &str) -> Option<(i64, i64)> {
        let date = Date::try_from(date.to_owned()).ok()?;
        let day = day_of(date.year.into(), date.day.month.into(), date.day.day.into());
        let first = day * DAY - i64::from(self.zone_minutes) * MINUTE;
        Some((first, first + DAY - 1))
    }

    /// The day in words: today, yesterday, or the date; with the year when it is another one.
    #[must_use]
    pub fn day(self, millis: i64) -> String {
        match self.days_ago(millis) {
            0 => t("records.today").to_owned(),
            1 => t("records.yesterday").to_owned(),
            -1 => t("time.tomorrow").to_owned(),
            _ => {
                let (year, month, day) = civil(self.day_of(millis));
                let date = tr("time.date", &[("month", &month.to_string()), ("day", &day.to_string())]);
                if civil(self.day_of(self.millis)).0 == year { date } else { format!("{year}-{month:02}-{day:02}") }
            }
        }
    }

    /// The clock, with the day before it unless it is today.
    #[must_use]
    pub fn moment(self, millis: i64) -> String {
        if self.days_ago(millis) == 0 {
            self.clock(millis)
        } else {
            format!("{} {}", self.day(millis), self.clock(millis))
        }
    }

    /// `2026-11-23 12:00`: for readers who do not look today.
    #[must_use]
    pub fn date_time(self, millis: i64) -> String {
        let (year, month, day) = civil(self.day_of(millis));
        format!("{year}-{month:02}-{day:02} {}", self.clock(millis))
    }

    /// How long ago, in words: just now, 5 minutes ago.
    #[must_use]
    pub fn ago(self, millis: i64) -> String {
        let age = self.millis - millis;
        if age < MINUTE { t("time.just_now").to_owned() } else { tr("time.ago", &[("age", &span(age))]) }
    }
}

/// A span in its largest unit.
#[must_use]
pub fn span(millis: i64) -> String {
    let n = |unit: i64| (millis / unit).to_string();
    match millis {
        ..HOUR => tr("time.minutes", &[("n", &n(MINUTE).replace('0', if millis < MINUTE { "1" } else { "0" }))]),
        HOUR..DAY => tr("time.hours", &[("n", &n(HOUR))]),
        _ => tr("time.days", &[("n", &n(DAY))]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: i64 = 1_795_406_400_000; // 2026-11-23 04:00 UTC, 12:00 in Zhangye

    #[test]
    fn the_day_changes_at_local_midnight() {
        let now = Now { millis: NOON, zone_minutes: 480 };
        assert_eq!(now.clock(NOON), "12:00");
        assert_eq!(now.days_ago(NOON - 12 * HOUR), 0);
        assert_eq!(now.days_ago(NOON - 12 * HOUR - 1), 1);
        assert_eq!(now.moment(NOON - 13 * HOUR), "昨天 23:00");
        assert_eq!(now.day(NOON - 10 * DAY), "11 月 13 日");
        assert_eq!(now.day(NOON - 400 * DAY), "2025-10-19");
    }

    #[test]
    fn a_picked_date_is_a_whole_local_day() {
        let now = Now { millis: NOON, zone_minutes: 480 };
        let (first, last) = now.ends_of("2026-11-24").unwrap();
        assert_eq!((first, last), (NOON + 12 * HOUR, NOON + 36 * HOUR - 1));
        assert_eq!(now.moment(last), "明天 23:59");
        assert_eq!(now.date().map(String::from).as_deref(), Some("2026-11-23"));
        assert_eq!(now.ends_of("24.11."), None);
    }

    #[test]
    fn ages_use_their_largest_unit() {
        assert_eq!(span(30_000), "1 分钟");
        assert_eq!(span(10 * MINUTE), "10 分钟");
        assert_eq!(span(3 * HOUR + 5), "3 小时");
        assert_eq!(span(50 * HOUR), "2 天");
    }
}
