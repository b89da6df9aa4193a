//! A patrol as pages show it: the live figures, the finished page, its drawing, its words for sharing.

use std::collections::BTreeSet;
use std::ops::RangeInclusive;

use greenshield_client::engine::RecordView;
use greenshield_client::rows::ListRow;
use greenshield_domain::city::{City, PatrolPreset};
use greenshield_domain::coverage::{Cell, Step};
use greenshield_domain::geo::Position;
use greenshield_domain::ids::RecordId;
use greenshield_domain::patrol::{self, Patrol};
use greenshield_domain::track::{Cause, Facts, Leg, Segment, measure};

use super::Recorder;
use super::hints::{Hint, hints};
use super::words;
use crate::state::item::{People, person_name};
use crate::state::lamp::{Lamp, Tone};
use crate::state::record::{Fact, number, place_words};
use crate::state::time::Now;
use crate::state::words::{t, tr};

/// Side of the drawing, in its own units.
pub const DRAWING: i64 = 1_000;
/// Room around the line, so that its ends are whole.
const MARGIN: i64 = 40;

/// What the page of a patrol under way shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveView {
    /// Its record.
    pub record: RecordId,
    /// Its mode.
    pub mode: greenshield_domain::track::Mode,
    /// Recorded way.
    pub way: String,
    /// Time without pauses.
    pub lasting: String,
    /// Share of the time that was recorded, percent.
    pub percent: u8,
    /// How the recording stands.
    pub lamp: Lamp,
    /// Whether it rests.
    pub is_paused: bool,
    /// Whether the way is recorded.
    pub has_track: bool,
    /// Whether the position is missing while it should be there.
    pub is_lost: bool,
    /// Back by, and whether that is over.
    pub back: Option<(String, bool)>,
    /// How far it is beside what is usual.
    pub hints: Vec<Hint>,
}

impl LiveView {
    /// The live figures.
    #[must_use]
    pub fn of(walk: &Recorder, preset: Option<&PatrolPreset>, now: Now) -> Self {
        let facts = walk.facts(now.millis);
        let accuracy = walk.newest.map(|fix| (fix.accuracy_cm / 100).max(1).to_string());
        let lamp = |tone, icon, words: String| Lamp { tone, icon, words };
        let since = |from: i64| words::lasting(now.millis - from);
        let (is_lost, lamp) = match (walk.open, accuracy) {
            (Some(gap), _) if gap.cause == Cause::Paused => (
                false,
                lamp(Tone::Plain, "player-pause", tr("patrol.paused_since", &[("span", &since(gap.from_millis))])),
            ),
            _ if !walk.has_track => (false, lamp(Tone::Plain, "map-pin-off", t("patrol.no_track").to_owned())),
            _ if walk.is_denied => (true, lamp(Tone::Alarm, "map-pin-off", t("patrol.denied").to_owned())),
            (Some(gap), Some(_)) => {
                (true, lamp(Tone::Alarm, "map-pin-off", tr("patrol.lost_since", &[("span", &since(gap.from_millis))])))
            }
            (Some(_), None) => (false, lamp(Tone::Warn, "current-location", t("patrol.searching").to_owned())),
            (None, metres) => {
                let metres = metres.unwrap_or_default();
                (false, lamp(Tone::Sent, "current-location", tr("patrol.recording", &[("m", &metres)])))
            }
        };
        Self {
            record: walk.record,
            mode: walk.segment.mode,
            way: words::way(facts.distance_cm),
            lasting: words::lasting(walk.lasting_millis(&facts, now.millis)),
            percent: facts.recorded_percent(),
            lamp,
            is_paused: walk.paused_since().is_some(),
            has_track: walk.has_track,
            is_lost,
            back: walk.planned_return_millis.map(|due| (now.moment(due), now.millis > due)),
            // What is usual is told of ways; without one there is nothing to compare.
            hints: preset
                .filter(|_| walk.has_track)
                .map(|preset| hints(preset, &facts, walk.check_ins))
                .unwrap_or_default(),
        }
    }
}

/// A line of the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stroke {
    /// `x,y x,y …`.
    pub points: String,
    /// A gap: dashed, since nobody knows what lies between.
    pub is_gap: bool,
}

/// A point of the drawing.
pub type Point = (i64, i64);

/// A square of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Square {
    /// Its corner in the north-west.
    pub at: Point,
    /// How wide and how high it is.
    pub size: Point,
}

/// The drawing of a track.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Drawing {
    /// Its lines; none without a track.
    pub strokes: Vec<Stroke>,
    /// Where it begins and where it ends.
    pub ends: Option<(Point, Point)>,
    /// The cells that it went through, where the way itself is not for everybody.
    pub squares: Vec<Square>,
}

/// The page of a patrol that is over, or of somebody else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatrolScreen {
    /// Its record.
    pub record: RecordId,
    /// Mode and day.
    pub title: String,
    /// Picture of the mode.
    pub icon: &'static str,
    /// Recorded way; `None` where only its cells may be read.
    pub way: Option<String>,
    /// Time without pauses.
    pub lasting: String,
    /// Share of the time that was recorded, percent; `None` while track files are missing here.
    pub percent: Option<u8>,
    /// The drawing.
    pub drawing: Drawing,
    /// What is known.
    pub facts: Vec<Fact>,
    /// Check-ins, oldest first.
    pub check_ins: Vec<Fact>,
    /// Gaps in words.
    pub gaps: Vec<String>,
    /// Battery and clock on the way, in words.
    pub phone: Vec<String>,
    /// Track files that are not on this device.
    pub missing: usize,
    /// Words for a message.
    pub message: String,
}

impl PatrolScreen {
    /// The page. `segments` are the track files that are on this device, `missing` how many are not; `findings` the reports
    /// that were made on it.
    #[must_use]
    pub fn of(
        view: &RecordView,
        mut segments: Vec<Segment>,
        missing: usize,
        findings: &[ListRow],
        people: &People,
        now: Now,
    ) -> Self {
        put_in_order(&mut segments);
        let walk = Patrol(&view.merged);
        let track = measure(&segments);
        let mode = walk.mode().unwrap_or_default();
        let started = walk.started_millis().unwrap_or(view.row.sort_millis);
        let title = tr("patrol.title_of", &[("mode", words::mode(mode)), ("day", &now.day(started))]);
        let has_track = walk.text(patrol::field::SOURCE) != Some(patrol::NO_TRACK);
        let (cells, is_rough) = (walk.cells(), is_rough(view));
        let lasting = match walk.ended_millis() {
            None if is_rough => now.millis - started,
            Some(ended) if !has_track || is_rough => ended - started,
            _ => track.duration_millis,
        };
        let percent = (missing == 0 && !segments.is_empty()).then(|| track.recorded_percent());
        let mut screen = Self {
            record: view.row.record,
            title,
            icon: words::mode_icon(mode),
            way: (!is_rough).then(|| words::way(track.distance_cm)),
            lasting: words::lasting(lasting),
            percent,
            drawing: if is_rough { squares(&cells) } else { drawing(&track.line) },
            facts: facts(view, &walk, &track, people, now),
            check_ins: walk.check_ins().iter().map(|check_in| check_in_fact(check_in, now)).collect(),
            gaps: track.gaps.iter().map(|gap| words::gap(gap, now)).collect(),
            phone: walk.phone_notes().iter().map(|note| words::phone(note, now)).collect(),
            missing,
            message: String::new(),
        };
        screen.message = screen.words(view, is_rough, findings.len(), people);
        screen
    }

    fn words(&self, view: &RecordView, is_rough: bool, findings: usize, people: &People) -> String {
        let who = view.row.reporter.map(|account| person_name(people, account)).unwrap_or_default();
        let mut lines = vec![tr("patrol.share_head", &[("title", &self.title), ("who", &who)])];
        lines.extend(self.way.as_ref().map(|way| tr("patrol.share_way", &[("way", way), ("span", &self.lasting)])));
        lines.extend(self.percent.map(|n| tr("patrol.recorded", &[("n", &n.to_string())])));
        let (n, m) = (findings.to_string(), self.check_ins.len().to_string());
        lines.push(if is_rough {
            tr("patrol.share_found_only", &[("n", &n)])
        } else {
            tr("patrol.share_found", &[("n", &n), ("m", &m)])
        });
        if Patrol(&view.merged).is_all_well() {
            lines.push(t("patrol.all_well").to_owned());
        }
        lines.push(tr("patrol.share_number", &[("number", &number(self.record))]));
        lines.join("\n")
    }
}

/// Whether the way is not for whoever looks: there was a track, none of it can be read, and something of the patrol is hidden.
fn is_rough(view: &RecordView) -> bool {
    let walk = Patrol(&view.merged);
    let has_track = walk.text(patrol::field::SOURCE) != Some(patrol::NO_TRACK);
    let is_hidden = || view.ops.iter().any(|row| !row.op.body().is_full());
    has_track && walk.segments().next().is_none() && is_hidden()
}

/// Puts segments into the order in which they were recorded.
pub fn put_in_order(segments: &mut Vec<Segment>) {
    greenshield_domain::order::sort_by_key(segments, |segment| segment.span().0);
}

fn facts(view: &RecordView, walk: &Patrol<'_>, track: &Facts, people: &People, now: Now) -> Vec<Fact> {
    let fact = |label: &'static str, value: String| Fact { label: t(label).to_owned(), value, note: None };
    let mut facts = Vec::new();
    facts.extend(view.row.reporter.map(|account| fact("patrol.who", person_name(people, account))));
    facts.extend(walk.text(patrol::field::COMPANIONS).map(|names| fact("patrol.companions", names.to_owned())));
    facts.extend(walk.started_millis().map(|at| fact("patrol.started", now.moment(at))));
    facts.extend(walk.ended_millis().map(|at| fact("patrol.ended", now.moment(at))));
    facts.extend(walk.planned_return_millis().map(|at| fact("patrol.back_by", now.moment(at))));
    if walk.is_all_well() {
        facts.push(fact("patrol.seen", t("patrol.all_well").to_owned()));
    }
    facts.extend(walk.text(patrol::field::NOTE).map(|note| fact("patrol.note", note.to_owned())));
    match walk.text(patrol::field::SOURCE) {
        Some("gpx") => facts.push(fact("patrol.source", t("patrol.source_gpx").to_owned())),
        Some(patrol::NO_TRACK) => facts.push(fact("patrol.source", t("patrol.no_track").to_owned())),
        _ => {}
    }
    let cells = walk.cells();
    if is_rough(view) {
        let n = cells.len().to_string();
        let value = match walk.ended_millis() {
            None if cells.is_empty() => t("patrol.cells_none").to_owned(),
            _ => tr("patrol.cells_of", &[("n", &n)]),
        };
        let note = Some(t("patrol.cells_text").to_owned());
        facts.push(Fact { label: t("patrol.cells").to_owned(), value, note });
    } else {
        let (n, m) = (track.fixes.to_string(), track.left_out.to_string());
        facts.push(fact("patrol.fixes", tr("patrol.fixes_of", &[("n", &n), ("m", &m)])));
    }
    facts.push(fact("record.number", number(view.row.record)));
    facts
}

fn check_in_fact(check_in: &patrol::CheckIn, now: Now) -> Fact {
    let value = if check_in.is_well { t("patrol.all_well") } else { t("patrol.checked_in") };
    Fact {
        label: now.clock(check_in.at_millis),
        value: value.to_owned(),
        note: Some(check_in.place.as_ref().map_or_else(|| t("record.place_none").to_owned(), place_words)),
    }
}

/// Draws a line into a square; one degree of longitude is as wide as it is there.
#[must_use]
pub fn drawing(line: &[Leg]) -> Drawing {
    let fixes = || line.iter().flat_map(|leg| &leg.fixes);
    let bounds =
        |of: fn(&greenshield_domain::track::Fix) -> i64| Some((fixes().map(of).min()?, fixes().map(of).max()?));
    let (Some((south, north)), Some((west, east))) = (bounds(|fix| fix.lat_e7), bounds(|fix| fix.lon_e7)) else {
        return Drawing::default();
    };
    let frame = Frame::of(south..=north, west..=east);
    let at = |fix: &greenshield_domain::track::Fix| frame.at(fix.lat_e7, fix.lon_e7);
    let mut strokes = Vec::new();
    for (index, leg) in line.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|i| line[i].fixes.last());
        if let (Some(from), Some(to)) = (before, leg.fixes.first()) {
            strokes.push(Stroke { points: points([at(from), at(to)]), is_gap: true });
        }
        strokes.push(Stroke { points: points(leg.fixes.iter().map(at)), is_gap: false });
    }
    let ends = fixes().next().zip(fixes().last()).map(|(first, last)| (at(first), at(last)));
    Drawing { strokes, ends, squares: Vec::new() }
}

/// Draws cells into a square; one of them stands in the middle.
fn squares(cells: &BTreeSet<Cell>) -> Drawing {
    let corners = || cells.iter().map(|(row, col)| Step::USUAL.corners((*row, *col, *col)));
    let low = |of: fn(Position) -> i64| corners().map(|(low, _)| of(low)).min();
    let high = |of: fn(Position) -> i64| corners().map(|(_, high)| of(high)).max();
    let (Some(south), Some(north)) = (low(|at| at.lat_e7), high(|at| at.lat_e7)) else { return Drawing::default() };
    let (Some(west), Some(east)) = (low(|at| at.lon_e7), high(|at| at.lon_e7)) else { return Drawing::default() };
    let frame = Frame::of(south..=north, west..=east);
    let squares = corners().map(|(low, high)| {
        let at = frame.at(high.lat_e7, low.lon_e7);
        let end = frame.at(low.lat_e7, high.lon_e7);
        Square { at, size: (end.0 - at.0, end.1 - at.1) }
    });
    Drawing { squares: squares.collect(), ..Drawing::default() }
}

/// How positions fall into the drawing.
struct Frame {
    north: i64,
    west: i64,
    squeeze: f64,
    scale: f64,
    /// Room to the left and above, so that a long way stands in the middle.
    rest: (f64, f64),
}

impl Frame {
    fn of(lat: RangeInclusive<i64>, lon: RangeInclusive<i64>) -> Self {
        let squeeze = ((lat.start() + lat.end()) as f64 / 2e7).to_radians().cos();
        let (high, wide) = ((lat.end() - lat.start()) as f64, (lon.end() - lon.start()) as f64 * squeeze);
        let inside = (DRAWING - 2 * MARGIN) as f64;
        // A line of one point stands in the middle.
        let scale = inside / high.max(wide).max(1.0);
        let rest = ((inside - wide * scale) / 2.0, (inside - high * scale) / 2.0);
        Self { north: *lat.end(), west: *lon.start(), squeeze, scale, rest }
    }

    fn at(&self, lat_e7: i64, lon_e7: i64) -> Point {
        let x = (lon_e7 - self.west) as f64 * self.squeeze * self.scale + self.rest.0;
        let y = (self.north - lat_e7) as f64 * self.scale + self.rest.1;
        (x as i64 + MARGIN, y as i64 + MARGIN)
    }
}

/// Points in words of SVG; neighbours that fall together are one.
fn points(points: impl IntoIterator<Item = Point>) -> String {
    let mut all: Vec<Point> = points.into_iter().collect();
    all.dedup();
    all.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ")
}

/// The line of the list for a patrol: mode is not in the row, so its kind's name and how it stands.
#[must_use]
pub fn is_overdue(row: &ListRow, now_millis: i64) -> bool {
    row.kind == patrol::KIND && row.due_millis.is_some_and(|due| due < now_millis)
}

/// Patrols that should be back by now, the longest first.
#[must_use]
pub fn overdue(rows: &[ListRow], city: &City, now_millis: i64) -> Vec<ListRow> {
    if city.kind(patrol::KIND).is_none() {
        return Vec::new();
    }
    let mut late: Vec<ListRow> = rows.iter().filter(|row| is_overdue(row, now_millis)).cloned().collect();
    greenshield_domain::order::sort_by_key(&mut late, |row| row.due_millis);
    late
}

#[cfg(test)]
mod tests {
    use greenshield_domain::track::{Fix, Mode};

    use super::*;
    use crate::state::item::tests::{city, row};
    use crate::state::patrol::{Plan, Recorder};

    fn fix(at_millis: i64, lat_e7: i64, lon_e7: i64) -> Fix {
        Fix { at_millis, lat_e7, lon_e7, accuracy_cm: 500, altitude_cm: None }
    }

    fn leg(fixes: Vec<Fix>) -> Leg {
        Leg { mode: Mode::Foot, fixes }
    }

    #[test]
    fn a_line_fills_its_square_and_a_gap_is_a_stroke_of_its_own() {
        let north = leg(vec![fix(0, 0, 0), fix(1, 1_000, 0)]);
        let east = leg(vec![fix(2, 1_000, 500), fix(3, 1_000, 1_000)]);
        let Drawing { strokes, ends, .. } = drawing(&[north, east]);
        assert_eq!(strokes.iter().map(|stroke| stroke.is_gap).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(strokes[0].points, "40,960 40,40");
        assert_eq!(ends, Some(((40, 960), (959, 40))));
    }

    #[test]
    fn one_point_stands_in_the_middle_and_no_point_draws_nothing() {
        let strokes = drawing(&[leg(vec![fix(0, 5, 5)])]).strokes;
        assert_eq!(strokes[0].points, "500,500");
        assert_eq!(drawing(&[]), Drawing::default());
    }

    #[test]
    fn cells_fill_the_square_side_by_side() {
        let drawing = squares(&[(3893, 803), (3893, 804)].into());
        let [west, east] = drawing.squares[..] else { unreachable!("two of them") };
        assert_eq!((west.at.0, west.at.0 + west.size.0), (40, east.at.0));
        assert!(west.at.1 == east.at.1 && (959..=960).contains(&(east.at.0 + east.size.0)), "{east:?}");
        assert!(drawing.strokes.is_empty() && drawing.ends.is_none());
        assert_eq!(squares(&BTreeSet::new()), Drawing::default());
    }

    #[test]
    fn the_live_page_tells_a_lost_position_apart_from_one_that_is_still_looked_for() {
        let now = |seconds: i64| Now { millis: 1_795_406_400_000 + seconds * 1_000, zone_minutes: 480 };
        let mut walk = Recorder::begun(RecordId([1; 16]), &Plan { has_track: true, ..Plan::default() }, now(0).millis);
        assert_eq!(LiveView::of(&walk, None, now(5)).lamp.tone, Tone::Warn);
        walk.fix(fix(now(10).millis, 0, 0));
        assert_eq!(LiveView::of(&walk, None, now(11)).lamp.tone, Tone::Sent);
        walk.tick(now(90).millis);
        assert!(LiveView::of(&walk, None, now(90)).is_lost);
        walk.pause(now(100).millis);
        let live = LiveView::of(&walk, None, now(100));
        assert!(live.is_paused && !live.is_lost);
    }

    #[test]
    fn who_is_late_longest_is_told_first() {
        let late = |n: u8, due| ListRow { kind: patrol::KIND, due_millis: due, ..row(n) };
        let rows = [late(1, Some(50)), late(2, Some(20)), late(3, Some(200)), late(4, None), row(5)];
        let found: Vec<u8> = overdue(&rows, &city(), 100).iter().map(|row| row.record.0[0]).collect();
        assert_eq!(found, [2, 1]);
    }
}
