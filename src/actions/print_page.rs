//! Printing what the page shows.

use crate::platform::page;

/// Opens the print dialog of the browser.
pub fn print_page() {
    page::print();
}
