//! The filters of the inbox that somebody keeps on this computer: sealed among the drafts, like everything that names people.

use crate::context::App;
use crate::state::inbox::saved::{FILTERS, SavedFilters};
use crate::state::message::Message;

/// The kept filters.
///
/// # Errors
/// Words for the page when they do not read; then they must not be written over.
pub async fn kept_filters(app: App) -> Result<SavedFilters, Message> {
    let bytes = app.engine().draft(FILTERS).await.map_err(|error| Message::of(&error))?;
    let Some(bytes) = bytes else { return Ok(SavedFilters::default()) };
    SavedFilters::decode(&bytes).ok_or_else(|| Message::of_code("filters"))
}

/// Keeps them.
///
/// # Errors
/// Words for the page; then those before are still kept.
pub async fn keep_filters(app: App, filters: &SavedFilters) -> Result<(), Message> {
    app.engine().keep_draft(FILTERS, filters.encode(), Vec::new()).await.map_err(|error| Message::of(&error))
}
