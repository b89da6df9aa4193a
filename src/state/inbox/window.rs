//! Which lines of a long list are drawn. The rest is two spacers.
//!
//! Lines may differ in height; the pitch is their average, and the browser's scroll anchoring evens out the rest.

use std::ops::Range;

/// Lines drawn above and below what is seen.
const OVERSCAN: usize = 8;
/// Height of a line before any was measured.
const GUESS_PIXELS: f64 = 122.0;

/// What is known of the scrolling column, in pixels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scroll {
    /// How far the beginning of the list is above the upper edge.
    pub top: f64,
    /// Height of the column.
    pub height: f64,
    /// Average height of a line.
    pub pitch: f64,
}

impl Default for Scroll {
    fn default() -> Self {
        Self { top: 0.0, height: 900.0, pitch: GUESS_PIXELS }
    }
}

/// The lines to draw.
#[must_use]
pub fn drawn(scroll: Scroll, count: usize) -> Range<usize> {
    let pitch = scroll.pitch.max(1.0);
    // A float too large or below zero becomes the nearest number of lines.
    let first = ((scroll.top.max(0.0) / pitch) as usize).saturating_sub(OVERSCAN);
    let seen = (scroll.height.max(0.0) / pitch).ceil() as usize;
    // The list may have become shorter than where it was scrolled to.
    let first = first.min(count.saturating_sub(seen));
    first..(first + seen + 2 * OVERSCAN).min(count)
}

/// Height of so many lines that are not drawn, for a style.
#[must_use]
pub fn space(scroll: Scroll, lines: usize) -> String {
    format!("{}px", (lines as f64 * scroll.pitch).round())
}

/// The average of the drawn lines; `None` when too few are drawn to tell.
#[must_use]
pub fn measured_pitch(height: f64, lines: usize) -> Option<f64> {
    let pitch = height / lines.max(1) as f64;
    (lines >= 4 && pitch > 40.0).then_some(pitch)
}

/// Where to scroll to so that a line that is not drawn comes into the middle.
#[must_use]
pub fn reach(scroll: Scroll, index: usize) -> f64 {
    (index as f64 * scroll.pitch - scroll.height / 2.0).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCROLL: Scroll = Scroll { top: 0.0, height: 1_000.0, pitch: 100.0 };

    #[test]
    fn a_short_list_is_drawn_whole() {
        assert_eq!(drawn(SCROLL, 3), 0..3);
        assert_eq!(drawn(SCROLL, 0), 0..0);
    }

    #[test]
    fn of_thousands_only_what_is_near_is_drawn() {
        assert_eq!(drawn(SCROLL, 10_000), 0..26);
        assert_eq!(drawn(Scroll { top: 500_000.0, ..SCROLL }, 10_000), 4_992..5_018);
        assert_eq!(drawn(Scroll { top: 1e9, ..SCROLL }, 10_000), 9_990..10_000);
    }

    #[test]
    fn a_list_that_became_short_still_shows_its_lines() {
        assert_eq!(drawn(Scroll { top: 500_000.0, ..SCROLL }, 20), 10..20);
        assert_eq!(drawn(Scroll { top: 500_000.0, ..SCROLL }, 5), 0..5);
    }

    #[test]
    fn a_line_that_is_jumped_to_is_among_the_drawn() {
        let top = reach(SCROLL, 7_000);
        assert!(drawn(Scroll { top, ..SCROLL }, 10_000).contains(&7_000));
    }
}
