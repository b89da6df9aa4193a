//! Reading the track of a patrol: from this device, and on demand from the server.

use greenshield_client::engine::RecordView;
use greenshield_client::rows::ListRow;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::patrol::Patrol;
use greenshield_domain::track::{Segment, measure, to_gpx};
use leptos::prelude::*;

use super::hand_over::{Way, hand_over};
use crate::context::App;
use crate::platform::keys;
use crate::platform::photo::PickedFile;
use crate::state::message::Message;

/// The track files of a patrol that are here, and how many are not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrackFiles {
    /// What is here, in no order.
    pub segments: Vec<Segment>,
    /// How many files are elsewhere.
    pub missing: usize,
}

/// The track as far as it is on this device.
pub async fn track_here(app: App, view: &RecordView) -> TrackFiles {
    let mut track = TrackFiles::default();
    for link in Patrol(&view.merged).segments() {
        let bytes = app.engine().blob_bytes(link.blob).await.ok().flatten();
        match bytes.and_then(|bytes| Segment::decode(&bytes).ok()) {
            Some(segment) => track.segments.push(segment),
            None => track.missing += 1,
        }
    }
    track
}

/// Fetches what is not here.
///
/// # Errors
/// Words for the page; what came stays.
pub async fn fetch_track(app: App, view: &RecordView) -> Result<(), Message> {
    let hash = async |bytes: &[u8]| BlobId(keys::sha256(bytes).await.unwrap_or([0; 32]));
    for link in Patrol(&view.merged).segments() {
        app.engine().fetch_blob(view.row.record, &link, hash).await.map_err(|error| Message::of(&error))?;
    }
    Ok(())
}

/// The reports that were made on a patrol, among those that are loaded.
#[must_use]
pub fn findings(app: App, record: RecordId) -> Vec<ListRow> {
    app.state.records.with(|list| list.rows.iter().filter(|row| row.patrol == Some(record)).cloned().collect())
}

/// Hands the track over as a GPX file; call it inside a tap.
///
/// # Errors
/// Words for the page.
pub async fn give_gpx(app: App, name: String, mut segments: Vec<Segment>) -> Result<(), Message> {
    crate::state::patrol::screen::put_in_order(&mut segments);
    let text = to_gpx(&name, &measure(&segments).line);
    let file = PickedFile::of_bytes(text.as_bytes(), &format!("{name}.gpx"), "application/gpx+xml");
    let file = file.map_err(|exception| Message::of_code(&exception.name))?;
    hand_over(app, file, Way::Save).await
}
