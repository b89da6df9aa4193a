//! Reading patrols for a replay.

use std::sync::Arc;

use greenshield_client::engine::RecordView;
use greenshield_domain::ids::RecordId;
use greenshield_domain::patrol::Patrol;
use leptos::prelude::*;

use super::load_records::note_trouble;
use super::show_track::{TrackFiles, fetch_track, findings, track_here};
use crate::context::App;
use crate::platform::page;
use crate::state::item::person_name;
use crate::state::message::Message;
use crate::state::replay::{Film, Walk};

/// Whether the person wants no motion.
#[must_use]
pub fn is_calm() -> bool {
    page::matches_media("(prefers-reduced-motion: reduce)")
}

/// The film of one patrol whose track files were read already; `None` when nothing of it has a time.
#[must_use]
pub fn film_of(app: App, view: &RecordView, track: &TrackFiles) -> Option<Arc<Film>> {
    let reports = findings(app, view.row.record);
    let patrol = Patrol(&view.merged);
    let segments = track.segments.clone();
    let walk = Walk::of(view.row.record, String::new(), &patrol, segments, &reports, &app.city())?;
    Film::of(vec![walk]).map(Arc::new)
}

/// Several patrols, and how many of their track files are not on this device.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Several {
    /// What can be shown; `None` when nothing of them has a time.
    pub film: Option<Arc<Film>>,
    /// How many patrols were read.
    pub read: usize,
    /// Track files that are elsewhere.
    pub missing: usize,
}

/// Reads several patrols; `does_fetch` = what is not here is asked of the server. A patrol that does not read hides itself only.
/// With what was read come words for the page when files could not be fetched; what is here is shown all the same.
pub async fn replay_patrols(
    app: App,
    records: &[RecordId],
    does_fetch: bool,
    is_wanted: impl Fn() -> bool,
) -> (Several, Option<Message>) {
    let (mut several, mut walks, mut problem) = (Several::default(), Vec::new(), None);
    for record in records {
        if !is_wanted() {
            break;
        }
        let view = app.engine().record(*record).await.inspect_err(|error| note_trouble(app, error)).ok().flatten();
        let Some(view) = view else { continue };
        if does_fetch && problem.is_none() {
            problem = fetch_track(app, &view).await.err();
        }
        let TrackFiles { segments, missing } = track_here(app, &view).await;
        let name =
            view.row.reporter.map(|account| app.state.people.with_untracked(|people| person_name(people, account)));
        let reports = untrack(|| findings(app, *record));
        let patrol = Patrol(&view.merged);
        walks.extend(Walk::of(*record, name.unwrap_or_default(), &patrol, segments, &reports, &app.city()));
        several.read += 1;
        several.missing += missing;
    }
    several.film = Film::of(walks).map(Arc::new);
    (several, problem)
}
