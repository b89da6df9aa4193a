//! Photos of the form: read, hashed, copied small, and on disk at once.

use greenshield_client::engine::{NewBlob, Save};
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident;
use leptos::ev;
use leptos::prelude::*;

use super::keep_report::keep_report;
use super::load_records;
use crate::context::App;
use crate::platform::lifecycle;
pub use crate::platform::photo::PickedFile;
use crate::platform::photo::{Photo, PhotoError, picked_files, read_photo};
use crate::state::draft::{DraftPhoto, MOST_PHOTOS, PhotoSource, REPORT};
use crate::state::form::ReportForm;
use crate::state::message::Message;
use crate::state::photo_steps::exif_of;

/// Takes the files of a file input, one after the other.
pub fn add_photos(app: App, form: ReportForm, event: &ev::Event, source: PhotoSource) {
    let files = picked_files(event);
    let room = MOST_PHOTOS.saturating_sub(form.draft.with_untracked(|draft| draft.photos.len()));
    let files: Vec<PickedFile> = files.into_iter().take(room).collect();
    form.busy_photos.update(|busy| *busy += files.len());
    form.problem.set(None);
    app.run(async move {
        for file in files {
            if let Err(message) = add_photo(app, form, &file, source).await {
                form.problem.try_set(Some(message));
            }
            form.busy_photos.try_update(|busy| *busy = busy.saturating_sub(1));
        }
    });
}

async fn add_photo(app: App, form: ReportForm, file: &PickedFile, source: PhotoSource) -> Result<(), Message> {
    let photo = read_photo(file, &app.shrinker()).await.map_err(|error| Message::of_photo(code_of(&error)))?;
    let (row, files) = blobs_of(photo, source);
    let is_known = form.draft.with_untracked(|draft| draft.photos.iter().any(|known| known.original == row.original));
    if is_known {
        return Ok(());
    }
    // First on disk together with a form that names it, then on the screen: a photo that is shown is there.
    let with_photo = form.draft.with_untracked(|draft| {
        let mut draft = draft.clone();
        draft.photos.push(row.clone());
        draft.encode()
    });
    app.engine().keep_draft(REPORT, with_photo, files).await.map_err(|error| Message::of_stored_photo(&error))?;
    form.draft.try_update(|draft| draft.photos.push(row));
    form.picked_photo.try_set(None);
    keep_report(app, form, Vec::new()).await
}

/// The photo as the form names it, and its files for the store.
#[must_use]
pub fn blobs_of(photo: Photo, source: PhotoSource) -> (DraftPhoto, Vec<NewBlob>) {
    let original = BlobId(photo.sha256);
    let copy = photo.copy.ok().map(|copy| (BlobId(copy.sha256), copy.bytes));
    let row = DraftPhoto {
        original,
        size_bytes: photo.size_bytes,
        mime: photo.kind.mime().to_owned(),
        copy: copy.as_ref().map(|(id, bytes)| (*id, bytes.len() as u64)),
        source,
        was_online: lifecycle::is_online(),
        modified_millis: photo.modified_millis,
        step: None,
        exif: (source == PhotoSource::Album).then(|| exif_of(&photo.original)).flatten(),
    };
    let first = NewBlob { id: original, bytes: photo.original, mime: row.mime.clone(), original: None };
    let second = copy.map(|(id, bytes)| NewBlob { id, bytes, mime: "image/jpeg".to_owned(), original: Some(original) });
    (row, std::iter::once(first).chain(second).collect())
}

fn code_of(error: &PhotoError) -> &'static str {
    match error {
        PhotoError::TooLarge { .. } => "too_large",
        PhotoError::NotAPhoto { .. } => "not_a_photo",
        PhotoError::Empty | PhotoError::Unreadable(_) => "read",
    }
}

/// Adds photos to a record that is saved already, as one op.
///
/// # Errors
/// Words for the page; nothing was added then.
pub async fn attach_photos(app: App, record: RecordId, files: Vec<PickedFile>) -> Result<(), Message> {
    let draft = format!("attach-{record}");
    let mut entries = Vec::new();
    for file in files.iter().take(MOST_PHOTOS) {
        let photo = read_photo(file, &app.shrinker()).await.map_err(|error| Message::of_photo(code_of(&error)))?;
        let (row, blobs) = blobs_of(photo, PhotoSource::Camera);
        entries.extend(row.links());
        app.engine().keep_draft(&draft, Vec::new(), blobs).await.map_err(|error| Message::of_stored_photo(&error))?;
    }
    if entries.is_empty() {
        return Ok(());
    }
    // An op is of the kind of its record.
    let kind = load_records::rows_of(app, vec![record]).await.pop().map_or(incident::KIND, |row| row.kind);
    let save = Save { record: Some(record), kind, entries, draft: Some(draft) };
    app.engine().save(save).await.map_err(|error| Message::of(&error))?;
    load_records::refresh(app, vec![record]).await;
    app.tell_changed(&[record]);
    app.wake_sync();
    Ok(())
}

/// Adds the files of a file input to a saved record, and tells how it went.
pub fn attach_picked(app: App, record: RecordId, event: &ev::Event, then: impl FnOnce(Result<(), Message>) + 'static) {
    let files = picked_files(event);
    app.run(async move { then(attach_photos(app, record, files).await) });
}
