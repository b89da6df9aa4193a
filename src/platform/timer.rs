//! Time that passes: alarms, sleeping, being woken early.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

use super::once::Once;

/// Calls back once, unless it is dropped before.
#[must_use = "dropping it cancels the call"]
pub struct Alarm {
    handle: Option<i32>,
    _callback: Closure<dyn FnMut()>,
}

impl Alarm {
    /// After so many milliseconds; browsers stretch it in hidden tabs. More than 24 days are cut to 24 days.
    pub fn after(millis: u32, callback: impl FnOnce() + 'static) -> Self {
        let callback = Closure::once(callback);
        let millis = i32::try_from(millis).unwrap_or(i32::MAX);
        let handle = web_sys::window().and_then(|window| {
            let function = callback.as_ref().unchecked_ref();
            window.set_timeout_with_callback_and_timeout_and_arguments_0(function, millis).ok()
        });
        Self { handle, _callback: callback }
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        if let (Some(window), Some(handle)) = (web_sys::window(), self.handle) {
            window.clear_timeout_with_handle(handle);
        }
    }
}

impl std::fmt::Debug for Alarm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Alarm({:?})", self.handle)
    }
}

/// Waits; dropping the future cancels the timer.
pub async fn sleep(millis: u32) {
    let rung = Once::new();
    let _alarm = {
        let rung = rung.clone();
        Alarm::after(millis, move || rung.set(()))
    };
    rung.wait().await;
}

/// A bell: `ring` ends a [`sleep_or`], the running one or, when none runs, the next. Clones are the same bell.
#[derive(Clone, Default)]
pub struct Bell(Rc<RefCell<BellState>>);

#[derive(Default)]
struct BellState {
    rung: bool,
    sleeper: Option<Waker>,
}

impl Bell {
    /// A bell that has not rung.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Rings. Ringing twice before anybody wakes is ringing once.
    pub fn ring(&self) {
        let mut state = self.0.borrow_mut();
        state.rung = true;
        let sleeper = state.sleeper.take();
        drop(state);
        if let Some(sleeper) = sleeper {
            sleeper.wake();
        }
    }

    /// Waits for a ring; for one sleeper at a time.
    pub async fn rung(&self) {
        poll_fn(|cx| {
            let mut state = self.0.borrow_mut();
            if std::mem::take(&mut state.rung) {
                return Poll::Ready(());
            }
            state.sleeper = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl std::fmt::Debug for Bell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bell(rung: {})", self.0.borrow().rung)
    }
}

/// What ended a [`sleep_or`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Woken {
    /// The time was over.
    ByTime,
    /// The bell rang.
    ByBell,
}

/// Sleeps so long, or until the bell rings.
pub async fn sleep_or(millis: u32, bell: &Bell) -> Woken {
    match within(millis, bell.rung()).await {
        Some(()) => Woken::ByBell,
        None => Woken::ByTime,
    }
}

/// The result of a future, or `None` when the time was over first; the future is dropped then.
pub async fn within<T>(millis: u32, future: impl Future<Output = T>) -> Option<T> {
    let (mut future, mut over) = (pin!(future), pin!(sleep(millis)));
    poll_fn(|cx| {
        if let Poll::Ready(value) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(value));
        }
        over.as_mut().poll(cx).map(|()| None)
    })
    .await
}
