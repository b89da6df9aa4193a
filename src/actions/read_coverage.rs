//! Which parts of the areas nobody visited: from the server, and its last answer from this device.

use greenshield_client::rows::KeptCoverage;

use super::load_records::note_trouble;
use crate::context::App;
use crate::state::message::Message;

/// What the server says now. It stays on this device.
///
/// # Errors
/// Words for the page; what was known stays.
pub async fn read_coverage(app: App, days: u32) -> Result<KeptCoverage, Message> {
    app.engine().coverage(days).await.map_err(|error| Message::of(&error))
}

/// What the server said last, if anything is kept.
pub async fn last_coverage(app: App) -> Option<KeptCoverage> {
    app.engine().kept_coverage().await.inspect_err(|error| note_trouble(app, error)).ok().flatten()
}
