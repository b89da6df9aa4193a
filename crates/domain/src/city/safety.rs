//! What a city says about safety: numbers to call, the seasons in which rules of their own hold, the bans of a year.

use serde::{Deserialize, Serialize};

use super::Text;

/// A number to call in need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyNumber {
    /// Digits to dial.
    pub number: String,
    /// Who answers.
    pub name: Text,
}

/// A day of any year, written `MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct YearDay {
    /// From 1.
    pub month: u8,
    /// From 1.
    pub day: u8,
}

/// A day that no year has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no day of a year, MM-DD")]
pub struct NoYearDay(pub String);

impl TryFrom<String> for YearDay {
    type Error = NoYearDay;

    fn try_from(text: String) -> Result<Self, NoYearDay> {
        let read = || {
            let (month, day) = text.split_once('-')?;
            let two = |digits: &str| (digits.len() == 2).then(|| digits.parse::<u8>().ok()).flatten();
            let (month, day) = (two(month)?, two(day)?);
            let days = match month {
                2 => 29,
                4 | 6 | 9 | 11 => 30,
                1..=12 => 31,
                _ => return None,
            };
            (1..=days).contains(&day).then_some(Self { month, day })
        };
        read().ok_or(NoYearDay(text))
    }
}

impl From<YearDay> for String {
    fn from(day: YearDay) -> Self {
        format!("{:02}-{:02}", day.month, day.day)
    }
}

/// A season that comes every year, e.g. that of forest fires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Season {
    /// Stable word.
    pub id: String,
    /// Its first day.
    pub from: YearDay,
    /// Its last day; before `from` when it goes over New Year.
    pub until: YearDay,
    /// Name to show.
    pub name: Text,
    /// What holds in it.
    pub text: Text,
}

impl Season {
    /// Whether a day lies in it.
    #[must_use]
    pub fn holds_on(&self, day: YearDay) -> bool {
        if self.from <= self.until {
            (self.from..=self.until).contains(&day)
        } else {
            day >= self.from || day <= self.until
        }
    }
}

/// The seasons that a day lies in.
pub fn seasons_on(seasons: &[Season], day: YearDay) -> impl Iterator<Item = &Season> {
    seasons.iter().filter(move |season| season.holds_on(day))
}

/// A day of one year, written `YYYY-MM-DD`; days compare as they follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Date {
    /// The year.
    pub year: u16,
    /// The day in it.
    pub day: YearDay,
}

impl TryFrom<String> for Date {
    type Error = NoYearDay;

    fn try_from(text: String) -> Result<Self, NoYearDay> {
        let read = || {
            let (year, day) = text.split_once('-')?;
            let year = (year.len() == 4).then(|| year.parse::<u16>().ok()).flatten()?;
            let day = YearDay::try_from(day.to_owned()).ok()?;
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            (is_leap || (day.month, day.day) != (2, 29)).then_some(Self { year, day })
        };
        read().ok_or(NoYearDay(text))
    }
}

impl From<Date> for String {
    fn from(date: Date) -> Self {
        format!("{:04}-{}", date.year, String::from(date.day))
    }
}

/// Something that is forbidden for some days of one year: fire, grazing, fishing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Stable word.
    pub id: String,
    /// Its first day.
    pub from: Date,
    /// Its last day.
    pub until: Date,
    /// Name to show.
    pub name: Text,
    /// What is forbidden, and where.
    pub text: Text,
    /// Picture, a name of the sprite.
    #[serde(default)]
    pub icon: Option<String>,
}

/// The bans that hold on a day.
pub fn bans_on(bans: &[Ban], date: Date) -> impl Iterator<Item = &Ban> {
    bans.iter().filter(move |ban| (ban.from..=ban.until).contains(&date))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> YearDay {
        YearDay::try_from(text.to_owned()).unwrap()
    }

    fn season(from: &str, until: &str) -> Season {
        let text = |zh: &str| Text { zh: zh.to_owned(), en: zh.to_owned() };
        Season { id: "s".to_owned(), from: day(from), until: day(until), name: text("s"), text: text("s") }
    }

    #[test]
    fn a_season_holds_from_its_first_to_its_last_day_also_over_new_year() {
        let winter = [season("11-01", "05-31")];
        let holds = |text| seasons_on(&winter, day(text)).count() == 1;
        assert!(holds("11-01") && holds("12-31") && holds("01-01") && holds("02-29") && holds("05-31"));
        assert!(!holds("10-31") && !holds("06-01"));
        let summer = season("06-01", "08-31");
        assert!(summer.holds_on(day("06-01")) && summer.holds_on(day("08-31")) && !summer.holds_on(day("09-01")));
    }

    #[test]
    fn a_day_that_no_year_has_is_refused() {
        for bad in ["13-01", "02-30", "04-31", "00-10", "1-1", "0101", "01-00", ""] {
            assert!(YearDay::try_from(bad.to_owned()).is_err(), "{bad}");
        }
        assert_eq!(String::from(day("05-09")), "05-09");
    }

    #[test]
    fn a_ban_holds_from_its_first_to_its_last_day_of_its_year_only() {
        let date = |text: &str| Date::try_from(text.to_owned()).unwrap();
        let text = |zh: &str| Text { zh: zh.to_owned(), en: zh.to_owned() };
        let (from, until) = (date("2026-04-01"), date("2026-06-30"));
        let bans = [Ban { id: "g".to_owned(), from, until, name: text("g"), text: text("g"), icon: None }];
        let holds = |text| bans_on(&bans, date(text)).count() == 1;
        assert!(holds("2026-04-01") && holds("2026-05-15") && holds("2026-06-30"));
        assert!(!holds("2026-03-31") && !holds("2026-07-01") && !holds("2027-05-15"));
        assert_eq!(String::from(date("2028-02-29")), "2028-02-29");
        for bad in ["2026-02-29", "26-04-01", "2026-4-1", "2026-13-01", ""] {
            assert!(Date::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }
}
