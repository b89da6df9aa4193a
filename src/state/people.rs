//! People and units in words: the list of the desk, the names of areas and units, what may be given to whom.
//!
//! Owns: what the pages of people show. Refuses: to decide; a choice that is not offered here would be held by the server too.

use std::collections::BTreeMap;

use greenshield_client::rows::ListRow;
use greenshield_domain::city::{City, PeopleGrant, Role};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::order;
use greenshield_domain::person::{self, Person};
use greenshield_domain::policy::area;
use greenshield_domain::unit::{self, Unit};
use greenshield_domain::verdict::SERVER_ACCOUNT;

use super::lamp::{Lamp, Tone};
use super::time::Now;
use super::words::{self, t, tr};

/// What the list shows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// A part of a name, a number, a place; empty = everything.
    pub text: String,
    /// Role word.
    pub role: Option<String>,
    /// Code of an area: people who work in it, or in a part of it.
    pub area: Option<String>,
    /// Word of a unit.
    pub unit: Option<String>,
}

/// Name and role of people who have an account and perhaps no record.
pub type Accounts = BTreeMap<AccountId, (String, String)>;

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonLine {
    /// Who.
    pub account: AccountId,
    /// The name.
    pub name: String,
    /// Role, unit and areas.
    pub facts: String,
    /// What somebody should know: the term is over, something waits.
    pub lamp: Option<Lamp>,
}

/// What is known of a person: the record, else the account.
#[must_use]
pub fn known(rows: &[ListRow], accounts: &Accounts, account: AccountId) -> Person {
    let row = rows.iter().find(|row| row.record == person::record_of(account));
    let mut known = row.and_then(|row| row.person.as_deref().cloned()).unwrap_or_default();
    if let Some((name, role)) = accounts.get(&account) {
        if known.name.is_empty() {
            known.name.clone_from(name);
        }
        known.role.get_or_insert_with(|| role.clone());
    }
    known
}

/// The lines that a filter takes, by name.
#[must_use]
pub fn lines(rows: &[ListRow], accounts: &Accounts, city: &City, filter: &Filter, now: Now) -> Vec<PersonLine> {
    let recorded = rows.iter().filter(|row| row.kind == person::KIND).map(|row| person::account_of(row.record));
    let all = order::set_of(recorded.chain(accounts.keys().copied()));
    let line = |account: AccountId| {
        let known = known(rows, accounts, account);
        let row = rows.iter().find(|row| row.record == person::record_of(account));
        let line = PersonLine {
            account,
            name: known.name.clone(),
            facts: facts(&known, city, rows, row.is_some()),
            lamp: row.and_then(|row| lamp(row, &known, now)),
        };
        takes(filter, &known, &line).then_some(line)
    };
    let mut lines: Vec<PersonLine> =
        all.into_iter().filter(|account| *account != SERVER_ACCOUNT).filter_map(line).collect();
    order::sort_by_key(&mut lines, |line| (line.name.clone(), line.account));
    lines
}

fn takes(filter: &Filter, known: &Person, line: &PersonLine) -> bool {
    let text = filter.text.trim().to_lowercase();
    let has_text = || {
        let words = [line.name.as_str(), line.facts.as_str(), known.phone.as_deref().unwrap_or_default()];
        words.iter().any(|words| words.to_lowercase().contains(&text))
    };
    let is_in = |code: &String| known.areas.iter().any(|area| area::contains(code, area) || area::contains(area, code));
    (text.is_empty() || has_text())
        && filter.role.as_ref().is_none_or(|role| known.role.as_ref() == Some(role))
        && filter.unit.as_ref().is_none_or(|unit| known.unit.as_ref() == Some(unit))
        && filter.area.as_ref().is_none_or(is_in)
}

fn facts(known: &Person, city: &City, rows: &[ListRow], has_record: bool) -> String {
    let role = known.role.as_deref().map(|role| role_words(city, role));
    let unit = known.unit.as_deref().map(|unit| unit_words(city, rows, unit));
    // The areas of somebody who came from the command line are not known here.
    let areas = has_record.then(|| areas_words(city, &known.areas));
    let parts = [role, unit, areas.or_else(|| Some(t("people.no_record").to_owned())), known.phone.clone()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

fn lamp(row: &ListRow, known: &Person, now: Now) -> Option<Lamp> {
    let lamp = |tone, icon, words: String| Some(Lamp { tone, icon, words });
    let date = |millis| now.day(millis);
    if row.held > 0 {
        return lamp(Tone::Warn, "clock", t("people.lamp_held").to_owned());
    }
    if row.ops_unsent > 0 {
        return lamp(Tone::Saved, "device-mobile", t("lamp.saved").to_owned());
    }
    match (known.from_millis, known.until_millis) {
        (_, Some(until)) if until <= now.millis => {
            lamp(Tone::Warn, "calendar", tr("people.lamp_over", &[("date", &date(until - 1))]))
        }
        (Some(from), _) if from > now.millis => {
            lamp(Tone::Plain, "calendar", tr("people.lamp_from", &[("date", &date(from))]))
        }
        _ => None,
    }
}

/// A role in words.
#[must_use]
pub fn role_words(city: &City, role: &str) -> String {
    let known = city.info.roles.iter().find(|known| known.id == role);
    known.map_or(role, |known| words::of(&known.name)).to_owned()
}

/// Digits of the code of a town.
const TOWN_DIGITS: usize = 9;
/// Digits of the code of a village.
const VILLAGE_DIGITS: usize = 12;

/// The villages of the city by the names that people type: town and village.
#[must_use]
pub fn villages(city: &City) -> Vec<String> {
    let name = |code: &str| city.divisions.get(code).map_or("", |known| known.name.zh.as_str());
    let villages = city.divisions.divisions.iter().filter(|known| known.code.len() == VILLAGE_DIGITS);
    villages
        .map(|known| format!("{} {}", name(known.code.get(..TOWN_DIGITS).unwrap_or_default()), known.name.zh))
        .collect()
}

/// An area in words: county, town and village, and the code of what is not known.
#[must_use]
pub fn area_words(city: &City, code: &str) -> String {
    let mut parts: Vec<&str> = city.divisions.path(code).map(|part| words::of(&part.name)).collect();
    let is_named = city.divisions.get(code).is_some();
    if area::significant(code) == area::significant(&city.info.division) {
        parts = vec![words::of(&city.info.name)];
    } else if !is_named {
        parts.push(code);
    }
    parts.join(" ")
}

/// Areas in words; none is the whole city.
#[must_use]
pub fn areas_words(city: &City, areas: &[String]) -> String {
    if areas.is_empty() {
        return t("people.whole_city").to_owned();
    }
    areas.iter().map(|code| area_words(city, code)).collect::<Vec<_>>().join(", ")
}

/// A unit in words: a department of the catalogue, or the name of its record.
#[must_use]
pub fn unit_words(city: &City, rows: &[ListRow], unit: &str) -> String {
    let department = city.catalog.departments.iter().find(|known| known.id == unit);
    let named = || units(rows).into_iter().find(|(record, _)| record.to_hex() == unit).map(|(_, unit)| unit.name);
    department.map(|known| words::of(&known.name).to_owned()).or_else(named).unwrap_or_else(|| unit.to_owned())
}

/// All units, by name.
#[must_use]
pub fn units(rows: &[ListRow]) -> Vec<(RecordId, Unit)> {
    let unit = |row: &ListRow| Some((row.record, row.unit_facts.as_deref()?.clone()));
    let mut units: Vec<_> = rows.iter().filter(|row| row.kind == unit::KIND).filter_map(unit).collect();
    order::sort_by_key(&mut units, |(record, unit)| (unit.is_closed, unit.name.clone(), *record));
    units
}

/// What is known of a unit.
#[must_use]
pub fn unit_of(rows: &[ListRow], record: RecordId) -> Option<Unit> {
    units(rows).into_iter().find(|(known, _)| *known == record).map(|(_, unit)| unit)
}

/// Level, department and area of a unit in words.
#[must_use]
pub fn unit_facts(city: &City, rows: &[ListRow], unit: &Unit) -> String {
    let parts = [
        unit.level.as_deref().map(|level| unit_level_words(level).to_owned()),
        unit.department.as_deref().map(|department| unit_words(city, rows, department)),
        unit.area.as_deref().map(|code| area_words(city, code)),
        unit.is_closed.then(|| t("units.closed").to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// What somebody is, in words.
#[must_use]
pub fn group_words(group: &str) -> &'static str {
    t(match group {
        "official" => "people.group_official",
        "auxiliary" => "people.group_auxiliary",
        "volunteer-forest" => "people.group_forest",
        "volunteer-water" => "people.group_water",
        "volunteer-wetland" => "people.group_wetland",
        "volunteer-other" => "people.group_volunteer",
        _ => "people.group_other",
    })
}

/// The level of a chief in words.
#[must_use]
pub fn level_words(level: &str) -> &'static str {
    t(match level {
        "city" => "people.level_city",
        "county" => "people.level_county",
        "station" => "people.level_station",
        _ => "people.level_village",
    })
}

/// The level of a unit in words.
#[must_use]
pub fn unit_level_words(level: &str) -> &'static str {
    t(match level {
        "city" => "people.level_city",
        "county" => "people.level_county",
        "station" => "people.level_station",
        _ => "units.level_helpers",
    })
}

/// The people whom a role answers for.
fn grants<'a>(city: &'a City, role: &str) -> &'a [PeopleGrant] {
    city.policy.roles.iter().find(|policy| policy.role == role).map_or(&[], |policy| &policy.people)
}

/// Whether a role answers for anybody.
#[must_use]
pub fn answers(city: &City, role: &str) -> bool {
    !grants(city, role).is_empty()
}

/// The roles that somebody of a role may give.
#[must_use]
pub fn givable<'a>(city: &'a City, role: &str) -> Vec<&'a Role> {
    let grants = grants(city, role);
    let may = |role: &&Role| grants.iter().any(|grant| grant.roles.contains(&role.id));
    city.info.roles.iter().filter(may).collect()
}

/// Whether somebody of a role may change a person who has another one.
#[must_use]
pub fn may_change(city: &City, mine: &str, theirs: Option<&str>) -> bool {
    let is_given = |role: &str| givable(city, mine).iter().any(|known| known.id == role);
    answers(city, mine) && theirs.is_none_or(is_given)
}

/// A date of a date field, of a stored time; empty for none.
#[must_use]
pub fn date_of(now: Now, millis: Option<i64>) -> String {
    millis.map(|millis| now.date_time(millis).chars().take(10).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::{city, row};
    use super::*;

    const NOW: Now = Now { millis: 1_000_000_000_000, zone_minutes: 480 };

    fn of(n: u8, name: &str, role: &str, areas: &[&str]) -> ListRow {
        let areas = areas.iter().map(|code| (*code).to_owned()).collect();
        let person = Person { name: name.to_owned(), role: Some(role.to_owned()), areas, ..Person::default() };
        ListRow { kind: person::KIND, category: None, person: Some(Box::new(person)), ..row(n) }
    }

    #[test]
    fn the_list_has_records_and_accounts_once_each_and_filters_by_what_people_ask() {
        let rows = [of(1, "李山", "volunteer", &["620723101001"]), of(2, "王河", "officer", &[])];
        let accounts: Accounts = [
            (AccountId([1; 16]), ("old".to_owned(), "auxiliary".to_owned())),
            (AccountId([3; 16]), ("赵草".to_owned(), "desk".to_owned())),
        ]
        .into();
        let names = |filter: Filter| {
            lines(&rows, &accounts, &city(), &filter, NOW).into_iter().map(|line| line.name).collect::<Vec<_>>()
        };
        assert_eq!(names(Filter::default()), ["李山", "王河", "赵草"]);
        assert_eq!(names(Filter { text: "沙河".to_owned(), ..Filter::default() }), ["李山"]);
        assert_eq!(names(Filter { role: Some("officer".to_owned()), ..Filter::default() }), ["王河"]);
        assert_eq!(names(Filter { area: Some("620723".to_owned()), ..Filter::default() }), ["李山"]);
        let facts = &lines(&rows, &accounts, &city(), &Filter::default(), NOW)[0].facts;
        assert_eq!(facts, "生态义警 · 临泽县 沙河镇 乐民社区");
    }

    #[test]
    fn a_term_that_is_over_and_a_change_that_waits_are_told() {
        let mut over = of(1, "a", "volunteer", &[]);
        if let Some(person) = &mut over.person {
            person.until_millis = Some(NOW.millis);
        }
        let held = ListRow { held: 1, ..over.clone() };
        let lamp = |row: ListRow| lines(&[row], &Accounts::new(), &city(), &Filter::default(), NOW)[0].lamp.clone();
        assert_eq!(lamp(over).map(|lamp| lamp.icon), Some("calendar"));
        assert_eq!(lamp(held).map(|lamp| lamp.icon), Some("clock"));
    }

    #[test]
    fn only_what_may_be_given_is_offered() {
        let city = city();
        let roles = |role| givable(&city, role).iter().map(|role| role.id.as_str()).collect::<Vec<_>>();
        assert_eq!(roles("chief"), ["volunteer", "auxiliary", "officer"]);
        assert!(roles("volunteer").is_empty() && !answers(&city, "officer") && answers(&city, "admin"));
        assert!(may_change(&city, "chief", Some("officer")) && !may_change(&city, "chief", Some("chief")));
    }
}
