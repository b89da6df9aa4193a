//! How a person wants to see what is near, until chosen otherwise.

use crate::platform::prefs;
use crate::state::nearby::NearbyView;

const VIEW: &str = "nearby-view";

/// What was chosen last.
#[must_use]
pub fn nearby_view() -> NearbyView {
    prefs::get(VIEW).unwrap_or_default()
}

/// Remembers the choice.
pub fn set_nearby_view(view: NearbyView) {
    // Where the browser keeps nothing, the map comes first the next time.
    let _ = prefs::set(VIEW, view);
}
