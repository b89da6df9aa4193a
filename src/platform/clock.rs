//! The two clocks of the device.

use greenshield_client::ports::Clock;

/// `Date.now` and `performance.now`.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrowserClock;

impl Clock for BrowserClock {
    fn wall_millis(&self) -> i64 {
        js_sys::Date::now() as i64
    }

    fn mono_millis(&self) -> i64 {
        let performance = web_sys::window().and_then(|window| window.performance());
        performance.map_or(0, |performance| performance.now() as i64)
    }
}
