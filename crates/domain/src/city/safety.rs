//! What a city says about safety: numbers to call, and the seasons in which rules of their own hold.

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
}
