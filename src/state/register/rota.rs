//! Filling a register in which people take turns by a rule: who serves on which day. What the rule gives is a plan that somebody
//! looks at before anything is saved, as with a file.

use std::collections::BTreeSet;

use greenshield_client::rows::ListRow;
use greenshield_domain::city::{City, FieldDef, FieldType, Kind};
use greenshield_domain::deadline::is_working;
use greenshield_domain::register::LineValue;
use greenshield_domain::task;

use super::form::{Fault, Typed, asked, entries};
use super::table::{Plan, Planned};
use crate::state::item;
use crate::state::time::Now;
use crate::state::words::{t, tr};

const DAY: i64 = 24 * 3_600_000;
/// Most days of one plan.
pub const MOST_DAYS: i64 = 92;

/// On which days somebody serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Days {
    /// Every day.
    #[default]
    All,
    /// Working days, those that make up for a holiday among them.
    Working,
    /// Weekends and holidays.
    Off,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Who leads, in the order of turns; none = nobody does.
    pub leaders: Vec<String>,
    /// Who serves, in the order of turns.
    pub people: Vec<String>,
    /// How many serve at once.
    pub at_once: usize,
    /// For how many days of service a turn lasts.
    pub turn: usize,
    /// On which days.
    pub days: Days,
    /// The first day, as ISO 8601 writes it.
    pub first: String,
    /// The last day.
    pub last: String,
}

impl Default for Rule {
    fn default() -> Self {
        let (leaders, people) = (Vec::new(), Vec::new());
        Self { leaders, people, at_once: 1, turn: 1, days: Days::All, first: String::new(), last: String::new() }
    }
}

/// Why a rule gives no plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleFault {
    /// The days do not read, the last one is before the first, or they are too many.
    Days,
    /// Nobody knows yet which days of that year are off.
    Year,
    /// Nobody serves.
    Nobody,
    /// All days, so many, are in the register already.
    There(usize),
    /// What every record of it says is wrong, by field.
    Form(Vec<(u32, Fault)>),
}

impl RuleFault {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            RuleFault::Days => t("rota.fault_days").to_owned(),
            RuleFault::Year => t("rota.fault_year").to_owned(),
            RuleFault::Nobody => t("rota.fault_nobody").to_owned(),
            RuleFault::There(n) => tr("rota.fault_there", &[("n", &n.to_string())]),
            RuleFault::Form(_) => t("rota.fault_form").to_owned(),
        }
    }
}

/// Names as people type them: one a line, or with commas between.
#[must_use]
pub fn names(text: &str) -> Vec<String> {
    let is_mark = |c: char| ['\n', ',', ';', '\u{3001}', '\u{ff0c}', '\u{ff1b}'].contains(&c);
    text.split(is_mark).map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// Chiefs of the roster who serve now, by level and name.
#[must_use]
pub fn chiefs(city: &City, rows: &[ListRow], now: Now) -> Vec<String> {
    let is_chief = |row: &&ListRow| {
        row.person.as_deref().is_some_and(|person| person.level.is_some() && person.serves_at(now.millis))
    };
    let mut found: Vec<&ListRow> = rows.iter().filter(is_chief).collect();
    greenshield_domain::order::sort_by_key(&mut found, |row| {
        let level = row.person.as_ref().and_then(|person| person.level.clone());
        let place = greenshield_domain::person::LEVELS.iter().position(|known| Some(*known) == level.as_deref());
        (place, row.title.clone())
    });
    found.into_iter().map(|row| item::title(row, city)).collect()
}

/// What a rule gives: a record for each day on which somebody serves. `typed` is what all of them say. Days that the post has among
/// `rows` already are left out, and their turns count: a rule that runs again fills what is missing.
///
/// # Errors
/// [`RuleFault`]; nothing is saved by this.
pub fn plan(
    city: &City,
    kind: &Kind,
    rule: &Rule,
    typed: &Typed,
    rows: &[ListRow],
    role: &str,
    now: Now,
) -> Result<Plan, RuleFault> {
    let fields = kind.register.as_ref().and_then(|register| register.rota.as_ref()).ok_or(RuleFault::Nobody)?;
    let id = |name: &str| kind.field_named(name).map(|def| def.id).ok_or(RuleFault::Nobody);
    let (day, leader, people) = (id(&fields.day)?, id(&fields.leader)?, id(&fields.people)?);
    if rule.people.is_empty() && rule.leaders.is_empty() {
        return Err(RuleFault::Nobody);
    }
    let first = |iso: &str| now.ends_of(iso).map(|(first, _)| first).ok_or(RuleFault::Days);
    let (from, until) = (first(&rule.first)?, first(&rule.last)?);
    let count = (until - from) / DAY + 1;
    if !(1..=MOST_DAYS).contains(&count) {
        return Err(RuleFault::Days);
    }
    let known = days_of_post(kind, [day, leader, people], typed, rows, now);
    let (mut records, mut there) = (Vec::new(), 0);
    let mut served = 0;
    for at in (0..count).map(|n| from + n * DAY) {
        let is_worked = || is_working(&city.holidays, now.day_of(at)).map_err(|_| RuleFault::Year);
        let serves = match rule.days {
            Days::All => true,
            Days::Working => is_worked()?,
            Days::Off => !is_worked()?,
        };
        if !serves {
            continue;
        }
        let turn = served / rule.turn.max(1);
        served += 1;
        if known.contains(&now.iso_day(at)) {
            there += 1;
            continue;
        }
        let leads = rule.leaders.get(turn % rule.leaders.len().max(1)).cloned();
        let mut own = typed.clone();
        own.insert(day, vec![now.iso_day(at)]);
        own.insert(leader, leads.clone().into_iter().collect());
        let serve = serving(&rule.people, turn, rule.at_once);
        own.insert(people, vec![serve.join(t("list.comma"))]);
        let said = entries(city, kind, &own, None, role, now).map_err(RuleFault::Form)?;
        let facts = [leads, Some(serve.join(t("list.comma")))].into_iter().flatten().filter(|words| !words.is_empty());
        records.push(Planned { title: now.day(at), facts: facts.collect::<Vec<_>>().join(" \u{b7} "), entries: said });
    }
    match (records.is_empty(), there) {
        (true, 0) => Err(RuleFault::Days),
        (true, n) => Err(RuleFault::There(n)),
        (false, _) => Ok(Plan { records, ignored: Vec::new(), there }),
    }
}

/// The days that a post has in a register already, as ISO 8601 writes them. A post is what its records say alike by name: the title,
/// the options and the records that they name; of `turns`, the fields of the rule, none is.
fn days_of_post(kind: &Kind, turns: [u32; 3], typed: &Typed, rows: &[ListRow], now: Now) -> BTreeSet<String> {
    let names = |def: &&FieldDef| {
        let is_name = def.id == task::field::TITLE || [FieldType::Option, FieldType::Record].contains(&def.ty);
        is_name && !turns.contains(&def.id)
    };
    let names: Vec<u32> = asked(kind, true).filter(names).map(|def| def.id).collect();
    let said = |row: &ListRow, field: u32| match field {
        task::field::TITLE => row.title.clone().unwrap_or_default(),
        _ => row.values.get(&field).map(|value| value.texts().concat()).unwrap_or_default(),
    };
    let meant = |field: u32| typed.get(&field).map(|texts| texts.concat()).unwrap_or_default();
    let is_same = |row: &&ListRow| {
        row.kind == kind.id && names.iter().all(|field| said(row, *field).trim() == meant(*field).trim())
    };
    let day = |row: &ListRow| match row.values.get(&turns[0]) {
        Some(LineValue::Int(millis)) => Some(now.iso_day(*millis)),
        _ => None,
    };
    rows.iter().filter(is_same).filter_map(day).collect()
}

/// Who serves in a turn: the next ones of the list, nobody twice.
fn serving(people: &[String], turn: usize, at_once: usize) -> Vec<String> {
    let n = at_once.clamp(1, people.len().max(1));
    (0..n).filter_map(|i| people.get((turn * n + i) % people.len().max(1))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::item::tests::{city, row};

    /// 2026-11-26 09:00 in China, a Thursday.
    const NOW: Now = Now { millis: 1_795_654_800_000, zone_minutes: 480 };

    fn rule(first: &str, last: &str) -> Rule {
        let name = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let (first, last) = (first.to_owned(), last.to_owned());
        Rule { leaders: name(&["甲", "乙"]), people: name(&["一", "二", "三"]), first, last, ..Rule::default() }
    }

    fn facts(rule: &Rule) -> Vec<String> {
        let city = city();
        let duty = city.kind_named("duty").unwrap();
        let title = duty.field_named("title").unwrap().id;
        let typed = Typed::from([(title, vec!["指挥部".to_owned()])]);
        let plan = plan(&city, duty, rule, &typed, &[], "desk", NOW).unwrap();
        plan.records.into_iter().map(|record| record.facts).collect()
    }

    #[test]
    fn turns_go_round_and_last_as_long_as_the_rule_says() {
        assert_eq!(facts(&rule("2026-12-01", "2026-12-04")), ["甲 · 一", "乙 · 二", "甲 · 三", "乙 · 一"]);
        let pairs = Rule { at_once: 2, turn: 2, ..rule("2026-12-01", "2026-12-05") };
        assert_eq!(facts(&pairs), ["甲 · 一、二", "甲 · 一、二", "乙 · 三、一", "乙 · 三、一", "甲 · 二、三"]);
        let all = Rule { at_once: 9, ..rule("2026-12-01", "2026-12-01") };
        assert_eq!(facts(&all), ["甲 · 一、二、三"], "nobody serves twice at once");
        let alone = Rule { leaders: Vec::new(), ..rule("2026-12-01", "2026-12-02") };
        assert_eq!(facts(&alone), ["一", "二"]);
    }

    #[test]
    fn days_off_and_days_that_make_up_for_them_count_as_the_calendar_says() {
        // National Day 2026: off from 1 to 7 October, worked on the Saturdays or Sundays of the table.
        let of = |days| facts(&Rule { days, ..rule("2026-09-28", "2026-10-11") }).len();
        assert_eq!(of(Days::All), 14);
        assert_eq!(of(Days::Working) + of(Days::Off), 14);
        let city = city();
        let first = NOW.day_of(NOW.ends_of("2026-09-28").unwrap().0);
        let worked = (first..first + 14).filter(|day| is_working(&city.holidays, *day) == Ok(true)).count();
        assert_eq!(of(Days::Working), worked);
        assert!(of(Days::Off) > 4, "more than two weekends");
    }

    #[test]
    fn a_rule_that_gives_no_plan_says_why() {
        let city = city();
        let duty = city.kind_named("duty").unwrap();
        let plan = |rule: &Rule| plan(&city, duty, rule, &Typed::new(), &[], "desk", NOW).unwrap_err();
        assert_eq!(plan(&rule("2026-12-05", "2026-12-01")), RuleFault::Days);
        assert_eq!(plan(&rule("2026-12-01", "2027-12-01")), RuleFault::Days);
        assert_eq!(plan(&rule("", "2026-12-01")), RuleFault::Days);
        let far = Rule { days: Days::Off, ..rule("2031-01-01", "2031-01-09") };
        assert_eq!(plan(&far), RuleFault::Year, "the State Council orders it later");
        let nobody = Rule { leaders: Vec::new(), people: Vec::new(), ..rule("2026-12-01", "2026-12-01") };
        assert_eq!(plan(&nobody), RuleFault::Nobody);
        let untitled = plan(&rule("2026-12-01", "2026-12-01"));
        assert!(matches!(&untitled, RuleFault::Form(faults) if faults[0].1 == Fault::Missing), "{untitled:?}");
    }

    #[test]
    fn days_that_the_post_has_already_are_left_out_and_counted_and_the_turns_go_on() {
        let city = city();
        let duty = city.kind_named("duty").unwrap();
        let id = |name: &str| duty.field_named(name).unwrap().id;
        let (title, county, day) = (id("title"), id("county"), id("onDay"));
        let typed = Typed::from([(title, vec!["指挥部".to_owned()]), (county, vec!["620723".to_owned()])]);
        let have = |n: u8, post: &str, county_code: Option<&str>, iso: &str| {
            let mut values = std::collections::BTreeMap::from([(day, LineValue::Int(NOW.ends_of(iso).unwrap().0))]);
            values.extend(county_code.map(|code| (county, LineValue::Text(code.to_owned()))));
            ListRow { kind: duty.id, title: Some(post.to_owned()), values, ..row(n) }
        };
        let made = |rows: &[ListRow]| plan(&city, duty, &rule("2026-12-01", "2026-12-04"), &typed, rows, "desk", NOW);
        let facts = |rows: &[ListRow]| {
            let plan = made(rows).unwrap();
            (plan.records.into_iter().map(|record| record.facts).collect::<Vec<_>>(), plan.there)
        };
        let own = [have(1, "指挥部", Some("620723"), "2026-12-02"), have(2, "指挥部 ", Some("620723"), "2026-12-03")];
        assert_eq!(facts(&own), (vec!["甲 · 一".to_owned(), "乙 · 一".to_owned()], 2));
        // Another post, another county, none, and another register have days of their own.
        let other = ListRow { kind: 60, ..have(6, "指挥部", Some("620723"), "2026-12-01") };
        let others = [
            have(3, "南门岗", Some("620723"), "2026-12-01"),
            have(4, "指挥部", Some("620724"), "2026-12-01"),
            have(5, "指挥部", None, "2026-12-01"),
            other,
        ];
        assert_eq!((facts(&others).0.len(), facts(&others).1), (4, 0));
        let all: Vec<ListRow> = (1..=4).map(|n| have(n, "指挥部", Some("620723"), &format!("2026-12-0{n}"))).collect();
        let fault = made(&all).unwrap_err();
        assert_eq!(fault, RuleFault::There(4));
        assert!(fault.words().contains('4'), "{}", fault.words());
    }

    #[test]
    fn names_are_read_as_people_type_them_and_chiefs_come_from_the_roster() {
        assert_eq!(names("甲, 乙、丙\n\n 丁；"), ["甲", "乙", "丙", "丁"]);
        let chief = |n: u8, level: &str, until: Option<i64>| {
            let person = greenshield_domain::person::Person {
                level: Some(level.to_owned()),
                until_millis: until,
                ..Default::default()
            };
            let title = Some(format!("警长{n}"));
            ListRow { kind: 31, person: Some(Box::new(person)), title, ..row(n) }
        };
        let rows = [chief(1, "village", None), chief(2, "city", None), chief(3, "county", Some(1)), row(4)];
        assert_eq!(chiefs(&city(), &rows, NOW), ["警长2", "警长1"]);
    }
}
