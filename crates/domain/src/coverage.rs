//! Coverage: which parts of an area somebody visited, when, on the ground or in the air.
//!
//! Owns: the grid, what visits a cell, the sums, which area comes first. Refuses: to know whose visit it was: places are compared,
//! people never. Invariants: a cell belongs to an area if a part of the area lies in it, and nothing of a hole does; a way visits
//! each cell that it passes through; between two legs nothing is passed through.
//!
//! The grid is the same for everybody: rows of 0.01° and columns of 0.0125° from 0°, 0°, about 1.1 by 1.1 km in the middle of
//! China. A small area has cells of a half, a quarter or an eighth of that, a very large one of twice as much, four times and so on,
//! so that an area has neither few cells nor too many.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::geo::Position;
use crate::land::Outline;
use crate::order;
use crate::track::{Leg, Mode};
use crate::wire::CoverageRow;

/// An area with fewer cells has smaller ones, down to an eighth.
pub const LEAST_CELLS: usize = 16;
/// An area with more cells has larger ones.
pub const MOST_CELLS: usize = 4_000;
/// Runs of unvisited cells that are told of one area at most.
pub const MOST_RUNS: usize = 400;
const DAY_MILLIS: i64 = 24 * 3_600_000;
/// How often a cell is halved at most.
const MOST_HALVES: u32 = 3;
/// Doubled so often the globe has fewer cells than [`MOST_CELLS`].
const MOST_DOUBLES: u32 = 10;

/// The size of a cell, degrees × 1e7.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// To the north.
    pub lat_e7: i64,
    /// To the east.
    pub lon_e7: i64,
}

/// Row and column of a cell, counted from 0°, 0°.
pub type Cell = (i64, i64);

/// Unvisited cells beside each other: row, first and last column.
pub type Run = (i64, i64, i64);

impl Step {
    /// The size of the fixed grid.
    pub const USUAL: Self = Self { lat_e7: 100_000, lon_e7: 125_000 };

    /// The cell of a position.
    #[must_use]
    pub fn cell(self, at: Position) -> Cell {
        (at.lat_e7.div_euclid(self.lat_e7), at.lon_e7.div_euclid(self.lon_e7))
    }

    /// The middle of a cell.
    #[must_use]
    pub fn middle(self, (row, col): Cell) -> Position {
        Position { lat_e7: row * self.lat_e7 + self.lat_e7 / 2, lon_e7: col * self.lon_e7 + self.lon_e7 / 2 }
    }

    /// South-west and north-east of a run.
    #[must_use]
    pub fn corners(self, (row, first, last): Run) -> (Position, Position) {
        let at = |row: i64, col: i64| Position { lat_e7: row * self.lat_e7, lon_e7: col * self.lon_e7 };
        (at(row, first), at(row + 1, last + 1))
    }

    /// Calls for each cell with a part of the line between two positions, until one call says that it is enough.
    fn along(self, from: Position, to: Position, mut meets: impl FnMut(Cell) -> bool) {
        let (low, high) = if from.lat_e7 <= to.lat_e7 { (from, to) } else { (to, from) };
        for row in strips(low.lat_e7, high.lat_e7, self.lat_e7) {
            let ends = if low.lat_e7 == high.lat_e7 {
                (low.lon_e7, high.lon_e7)
            } else {
                let (south, north) = (row * self.lat_e7, (row + 1) * self.lat_e7);
                (lon_at(low, high, south.max(low.lat_e7)), lon_at(low, high, north.min(high.lat_e7)))
            };
            for col in strips(ends.0.min(ends.1), ends.0.max(ends.1), self.lon_e7) {
                if !meets((row, col)) {
                    return;
                }
            }
        }
    }
}

/// The strips of a width that a stretch has a part of; one that it only touches at its far end is none.
fn strips(low: i64, high: i64, width: i64) -> RangeInclusive<i64> {
    let last = if high > low { high - 1 } else { high };
    low.div_euclid(width)..=last.div_euclid(width)
}

/// Where a line from south to north is at a latitude between its ends.
fn lon_at(low: Position, high: Position, lat_e7: i64) -> i64 {
    let (rise, run) = (high.lat_e7 - low.lat_e7, high.lon_e7 - low.lon_e7);
    let east = (i128::from(lat_e7 - low.lat_e7) * i128::from(run)).div_euclid(i128::from(rise.max(1)));
    low.lon_e7 + i64::try_from(east).unwrap_or(run)
}

/// How somebody was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// On foot, on a horse, by a vehicle, in a boat.
    Ground,
    /// By a drone.
    Air,
}

impl How {
    /// How somebody is there who moves like this.
    #[must_use]
    pub fn of(mode: Mode) -> Self {
        if mode == Mode::Drone { Self::Air } else { Self::Ground }
    }
}

/// The last visits of a cell, ms since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    ground: Option<i64>,
    air: Option<i64>,
}

/// The cells of an area with their last visits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    step: Step,
    cells: BTreeMap<Cell, Seen>,
    low: Position,
    high: Position,
}

/// The sums of an area since a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Cells in all.
    pub cells: u32,
    /// Those that somebody visited on the ground.
    pub ground: u32,
    /// Those that a drone visited.
    pub air: u32,
    /// Those that somebody visited in either way.
    pub seen: u32,
    /// The last visit on the ground of all that are known, ms since 1970.
    pub last_ground_millis: Option<i64>,
    /// The last visit in the air of all that are known, ms since 1970.
    pub last_air_millis: Option<i64>,
    /// The cells that nobody visited, at most [`MOST_RUNS`].
    pub gaps: Vec<Run>,
    /// The middle of the longest run of them: where somebody should go.
    pub target: Option<Position>,
}

impl Sheet {
    /// The cells of an area, unvisited; `None` for borders around nothing.
    #[must_use]
    pub fn of(outline: &Outline) -> Option<Self> {
        let (low, high) = outline.corners()?;
        let usual = Step::USUAL;
        let doubled = |n: u32| Step { lat_e7: usual.lat_e7 << n, lon_e7: usual.lon_e7 << n };
        let halved = |n: u32| Step { lat_e7: usual.lat_e7 >> n, lon_e7: usual.lon_e7 >> n };
        let cut = |step: Step| cells_of(outline, step).map(|cells| (step, cells));
        let (mut step, mut cells) = (0..=MOST_DOUBLES).find_map(|n| cut(doubled(n)))?;
        for n in 1..=MOST_HALVES {
            if step.lat_e7 > usual.lat_e7 || cells.len() >= LEAST_CELLS {
                break;
            }
            let Some(finer) = cut(halved(n)) else { break };
            (step, cells) = finer;
        }
        let cells = order::map_of(cells.into_iter().map(|cell| (cell, Seen::default())));
        (!cells.is_empty()).then_some(Self { step, cells, low, high })
    }

    /// The size of its cells.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// Somebody was there.
    pub fn visit(&mut self, at: Position, millis: i64, how: How) {
        self.mark(self.step.cell(at), millis, how);
    }

    fn mark(&mut self, cell: Cell, millis: i64, how: How) {
        if let Some(seen) = self.cells.get_mut(&cell) {
            let last = if how == How::Air { &mut seen.air } else { &mut seen.ground };
            *last = (*last).max(Some(millis));
        }
    }

    /// Somebody went along a leg; a cell is visited when it is entered.
    fn walk(&mut self, leg: &Leg) {
        let (how, step) = (How::of(leg.mode), self.step);
        let mut before: Option<Position> = None;
        for fix in &leg.fixes {
            let at = fix.position();
            if let Some(from) = before.filter(|from| step.cell(*from) != step.cell(at)) {
                step.along(from, at, |cell| {
                    self.mark(cell, fix.at_millis, how);
                    true
                });
            }
            if before.is_none_or(|from| step.cell(from) != step.cell(at)) {
                self.mark(step.cell(at), fix.at_millis, how);
            }
            before = Some(at);
        }
    }

    fn meets(&self, low: Position, high: Position) -> bool {
        let apart = |low: i64, high: i64, own_low: i64, own_high: i64, room: i64| {
            high < own_low - room || low > own_high + room
        };
        !apart(low.lat_e7, high.lat_e7, self.low.lat_e7, self.high.lat_e7, self.step.lat_e7)
            && !apart(low.lon_e7, high.lon_e7, self.low.lon_e7, self.high.lon_e7, self.step.lon_e7)
    }

    /// The sums of what was visited from a moment on.
    #[must_use]
    pub fn tally(&self, since_millis: i64) -> Tally {
        let mut tally = Tally::default();
        let mut longest = 0;
        for (cell, seen) in &self.cells {
            let is_since = |last: Option<i64>| last.is_some_and(|last| last >= since_millis);
            let (ground, air) = (is_since(seen.ground), is_since(seen.air));
            tally.cells += 1;
            tally.ground += u32::from(ground);
            tally.air += u32::from(air);
            tally.seen += u32::from(ground || air);
            tally.last_ground_millis = tally.last_ground_millis.max(seen.ground);
            tally.last_air_millis = tally.last_air_millis.max(seen.air);
            if ground || air {
                continue;
            }
            match tally.gaps.last_mut() {
                Some((row, _, last)) if (*row, *last + 1) == *cell => *last = cell.1,
                _ => tally.gaps.push((cell.0, cell.1, cell.1)),
            }
            let run = tally.gaps.last().copied().unwrap_or_default();
            if run.2 - run.1 >= longest {
                longest = run.2 - run.1 + 1;
                tally.target = Some(self.step.middle((run.0, (run.1 + run.2).div_euclid(2))));
            }
        }
        tally.gaps.truncate(MOST_RUNS);
        tally
    }
}

/// The cells that a way passes through.
#[must_use]
pub fn cells_along(step: Step, way: impl IntoIterator<Item = Position>) -> BTreeSet<Cell> {
    let (mut cells, mut before) = (BTreeSet::new(), None);
    for at in way {
        step.along(before.unwrap_or(at), at, |cell| {
            cells.insert(cell);
            true
        });
        before = Some(at);
    }
    cells
}

/// A leg of a track for all areas: each marks what it passes through.
pub fn walk<'a>(sheets: impl Iterator<Item = &'a mut Sheet>, leg: &Leg) {
    let ends = |of: fn(Position) -> i64| {
        let all = || leg.fixes.iter().map(|fix| of(fix.position()));
        all().min().zip(all().max())
    };
    let (Some(lat), Some(lon)) = (ends(|at| at.lat_e7), ends(|at| at.lon_e7)) else { return };
    let low = Position { lat_e7: lat.0, lon_e7: lon.0 };
    let high = Position { lat_e7: lat.1, lon_e7: lon.1 };
    sheets.filter(|sheet| sheet.meets(low, high)).for_each(|sheet| sheet.walk(leg));
}

/// The cells that have a part of an area; `None` = more than [`MOST_CELLS`].
fn cells_of(outline: &Outline, step: Step) -> Option<BTreeSet<Cell>> {
    let (low, high) = outline.corners()?;
    let rows = strips(low.lat_e7, high.lat_e7, step.lat_e7);
    let borders = || {
        let rings = outline.0.iter().filter(|ring| ring.len() > 2);
        rings.flat_map(|ring| ring.iter().zip(ring.iter().cycle().skip(1))).filter(|(from, to)| from != to)
    };
    if rows.end() - rows.start() >= MOST_CELLS as i64 {
        return None;
    }
    let mut cells = BTreeSet::new();
    // A border that runs along the grid has no part in a cell of its own: what lies beside it, the rows below tell.
    let is_on_grid = |from: &Position, to: &Position| {
        (from.lat_e7 == to.lat_e7 && from.lat_e7 % step.lat_e7 == 0)
            || (from.lon_e7 == to.lon_e7 && from.lon_e7 % step.lon_e7 == 0)
    };
    for (from, to) in borders().filter(|(from, to)| !is_on_grid(from, to)) {
        step.along(*from, *to, |cell| {
            cells.insert(cell);
            cells.len() <= MOST_CELLS
        });
    }
    // A cell without a border in it lies inside or outside as a whole; its middle says which.
    for row in rows {
        let middle = step.middle((row, 0)).lat_e7;
        let mut crossings: Vec<i64> = Vec::new();
        for (from, to) in borders().filter(|(from, to)| (from.lat_e7 > middle) != (to.lat_e7 > middle)) {
            let (low, high) = if from.lat_e7 < to.lat_e7 { (from, to) } else { (to, from) };
            crossings.push(lon_at(*low, *high, middle));
        }
        crossings.sort_unstable();
        for pair in crossings.chunks_exact(2) {
            let half = step.lon_e7 / 2;
            let first = (pair[0] - half).div_euclid(step.lon_e7) + 1;
            for col in first..=(pair[1] - half).div_euclid(step.lon_e7) {
                cells.insert((row, col));
                if cells.len() > MOST_CELLS {
                    return None;
                }
            }
        }
    }
    (cells.len() <= MOST_CELLS).then_some(cells)
}

/// Days from the last visit of an area until now beyond those that it may be left alone; `None` = nobody was seen there at all.
#[must_use]
pub fn overdue_days(row: &CoverageRow, days: u32, now_millis: i64) -> Option<i64> {
    let last = row.last_ground_millis.max(row.last_air_millis)?;
    let left_alone = (now_millis - last).div_euclid(DAY_MILLIS);
    Some((left_alone - i64::from(row.need_days.unwrap_or(days))).max(0))
}

/// What is most overdue first: never visited, then by days, then by the share that nobody visited.
pub fn sort(rows: &mut Vec<CoverageRow>, days: u32, now_millis: i64) {
    order::sort_by_key(rows, |row| {
        let late = overdue_days(row, days, now_millis).unwrap_or(i64::MAX);
        let unseen = u64::from(row.cells - row.seen.min(row.cells)) * 1_000 / u64::from(row.cells.max(1));
        (Reverse(late), Reverse(unseen), row.name.clone(), row.record)
    });
}

#[cfg(test)]
mod tests;
