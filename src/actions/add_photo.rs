//! Photos of the form: read, hashed, copied small, and on disk at once. A phone that fills up keeps less of each, and says so.

use greenshield_client::engine::{EngineError, NewBlob, Save};
use greenshield_client::ports::{Ports, StoreError};
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident;
use leptos::ev;
use leptos::prelude::*;

use super::check_storage::{check_room, check_storage};
use super::keep_report::keep_report;
use super::load_records;
use crate::context::App;
use crate::platform::lifecycle;
pub use crate::platform::photo::PickedFile;
use crate::platform::photo::{MAX_EDGE_PIXELS, Photo, PhotoError, SMALL_EDGE_PIXELS, picked_files, read_photo};
use crate::state::draft::{DraftPhoto, MOST_PHOTOS, PhotoSource, REPORT};
use crate::state::form::ReportForm;
use crate::state::message::Message;
use crate::state::photo_steps::exif_of;
use crate::state::storage::{Keep, PROBE_BYTES};

/// Takes the files of a file input, one after the other.
pub fn add_photos(app: App, form: ReportForm, event: &ev::Event, source: PhotoSource) {
    add_files(app, form, picked_files(event), source);
}

/// Takes files, one after the other.
pub fn add_files(app: App, form: ReportForm, files: Vec<PickedFile>, source: PhotoSource) {
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
        check_storage(app).await;
    });
}

async fn add_photo(app: App, form: ReportForm, file: &PickedFile, source: PhotoSource) -> Result<(), Message> {
    // First on disk together with a form that names it, then on the screen: a photo that is shown is there.
    let named = |row: &DraftPhoto| {
        form.draft.with_untracked(|draft| {
            let is_known = draft.photos.iter().any(|known| known.original == row.original);
            let mut draft = draft.clone();
            draft.photos.push(row.clone());
            (!is_known).then(|| draft.encode())
        })
    };
    let Some(row) = store_photo(app, REPORT, file, source, named).await? else { return Ok(()) };
    form.draft.try_update(|draft| draft.photos.push(row));
    form.picked_photo.try_set(None);
    keep_report(app, form, Vec::new()).await
}

/// Stores a photo with a draft, or as much of it as there is room for. `form` gives the bytes of the draft that names it, `None`
/// when it has the photo already.
async fn store_photo(
    app: App,
    draft: &str,
    file: &PickedFile,
    source: PhotoSource,
    form: impl Fn(&DraftPhoto) -> Option<Vec<u8>>,
) -> Result<Option<DraftPhoto>, Message> {
    check_room(app).await;
    let counted = app.state.storage.with_untracked(|facts| facts.map_or(Keep::Original, |facts| facts.keep()));
    let keep = counted.max(app.state.room_learned.get_untracked());
    if keep == Keep::Words {
        return Err(full());
    }
    let edge = if keep == Keep::Small { SMALL_EDGE_PIXELS } else { MAX_EDGE_PIXELS };
    let read = read_photo(file, &app.shrinker(), edge).await;
    let photo = read.map_err(|error| Message::of_photo(code_of(&error)))?;
    let stored = store_what_fits(app, draft, file, photo, (source, keep), form).await;
    if app.engine().draft(PROBE).await.is_ok_and(|probe| probe.is_some()) {
        // A probe that stays is replaced by the next one.
        let _gone = app.engine().discard_draft(PROBE, &[]).await;
    }
    stored
}

/// Less and less of a photo, until it fits beside the room for words.
async fn store_what_fits(
    app: App,
    draft: &str,
    file: &PickedFile,
    mut photo: Photo,
    (source, mut keep): (PhotoSource, Keep),
    form: impl Fn(&DraftPhoto) -> Option<Vec<u8>>,
) -> Result<Option<DraftPhoto>, Message> {
    let mut is_probed = false;
    loop {
        if keep != Keep::Original && !is_probed {
            is_probed = has_room_for_words(app).await;
        }
        // Of a picture that this browser can not draw there is the original or nothing.
        let is_over = keep == Keep::Words || (keep != Keep::Original && !is_probed);
        if is_over || (photo.copy.is_err() && keep == Keep::Small) {
            app.state.room_learned.set(Keep::Words);
            return Err(full());
        }
        let (row, files) = blobs_of(&photo, source, keep);
        let Some(bytes) = form(&row) else { return Ok(None) };
        match app.engine().keep_draft(draft, bytes, files).await {
            Ok(()) => return Ok(Some(row)),
            // The browser promised more room than it has.
            Err(EngineError::Store(StoreError::QuotaExceeded)) => {
                keep = keep.less();
                app.state.room_learned.set(keep);
                if keep == Keep::Small {
                    photo.copy = app.shrinker().shrink(file, SMALL_EDGE_PIXELS).await;
                }
            }
            Err(error) => return Err(Message::of_stored_photo(&error)),
        }
    }
}

/// The draft whose bytes hold the room for words while a photo is stored.
const PROBE: &str = "probe";

/// Puts as many bytes as words may need beside the photo; says whether they fit.
async fn has_room_for_words(app: App) -> bool {
    let engine = app.engine();
    // Random, so that no compression makes it small.
    let mut probe = vec![0; PROBE_BYTES];
    engine.ports().entropy().fill(&mut probe);
    engine.keep_draft(PROBE, probe, Vec::new()).await.is_ok()
}

fn full() -> Message {
    Message::of_stored_photo(&EngineError::Store(StoreError::QuotaExceeded))
}

/// The photo as the form names it, and its files for the store.
fn blobs_of(photo: &Photo, source: PhotoSource, keep: Keep) -> (DraftPhoto, Vec<NewBlob>) {
    let original = BlobId(photo.sha256);
    let copy = photo.copy.as_ref().ok().map(|copy| (BlobId(copy.sha256), copy.bytes.clone()));
    let row = DraftPhoto {
        original,
        size_bytes: photo.size_bytes,
        mime: photo.kind.mime().to_owned(),
        keep: if copy.is_none() { Keep::Original } else { keep },
        copy: copy.as_ref().map(|(id, bytes)| (*id, bytes.len() as u64)),
        source,
        was_online: lifecycle::is_online(),
        modified_millis: photo.modified_millis,
        step: None,
        exif: (source == PhotoSource::Album).then(|| exif_of(&photo.original)).flatten(),
    };
    let whole = || NewBlob { id: original, bytes: photo.original.clone(), mime: row.mime.clone(), original: None };
    let first = row.has_original().then(whole);
    let second = copy.map(|(id, bytes)| NewBlob { id, bytes, mime: "image/jpeg".to_owned(), original: Some(original) });
    (row, first.into_iter().chain(second).collect())
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
        let row = store_photo(app, &draft, file, PhotoSource::Camera, |_| Some(Vec::new())).await?;
        entries.extend(row.iter().flat_map(DraftPhoto::links));
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
    check_storage(app).await;
    Ok(())
}

/// Adds the files of a file input to a saved record, and tells how it went.
pub fn attach_picked(app: App, record: RecordId, event: &ev::Event, then: impl FnOnce(Result<(), Message>) + 'static) {
    let files = picked_files(event);
    app.run(async move { then(attach_photos(app, record, files).await) });
}
