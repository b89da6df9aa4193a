//! Keeping the open form on disk, strictly, as it changes.

use greenshield_client::engine::NewBlob;
use leptos::prelude::*;

use super::load_records;
use crate::context::App;
use crate::platform::timer::sleep;
use crate::state::draft::REPORT;
use crate::state::form::{Kept, ReportForm};
use crate::state::message::Message;

/// Typing is written at most so often.
const TYPING_MILLIS: u32 = 300;

/// Writes the form as it is now, with new files, in one strict transaction.
///
/// # Errors
/// Words for the page; the form before is still on disk.
pub async fn keep_report(app: App, form: ReportForm, files: Vec<NewBlob>) -> Result<(), Message> {
    if !form.is_open.try_get_untracked().unwrap_or(false) {
        return Ok(());
    }
    form.is_dirty.set(false);
    form.kept.set(Kept::Keeping);
    let (bytes, summary) = form.draft.with_untracked(|draft| (draft.encode(), draft.summary()));
    let result = app.engine().keep_draft(REPORT, bytes, files).await;
    app.state.draft.set(summary);
    match result {
        Ok(()) => {
            form.kept.try_set(Kept::Kept);
            load_records::note_room(app);
            Ok(())
        }
        Err(error) => {
            let message = Message::of(&error);
            form.kept.try_set(Kept::Failed(message.clone()));
            Err(message)
        }
    }
}

/// Writes the form soon: for typing, so that not every letter is flushed.
pub fn keep_soon(app: App, form: ReportForm) {
    if form.is_dirty.get_untracked() {
        return;
    }
    form.is_dirty.set(true);
    app.run(async move {
        sleep(TYPING_MILLIS).await;
        if form.is_dirty.try_get_untracked().unwrap_or(false) {
            // The form shows that it could not be kept.
            let _ = keep_report(app, form, Vec::new()).await;
        }
    });
}

/// Writes the form now: for taps, and before the camera opens.
pub fn keep_now(app: App, form: ReportForm) {
    app.run(async move {
        // The form shows that it could not be kept.
        let _ = keep_report(app, form, Vec::new()).await;
    });
}
