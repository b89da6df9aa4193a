//! Where the phone is, while somebody wants to know.
//!
//! Owns: the watch and the choice of the best fix. Refuses: tracks, and coordinates other than WGS-84. Nothing is cached: a
//! fix from before the watch began is never used.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Geolocation, Position, PositionError, PositionOptions};

/// A measured place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fix {
    /// Latitude × 1e7, WGS-84.
    pub lat_e7: i64,
    /// Longitude × 1e7, WGS-84.
    pub lon_e7: i64,
    /// Radius that holds the true place with 95 %, in cm.
    pub accuracy_cm: i64,
    /// When it was measured, ms since 1970, by the phone's clock.
    pub fixed_millis: i64,
}

/// What is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocationState {
    /// No fix yet. Cold and without network this takes minutes.
    Searching,
    /// The best fix so far.
    Fix(Fix),
    /// The person or the system forbids it.
    Denied,
    /// The device can not tell; the watch goes on.
    Unavailable,
}

/// A fix this old gives way to any newer one: the person may have walked on.
const STALE_MILLIS: i64 = 30_000;

impl LocationState {
    /// What is known after a new fix: the more exact one, the newer of two similar ones.
    #[must_use]
    pub fn with_fix(self, new: Fix) -> Self {
        let keep_old = match self {
            Self::Fix(old) => {
                let is_clearly_better = old.accuracy_cm.saturating_mul(5) < new.accuracy_cm.saturating_mul(4);
                is_clearly_better && new.fixed_millis - old.fixed_millis < STALE_MILLIS
            }
            _ => false,
        };
        if keep_old { self } else { Self::Fix(new) }
    }

    /// What is known after an error of the browser (codes of `GeolocationPositionError`). A fix that we have stays true.
    #[must_use]
    pub fn with_error(self, code: u16) -> Self {
        match (self, code) {
            (Self::Fix(_), _) => self,
            (_, 1) => Self::Denied,
            (_, 2) => Self::Unavailable,
            _ => self,
        }
    }
}

/// A running watch; ends when it is dropped.
#[must_use = "dropping it ends the watch"]
pub struct LocationWatch {
    running: Option<(Geolocation, i32)>,
    state: Rc<RefCell<LocationState>>,
    _found: Closure<dyn FnMut(Position)>,
    _failed: Closure<dyn FnMut(PositionError)>,
}

impl LocationWatch {
    /// The best that is known now.
    #[must_use]
    pub fn state(&self) -> LocationState {
        *self.state.borrow()
    }
}

/// Watches, and tells every change. Asks the person for permission when that was not yet done.
pub fn watch(on_change: impl Fn(LocationState) + 'static) -> LocationWatch {
    let state = Rc::new(RefCell::new(LocationState::Searching));
    let change = {
        let state = Rc::clone(&state);
        Rc::new(move |next: &dyn Fn(LocationState) -> LocationState| {
            let before = *state.borrow();
            let now = next(before);
            *state.borrow_mut() = now;
            if now != before {
                on_change(now);
            }
        })
    };
    let found = {
        let change = Rc::clone(&change);
        Closure::<dyn FnMut(Position)>::new(move |position: Position| {
            let fix = fix_of(&position);
            change(&|state| state.with_fix(fix));
        })
    };
    let failed = {
        let change = Rc::clone(&change);
        Closure::<dyn FnMut(PositionError)>::new(move |error: PositionError| {
            let code = error.code();
            change(&|state| state.with_error(code));
        })
    };
    let running = start(&found, &failed);
    if running.is_none() {
        change(&|_| LocationState::Unavailable);
    }
    LocationWatch { running, state, _found: found, _failed: failed }
}

pub(super) fn start(
    found: &Closure<dyn FnMut(Position)>,
    failed: &Closure<dyn FnMut(PositionError)>,
) -> Option<(Geolocation, i32)> {
    let geolocation = web_sys::window()?.navigator().geolocation().ok()?;
    let options = PositionOptions::new();
    options.set_enable_high_accuracy(true);
    options.set_maximum_age(0);
    options.set_timeout(30_000);
    let (found, failed) = (found.as_ref().unchecked_ref(), failed.as_ref().unchecked_ref());
    let id = geolocation.watch_position_with_error_callback_and_options(found, Some(failed), &options).ok()?;
    Some((geolocation, id))
}

fn fix_of(position: &Position) -> Fix {
    let coords = position.coords();
    let scaled = |value: f64, scale: f64| (value * scale).round() as i64;
    Fix {
        lat_e7: scaled(coords.latitude(), 1e7),
        lon_e7: scaled(coords.longitude(), 1e7),
        accuracy_cm: scaled(coords.accuracy(), 100.0).max(0),
        fixed_millis: position.timestamp() as i64,
    }
}

impl Drop for LocationWatch {
    fn drop(&mut self) {
        if let Some((geolocation, id)) = &self.running {
            geolocation.clear_watch(*id);
        }
    }
}

impl std::fmt::Debug for LocationWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "LocationWatch({:?})", self.state())
    }
}
