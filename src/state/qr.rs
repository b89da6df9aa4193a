//! A link as a square of black and white, for the camera of another phone.

use qrcodegen::{QrCode, QrCodeEcc};
use std::fmt::Write as _;

/// White around it, in dots, as readers want it.
const MARGIN: i32 = 4;

/// What a picture of it is drawn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QrPath {
    /// Dots of one side, with the margin.
    pub size: i32,
    /// The dark dots as the path of an SVG of that size.
    pub path: String,
}

impl QrPath {
    /// Of a link; `None` for one that is too long.
    #[must_use]
    pub fn of(link: &str) -> Option<Self> {
        let code = QrCode::encode_text(link, QrCodeEcc::Medium).ok()?;
        let mut path = String::new();
        for y in 0..code.size() {
            let mut x = 0;
            while x < code.size() {
                let run = (x..code.size()).take_while(|at| code.get_module(*at, y)).count();
                let run = i32::try_from(run).unwrap_or(0);
                if run > 0 {
                    // Writing to a text can not fail.
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + MARGIN, y + MARGIN);
                }
                x += run.max(1);
            }
        }
        Some(Self { size: code.size() + 2 * MARGIN, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_the_rows_of_its_dark_dots() {
        let link = "https://greenshield.example/#/enrol/0123456789ABCDEFGHJK";
        let qr = QrPath::of(link).unwrap();
        assert_eq!(qr.size, 33 + 2 * MARGIN);
        // The three corners begin with a bar of seven.
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "{}", &qr.path[..40]);
        assert_eq!(QrPath::of(&"x".repeat(4_000)), None);
    }
}
