//! The filters of the inbox that somebody keeps on this computer: sealed among the drafts, like everything that names people.

use crate::context::App;
use crate::state::inbox::saved::{FILTERS, SavedFilters};
use crate::state::message::Message;

/// The kept filters; none where they do not read.
pub async fn kept_filters(app: App) -> SavedFilters {
    let bytes = app.engine().draft(FILTERS).await.ok().flatten();
    bytes.map(|bytes| SavedFilters::decode(&bytes)).unwrap_or_default()
}

/// Keeps them.
///
/// # Errors
/// Words for the page; then those before are still kept.
pub async fn keep_filters(app: App, filters: &SavedFilters) -> Result<(), Message> {
    app.engine().keep_draft(FILTERS, filters.encode(), Vec::new()).await.map_err(|error| Message::of(&error))
}
