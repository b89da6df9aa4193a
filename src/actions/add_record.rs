//! Making a record that is no report: a task, a notice, the code of a text message.

use greenshield_client::engine::Save;
use greenshield_domain::ids::RecordId;
use greenshield_domain::op::Entry;
use leptos::prelude::*;

use super::load_records;
use crate::context::App;
use crate::state::message::Message;

/// Saves it and sends it; `record` is its id when something else decides that.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn add_record(
    app: App,
    record: Option<RecordId>,
    kind: u32,
    entries: Vec<Entry>,
) -> Result<RecordId, Message> {
    let save = Save { record, kind, entries, draft: None };
    let saved = app.engine().save(save).await.map_err(|error| {
        load_records::note_trouble(app, &error);
        Message::of(&error)
    })?;
    let record = saved.record;
    app.state.records.update(|list| list.fold(vec![saved.projection.row]));
    load_records::refresh(app, vec![record]).await;
    app.tell_changed(&[record]);
    app.wake_sync();
    Ok(record)
}
