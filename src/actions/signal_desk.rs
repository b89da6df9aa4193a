//! Letting the desk hear that something of the highest urgency arrived.

use crate::context::App;

pub use super::signal_patrol::wake_speaker;

/// Three long ones.
const URGENT: [u32; 5] = [400, 150, 400, 150, 400];

/// Sounds.
pub fn signal_desk(app: App) {
    app.speaker().sound(&URGENT, 740.0, 0.6);
}
