//! The track on its way to disk: what is recorded now among the drafts, what is long enough as an op.
//!
//! Invariant: an item is in the draft until the op that links it is saved, and leaves it in the same transaction. One at a time
//! writes the draft, so that nothing written late brings back what an op has taken out.

use greenshield_client::engine::{NewBlob, Save};
use greenshield_domain::ids::BlobId;
use greenshield_domain::incident::{BlobLink, links};
use greenshield_domain::op::Entry;
use greenshield_domain::patrol::{self, field};
use greenshield_domain::rough::cells_entry;
use greenshield_domain::track::{MIME, Segment};
use leptos::prelude::*;

use super::load_records;
use crate::context::App;
use crate::platform::keys;
use crate::state::message::Message;
use crate::state::patrol::{PATROL, Recorder};

/// Takes the patrol up that was under way when the app ended. One that this version can not read stays on disk.
pub async fn resume_patrol(app: App) {
    let Ok(Some(bytes)) = app.engine().draft(PATROL).await else { return };
    let Some(record) = Recorder::record_of(&bytes) else { return };
    let mut earlier = Vec::new();
    if let Ok(Some(view)) = app.engine().record(record).await {
        for op in &view.ops {
            let entries: Vec<Entry> = op.op.body().entries().cloned().collect();
            for link in links(&entries) {
                let bytes = app.engine().blob_bytes(link.blob).await.ok().flatten();
                earlier.extend(bytes.and_then(|bytes| Segment::decode(&bytes).ok()));
            }
        }
    }
    app.state.patrol.set(Recorder::resumed(&bytes, earlier));
}

/// Puts what is recorded on disk.
pub async fn keep_track(app: App) {
    let draft = app.patrol_draft();
    let _alone = draft.lock().await;
    let now = app.now_millis();
    let bytes = app.state.patrol.try_update(|walk| {
        let walk = walk.as_mut().filter(|walk| walk.is_dirty)?;
        walk.is_dirty = false;
        Some(walk.encode(now))
    });
    let Some(bytes) = bytes.flatten() else { return };
    if let Err(error) = app.engine().keep_draft(PATROL, bytes, Vec::new()).await {
        load_records::note_trouble(app, &error);
        app.state.patrol.update(|walk| {
            if let Some(walk) = walk {
                walk.is_dirty = true;
            }
        });
    }
}

/// The segment that is recorded now, as a file on disk beside the draft: the link, and how many items it has. `None` when
/// nothing was recorded. The caller holds the lock of the draft.
///
/// # Errors
/// Words for the page; the draft is what it was.
pub(super) async fn file_segment(app: App) -> Result<Option<(Entry, usize)>, Message> {
    let now = app.now_millis();
    let part =
        app.state.patrol.with_untracked(|walk| walk.as_ref().map(|walk| (walk.segment.clone(), walk.encode(now))));
    let Some((segment, form)) = part.filter(|(segment, _)| !segment.items.is_empty()) else { return Ok(None) };
    let bytes = segment.encode();
    let hash = keys::sha256(&bytes).await.map_err(|exception| Message::of_code(&exception.name))?;
    let link = BlobLink {
        blob: BlobId(hash),
        size_bytes: bytes.len() as u64,
        mime: MIME.to_owned(),
        name: None,
        original: None,
    };
    let file = NewBlob { id: link.blob, bytes, mime: MIME.to_owned(), original: None };
    app.engine().keep_draft(PATROL, form, vec![file]).await.map_err(|error| Message::of(&error))?;
    Ok(Some((link.to_entry(field::TRACK), segment.items.len())))
}

/// The cells of a way that is over, where the city knows them.
pub(super) fn cells_of(app: App, way: &[Segment]) -> Option<Entry> {
    let city = app.city();
    let is_known = city.kind(patrol::KIND).is_some_and(|kind| kind.field(field::CELLS).is_some());
    cells_entry(field::CELLS, way).filter(|_| is_known)
}

/// Makes what is recorded an op.
///
/// # Errors
/// Words for the page; what was recorded stays among the drafts.
pub async fn close_segment(app: App) -> Result<(), Message> {
    let draft = app.patrol_draft();
    let _alone = draft.lock().await;
    let Some((entry, items)) = file_segment(app).await? else { return Ok(()) };
    let now = app.now_millis();
    let rest = app
        .state
        .patrol
        .with_untracked(|walk| walk.as_ref().map(|walk| (walk.record, walk.encode_without(items, now))));
    let Some((record, form)) = rest else { return Ok(()) };
    let save = Save { record: Some(record), kind: patrol::KIND, entries: vec![entry], draft: None };
    let saved = app.engine().save_and_keep(save, PATROL, form).await.map_err(|error| Message::of(&error))?;
    app.state.patrol.update(|walk| {
        if let Some(walk) = walk {
            walk.closed(items);
        }
    });
    load_records::note_saved(app, saved);
    Ok(())
}
