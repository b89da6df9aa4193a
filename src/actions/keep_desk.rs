//! Keeping the part of the desk on a phone: from then on it opens without a network, and every new version brings it along.

use crate::platform::{prefs, worker};

/// The preference that says that somebody works at a desk here.
const KEPT: &str = "desk";

/// Whether somebody works at a desk here, so that the part is fetched at once.
#[must_use]
pub fn is_kept() -> bool {
    prefs::get(KEPT).unwrap_or(false)
}

/// Keeps it.
pub async fn keep_desk() {
    prefs::set(KEPT, true);
    // Without a worker nothing opens offline, here or elsewhere.
    let _ = worker::keep_desk().await;
}
