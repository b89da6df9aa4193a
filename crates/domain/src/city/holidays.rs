//! The days off that the State Council orders for each year, and the limits of time that count over them.

use serde::{Deserialize, Serialize};

use super::{Date, Text};
use crate::calendar::day_of;

/// How a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CountBy {
    /// Natural days.
    Days,
    /// Working days.
    WorkingDays,
    /// Hours.
    Hours,
}

/// A limit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// How many.
    pub count: u32,
    /// Of what.
    pub by: CountBy,
}

/// Days off in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DaysOff {
    /// The first.
    pub from: Date,
    /// The last.
    pub until: Date,
    /// Name to show.
    pub name: Text,
}

/// The table of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HolidayYear {
    /// The year.
    pub year: u16,
    /// The order that it stands in.
    pub basis: String,
    /// Days off, weekends among them only where they are part of a row.
    pub holidays: Vec<DaysOff>,
    /// Days of weekends that are worked.
    pub workdays: Vec<Date>,
}

/// A date as a day counted from 1970.
fn day(date: Date) -> i64 {
    day_of(date.year.into(), date.day.month.into(), date.day.day.into())
}

impl HolidayYear {
    /// Whether a day, counted from 1970, is off.
    #[must_use]
    pub fn is_holiday(&self, at: i64) -> bool {
        self.holidays.iter().any(|off| (day(off.from)..=day(off.until)).contains(&at))
    }

    /// Whether a day of a weekend, counted from 1970, is worked.
    #[must_use]
    pub fn has_workday(&self, at: i64) -> bool {
        self.workdays.iter().any(|worked| day(*worked) == at)
    }
}

/// `calendar.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holidays {
    /// Minutes that the clock of the law is ahead of UTC.
    pub zone_minutes: i32,
    /// Tables by year. A year that is not here is not known.
    pub years: Vec<HolidayYear>,
}
