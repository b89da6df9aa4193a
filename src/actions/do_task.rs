//! Doing a task: signing for it, telling how far it is, bringing the result. Words in the making survive a killed browser.

use greenshield_client::engine::Save;
use greenshield_domain::ids::RecordId;
use greenshield_domain::op::Entry;
use greenshield_domain::task::{KIND, Progress};

use super::edit_record::save_change;
use super::load_records;
use crate::context::App;
use crate::state::draft::cut;
use crate::state::message::Message;
use crate::state::task::{TaskStep, step_entries};
use crate::state::words::t;

pub(super) fn draft_of(record: RecordId) -> String {
    format!("task-{record}")
}

/// Words that were typed and not saved.
pub async fn typed_words(app: App, record: RecordId) -> String {
    match app.engine().draft(&draft_of(record)).await {
        Ok(kept) => kept.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default(),
        Err(error) => {
            load_records::note_trouble(app, &error);
            String::new()
        }
    }
}

/// Keeps them: before the camera opens, and when the field is left.
pub async fn keep_words(app: App, record: RecordId, words: String) {
    if let Err(error) = app.engine().keep_draft(&draft_of(record), words.into_bytes(), Vec::new()).await {
        load_records::note_trouble(app, &error);
    }
}

async fn save(app: App, record: RecordId, entries: Vec<Entry>, ends_draft: bool) -> Result<(), Message> {
    let draft = ends_draft.then(|| draft_of(record));
    save_change(app, record, Save { record: Some(record), kind: KIND, entries, draft }).await
}

/// Takes a step; `Ok(false)` = it needs words. Words that went along are no longer kept.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn take_step(app: App, record: RecordId, step: &TaskStep, typed: &str) -> Result<bool, Message> {
    let Some(entries) = step_entries(step, typed) else { return Ok(false) };
    let has_words = entries.len() > 1;
    save(app, record, entries, has_words).await?;
    app.state.say(t("task.step_saved"));
    Ok(true)
}

/// Tells how far it is.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn tell_progress(app: App, record: RecordId, typed: &str, percent: Option<u8>) -> Result<(), Message> {
    let progress = Progress { at_millis: app.now_millis(), text: cut(typed.trim()), percent };
    save(app, record, vec![progress.to_entry()], true).await?;
    app.state.say(t("task.progress_saved"));
    Ok(())
}
