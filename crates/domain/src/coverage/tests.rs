use super::*;
use crate::ids::RecordId;
use crate::track::{Cause, Fix, Item, Segment, measure};

const LAT: i64 = 389_000_000;
const LON: i64 = 1_004_000_000;
const CELL: Step = Step::USUAL;

fn at(rows: i64, cols: i64) -> Position {
    Position { lat_e7: LAT + rows * CELL.lat_e7 / 10, lon_e7: LON + cols * CELL.lon_e7 / 10 }
}

/// A ring between two corners, in tenths of a cell from the corner of one.
fn ring((south, west): (i64, i64), (north, east): (i64, i64)) -> Vec<Position> {
    [(south, west), (south, east), (north, east), (north, west)].map(|(row, col)| at(row, col)).to_vec()
}

fn sheet(rings: &[Vec<Position>]) -> Sheet {
    Sheet::of(&Outline(rings.to_vec())).unwrap()
}

fn fix(seconds: i64, at: Position) -> Item {
    let (at_millis, Position { lat_e7, lon_e7 }) = (seconds * 1_000, at);
    Item::Fix(Fix { at_millis, lat_e7, lon_e7, accuracy_cm: 500, altitude_cm: None })
}

fn walked(sheet: &mut Sheet, mode: Mode, items: Vec<Item>) {
    for leg in measure(&[Segment { mode, items }]).line {
        walk(std::iter::once(&mut *sheet), &leg);
    }
}

#[test]
fn an_area_along_the_grid_has_the_cells_in_it_and_no_neighbours() {
    let tally = sheet(&[ring((0, 0), (50, 60))]).tally(0);
    assert_eq!((tally.cells, tally.seen, tally.gaps.len()), (30, 0, 5));
    assert_eq!(tally.gaps[0].2 - tally.gaps[0].1, 5);
    assert_eq!(tally.target, Some(at(5, 25)), "the middle of the first of the longest runs");
}

#[test]
fn a_cell_with_any_part_of_the_area_belongs_to_it() {
    assert_eq!(sheet(&[ring((1, 1), (51, 61))]).tally(0).cells, 6 * 7, "moved by a tenth of a cell");
    let valley = [at(0, 0), at(0, 100), at(100, 100), at(100, 99), at(1, 99), at(1, 0)];
    assert_eq!(sheet(&[valley.to_vec()]).tally(0).cells, 10 + 9, "as narrow as a river");
}

#[test]
fn a_hole_is_nobodys_to_visit() {
    let hole = ring((20, 20), (40, 40));
    let mut sheet = sheet(&[ring((0, 0), (60, 60)), hole]);
    assert_eq!(sheet.tally(0).cells, 36 - 4);
    sheet.visit(at(25, 25), 5, How::Ground);
    assert_eq!(sheet.tally(0).seen, 0, "in the hole");
    sheet.visit(at(15, 25), 5, How::Ground);
    assert_eq!(sheet.tally(0).seen, 1);
    let wide = self::sheet(&[ring((0, 0), (60, 60)), ring((25, 20), (40, 40))]);
    assert_eq!(wide.tally(0).cells, 36 - 2, "a cell that the hole takes a part of stays");
}

#[test]
fn an_area_smaller_than_a_cell_has_smaller_cells_and_never_none() {
    let pond = sheet(&[ring((2, 2), (8, 8))]);
    assert_eq!((pond.step(), pond.tally(0).cells), (Step { lat_e7: 25_000, lon_e7: 31_250 }, 16));
    let mut well =
        sheet(&[[(0, 0), (1, 2), (2, 3)].map(|(lat, lon)| Position { lat_e7: LAT + lat, lon_e7: LON + lon }).to_vec()]);
    assert_eq!(well.tally(0).cells, 1);
    well.visit(Position { lat_e7: LAT + 9, lon_e7: LON + 9 }, 7, How::Ground);
    assert_eq!(well.tally(0).seen, 1);
    assert_eq!(Sheet::of(&Outline::default()), None);
    assert_eq!(Sheet::of(&Outline(vec![vec![at(0, 0), at(90, 90)]])), None, "a line is around nothing");
}

#[test]
fn a_whole_city_and_a_whole_globe_have_larger_cells() {
    let city = sheet(&[ring((0, 0), (3_000, 3_000))]);
    assert!(city.tally(0).cells as usize <= MOST_CELLS && city.step().lat_e7 > CELL.lat_e7, "{:?}", city.step());
    let corner = |lat: i64, lon: i64| Position { lat_e7: lat * 10_000_000, lon_e7: lon * 10_000_000 };
    let globe = [corner(-90, -180), corner(-90, 180), corner(90, 180), corner(90, -180)];
    assert!(sheet(&[globe.to_vec()]).tally(0).cells as usize <= MOST_CELLS);
}

#[test]
fn a_way_visits_what_it_passes_through_and_a_gap_is_not_bridged() {
    let area = || sheet(&[ring((0, 0), (50, 60))]);
    let ride = |from: i64, cols: std::ops::Range<i64>| cols.map(move |col| fix(from + col * 30, at(25, col * 5)));
    let mut whole = area();
    walked(&mut whole, Mode::Motorbike, ride(0, 0..12).collect());
    assert_eq!(whole.tally(0).ground, 6);
    let mut cut = area();
    let gap = Item::Gap { cause: Cause::Hidden, from_millis: 90_000, until_millis: 240_000 };
    walked(&mut cut, Mode::Motorbike, ride(0, 0..4).chain([gap]).chain(ride(0, 8..12)).collect());
    let tally = cut.tally(0);
    assert_eq!((tally.ground, tally.air), (4, 0), "two cells lie in the gap");
    assert_eq!(tally.last_ground_millis, Some(300_000), "when the last cell was entered");
}

#[test]
fn two_fixes_far_from_each_other_visit_the_cells_between_them() {
    let mut area = sheet(&[ring((0, 0), (50, 60))]);
    walked(&mut area, Mode::Drone, vec![fix(0, at(5, 5)), fix(100, at(25, 15))]);
    let tally = area.tally(0);
    assert_eq!((tally.ground, tally.air, tally.seen), (0, 4, 4), "aslant over two rows and two columns more");
    assert_eq!((tally.last_ground_millis, tally.last_air_millis), (None, Some(100_000)));
}

#[test]
fn only_what_was_since_the_moment_counts_and_the_last_visit_is_told_anyway() {
    let mut area = sheet(&[ring((0, 0), (50, 60))]);
    area.visit(at(5, 5), 1_000, How::Ground);
    area.visit(at(5, 5), 500, How::Ground);
    area.visit(at(5, 15), 2_000, How::Air);
    area.visit(at(-5, 5), 3_000, How::Ground);
    let tally = area.tally(1_500);
    assert_eq!((tally.ground, tally.air, tally.seen), (0, 1, 1));
    assert_eq!((tally.last_ground_millis, tally.last_air_millis), (Some(1_000), Some(2_000)));
    assert_eq!(tally.gaps[..2].iter().map(|run| run.2 - run.1 + 1).collect::<Vec<_>>(), [1, 4]);
}

fn row(n: u8, last: Option<i64>, need: Option<u32>, seen: u32) -> CoverageRow {
    CoverageRow {
        record: RecordId([n; 16]),
        name: String::new(),
        element: None,
        keeper: None,
        need_days: need,
        cells: 10,
        ground: seen,
        air: 0,
        seen,
        last_ground_millis: last.map(|days| -days * DAY_MILLIS),
        last_air_millis: None,
        step_e7: (1, 1),
        gaps: Vec::new(),
        target_e7: None,
    }
}

#[test]
fn what_is_most_overdue_comes_first() {
    let mut rows = vec![
        row(1, Some(1), None, 9),
        row(2, Some(1), None, 2),
        row(3, Some(20), None, 0),
        row(4, Some(20), Some(3), 0),
        row(5, None, Some(90), 0),
        row(6, Some(20), Some(30), 5),
    ];
    assert_eq!(overdue_days(&rows[3], 7, 0), Some(17));
    assert_eq!(overdue_days(&rows[5], 7, 0), Some(0));
    sort(&mut rows, 7, 0);
    assert_eq!(rows.iter().map(|row| row.record.0[0]).collect::<Vec<_>>(), [5, 4, 3, 2, 6, 1]);
}
