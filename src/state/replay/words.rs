//! A replay in words: where everybody was, what happened, how fast it plays.

use greenshield_domain::track::Gap;

use super::{Event, Film, Finding, Walk, What, Where};
use crate::state::patrol::words::{cause, lasting};
use crate::state::time::Now;
use crate::state::words::{t, tr};

/// Where somebody was, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Who; empty where there is only one.
    pub name: String,
    /// Picture of the mode, a name of the sprite.
    pub icon: &'static str,
    /// Where.
    pub words: String,
    /// Whether nothing was recorded.
    pub is_gap: bool,
    /// Whether somebody was on the way at all.
    pub is_under_way: bool,
}

impl Told {
    fn of(walk: &Walk, millis: i64) -> Self {
        let at = walk.at(millis);
        let words = match at {
            Where::NotYet => t("replay.not_yet").to_owned(),
            Where::Here(fix) => tr("replay.here", &[("m", &(fix.accuracy_cm / 100).max(1).to_string())]),
            Where::Gap(gap) => nothing(&gap),
            Where::Unknown => t("replay.unknown").to_owned(),
            Where::Over => t("replay.over").to_owned(),
        };
        Self {
            name: walk.name.clone(),
            icon: walk.icon,
            words,
            is_gap: matches!(at, Where::Gap(_) | Where::Unknown),
            is_under_way: !matches!(at, Where::NotYet | Where::Over),
        }
    }
}

/// An event in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// When, ms since 1970.
    pub at_millis: i64,
    /// The clock then.
    pub clock: String,
    /// What, and who where there are several.
    pub words: String,
    /// A name of the sprite.
    pub icon: &'static str,
    /// Whether nothing was recorded from there on.
    pub is_gap: bool,
    /// What was reported.
    pub found: Option<Box<Finding>>,
}

/// How long nothing was recorded, and why.
fn nothing(gap: &Gap) -> String {
    let long = lasting(gap.until_millis - gap.from_millis);
    tr("replay.gap", &[("long", &long), ("why", cause(gap.cause))])
}

/// What was reported, with its photos.
fn reported(found: &Finding) -> String {
    match found.photos {
        0 => tr("replay.found", &[("what", &found.title)]),
        n => tr("replay.found_photos", &[("what", &found.title), ("n", &n.to_string())]),
    }
}

/// The clock with seconds; with the day unless it is today.
#[must_use]
pub fn clock(millis: i64, now: Now) -> String {
    format!("{}:{:02}", now.moment(millis), millis.div_euclid(1_000).rem_euclid(60))
}

/// How fast it plays.
#[must_use]
pub fn speed(times: i64) -> String {
    match times {
        1 => t("replay.speed_real").to_owned(),
        ..60 => tr("replay.speed_times", &[("n", &times.to_string())]),
        _ => tr("replay.speed_minutes", &[("n", &(times / 60).to_string())]),
    }
}

impl Film {
    /// Where everybody was.
    #[must_use]
    pub fn told(&self, millis: i64) -> Vec<Told> {
        self.walks.iter().map(|walk| Told::of(walk, millis)).collect()
    }

    /// The moment in words, for those who do not see the map: of several patrols how many were on the way.
    #[must_use]
    pub fn said(&self, millis: i64, now: Now) -> String {
        let words = match self.told(millis).as_slice() {
            [one] => one.words.clone(),
            several => {
                let n = several.iter().filter(|told| told.is_under_way).count();
                tr("replay.under_way", &[("n", &n.to_string()), ("all", &several.len().to_string())])
            }
        };
        tr("replay.moment", &[("time", &clock(millis, now)), ("words", &words)])
    }

    /// What is read aloud while it plays: the last thing that happened, and nothing in between.
    #[must_use]
    pub fn heard(&self, millis: i64, now: Now) -> String {
        self.happened(millis)
            .checked_sub(1)
            .map(|last| self.line(last, now))
            .map_or_else(String::new, |line| tr("replay.moment", &[("time", &line.clock), ("words", &line.words)]))
    }

    /// All events in words.
    #[must_use]
    pub fn lines(&self, now: Now) -> Vec<Line> {
        (0..self.events.len()).map(|index| self.line(index, now)).collect()
    }

    fn line(&self, index: usize, now: Now) -> Line {
        let Event { at_millis, walk, what, .. } = &self.events[index];
        let (icon, words) = match what {
            What::Began => ("flag", t("replay.began").to_owned()),
            What::CheckIn { is_well: true } => ("check", tr("replay.check_in", &[("words", t("patrol.all_well"))])),
            What::CheckIn { is_well: false } => ("check", t("patrol.checked_in").to_owned()),
            What::Found(found) => ("alert-triangle", reported(found)),
            What::Gap(gap) => ("map-pin-off", nothing(gap)),
            What::Ended => ("home", t("replay.ended").to_owned()),
        };
        let words = match self.walks.get(*walk).map(|walk| walk.name.as_str()) {
            None | Some("") => words,
            Some(name) => tr("replay.of_person", &[("name", name), ("words", &words)]),
        };
        let found = if let What::Found(found) = what { Some(found.clone()) } else { None };
        Line {
            at_millis: *at_millis,
            clock: now.clock(*at_millis),
            words,
            icon,
            is_gap: matches!(what, What::Gap(_)),
            found,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{EIGHT, walk};
    use super::*;

    const NOW: Now = Now { millis: EIGHT + 7_200_000, zone_minutes: 480 };

    fn film(name: &str) -> Film {
        Film::of(vec![walk(1, name)]).unwrap()
    }

    #[test]
    fn a_gap_is_said_with_its_length_and_its_cause() {
        let said = film("").said(EIGHT + 1_000_000, NOW);
        assert_eq!(said, "08:16:40，没有记录，14 分钟：应用关了又打开");
        assert!(film("").told(EIGHT + 1_000_000)[0].is_gap);
        assert_eq!(film("").said(EIGHT + 12_000, NOW), "08:00:12，位置误差 ±8 米");
        assert_eq!(film("").said(EIGHT + 2_000, NOW), "08:00:02，没有记录到位置");
    }

    #[test]
    fn events_are_lines_with_their_time_and_with_the_name_where_there_are_several() {
        let words = |name| film(name).lines(NOW).into_iter().map(|line| line.words).collect::<Vec<_>>();
        assert_eq!(words("")[1], "打卡：一切正常");
        assert_eq!(words("")[2], "没有记录，14 分钟：应用关了又打开");
        assert_eq!(words("马志强")[3], "马志强：上报乱倒生活建筑垃圾");
        assert_eq!(film("").heard(EIGHT + 6 * 60_000, NOW), "08:05，打卡：一切正常");
        assert_eq!(film("").heard(EIGHT - 1, NOW), "");
    }

    #[test]
    fn of_several_patrols_it_is_said_how_many_are_under_way() {
        let mut late = walk(2, "乙");
        late.from_millis += 3_600_000;
        late.until_millis += 3_600_000;
        let both = Film::of(vec![walk(1, "甲"), late]).unwrap();
        assert_eq!(both.said(EIGHT + 60_000, NOW), "08:01:00，2 人中 1 人在路上");
        assert_eq!(both.told(EIGHT + 60_000)[1].words, "还没出发");
    }

    #[test]
    fn speeds_are_said_as_people_think_of_them() {
        assert_eq!([1, 10, 60, 600].map(speed), ["原速", "10 倍", "1 秒走 1 分钟", "1 秒走 10 分钟"]);
    }
}
