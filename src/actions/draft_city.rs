//! A package that is being changed, on this device: kept among the drafts, read from a file, saved as one.

use greenshield_client::ports::FileSource as _;
use greenshield_domain::wire::MAX_CITY_BYTES;
use leptos::ev;
use serde_json::{Map, Value};

use super::hand_over::{Way, hand_over};
use crate::context::App;
use crate::platform::photo::{PickedFile, picked_files};
use crate::state::message::Message;
use crate::state::package::draft::{DRAFT, Draft, read};

const MIME: &str = "application/json";

/// What was changed before and not saved.
///
/// # Errors
/// Words for the page when it does not read; then it must not be written over.
pub async fn kept_draft(app: App) -> Result<Option<Draft>, Message> {
    let bytes = app.engine().draft(DRAFT).await.map_err(|error| Message::of(&error))?;
    let Some(bytes) = bytes else { return Ok(None) };
    Draft::decode(&bytes).map(Some).ok_or_else(|| Message::of_code("city_draft"))
}

/// Keeps it.
///
/// # Errors
/// Words for the page; then the one before is still kept.
pub async fn keep_draft(app: App, draft: &Draft) -> Result<(), Message> {
    app.engine().keep_draft(DRAFT, draft.encode(), Vec::new()).await.map_err(|error| Message::of(&error))
}

/// Throws it away: it was saved, or a person says so.
///
/// # Errors
/// Words for the page.
pub async fn discard_draft(app: App) -> Result<(), Message> {
    app.engine().discard_draft(DRAFT, &[]).await.map_err(|error| Message::of(&error))
}

/// Reads the package in the file of a file input.
pub fn read_picked(app: App, event: &ev::Event, then: impl FnOnce(Result<Map<String, Value>, Message>) + 'static) {
    let Some(file) = picked_files(event).into_iter().next() else { return };
    app.run(async move { then(read_file(&file).await) });
}

async fn read_file(file: &PickedFile) -> Result<Map<String, Value>, Message> {
    let bad = || Message::of_code("city_file");
    if file.size_bytes() > MAX_CITY_BYTES as u64 {
        return Err(Message::of_code("too_large"));
    }
    let bytes = file.read(0, MAX_CITY_BYTES).await.map_err(|_| bad())?;
    str::from_utf8(&bytes).ok().and_then(read).ok_or_else(bad)
}

/// Puts a package among the downloads.
///
/// # Errors
/// Words for the page.
pub async fn save_file(app: App, package: &str, version: u32) -> Result<(), Message> {
    let name = format!("city-{version}.json");
    let file = PickedFile::of_bytes(package.as_bytes(), &name, MIME);
    hand_over(app, file.map_err(|exception| Message::of_code(&exception.name))?, Way::Save).await
}
