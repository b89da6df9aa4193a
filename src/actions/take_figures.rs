//! All figures as one file for a spreadsheet.

use leptos::prelude::*;

use super::hand_over::{Way, hand_over};
use crate::context::App;
use crate::platform::photo::PickedFile;
use crate::state::message::Message;

/// Puts the text of the figures among the downloads.
///
/// # Errors
/// Words for the page.
pub async fn take_figures(app: App, csv: &str) -> Result<(), Message> {
    let now = app.state.now.get_untracked();
    let name = format!("greenshield-figures-{}.csv", now.iso_day(now.millis));
    let file = PickedFile::of_bytes(csv.as_bytes(), &name, "text/csv");
    hand_over(app, file.map_err(|exception| Message::of_code(&exception.name))?, Way::Save).await
}
