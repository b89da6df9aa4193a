//! Making a record that is no report: a task, a notice, the code of a text message.

use greenshield_client::engine::{EngineError, Save};
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
    let saved = add_records(app, &[Save { record, kind, entries, draft: None }]).await?;
    saved.first().copied().ok_or_else(|| Message::of(&EngineError::Busy))
}

/// Saves several, each another record, all of them or none, and sends them.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn add_records(app: App, saves: &[Save]) -> Result<Vec<RecordId>, Message> {
    let saved = app.engine().save_all(saves).await.map_err(|error| {
        load_records::note_trouble(app, &error);
        Message::of(&error)
    })?;
    let records: Vec<RecordId> = saved.iter().map(|saved| saved.record).collect();
    app.state.records.update(|list| list.fold(saved.into_iter().map(|saved| saved.projection.row).collect()));
    load_records::refresh(app, records.clone()).await;
    app.tell_changed(&records);
    app.wake_sync();
    Ok(records)
}
