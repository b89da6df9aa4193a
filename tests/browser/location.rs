//! Where the phone is, with a device of our own making.

use std::cell::RefCell;
use std::rc::Rc;

use greenshield_app::platform::location::{Fix, LocationState, watch};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen(js_namespace = gsLocation)]
extern "C" {
    fn fake();
    fn fix(latitude: f64, longitude: f64, accuracy: f64, timestamp: f64);
    fn fail(code: u16);
    fn running() -> u32;
    #[wasm_bindgen(js_name = asksForTheBest)]
    fn asks_for_the_best() -> bool;
}

fn at(accuracy_cm: i64, fixed_millis: i64) -> Fix {
    Fix { lat_e7: 0, lon_e7: 0, accuracy_cm, fixed_millis }
}

#[wasm_bindgen_test]
fn the_better_fix_is_kept_the_newer_of_similar_ones_and_none_for_long() {
    let state = LocationState::Searching.with_fix(at(1_000, 0));
    assert_eq!(state.with_fix(at(5_000, 1_000)), LocationState::Fix(at(1_000, 0)));
    assert_eq!(state.with_fix(at(1_100, 1_000)), LocationState::Fix(at(1_100, 1_000)));
    assert_eq!(state.with_fix(at(500, 1_000)), LocationState::Fix(at(500, 1_000)));
    assert_eq!(state.with_fix(at(5_000, 60_000)), LocationState::Fix(at(5_000, 60_000)));
}

#[wasm_bindgen_test]
fn an_error_does_not_take_a_fix_away() {
    let state = LocationState::Fix(at(1_000, 0));
    assert!((1..4).all(|code| state.with_error(code) == state));
    assert_eq!(LocationState::Searching.with_error(1), LocationState::Denied);
    assert_eq!(LocationState::Searching.with_error(2), LocationState::Unavailable);
    assert_eq!(LocationState::Searching.with_error(3), LocationState::Searching, "a timeout is no answer");
    assert_eq!(LocationState::Unavailable.with_fix(at(1, 0)), LocationState::Fix(at(1, 0)));
}

#[wasm_bindgen_test]
fn a_watch_tells_changes_and_ends_with_its_guard() {
    super::fresh::evaluate(include_str!("js/location.js"));
    fake();
    let told = Rc::new(RefCell::new(Vec::new()));
    let hear = Rc::clone(&told);
    let watching = watch(move |state| hear.borrow_mut().push(state));
    assert!(asks_for_the_best() && running() == 1);
    assert_eq!(watching.state(), LocationState::Searching);
    fail(2);
    fix(30.123_456_78, -120.000_000_04, 12.345, 1_763_900_000_123.9);
    let expected =
        Fix { lat_e7: 301_234_568, lon_e7: -1_200_000_000, accuracy_cm: 1_235, fixed_millis: 1_763_900_000_123 };
    assert_eq!(*told.borrow(), [LocationState::Unavailable, LocationState::Fix(expected)]);
    assert_eq!(watching.state(), LocationState::Fix(expected));
    drop(watching);
    assert_eq!(running(), 0);
}
