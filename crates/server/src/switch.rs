//! A setting that running code asks for, on or off.

use std::sync::atomic::{AtomicBool, Ordering};

/// Off until somebody says that it is on.
#[derive(Debug, Default)]
pub struct Switch(AtomicBool);

impl Switch {
    /// Says so.
    pub fn set(&self, is_on: bool) {
        self.0.store(is_on, Ordering::Relaxed);
    }

    /// Whether it is on.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
