//! Letting somebody feel and hear how the patrol stands, whose phone is in a pocket.

use crate::context::App;
use crate::platform::device;
use crate::state::patrol::pulse::Pulse;

/// One short one, to be felt and hardly to be heard.
const BEAT: [u32; 1] = [80];
/// Three long ones, to be felt through a coat.
const LOST: [u32; 5] = [300, 200, 300, 200, 600];

/// Shakes and sounds.
pub fn signal_patrol(app: App, pulse: Pulse) {
    let (pattern, hertz, loudness): (&[u32], f32, f32) = match pulse {
        Pulse::Beat => (&BEAT, 660.0, 0.05),
        Pulse::Lost => (&LOST, 880.0, 0.9),
    };
    device::shake(pattern);
    app.speaker().sound(pattern, hertz, loudness);
}

/// Makes later sounds possible; call it inside a tap.
pub fn wake_speaker(app: App) {
    app.speaker().wake();
}
