//! Changing a record: one op with the changed fields; what others said stays visible.

use greenshield_client::engine::Save;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident;
use greenshield_domain::op::Entry;

use super::load_records;
use crate::context::App;
use crate::state::message::Message;

/// Saves changes of a record. Nothing to change is no op.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn edit_record(app: App, record: RecordId, entries: Vec<Entry>) -> Result<(), Message> {
    if entries.is_empty() {
        return Ok(());
    }
    // An op is of the kind of its record.
    let row = load_records::rows_of(app, vec![record]).await.pop();
    let kind = row.map_or(incident::KIND, |row| row.kind);
    save_change(app, record, Save { record: Some(record), kind, entries, draft: None }).await
}

/// Saves what was said about a record, shows it and sends it.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub(super) async fn save_change(app: App, record: RecordId, save: Save) -> Result<(), Message> {
    app.engine().save(save).await.map_err(|error| {
        load_records::note_trouble(app, &error);
        Message::of(&error)
    })?;
    load_records::refresh(app, vec![record]).await;
    app.tell_changed(&[record]);
    app.wake_sync();
    Ok(())
}
