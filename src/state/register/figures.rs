//! Figures of the statistics: how many records, of how many, since when, and which ones they are.

use std::collections::BTreeMap;

use greenshield_client::rows::ListRow;
use greenshield_domain::city::{City, Count, FieldDef, Figure, YearDay};
use greenshield_domain::person::Person;

use super::report::{Month, months};
use super::{day_of, line_words};
use crate::state::inbox::state_of;
use crate::state::options::{options_of, workflow_of};
use crate::state::patrol::belongs::Walks;
use crate::state::people::{group_words, level_words};
use crate::state::time::Now;
use crate::state::words::{self, t, tr};

const DAY: i64 = 24 * 3_600_000;

/// Since when figures count that count since some day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Period {
    /// Since the day that each of them says.
    #[default]
    Said,
    /// Since the first of this month.
    Month,
    /// Since Monday.
    Week,
}

impl Period {
    /// All of them, the longest first.
    pub const ALL: [Period; 3] = [Period::Said, Period::Month, Period::Week];

    /// Its word in an address.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Period::Said => "said",
            Period::Month => "month",
            Period::Week => "week",
        }
    }

    /// The one of a word; that of no address where there is none.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|period| period.word() == word).unwrap_or_default()
    }

    /// What a person reads.
    #[must_use]
    pub fn label(self) -> &'static str {
        t(match self {
            Period::Said => "figures.year",
            Period::Month => "figures.month",
            Period::Week => "figures.week",
        })
    }
}

/// The day of which figures are, and since when they count.
pub type Asked = (Now, Period);

/// A figure as a page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FigureView {
    /// Its word.
    pub id: String,
    /// What is counted.
    pub label: String,
    /// How many.
    pub n: usize,
    /// Of how many, and the share in percent with one digit.
    pub of: Option<(usize, String)>,
    /// Since when.
    pub period: String,
    /// The page of the records behind it.
    pub href: String,
    /// Broken down: words, number, percent of the largest part for a bar.
    pub parts: Vec<(String, usize, usize)>,
    /// How many there were in each of the last months, where it counts what happened.
    pub months: Vec<Month>,
}

/// All figures of a city.
#[must_use]
pub fn figures(city: &City, rows: &[ListRow], asked: Asked) -> Vec<FigureView> {
    city.registers.figures.iter().map(|figure| view(city, figure, rows, asked)).collect()
}

/// All figures as a text, to paste it where people talk.
#[must_use]
pub fn in_words(city: &City, figures: &[FigureView], (now, period): Asked) -> String {
    let head = [("city", words::of(&city.info.name)), ("day", &now.iso_day(now.millis)), ("period", period.label())];
    let head = tr("figures.head", &head);
    let line = |figure: &FigureView| {
        let of = figure
            .of
            .as_ref()
            .map(|(all, share)| format!(" ({})", tr("figures.of", &[("all", &all.to_string()), ("share", share)])));
        format!("{}: {}{}", figure.label, figure.n, of.unwrap_or_default())
    };
    std::iter::once(head).chain(figures.iter().map(line)).collect::<Vec<_>>().join("\n")
}

/// The walks of the period as a figure like the others, after [`Walks::add`] has seen all lines of the list.
#[must_use]
pub fn of_walks(walks: &Walks, asked: Asked) -> FigureView {
    let most = walks.by_hat.iter().map(|(_, n)| *n).max().unwrap_or(1);
    FigureView {
        id: "walks".to_owned(),
        label: t("figures.walks").to_owned(),
        n: walks.n,
        of: None,
        period: tr("figures.since", &[("day", &asked.0.day(walks_since(asked)))]),
        href: "/desk/coverage".to_owned(),
        parts: walks.by_hat.iter().map(|(label, n)| (label.clone(), *n, n * 100 / most)).collect(),
        months: Vec::new(),
    }
}

/// Since when walks are counted, ms since 1970.
#[must_use]
pub fn walks_since(asked: Asked) -> i64 {
    since_millis(YearDay { month: 1, day: 1 }, asked)
}

/// The records behind a figure.
pub fn behind<'a>(
    city: &'a City,
    figure: &'a Figure,
    rows: &'a [ListRow],
    asked: Asked,
) -> impl Iterator<Item = &'a ListRow> {
    rows.iter().filter(move |row| counts(city, &figure.count, row, asked))
}

fn view(city: &City, figure: &Figure, rows: &[ListRow], asked: Asked) -> FigureView {
    let n = behind(city, figure, rows, asked).count();
    let of = figure.of.as_ref().map(|of| {
        let all = rows.iter().filter(|row| counts(city, of, row, asked)).count();
        (all, share(n, all))
    });
    let period = match figure.count.since {
        Some(day) => tr("figures.since", &[("day", &asked.0.day(since_millis(day, asked)))]),
        None => t("figures.ever").to_owned(),
    };
    FigureView {
        id: figure.id.clone(),
        label: words::of(&figure.label).to_owned(),
        n,
        of,
        period,
        href: format!("/registers/{}?figure={}&period={}", figure.count.kind, figure.id, asked.1.word()),
        parts: parts(city, figure, rows, asked),
        months: months(city, figure, rows, asked.0),
    }
}

/// A share in percent with one digit; a dash of nothing.
fn share(n: usize, all: usize) -> String {
    if all == 0 {
        return "–".to_owned();
    }
    let tenths = (n * 2_000 + all) / (2 * all);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// A day of the year that it is now; of the last one when it is still to come.
fn since_millis(day: YearDay, (now, period): Asked) -> i64 {
    let today = now.day_of(now.millis);
    let first_of = |day: i64| now.ends_of(&now.iso_day(now.millis - (today - day) * DAY)).map_or(0, |(first, _)| first);
    match period {
        Period::Said => {}
        Period::Month => return first_of(today - now.month_day(now.millis).1 + 1),
        // The first day of 1970 was a Thursday.
        Period::Week => return first_of(today - (today + 3).rem_euclid(7)),
    }
    let year = now.date().map_or(1970, |date| date.year);
    let first = |year: u16| now.ends_of(&format!("{year:04}-{}", String::from(day))).map_or(0, |(first, _)| first);
    let this = first(year);
    if this <= now.millis { this } else { first(year.saturating_sub(1)) }
}

fn counts(city: &City, count: &Count, row: &ListRow, asked: Asked) -> bool {
    let since = count.since.map_or(i64::MIN, |since| since_millis(since, asked));
    dated(city, count, row, asked.0).is_some_and(|millis| millis >= since)
}

/// When what is counted happened; `None` for a record that does not count, whenever it was.
pub(super) fn dated(city: &City, count: &Count, row: &ListRow, now: Now) -> Option<i64> {
    let kind = city.kind_named(&count.kind).filter(|kind| kind.id == row.kind)?;
    let is_over = row.person.as_ref().and_then(|person| person.until_millis).is_some_and(|until| until <= now.millis);
    let state = || workflow_of(city, kind).map(|workflow| state_of(row, workflow).to_owned());
    let is_in = count.states.is_empty() || state().is_some_and(|state| count.states.contains(&state));
    let has = count.having.iter().all(|(name, wanted)| {
        let said = said(city, row, name);
        if wanted.is_empty() { !said.is_empty() } else { said.iter().any(|said| wanted.contains(said)) }
    });
    let accepted = row.referral.as_ref().and_then(|referral| referral.accepted_millis);
    let day = if count.accepted { accepted } else { Some(day_of(row)) };
    day.filter(|_| is_in && has && !is_over)
}

/// What a record says in a field, as ids.
fn said(city: &City, row: &ListRow, name: &str) -> Vec<String> {
    if let Some(person) = row.person.as_deref() {
        return of_person(person, name).into_iter().collect();
    }
    let Some(kind) = city.kind(row.kind) else { return Vec::new() };
    if name == "state" {
        return workflow_of(city, kind).map(|workflow| state_of(row, workflow).to_owned()).into_iter().collect();
    }
    let value = kind.field_named(name).and_then(|def| row.values.get(&def.id));
    value.map(|value| value.texts().to_vec()).unwrap_or_default()
}

fn of_person(person: &Person, name: &str) -> Option<String> {
    match name {
        "chiefLevel" => person.level.clone(),
        "group" => person.group.clone(),
        "role" => person.role.clone(),
        _ => None,
    }
}

fn parts(city: &City, figure: &Figure, rows: &[ListRow], asked: Asked) -> Vec<(String, usize, usize)> {
    let Some(by) = &figure.by else { return Vec::new() };
    let Some(kind) = city.kind_named(&figure.count.kind) else { return Vec::new() };
    let Some(def) = kind.field_named(by) else { return Vec::new() };
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    // A share shows how all of them stand, not only those that count.
    let of = figure.of.as_ref().filter(|_| by == "state").unwrap_or(&figure.count);
    for row in rows.iter().filter(|row| counts(city, of, row, asked)) {
        for id in said(city, row, by) {
            *numbers.entry(id).or_default() += 1;
        }
    }
    let order: Vec<String> = match workflow_of(city, kind).filter(|_| by == "state") {
        Some(workflow) => workflow.states.iter().map(|state| state.id.clone()).collect(),
        None => options_of(city, def).into_iter().map(|(id, _)| id).collect(),
    };
    let place = |id: &String| order.iter().position(|known| known == id).unwrap_or(usize::MAX);
    let mut numbers: Vec<(String, usize)> = numbers.into_iter().collect();
    numbers.sort_by_key(|(id, _)| place(id));
    let most = numbers.iter().map(|(_, n)| *n).max().unwrap_or(1).max(1);
    numbers.into_iter().map(|(id, n)| (part_words(city, def, by, &id, rows, asked.0), n, n * 100 / most)).collect()
}

fn part_words(city: &City, def: &FieldDef, by: &str, id: &str, rows: &[ListRow], now: Now) -> String {
    match by {
        "chiefLevel" => level_words(id).to_owned(),
        "group" => group_words(id).to_owned(),
        "state" => {
            let states = city.workflows.iter().filter(|known| def.workflow.as_ref().is_none_or(|own| *own == known.id));
            states
                .flat_map(|known| &known.states)
                .find(|state| state.id == id)
                .map_or(id, |s| words::of(&s.label))
                .to_owned()
        }
        _ => line_words(city, def, &greenshield_domain::register::LineValue::Text(id.to_owned()), rows, now),
    }
}
