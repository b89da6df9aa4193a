//! Doing a task: signing for it, telling how far it is, bringing the result, looking whether it goes on, changing what is asked. Words in
//! the making survive a killed browser.

use greenshield_client::engine::Save;
use greenshield_domain::ids::RecordId;
use greenshield_domain::op::Entry;
use greenshield_domain::task::{KIND, NewTask, Progress, Review};

use super::edit_record::save_change;
use super::load_records;
use crate::context::App;
use crate::state::draft::cut;
use crate::state::message::Message;
use crate::state::task::{TaskStep, changed, shown_the_place, step_entries};
use crate::state::words::t;

pub(super) fn draft_of(record: RecordId) -> String {
    format!("task-{record}")
}

fn review_draft_of(record: RecordId) -> String {
    format!("review-{record}")
}

/// Words that were typed and not saved.
pub async fn typed_words(app: App, record: RecordId) -> String {
    typed(app, &draft_of(record)).await
}

/// The same of a review.
pub async fn typed_review(app: App, record: RecordId) -> String {
    typed(app, &review_draft_of(record)).await
}

async fn typed(app: App, draft: &str) -> String {
    match app.engine().draft(draft).await {
        Ok(kept) => kept.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default(),
        Err(error) => {
            load_records::note_trouble(app, &error);
            String::new()
        }
    }
}

/// Keeps them: before the camera opens, and when the field is left.
pub async fn keep_words(app: App, record: RecordId, words: String) {
    keep(app, &draft_of(record), words).await;
}

/// The same of a review.
pub async fn keep_review(app: App, record: RecordId, words: String) {
    keep(app, &review_draft_of(record), words).await;
}

async fn keep(app: App, draft: &str, words: String) {
    if let Err(error) = app.engine().keep_draft(draft, words.into_bytes(), Vec::new()).await {
        load_records::note_trouble(app, &error);
    }
}

async fn save(app: App, record: RecordId, entries: Vec<Entry>, draft: Option<String>) -> Result<(), Message> {
    save_change(app, record, Save { record: Some(record), kind: KIND, entries, draft }).await
}

/// Takes a step; `Ok(false)` = it needs words. Words that went along are no longer kept.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn take_step(app: App, record: RecordId, step: &TaskStep, typed: &str) -> Result<bool, Message> {
    let Some(entries) = step_entries(step, typed) else { return Ok(false) };
    let has_words = entries.len() > 1;
    save(app, record, entries, has_words.then(|| draft_of(record))).await?;
    app.state.say(t("task.step_saved"));
    Ok(true)
}

/// Tells how far it is.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn tell_progress(app: App, record: RecordId, typed: &str, percent: Option<u8>) -> Result<(), Message> {
    let progress = Progress { at_millis: app.now_millis(), text: cut(typed.trim()), percent };
    save(app, record, vec![progress.to_entry()], Some(draft_of(record))).await?;
    app.state.say(t("task.progress_saved"));
    Ok(())
}

/// Records the review of a day.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn record_review(app: App, record: RecordId, day_millis: i64, typed: &str) -> Result<(), Message> {
    let review = Review { day_millis, at_millis: app.now_millis(), text: cut(typed.trim()) };
    save(app, record, vec![review.to_entry()], Some(review_draft_of(record))).await?;
    app.state.say(t("task.review_saved"));
    Ok(())
}

/// Saves what changed of a task, with why its deadline moved; `false` = nothing did, and nothing was said.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn change_task(
    app: App,
    record: RecordId,
    (before, after): (&NewTask, &NewTask),
    reason: &str,
) -> Result<bool, Message> {
    let (city, role) = (app.city(), app.state.viewer().map(|viewer| viewer.role).unwrap_or_default());
    let entries = changed(&city, &role, (before, after), reason);
    if entries.is_empty() {
        return Ok(false);
    }
    // Whoever is sent there from now on is given the report, as with a new task.
    if let Some(report) = load_records::rows_of(app, after.about.into_iter().collect()).await.pop() {
        let shown = shown_the_place(&city, &role, after, &report);
        if !shown.is_empty() {
            let give = Save { record: after.about, kind: report.kind, entries: shown, draft: None };
            save_change(app, report.record, give).await?;
        }
    }
    save(app, record, entries, None).await?;
    Ok(true)
}
