use super::*;

const NOW: i64 = 1_795_406_400_000;

fn fix(seconds: i64) -> Fix {
    Fix {
        at_millis: NOW + seconds * 1_000,
        lat_e7: 389_000_000 + seconds * 100,
        lon_e7: 1_004_000_000,
        accuracy_cm: 500,
        altitude_cm: None,
    }
}

fn begun() -> Recorder {
    Recorder::begun(RecordId([7; 16]), &Plan { has_track: true, ..Plan::default() }, NOW)
}

#[test]
fn without_consent_no_position_is_taken_and_nothing_is_missed() {
    let mut walk = Recorder::begun(RecordId([7; 16]), &Plan::default(), NOW);
    walk.fix(fix(5));
    walk.look_away(NOW + 9_000);
    assert!(!walk.tick(NOW + 600_000) && walk.newest.is_none() && walk.segment.items.is_empty());
    assert_eq!(walk.lasting_millis(&walk.facts(NOW + 60_000), NOW + 60_000), 60_000);
    let mut again = Recorder::resumed(&walk.encode(NOW + 60_000), Vec::new()).unwrap();
    assert!(!again.has_track && again.open.is_none());
    again.pause(NOW + 70_000);
    again.go_on(NOW + 80_000);
    assert!(again.open.is_none() && again.place(NOW + 80_000).is_none());
}

#[test]
fn a_withdrawn_consent_ends_the_track_and_not_the_patrol() {
    let mut walk = begun();
    walk.fix(fix(5));
    walk.give_up_track(NOW + 9_000);
    walk.fix(fix(15));
    let fixes = walk.segment.items.iter().filter(|item| matches!(item, Item::Fix(_))).count();
    assert!(fixes == 1 && !walk.has_track && walk.is_dirty && walk.open.is_none());
}

fn gaps(recorder: &Recorder, seconds: i64) -> Vec<(Cause, i64, i64)> {
    let facts = recorder.facts(NOW + seconds * 1_000);
    facts.gaps.iter().map(|g| (g.cause, (g.from_millis - NOW) / 1_000, (g.until_millis - NOW) / 1_000)).collect()
}

#[test]
fn the_time_to_the_first_fix_is_a_gap() {
    let mut walk = begun();
    walk.fix(fix(40));
    walk.fix(fix(50));
    assert_eq!(gaps(&walk, 50), [(Cause::NoFix, 0, 40)]);
    assert_eq!(walk.facts(NOW + 50_000).recorded_percent(), 20);
}

#[test]
fn fixes_that_come_too_fast_are_not_kept_but_tell_where_the_person_is() {
    let mut walk = begun();
    for second in 1..=11 {
        walk.fix(fix(second));
    }
    assert_eq!(walk.facts(NOW + 11_000).fixes, 3);
    assert_eq!(walk.place(NOW + 12_000).map(|place| place.fixed_millis), Some(NOW + 11_000));
    assert_eq!(walk.place(NOW + 80_000), None);
}

#[test]
fn a_screen_that_went_off_is_a_gap_until_the_next_fix() {
    let mut walk = begun();
    walk.fix(fix(1));
    walk.look_away(NOW + 10_000);
    walk.look_away(NOW + 20_000);
    assert_eq!(gaps(&walk, 300), [(Cause::NoFix, 0, 1), (Cause::Hidden, 10, 300)]);
    walk.fix(fix(330));
    assert_eq!(gaps(&walk, 330)[1], (Cause::Hidden, 10, 330));
}

#[test]
fn a_lost_position_is_told_once_and_counts_from_the_last_fix() {
    let mut walk = begun();
    walk.fix(fix(1));
    assert!(!walk.tick(NOW + 61_000));
    assert!(walk.tick(NOW + 62_000));
    assert!(!walk.tick(NOW + 70_000));
    assert_eq!(gaps(&walk, 70)[1], (Cause::NoFix, 1, 70));
}

#[test]
fn a_pause_ends_other_gaps_and_hears_no_fix() {
    let mut walk = begun();
    walk.pause(NOW + 10_000);
    walk.fix(fix(20));
    assert!(walk.place(NOW + 20_000).is_none() && walk.paused_since() == Some(NOW + 10_000));
    walk.go_on(NOW + 100_000);
    walk.fix(fix(105));
    assert_eq!(gaps(&walk, 105), [(Cause::NoFix, 0, 10), (Cause::Paused, 10, 100), (Cause::NoFix, 100, 105)]);
    assert_eq!(walk.facts(NOW + 105_000).duration_millis, 15_000);
}

#[test]
fn an_app_that_was_killed_goes_on_with_a_gap() {
    let mut walk = begun();
    walk.fix(fix(1));
    walk.fix(fix(10));
    let bytes = walk.encode(NOW + 12_000);
    assert_eq!(Recorder::record_of(&bytes), Some(RecordId([7; 16])));
    let mut again = Recorder::resumed(&bytes, Vec::new()).unwrap();
    again.fix(fix(700));
    assert_eq!(gaps(&again, 700), [(Cause::NoFix, 0, 1), (Cause::Restart, 12, 700)]);
    assert_eq!(Recorder::resumed(b"{}", Vec::new()), None);
}

#[test]
fn an_end_that_was_not_saved_loses_no_fix_and_no_rest() {
    let mut walk = begun();
    walk.fix(fix(1));
    walk.pause(NOW + 5_000);
    let open = walk.open;
    walk.end(NOW + 60_000);
    walk.go_on_with(open, NOW + 60_000);
    assert_eq!(walk.paused_since(), Some(NOW + 60_000));
    let mut walk = begun();
    walk.fix(fix(1));
    let open = walk.open;
    walk.end(NOW + 2_000);
    walk.fix(fix(9));
    walk.go_on_with(open, NOW + 2_000);
    assert_eq!((walk.facts(NOW + 10_000).fixes, walk.open), (2, None));
}

#[test]
fn battery_and_clock_are_noted_every_hour_and_after_a_restart() {
    let mut walk = begun();
    walk.check_ins = 2;
    assert!(!walk.is_note_due(NOW + 3_599_000) && walk.is_note_due(NOW + 3_600_000));
    let again = Recorder::resumed(&walk.encode(NOW + 9_000), Vec::new()).unwrap();
    assert!(again.is_note_due(NOW + 10_000));
    assert_eq!(again.check_ins, 2);
}

#[test]
fn a_pause_survives_a_restart() {
    let mut walk = begun();
    walk.fix(fix(1));
    walk.pause(NOW + 5_000);
    let again = Recorder::resumed(&walk.encode(NOW + 9_000), Vec::new()).unwrap();
    assert_eq!(again.paused_since(), Some(NOW + 5_000));
}

#[test]
fn a_segment_that_became_an_op_is_neither_lost_nor_counted_twice() {
    let mut walk = begun();
    for second in (1..=895).step_by(6) {
        walk.fix(fix(second));
    }
    let before = walk.facts(NOW + 895_000);
    assert!(!walk.is_segment_due(NOW + 899_000) && walk.is_segment_due(NOW + 900_000));
    let items = walk.segment.items.len();
    walk.fix(fix(901));
    let rest = Recorder::resumed(&walk.encode_without(items, NOW + 901_000), Vec::new()).unwrap();
    assert_eq!(rest.segment.items.len(), 1);
    walk.closed(items);
    assert_eq!((walk.earlier.len(), walk.segment.items.len()), (1, 1));
    let after = walk.facts(NOW + 901_000);
    assert_eq!((after.fixes, after.gaps.len(), after.line.len()), (before.fixes + 1, before.gaps.len(), 1));
    assert!(after.distance_cm > before.distance_cm);
}
