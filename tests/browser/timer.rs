//! Time and waking.

use std::future::Future;
use std::pin::{Pin, pin};
use std::task::Poll;

use greenshield_app::platform::timer::{Alarm, Bell, Woken, sleep, sleep_or, within};
use wasm_bindgen_test::wasm_bindgen_test;

/// Runs a future up to its first wait and gives the rest of it.
pub(super) fn start<F: Future>(future: F) -> Pin<Box<F>> {
    let mut future = Box::pin(future);
    let waker = std::task::Waker::noop();
    let first = future.as_mut().poll(&mut std::task::Context::from_waker(waker));
    assert!(first.is_pending(), "it had nothing to wait for");
    future
}

/// Runs a future up to its first wait and drops it.
pub(super) async fn poll_once(future: impl Future) {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| {
        let _ = future.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
}

#[wasm_bindgen_test]
async fn a_ring_before_the_sleep_ends_it_at_once() {
    let bell = Bell::new();
    bell.ring();
    bell.ring();
    assert_eq!(sleep_or(60_000, &bell).await, Woken::ByBell);
    assert_eq!(sleep_or(1, &bell).await, Woken::ByTime, "two rings are one");
}

#[wasm_bindgen_test]
async fn a_ring_wakes_the_sleeper() {
    let bell = Bell::new();
    let ringer = bell.clone();
    let _alarm = Alarm::after(5, move || ringer.ring());
    assert_eq!(sleep_or(60_000, &bell).await, Woken::ByBell);
}

#[wasm_bindgen_test]
async fn a_dropped_alarm_does_not_ring() {
    let bell = Bell::new();
    let ringer = bell.clone();
    drop(Alarm::after(1, move || ringer.ring()));
    assert_eq!(sleep_or(20, &bell).await, Woken::ByTime);
}

#[wasm_bindgen_test]
async fn within_gives_the_value_or_the_time_is_over() {
    assert_eq!(within(60_000, async { 7 }).await, Some(7));
    assert_eq!(within(1, sleep(60_000)).await, None);
}
