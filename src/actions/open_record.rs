//! Opening a record: all that this phone knows of it.

use greenshield_client::engine::RecordView;
use greenshield_domain::ids::RecordId;

use crate::context::App;
use crate::state::message::Message;

/// Reads a record; `None` when this phone does not have it.
///
/// # Errors
/// Words for the page.
pub async fn open_record(app: App, record: RecordId) -> Result<Option<RecordView>, Message> {
    app.engine().record(record).await.map_err(|error| {
        super::load_records::note_trouble(app, &error);
        Message::of(&error)
    })
}
