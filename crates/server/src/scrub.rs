//! The sign between the sequencer and whoever takes bytes from the medium that something was erased.

use std::sync::atomic::{AtomicBool, Ordering};

/// Whether bytes of erased values may still lie about. The database says the same, for the next start.
#[derive(Debug, Default)]
pub struct ScrubDue(AtomicBool);

impl ScrubDue {
    /// Something was erased.
    pub fn set(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Takes the sign away; whether it was there.
    #[must_use]
    pub fn take(&self) -> bool {
        self.0.swap(false, Ordering::AcqRel)
    }
}
