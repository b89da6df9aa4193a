//! Coverage in words: each area with what nobody visited, the tasks that this asks for, the same on the map.
//!
//! Refuses: to compare people. The server counts; here its numbers are only told.

use greenshield_client::rows::KeptCoverage;
use greenshield_domain::calendar::{civil, day_of};
use greenshield_domain::city::{City, Season, YearDay};
use greenshield_domain::coverage::{Step, overdue_days};
use greenshield_domain::geo::Position;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::incident::{Place, PlaceSource};
use greenshield_domain::task::NewTask;
use greenshield_domain::wire::{CoverageReport, CoverageRow, MAX_COVERAGE_DAYS};
use serde_json::{Value, json};

use super::areas::{self, AreaShape};
use super::draft::cut;
use super::item::People;
use super::lamp::{Lamp, Tone};
use super::map::{collection, feature, lon_lat};
use super::place::{metres_words, short_words};
use super::time::{Now, span};
use super::words::{self, t, tr};

/// Metres of a degree of latitude.
const DEGREE_METRES: i64 = 111_000;
/// Most characters of a title that is proposed.
const TITLE_CHARS: usize = 60;
/// The role of those who fly.
const PILOT: &str = "pilot";

/// The time in which visits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Period {
    /// So many days.
    Days(u32),
    /// Since the season began that holds now, or since the last one was over.
    Season,
}

impl Period {
    /// What is offered.
    pub const ALL: [Self; 5] = [Self::Days(7), Self::Days(14), Self::Days(30), Self::Days(90), Self::Season];

    /// Its name, where the city has it.
    #[must_use]
    pub fn words(self, city: &City, now: Now) -> Option<String> {
        match self {
            Self::Days(n) => Some(tr("coverage.days", &[("n", &n.to_string())])),
            Self::Season => Stretch::of(&city.info.seasons, now).map(|stretch| stretch.words()),
        }
    }

    /// How many days it is.
    #[must_use]
    pub fn days(self, city: &City, now: Now) -> u32 {
        match self {
            Self::Days(n) => n,
            Self::Season => Stretch::of(&city.info.seasons, now).map_or(MAX_COVERAGE_DAYS, |stretch| stretch.days(now)),
        }
    }
}

/// The season that holds, or the rest of the year after one.
struct Stretch<'a> {
    season: &'a Season,
    holds: bool,
    /// Its first day, counted from 1970.
    from: i64,
}

impl<'a> Stretch<'a> {
    /// Of the seasons that hold the one that began first; else the time since the last one ended. `None` without seasons.
    fn of(seasons: &'a [Season], now: Now) -> Option<Self> {
        let today = now.day_of(now.millis);
        let year = civil(today).0;
        let last = |day: YearDay, later: i64| {
            let of = |year: i64| day_of(year, day.month.into(), day.day.into()) + later;
            if of(year) <= today { of(year) } else { of(year - 1) }
        };
        let holding = seasons.iter().filter(|season| now.date().is_some_and(|date| season.holds_on(date.day)));
        let holding = holding.map(|season| Self { season, holds: true, from: last(season.from, 0) });
        let over = || seasons.iter().map(|season| Self { season, holds: false, from: last(season.until, 1) });
        holding.min_by_key(|stretch| stretch.from).or_else(|| over().max_by_key(|stretch| stretch.from))
    }

    fn days(&self, now: Now) -> u32 {
        let days = now.day_of(now.millis) - self.from + 1;
        u32::try_from(days).unwrap_or(1).clamp(1, MAX_COVERAGE_DAYS)
    }

    fn words(&self) -> String {
        let (_, month, day) = civil(self.from);
        let date = tr("time.date", &[("month", &month.to_string()), ("day", &day.to_string())]);
        let key = if self.holds { "coverage.season" } else { "coverage.season_over" };
        tr(key, &[("season", words::of(&self.season.name)), ("date", &date)])
    }
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageView {
    /// How old the numbers are, and of how many days.
    pub age: String,
    /// What they lack.
    pub lacks: Vec<String>,
    /// Elements that areas have: word, name, number of areas.
    pub elements: Vec<(String, String, usize)>,
    /// The areas of the chosen element, the most overdue first.
    pub areas: Vec<AreaLine>,
}

/// An area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaLine {
    /// Its record.
    pub record: RecordId,
    /// What people call it.
    pub name: String,
    /// Element, who looks after it, how often somebody has to be there.
    pub facts: String,
    /// Whether it is overdue.
    pub lamp: Lamp,
    /// On the ground, in the air, by either.
    pub shares: Vec<Share>,
    /// When somebody was there last, and how large its cells are.
    pub last: String,
    /// That somebody goes there; `None` where everything was visited.
    pub go: Option<NewTask>,
    /// That a drone flies there.
    pub fly: Option<NewTask>,
}

/// So many cells of so many.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Of what.
    pub label: &'static str,
    /// Visited ones.
    pub n: u32,
    /// All.
    pub of: u32,
}

impl CoverageView {
    /// Of what the server said.
    #[must_use]
    pub fn of(kept: &KeptCoverage, city: &City, people: &People, element: Option<&str>, now: Now) -> Self {
        let report = &kept.report;
        let n_of = |word: &str| report.areas.iter().filter(|row| row.element.as_deref() == Some(word)).count();
        let elements = city.catalog.elements.iter();
        let elements = elements.map(|known| (known.id.clone(), words::of(&known.name).to_owned(), n_of(&known.id)));
        let some = |key: &'static str, n: u64| (n > 0).then(|| tr(key, &[("n", &n.to_string())]));
        let lacks = [some("coverage.tracks_left", report.tracks_left), some("coverage.areas_left", report.areas_left)];
        let shown = chosen(report, element);
        Self {
            age: tr("coverage.age", &[("ago", &now.ago(kept.wall_millis)), ("n", &report.days.to_string())]),
            lacks: lacks.into_iter().flatten().collect(),
            elements: elements.filter(|(_, _, n)| *n > 0).collect(),
            areas: shown.into_iter().map(|row| AreaLine::of(row, report, city, people, now)).collect(),
        }
    }
}

impl AreaLine {
    fn of(row: &CoverageRow, report: &CoverageReport, city: &City, people: &People, now: Now) -> Self {
        let element = row.element.as_deref().map(|word| {
            let known = city.catalog.elements.iter().find(|known| known.id == word);
            known.map_or(word, |known| words::of(&known.name)).to_owned()
        });
        let need = row.need_days.map(|days| tr("coverage.need", &[("n", &days.to_string())]));
        let facts = [element, row.keeper.clone(), need].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let share = |label, n| Share { label: t(label), n, of: row.cells };
        Self {
            record: row.record,
            name: row.name.clone(),
            facts,
            lamp: lamp(row, report),
            shares: vec![
                share("coverage.ground", row.ground),
                share("coverage.air", row.air),
                share("coverage.seen", row.seen),
            ],
            last: last_words(row, report),
            go: proposal(row, report, "coverage.go_title", named(people, row.keeper.as_deref()), now),
            fly: proposal(row, report, "coverage.fly_title", pilot(people), now),
        }
    }
}

fn lamp(row: &CoverageRow, report: &CoverageReport) -> Lamp {
    let lamp = |tone, icon, words| Lamp { tone, icon, words };
    match overdue_days(row, report.days, report.time_millis) {
        None => {
            let n = report.looked_days.to_string();
            lamp(Tone::Alarm, "alert-triangle", tr("coverage.never", &[("n", &n)]))
        }
        Some(0) => lamp(Tone::Sent, "circle-check", t("coverage.in_time").to_owned()),
        Some(days) => lamp(Tone::Warn, "clock", tr("coverage.overdue", &[("n", &days.to_string())])),
    }
}

fn last_words(row: &CoverageRow, report: &CoverageReport) -> String {
    // The server's clock tells how long ago it was, whatever the clock here says.
    let last = |key: &'static str, millis: Option<i64>| {
        millis.map(|millis| tr(key, &[("span", &span((report.time_millis - millis).max(0)))]))
    };
    let metres = row.step_e7.0.saturating_mul(DEGREE_METRES) / 10_000_000;
    let size = metres_words(u64::try_from(metres).unwrap_or_default());
    let parts = [
        last("coverage.last_ground", row.last_ground_millis),
        last("coverage.last_air", row.last_air_millis),
        Some(tr("coverage.cell", &[("size", &size)])),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// A task about the part that nobody visited.
fn proposal(
    row: &CoverageRow,
    report: &CoverageReport,
    title: &'static str,
    who: Option<AccountId>,
    now: Now,
) -> Option<NewTask> {
    let at = row.target()?;
    let (n, days) = (row.cells.saturating_sub(row.seen).to_string(), report.days.to_string());
    let facts = [("area", row.name.as_str()), ("n", &n), ("days", &days), ("place", &short_words(at))];
    let half_metres = row.step_e7.0.saturating_mul(DEGREE_METRES) / 20_000_000;
    Some(NewTask {
        title: tr(title, &[("area", &row.name)]).chars().take(TITLE_CHARS).collect(),
        text: cut(&tr("coverage.task_text", &facts)),
        assignees: who.into_iter().collect(),
        about: Some(row.record),
        place: Some(pointed(at, half_metres * 100, now)),
        ..NewTask::default()
    })
}

/// A place that nobody measured.
#[must_use]
pub fn pointed(at: Position, accuracy_cm: i64, now: Now) -> Place {
    let Position { lat_e7, lon_e7 } = at;
    Place { lat_e7, lon_e7, accuracy_cm, fixed_millis: now.millis, source: PlaceSource::Pin }
}

/// The one person of a name; of two nobody is taken.
#[must_use]
pub fn named(people: &People, name: Option<&str>) -> Option<AccountId> {
    let name = name?;
    only(people.iter().filter(|(_, person)| person.name == name).map(|(account, _)| *account))
}

/// The one pilot that is known; of several the desk chooses.
fn pilot(people: &People) -> Option<AccountId> {
    only(people.iter().filter(|(_, person)| person.role == PILOT).map(|(account, _)| *account))
}

fn only<T>(mut found: impl Iterator<Item = T>) -> Option<T> {
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The borders of the areas and the cells that nobody visited, GeoJSON; the latter have `gap`.
#[must_use]
pub fn on_map(shapes: &[AreaShape], rows: &[&CoverageRow]) -> String {
    let gaps = rows.iter().flat_map(|row| {
        let step = Step { lat_e7: row.step_e7.0, lon_e7: row.step_e7.1 };
        row.gaps.iter().map(move |run| cell(step, *run))
    });
    let is_shown = |shape: &&AreaShape| rows.iter().any(|row| row.record.to_hex() == shape.record);
    let shapes: Vec<AreaShape> = shapes.iter().filter(is_shown).cloned().collect();
    collection(gaps.chain(areas::features(&shapes)))
}

fn cell(step: Step, run: (i64, i64, i64)) -> Value {
    let ((west, south), (east, north)) = {
        let (low, high) = step.corners(run);
        (lon_lat(low), lon_lat(high))
    };
    let ring = json!([[west, south], [east, south], [east, north], [west, north], [west, south]]);
    feature(json!({ "gap": true }), json!({ "type": "Polygon", "coordinates": [ring] }))
}

/// South-west and north-east of everything that is shown.
#[must_use]
pub fn corners(rows: &[&CoverageRow]) -> Option<(Position, Position)> {
    let runs = rows.iter().flat_map(|row| {
        let step = Step { lat_e7: row.step_e7.0, lon_e7: row.step_e7.1 };
        row.gaps.iter().map(move |run| step.corners(*run))
    });
    let mut all: Option<(Position, Position)> = None;
    for (low, high) in runs {
        let (least, most) = all.get_or_insert((low, high));
        *least = Position { lat_e7: least.lat_e7.min(low.lat_e7), lon_e7: least.lon_e7.min(low.lon_e7) };
        *most = Position { lat_e7: most.lat_e7.max(high.lat_e7), lon_e7: most.lon_e7.max(high.lon_e7) };
    }
    all
}

/// The areas of an element.
#[must_use]
pub fn chosen<'a>(report: &'a CoverageReport, element: Option<&str>) -> Vec<&'a CoverageRow> {
    report.areas.iter().filter(|row| element.is_none() || row.element.as_deref() == element).collect()
}

#[cfg(test)]
mod tests {
    use greenshield_client::rows::PersonRow;

    use super::super::item::tests::city;
    use super::*;

    const DAY_MILLIS: i64 = 24 * 3_600_000;
    /// 2026-11-27 12:00 in Zhangye.
    const NOW: Now = Now { millis: 1_795_752_000_000, zone_minutes: 480 };

    fn row(n: u8, last_days: Option<i64>) -> CoverageRow {
        CoverageRow {
            record: RecordId([n; 16]),
            name: "黑河东岸".to_owned(),
            element: Some("water".to_owned()),
            keeper: Some("李四".to_owned()),
            need_days: Some(3),
            cells: 30,
            ground: 4,
            air: 2,
            seen: 5,
            last_ground_millis: last_days.map(|days| NOW.millis - days * DAY_MILLIS - 5),
            last_air_millis: None,
            step_e7: (100_000, 125_000),
            gaps: vec![(3_890, 8_032, 8_035), (3_891, 8_032, 8_032)],
            target_e7: Some((389_050_000, 1_004_250_000)),
        }
    }

    fn kept(areas: Vec<CoverageRow>) -> KeptCoverage {
        let report = CoverageReport {
            days: 7,
            looked_days: 90,
            areas,
            areas_left: 0,
            tracks: 9,
            tracks_left: 2,
            time_millis: NOW.millis,
        };
        KeptCoverage { report, wall_millis: NOW.millis - 3 * 3_600_000 }
    }

    fn people(rows: &[(u8, &str, &str)]) -> People {
        let person = |name: &str, role: &str| PersonRow { name: name.to_owned(), role: role.to_owned() };
        rows.iter().map(|(n, name, role)| (AccountId([*n; 16]), person(name, role))).collect()
    }

    #[test]
    fn an_area_tells_what_is_unvisited_of_how_many_and_by_whom_it_is_kept() {
        let grass = CoverageRow { element: Some("grass".to_owned()), ..row(2, None) };
        let all = kept(vec![grass, row(1, Some(10))]);
        let view = CoverageView::of(&all, &city(), &People::new(), None, NOW);
        assert_eq!((view.age.as_str(), view.lacks.len(), view.areas.len()), ("3 小时前算的，近 7 天", 1, 2));
        assert_eq!(
            view.elements.iter().map(|(word, _, n)| (word.as_str(), *n)).collect::<Vec<_>>(),
            [("water", 1), ("grass", 1)]
        );
        let [never, late] = view.areas.as_slice() else { panic!("{view:?}") };
        assert_eq!((never.lamp.tone, late.lamp.tone), (Tone::Alarm, Tone::Warn));
        assert_eq!(late.lamp.words, "超了 7 天");
        assert_eq!(late.facts, "水 · 李四 · 3 天一次");
        assert_eq!(
            late.shares.iter().map(|share| (share.n, share.of)).collect::<Vec<_>>(),
            [(4, 30), (2, 30), (5, 30)]
        );
        assert!(late.last.contains("10 天") && late.last.contains("1.1 公里"), "{}", late.last);
        let one = CoverageView::of(&all, &city(), &People::new(), Some("grass"), NOW);
        assert_eq!((one.areas.len(), one.elements.len()), (1, 2));
    }

    #[test]
    fn a_gap_becomes_a_task_for_whoever_keeps_the_area_or_for_the_pilot() {
        let all = kept(vec![row(1, None)]);
        let task = |people: &People| CoverageView::of(&all, &city(), people, None, NOW).areas.remove(0);
        let line = task(&people(&[(7, "李四", "volunteer"), (8, "飞手", "pilot")]));
        let (go, fly) = (line.go.unwrap(), line.fly.unwrap());
        assert_eq!(
            (go.assignees.as_slice(), fly.assignees.as_slice()),
            (&[AccountId([7; 16])][..], &[AccountId([8; 16])][..])
        );
        assert!(
            go.title.contains("黑河东岸")
                && go.title != fly.title
                && go.text.contains("25")
                && go.text.contains("38.905")
        );
        assert_eq!((go.about, go.place.map(|place| place.lat_e7)), (Some(RecordId([1; 16])), Some(389_050_000)));
        let two = task(&people(&[(7, "李四", "volunteer"), (9, "李四", "officer")]));
        assert!(two.go.unwrap().assignees.is_empty(), "nobody is taken for another of the same name");
        let whole = kept(vec![CoverageRow { target_e7: None, gaps: Vec::new(), ..row(1, Some(0)) }]);
        let line = CoverageView::of(&whole, &city(), &People::new(), None, NOW).areas.remove(0);
        assert!(line.go.is_none() && line.fly.is_none() && line.lamp.tone == Tone::Sent);
    }

    #[test]
    fn the_season_counts_from_its_first_day_and_after_it_from_its_end() {
        let city = city();
        let at = |date: &str| Now { millis: NOW.ends_of(date).unwrap().0 + 1, ..NOW };
        assert_eq!(Period::Season.days(&city, NOW), 58, "the grassland fire season since 1 October");
        assert_eq!(Period::Season.days(&city, at("2027-05-31")), 243);
        assert_eq!(Period::Season.days(&city, at("2027-06-01")), 1, "the rest of the year");
        assert_eq!(Period::Season.days(&city, at("2027-06-20")), 20);
        let words = |now| Period::Season.words(&city, now).unwrap();
        assert!(words(NOW).contains("10 月 1 日") && words(at("2027-06-20")).contains("6 月 1 日"));
        assert_ne!(words(NOW), words(at("2027-06-20")));
        let mut other = city.clone();
        other.info.seasons.clear();
        assert_eq!(Period::Season.words(&other, NOW), None);
        assert_eq!(Period::Days(14).days(&city, NOW), 14);
    }

    #[test]
    fn the_map_has_the_gaps_and_the_borders_of_the_same_areas() {
        let all = kept(vec![row(1, None)]);
        let rows = chosen(&all.report, Some("water"));
        let shape = |n: u8| AreaShape {
            record: RecordId([n; 16]).to_hex(),
            name: n.to_string(),
            code: None,
            keeper: None,
            bans: Vec::new(),
            outline: greenshield_domain::land::Outline(vec![vec![Position { lat_e7: 0, lon_e7: 0 }]]),
        };
        let drawn: Value = serde_json::from_str(&on_map(&[shape(1), shape(2)], &rows)).unwrap();
        let features = drawn["features"].as_array().unwrap();
        assert_eq!(features.len(), 3);
        assert_eq!(features[0]["geometry"]["coordinates"][0][2], json!([100.45, 38.91]));
        assert_eq!(
            (&features[0]["properties"]["gap"], &features[2]["properties"]["name"]),
            (&json!(true), &json!("1"))
        );
        let (low, high) = corners(&rows).unwrap();
        assert_eq!((low.lat_e7, high.lat_e7, high.lon_e7), (389_000_000, 389_200_000, 1_004_500_000));
        assert!(chosen(&all.report, Some("grass")).is_empty() && corners(&[]).is_none());
    }
}
