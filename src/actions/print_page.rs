//! Printing what is on the screen.

use crate::platform::page;

/// Opens the browser's way to paper and PDF.
pub fn print_page() {
    page::print();
}
