//! Bringing in the track of another device as a patrol of its own.

use greenshield_client::engine::{NewBlob, Save};
use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident::BlobLink;
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::patrol::{self, ENDED, field};
use greenshield_domain::track::{MIME, Mode, Segment};

use leptos::ev;

use super::load_records;
use super::record_track::cells_of;
use super::start_patrol::own_hats;
use crate::context::App;
use crate::platform::gpx::read_gpx;
use crate::platform::keys;
use crate::platform::photo::{PickedFile, picked_files};
use crate::state::message::Message;
use crate::state::patrol::belongs;
use crate::state::patrol::imported::segments_of;

/// The draft that holds the files of an import until its record is saved.
const DRAFT: &str = "import-track";

/// Imports the file of a file input, and tells how it went.
pub fn import_picked(app: App, event: &ev::Event, mode: Mode, then: impl FnOnce(Result<RecordId, Message>) + 'static) {
    let Some(file) = picked_files(event).into_iter().next() else { return };
    app.run(async move { then(import_track(app, &file, mode).await) });
}

/// Saves the track of a file as a patrol that is over; returns its record.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn import_track(app: App, file: &PickedFile, mode: Mode) -> Result<RecordId, Message> {
    let stretches = read_gpx(file).await.map_err(|_| Message::of_code("gpx"))?;
    let stretches = stretches.map_err(|_| Message::of_code("gpx_no_time"))?;
    let segments = segments_of(stretches, mode);
    let (Some((from, _)), Some((_, until))) = (segments.first().map(Segment::span), segments.last().map(Segment::span))
    else {
        return Err(Message::of_code("gpx"));
    };
    let (files, links) = files_of(&segments).await?;
    app.engine().keep_draft(DRAFT, Vec::new(), files).await.map_err(|error| Message::of(&error))?;
    let set = |field, value| Entry { field, act: Act::Set, value };
    let mut entries = vec![
        set(field::STARTED_AT, Value::Int(from)),
        set(field::MODE, Value::text(mode.word())),
        set(field::SOURCE, Value::text("gpx")),
        set(field::ENDED_AT, Value::Int(until)),
        set(field::STATE, Value::text(ENDED)),
    ];
    entries.extend(links);
    entries.extend(cells_of(app, &segments));
    entries.extend(belongs::entries(&app.city(), &own_hats(app).await, None));
    let save = Save { record: None, kind: patrol::KIND, entries, draft: Some(DRAFT.to_owned()) };
    let saved = app.engine().save(save).await.map_err(|error| Message::of(&error))?;
    let record = saved.record;
    load_records::note_saved(app, saved);
    Ok(record)
}

async fn files_of(segments: &[Segment]) -> Result<(Vec<NewBlob>, Vec<Entry>), Message> {
    let (mut files, mut links) = (Vec::new(), Vec::new());
    for segment in segments {
        let bytes = segment.encode();
        let hash = keys::sha256(&bytes).await.map_err(|exception| Message::of_code(&exception.name))?;
        let (blob, size_bytes, mime) = (BlobId(hash), bytes.len() as u64, MIME.to_owned());
        let link = BlobLink { blob, size_bytes, mime: mime.clone(), name: None, original: None };
        links.push(link.to_entry(field::TRACK));
        files.push(NewBlob { id: blob, bytes, mime, original: None });
    }
    Ok((files, links))
}
