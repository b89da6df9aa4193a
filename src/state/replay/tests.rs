//! Who was where, and what nobody knows.

use greenshield_client::rows::RowPlace;
use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{AccountId, LogId, OpId};
use greenshield_domain::merge::{MergeRule, Merged, RecordOp, merge};
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::patrol::{CheckIn, field};
use greenshield_domain::track::{Cause, Item, Mode};
use greenshield_domain::wire::Verdict;

use super::*;
use crate::state::item::tests::{city, row};

/// 2026-11-23 08:00 in China, ms since 1970.
pub(crate) const EIGHT: i64 = 1_795_392_000_000;
const MINUTE: i64 = 60_000;

fn fix(seconds: i64, metres: i64) -> Item {
    Item::Fix(Fix {
        at_millis: EIGHT + seconds * 1_000,
        lat_e7: 389_000_000 + metres * 90,
        lon_e7: 1_004_000_000,
        accuracy_cm: 800,
        altitude_cm: None,
    })
}

/// A patrol with these entries.
fn merged(entries: Vec<Entry>) -> Merged {
    let op = RecordOp {
        id: OpId([1; 32]),
        log: LogId([1; 32]),
        account: AccountId([1; 16]),
        seq: 1,
        prev: None,
        deps: Vec::new(),
        eff_millis: EIGHT,
        verdict: Verdict::Ok,
        entries,
    };
    merge(&[op], |field| if field == field::CHECK_INS { MergeRule::Set } else { MergeRule::Lww })
}

fn set(field: u32, value: Value) -> Entry {
    Entry { field, act: Act::Set, value }
}

/// Ten minutes on foot, fourteen with the app closed, ten more; a check-in and a finding on the way.
pub(crate) fn walk(n: u8, name: &str) -> Walk {
    let mut items: Vec<Item> = (1..=60).map(|i| fix(i * 10, i * 12)).collect();
    let gap = (EIGHT + 600_000, EIGHT + 1_440_000);
    items.push(Item::Gap { cause: Cause::Restart, from_millis: gap.0, until_millis: gap.1 });
    items.extend((0..=60).map(|i| fix(1_440 + i * 10, 1_500 + i * 12)));
    let check_in = CheckIn { at_millis: EIGHT + 5 * MINUTE, place: None, is_well: true };
    let merged = merged(vec![
        set(field::STARTED_AT, Value::Int(EIGHT)),
        set(field::ENDED_AT, Value::Int(EIGHT + 36 * MINUTE)),
        set(field::MODE, Value::text("horse")),
        check_in.to_entry(),
    ]);
    let found = ListRow {
        sort_millis: EIGHT + 30 * MINUTE,
        place: RowPlace::At { lat_e7: 389_300_000, lon_e7: 1_004_000_000 },
        ..row(9)
    };
    let segments = vec![Segment { mode: Mode::Horse, items }];
    Walk::of(RecordId([n; 16]), name.to_owned(), &Patrol(&merged), segments, &[found], &city()).unwrap()
}

fn film() -> Film {
    Film::of(vec![walk(1, "")]).unwrap()
}

fn at(seconds: i64) -> Where {
    film().walks[0].at(EIGHT + seconds * 1_000)
}

#[test]
fn somebody_is_where_it_was_measured_and_nowhere_between() {
    let Where::Here(fix) = at(17) else { panic!("{:?}", at(17)) };
    assert_eq!(
        (fix.at_millis, fix.lat_e7),
        (EIGHT + 10_000, 389_000_000 + 12 * 90),
        "the last one, not one between two"
    );
    assert_eq!(at(5), Where::Unknown, "set out, and not measured yet");
    assert_eq!((at(-1), at(36 * 60 + 1)), (Where::NotYet, Where::Over));
}

#[test]
fn in_a_gap_nobody_is_anywhere_and_why_is_told() {
    let gap = Gap { cause: Cause::Restart, from_millis: EIGHT + 600_000, until_millis: EIGHT + 1_440_000 };
    assert!(matches!(at(600), Where::Here(_)), "the moment before it");
    assert_eq!([601, 1_000, 1_439].map(at), [Where::Gap(gap); 3]);
    assert!(matches!(at(1_440), Where::Here(fix) if fix.at_millis == gap.until_millis));
}

#[test]
fn a_position_does_not_hold_across_a_gap_nor_longer_than_two_minutes() {
    let pause = Item::Gap { cause: Cause::Paused, from_millis: EIGHT + 20_000, until_millis: EIGHT + 30_000 };
    let items = vec![fix(10, 0), fix(20, 9), pause, fix(200, 30)];
    let merged = merged(vec![set(field::ENDED_AT, Value::Int(EIGHT + 600_000))]);
    let segments = vec![Segment { mode: Mode::Foot, items }];
    let walk = Walk::of(RecordId([1; 16]), String::new(), &Patrol(&merged), segments, &[], &city()).unwrap();
    assert_eq!(walk.at(EIGHT + 40_000), Where::Unknown, "it was measured before the pause");
    assert!(matches!(walk.at(EIGHT + 320_000), Where::Here(_)));
    assert_eq!(walk.at(EIGHT + 321_000), Where::Unknown, "two minutes later nobody knows");
}

#[test]
fn events_come_in_their_order_each_at_its_time() {
    let film = film();
    let names = film.events.iter().map(|event| match event.what {
        What::Began => "began",
        What::CheckIn { .. } => "check-in",
        What::Gap(_) => "gap",
        What::Found(_) => "found",
        What::Ended => "ended",
    });
    assert_eq!(names.collect::<Vec<_>>(), ["began", "check-in", "gap", "found", "ended"]);
    assert_eq!([0, 5, 9, 10, 30, 36].map(|n| film.happened(EIGHT + n * MINUTE)), [1, 2, 2, 3, 4, 5]);
    assert_eq!(film.beside(EIGHT, true), Some(EIGHT + 5 * MINUTE));
    assert_eq!(film.beside(EIGHT + 30 * MINUTE, false), Some(EIGHT + 10 * MINUTE));
    assert_eq!((film.beside(EIGHT, false), film.beside(EIGHT + 36 * MINUTE, true)), (None, None));
}

#[test]
fn walks_of_a_day_are_shown_together_and_each_has_its_own_time() {
    let mut late = walk(2, "乙");
    late.from_millis += 3_600_000;
    late.until_millis += 3_600_000;
    let both = Film::of(vec![late, walk(1, "甲")]).unwrap();
    assert_eq!(both.walks.iter().map(|walk| walk.name.as_str()).collect::<Vec<_>>(), ["甲", "乙"]);
    assert_eq!((both.from_millis, both.until_millis), (EIGHT, EIGHT + 96 * MINUTE));
    assert_eq!(both.walks[1].at(EIGHT), Where::NotYet);
    assert_eq!(Film::of(Vec::new()), None);
}

#[test]
fn a_patrol_of_which_nothing_has_a_time_is_no_walk() {
    let nothing = merged(Vec::new());
    assert_eq!(Walk::of(RecordId([1; 16]), String::new(), &Patrol(&nothing), Vec::new(), &[], &city()), None);
}

#[test]
fn the_patrols_of_a_day_are_found() {
    let walk = |n: u8, sort_millis| ListRow { kind: patrol::KIND, sort_millis, ..row(n) };
    let rows = [walk(4, 401), walk(3, 400), row(9), walk(2, 200), walk(1, 99)];
    assert_eq!(walks_of(&rows, (100, 400)).iter().map(|record| record.0[0]).collect::<Vec<_>>(), [2, 3]);
}
