//! All figures as one file for a spreadsheet.

use greenshield_domain::roster::Table;
use leptos::prelude::*;

use super::hand_over::{Way, hand_over};
use crate::context::App;
use crate::platform::photo::PickedFile;
use crate::state::message::Message;
use crate::state::register::report::in_csv;

/// How the figures are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheet {
    /// As text, here: also without a network.
    Csv,
    /// As a workbook, which the server writes.
    Xlsx,
}

/// Puts the figures among the downloads.
///
/// # Errors
/// Words for the page.
pub async fn take_figures(app: App, table: &Table, sheet: Sheet) -> Result<(), Message> {
    let now = app.state.now.get_untracked();
    let name = |end: &str| format!("greenshield-figures-{}.{end}", now.iso_day(now.millis));
    let file = match sheet {
        Sheet::Csv => PickedFile::of_bytes(in_csv(table).as_bytes(), &name("csv"), "text/csv"),
        Sheet::Xlsx => {
            let made = app.engine().make_workbook(table).await.map_err(|error| Message::of(&error))?;
            PickedFile::of_bytes(&made.bytes, &name("xlsx"), &made.mime)
        }
    };
    hand_over(app, file.map_err(|exception| Message::of_code(&exception.name))?, Way::Save).await
}
