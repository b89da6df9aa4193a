//! Every position that the phone measures, for tracks: as it comes, with height, without choosing the best.
//!
//! Refuses: to decide what a fix is worth, and to run in a hidden page, which browsers do not allow.

use greenshield_domain::track::Fix;
use wasm_bindgen::closure::Closure;
use web_sys::{Geolocation, Position, PositionError};

use super::location::start;

/// What a watch tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrackEvent {
    /// A position. Its time is that of its arrival by the phone's clock: the clocks of receivers are off by up to a day.
    Fix(Fix),
    /// The person or the system forbids it.
    Denied,
}

/// A running watch; ends when it is dropped.
#[must_use = "dropping it ends the watch"]
pub struct TrackWatch {
    running: Option<(Geolocation, i32)>,
    _found: Closure<dyn FnMut(Position)>,
    _failed: Closure<dyn FnMut(PositionError)>,
}

/// Watches. `now` gives the phone's clock, ms since 1970.
pub fn watch_track(now: impl Fn() -> i64 + 'static, tell: impl Fn(TrackEvent) + Clone + 'static) -> TrackWatch {
    let found = {
        let tell = tell.clone();
        Closure::<dyn FnMut(Position)>::new(move |position: Position| tell(TrackEvent::Fix(fix_of(&position, now()))))
    };
    let failed = Closure::<dyn FnMut(PositionError)>::new(move |error: PositionError| {
        if error.code() == PositionError::PERMISSION_DENIED {
            tell(TrackEvent::Denied);
        }
    });
    TrackWatch { running: start(&found, &failed), _found: found, _failed: failed }
}

fn fix_of(position: &Position, at_millis: i64) -> Fix {
    let coords = position.coords();
    let scaled = |value: f64, scale: f64| (value * scale).round() as i64;
    Fix {
        at_millis,
        lat_e7: scaled(coords.latitude(), 1e7),
        lon_e7: scaled(coords.longitude(), 1e7),
        accuracy_cm: scaled(coords.accuracy(), 100.0).max(0),
        altitude_cm: coords.altitude().map(|metres| scaled(metres, 100.0)),
    }
}

impl Drop for TrackWatch {
    fn drop(&mut self) {
        if let Some((geolocation, id)) = &self.running {
            geolocation.clear_watch(*id);
        }
    }
}

impl std::fmt::Debug for TrackWatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TrackWatch(running: {})", self.running.is_some())
    }
}
