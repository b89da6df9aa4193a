//! Locks and words between tabs, and what happens to the page.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use greenshield_app::platform::broadcast::Channel;
use greenshield_app::platform::lifecycle::{on_offline, on_online, on_visibility};
use greenshield_app::platform::locks::{hold, try_hold};
use greenshield_app::platform::timer::{Bell, within};
use greenshield_app::platform::worker::{self, WorkerError};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn a_lock_has_one_holder_and_passes_on() {
    let first = hold("gs-test-pass").await.unwrap();
    assert!(first.is_real());
    assert!(try_hold("gs-test-pass").await.unwrap().is_none());
    assert!(try_hold("gs-test-other").await.unwrap().is_some());
    let waiting = super::timer::start(hold("gs-test-pass"));
    drop(first);
    let second = waiting.await.unwrap();
    assert!(try_hold("gs-test-pass").await.unwrap().is_none());
    drop(second);
    drop(hold("gs-test-pass").await.unwrap());
}

#[wasm_bindgen_test]
async fn a_waiter_that_gave_up_does_not_keep_the_lock() {
    let first = hold("gs-test-gone").await.unwrap();
    assert!(within(10, hold("gs-test-gone")).await.is_none());
    drop(first);
    drop(within(5_000, hold("gs-test-gone")).await.expect("the lock is free").unwrap());
}

#[wasm_bindgen_test]
async fn a_channel_reaches_the_others_and_stops_with_its_listener() {
    let (one, two) = (Channel::join("gs-test").unwrap(), Channel::join("gs-test").unwrap());
    let (heard, bell) = (Rc::new(RefCell::new(Vec::new())), Bell::new());
    let again = bell.clone();
    let listener = {
        let (heard, bell) = (Rc::clone(&heard), bell.clone());
        two.subscribe(move |text| {
            heard.borrow_mut().push(text);
            bell.ring();
        })
    };
    one.post("saved").unwrap();
    within(5_000, bell.rung()).await.expect("heard");
    drop(listener);
    let _witness = two.subscribe(move |_| bell.ring());
    one.post("again").unwrap();
    within(5_000, again.rung()).await.expect("heard by the witness");
    assert_eq!(*heard.borrow(), ["saved"]);
}

#[wasm_bindgen_test]
fn events_of_the_page_are_heard_until_the_guard_is_dropped() {
    let count = Rc::new(Cell::new(0));
    let add = |by: u32| {
        let count = Rc::clone(&count);
        move || count.set(count.get() + by)
    };
    let (online, offline) = (on_online(add(1)), on_offline(add(10)));
    let visible = on_visibility({
        let add = add(100);
        move |_| add()
    });
    let window = web_sys::window().unwrap();
    let tell = |event: &str| window.dispatch_event(&web_sys::Event::new(event).unwrap()).unwrap();
    tell("online");
    tell("offline");
    window.document().unwrap().dispatch_event(&web_sys::Event::new("visibilitychange").unwrap()).unwrap();
    assert_eq!(count.get(), 111);
    drop((online, offline, visible));
    tell("online");
    tell("offline");
    assert_eq!(count.get(), 111);
}

#[wasm_bindgen_test]
async fn without_a_service_worker_its_questions_have_an_answer() {
    assert!(!worker::is_controlled() && !worker::is_update_waiting().await);
    assert_eq!(worker::apply_update().await, Err(WorkerError::Missing));
    assert_eq!(worker::check_shell().await, Err(WorkerError::Missing));
}

#[wasm_bindgen_test]
async fn boot_tells_of_an_update() {
    let count = Rc::new(Cell::new(0));
    let heard = Rc::clone(&count);
    let listener = worker::on_update_ready(move || heard.set(heard.get() + 1));
    let window = web_sys::window().unwrap();
    let tell = || window.dispatch_event(&web_sys::CustomEvent::new("gs-update-ready").unwrap()).unwrap();
    tell();
    drop(listener);
    tell();
    assert!(!worker::is_update_waiting().await);
    assert_eq!(count.get(), 1);
}
