//! Finding what is near: where the newest records are, and where the phone is.

use greenshield_client::rows::{ListRow, RowPlace};
use greenshield_domain::geo::Position;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::Incident;
use greenshield_domain::track::{Line, measure};
use leptos::prelude::*;

use super::load_records::note_trouble;
use super::show_track::track_here;
use crate::context::App;
use crate::platform::location::{self, LocationState, LocationWatch};
use crate::state::nearby::{MAX_RECORDS, MyPlace, Placed};
use crate::state::patrol::screen::put_in_order;

/// Lines that are read at a time: the page stays quick while the next ones come.
const PAGE: usize = 1_000;

/// What is looked for and was found. Copied freely; a copy is the same search.
#[derive(Debug, Clone, Copy)]
pub struct Search {
    /// What was found; `None` until the first look.
    pub found: RwSignal<Option<Vec<Placed>>>,
    /// Whether somebody looks, and whether something changed meanwhile.
    looks: StoredValue<(bool, bool)>,
}

impl Default for Search {
    fn default() -> Self {
        Self::new()
    }
}

impl Search {
    /// Nothing was looked for yet.
    #[must_use]
    pub fn new() -> Self {
        Self { found: RwSignal::new(None), looks: StoredValue::new((false, false)) }
    }

    /// Whether this call shall look; one that runs already looks again at its end.
    fn begin(self) -> bool {
        let mut begins = false;
        let _closed = self.looks.try_update_value(|(is_looking, is_stale)| {
            begins = !*is_looking;
            (*is_looking, *is_stale) = (true, !begins);
        });
        begins
    }

    /// Whether to look once more.
    fn goes_on(self) -> bool {
        let state = self.looks.try_update_value(|state| {
            let before = *state;
            *state = (before.1, false);
            before
        });
        state.is_some_and(|(_, is_stale)| is_stale)
    }
}

/// Finds the newest records with their positions. A record that does not read hides itself only.
pub async fn find_nearby(app: App, search: Search) {
    if !search.begin() {
        return;
    }
    loop {
        if let Some(placed) = look(app).await {
            let _closed = search.found.try_set(Some(placed));
        }
        if !search.goes_on() {
            break;
        }
    }
}

async fn look(app: App) -> Option<Vec<Placed>> {
    let (mut placed, mut from) = (Vec::new(), None);
    loop {
        let page = app.engine().list(from, PAGE).await;
        let page = page.inspect_err(|error| note_trouble(app, error)).ok()?;
        for row in page.rows {
            let at = position_of(app, &row).await;
            placed.push(Placed { row, at });
        }
        from = page.next;
        if from.is_none() || placed.len() >= MAX_RECORDS {
            return Some(placed);
        }
    }
}

/// The way of a patrol, as far as its files are here; of its record in hex.
pub async fn track_of(app: App, record: &str) -> Line {
    let Ok(record) = RecordId::from_hex(record) else { return Line::new() };
    match app.engine().record(record).await {
        Ok(Some(view)) => {
            let mut segments = track_here(app, &view).await.segments;
            put_in_order(&mut segments);
            measure(&segments).line
        }
        Ok(None) => Line::new(),
        Err(error) => {
            note_trouble(app, &error);
            Line::new()
        }
    }
}

/// Where a record is. Only a line from before lines told it costs reading the record.
async fn position_of(app: App, row: &ListRow) -> Option<Position> {
    match row.place {
        RowPlace::At { lat_e7, lon_e7 } => return Some(Position { lat_e7, lon_e7 }),
        RowPlace::Nowhere => return None,
        RowPlace::Untold => {}
    }
    match app.engine().record(row.record).await {
        Ok(view) => view.and_then(|view| Incident(&view.merged).place()).map(|place| Position::of(&place)),
        Err(error) => {
            note_trouble(app, &error);
            None
        }
    }
}

/// Watches where the phone is, as long as the result lives.
pub fn watch_me(me: RwSignal<MyPlace>) -> LocationWatch {
    location::watch(move |state| {
        let place = match state {
            LocationState::Searching => MyPlace::Searching,
            LocationState::Denied => MyPlace::Denied,
            LocationState::Unavailable => MyPlace::Unavailable,
            LocationState::Fix(fix) => {
                MyPlace::Found { at: Position { lat_e7: fix.lat_e7, lon_e7: fix.lon_e7 }, accuracy_cm: fix.accuracy_cm }
            }
        };
        let _ = me.try_set(place);
    })
}
