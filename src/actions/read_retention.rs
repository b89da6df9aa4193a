//! How long records are kept and which are due, from the server; nothing of it is kept here.

use greenshield_domain::wire::RetentionReport;

use crate::context::App;
use crate::state::message::Message;

/// The report of now.
///
/// # Errors
/// Words for the page.
pub async fn read_retention(app: App) -> Result<RetentionReport, Message> {
    app.engine().retention().await.map_err(|error| Message::of(&error))
}
