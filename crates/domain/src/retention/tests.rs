use super::*;
use crate::city::FILES;

const HOUR_MILLIS: i64 = 3_600_000;
const ZONE: i32 = 480;

fn city() -> City {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../city/");
    let read = |name: &&str| ((*name).to_owned(), std::fs::read_to_string(format!("{folder}{name}")).unwrap());
    City::from_files(&FILES.iter().map(read).collect()).unwrap()
}

/// Noon of a day in Zhangye.
fn noon(year: i64, month: i64, day: i64) -> i64 {
    day_of(year, month, day) * DAY_MILLIS + 4 * HOUR_MILLIS
}

/// The last moment of a day in Zhangye.
fn end_of(year: i64, month: i64, day: i64) -> i64 {
    (day_of(year, month, day) + 1) * DAY_MILLIS - 8 * HOUR_MILLIS - 1
}

fn record(kind: u32, state: &str, last_millis: i64) -> RecordFacts {
    RecordFacts {
        kind,
        state: Some(state.to_owned()),
        said: BTreeSet::from([6]),
        erasable: BTreeSet::from([6]),
        last_millis,
        is_held: false,
        waits: false,
        links: BTreeSet::new(),
    }
}

#[test]
fn a_time_is_over_with_the_day_of_the_same_number_or_the_last_of_its_month() {
    for ((year, month, day), months, (to_year, to_month, to_day)) in [
        ((2026, 11, 26), 12, (2027, 11, 26)),
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2028, 1, 31), 1, (2028, 2, 29)),
        ((2028, 2, 29), 12, (2029, 2, 28)),
        ((2024, 2, 29), 48, (2028, 2, 29)),
        ((2026, 3, 31), 6, (2026, 9, 30)),
        ((2026, 12, 31), 2, (2027, 2, 28)),
        ((2026, 11, 30), 1, (2026, 12, 30)),
        ((2026, 12, 1), 1_200, (2126, 12, 1)),
    ] {
        let last = end_of(to_year, to_month, to_day);
        for hour in [-12, 0, 11] {
            let from = noon(year, month, day) + hour * HOUR_MILLIS;
            assert_eq!(ends_millis(from, months, ZONE), last + 1, "{year}-{month}-{day} + {months}, hour {hour}");
        }
    }
    for wild in [i64::MIN, i64::MAX] {
        assert_eq!(ends_millis(wild, 1_200, ZONE) > 0, wild > 0);
    }
}

#[test]
fn a_record_is_due_from_the_moment_on_when_its_time_is_over_and_not_before() {
    let city = city();
    let last = end_of(2027, 11, 26);
    let patrol = record(11, "ended", noon(2026, 11, 26));
    assert_eq!(due(&city, &patrol, last), None);
    assert_eq!(due(&city, &patrol, last + 1).map(|class| class.key.as_str()), Some("patrols"));
    assert_eq!(judge(&city, &patrol, last).map(|(class, outcome)| (class.id, outcome)), Some((1, Outcome::Runs)));
    // A clock that jumped ahead when it was said, or that is set back now, keeps it.
    let ahead = record(11, "ended", noon(2040, 1, 1));
    assert_eq!(due(&city, &ahead, last + 1), None);
    assert_eq!(due(&city, &patrol, noon(2020, 1, 1)), None);
}

#[test]
fn what_is_open_or_strange_has_no_class_and_what_is_held_or_waits_is_not_due() {
    let (city, old, now) = (city(), noon(2020, 1, 1), noon(2040, 1, 1));
    for (kind, state) in [(11, "underway"), (10, "referred"), (10, "of a newer city"), (12, "safe"), (70, "serving")] {
        assert_eq!(judge(&city, &record(kind, state, old), now), None, "{kind} {state}");
    }
    // A person, a consent, a kind of a newer city.
    for kind in [30, 31, 32, 9_999] {
        assert_eq!(judge(&city, &record(kind, "closed", old), now), None, "{kind}");
    }
    let empty = RecordFacts { erasable: BTreeSet::new(), ..record(11, "ended", old) };
    assert_eq!(judge(&city, &empty, now), None, "nothing of it is left");
    let outcome = |facts: &RecordFacts| judge(&city, facts, now).map(|(_, outcome)| outcome);
    let patrol = record(11, "ended", old);
    assert_eq!(outcome(&patrol), Some(Outcome::Due));
    assert_eq!(outcome(&RecordFacts { is_held: true, ..patrol.clone() }), Some(Outcome::Held));
    assert_eq!(outcome(&RecordFacts { waits: true, ..patrol.clone() }), Some(Outcome::Waits));
    assert_eq!(outcome(&RecordFacts { is_held: true, waits: true, ..patrol }), Some(Outcome::Held));
    let closed = record(10, "closed", old);
    assert_eq!(outcome(&closed), Some(Outcome::Due));
    assert_eq!(outcome(&RecordFacts { said: BTreeSet::from([6, 19]), ..closed }), Some(Outcome::Bound));
}

#[test]
fn a_city_without_classes_keeps_everything() {
    let city = City { retention: crate::city::Retention::default(), ..city() };
    assert_eq!(judge(&city, &record(11, "ended", 0), noon(2040, 1, 1)), None);
}

#[test]
fn what_stays_keeps_what_it_names_and_that_keeps_what_it_names() {
    let id = |n: u8| RecordId([n; 16]);
    let set = |ids: &[u8]| ids.iter().map(|n| id(*n)).collect::<BTreeSet<_>>();
    // 1 → 2 → 3, 4 ↔ 5, 6 alone.
    let due = BTreeMap::from([
        (id(1), set(&[2])),
        (id(2), set(&[3])),
        (id(3), set(&[])),
        (id(4), set(&[5])),
        (id(5), set(&[4])),
        (id(6), set(&[99])),
    ]);
    assert_eq!(linked(&due, &set(&[])), set(&[]), "those that only name each other go together");
    assert_eq!(linked(&due, &set(&[3])), set(&[3]));
    assert_eq!(linked(&due, &set(&[1, 77])), set(&[1, 2, 3]));
    assert_eq!(linked(&due, &set(&[5])), set(&[4, 5]));
}
