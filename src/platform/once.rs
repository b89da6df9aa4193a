//! A value that arrives once: set by a callback of the browser, awaited by an async fn.

use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

enum Slot<T> {
    Empty,
    Awaited(Waker),
    Full(T),
    Taken,
}

/// Both ends in one; a clone is the other end.
pub(super) struct Once<T>(Rc<RefCell<Slot<T>>>);

impl<T> Clone for Once<T> {
    fn clone(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}

impl<T> Once<T> {
    pub(super) fn new() -> Self {
        Self(Rc::new(RefCell::new(Slot::Empty)))
    }

    /// The first value counts, later ones are dropped.
    pub(super) fn set(&self, value: T) {
        let mut slot = self.0.borrow_mut();
        if matches!(*slot, Slot::Full(_) | Slot::Taken) {
            return;
        }
        let before = std::mem::replace(&mut *slot, Slot::Full(value));
        drop(slot);
        if let Slot::Awaited(waker) = before {
            waker.wake();
        }
    }

    /// Nobody waits any more: what is in it and what still comes is dropped.
    pub(super) fn close(&self) {
        let before = std::mem::replace(&mut *self.0.borrow_mut(), Slot::Taken);
        drop(before);
    }

    /// Whether it was set.
    pub(super) fn is_set(&self) -> bool {
        matches!(*self.0.borrow(), Slot::Full(_) | Slot::Taken)
    }

    /// Waits for the value; for one waiter only.
    pub(super) async fn wait(&self) -> T {
        poll_fn(|cx| {
            let mut slot = self.0.borrow_mut();
            match std::mem::replace(&mut *slot, Slot::Taken) {
                Slot::Full(value) => Poll::Ready(value),
                Slot::Taken => Poll::Pending,
                Slot::Empty | Slot::Awaited(_) => {
                    *slot = Slot::Awaited(cx.waker().clone());
                    Poll::Pending
                }
            }
        })
        .await
    }
}
