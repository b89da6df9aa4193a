//! Patrols that are under way, and where they were last, as far as this device holds it.

use greenshield_client::engine::RecordView;
use greenshield_client::rows::ListRow;
use greenshield_domain::geo::Position;
use greenshield_domain::incident::{Incident, PlaceSource};
use greenshield_domain::patrol::{self, Patrol};
use greenshield_domain::track::Item;

use super::load_records::note_trouble;
use super::show_track::track_here;
use crate::context::App;
use crate::state::nearest::{MOST_WALK_MILLIS, Walk};

/// Lines that are read at a time.
const PAGE_ROWS: usize = 500;
/// More lines of two days are not looked through.
const MOST_ROWS: usize = 5_000;

/// Looks through the newest lines. A patrol that does not read hides itself only.
pub async fn find_walks(app: App) -> Vec<Walk> {
    let oldest = app.now_millis() - MOST_WALK_MILLIS;
    let (mut rows, mut from): (Vec<ListRow>, _) = (Vec::new(), None);
    loop {
        let page = match app.engine().list(from, PAGE_ROWS).await {
            Ok(page) => page,
            Err(error) => {
                note_trouble(app, &error);
                break;
            }
        };
        let is_past = page.rows.last().is_none_or(|row| row.sort_millis < oldest);
        rows.extend(page.rows);
        from = page.next;
        if is_past || from.is_none() || rows.len() >= MOST_ROWS {
            break;
        }
    }
    let is_under_way = |row: &&ListRow| {
        row.kind == patrol::KIND && row.sort_millis >= oldest && row.state.as_deref() != Some(patrol::ENDED)
    };
    let mut walks = Vec::new();
    for row in rows.iter().filter(is_under_way) {
        let Some(account) = row.reporter else { continue };
        let mut at = None;
        if let Some(view) = read(app, row).await {
            at = last_of_patrol(app, &view).await;
        }
        for found in rows.iter().filter(|found| found.patrol == Some(row.record)) {
            let place = read(app, found).await.and_then(|view| Incident(&view.merged).place());
            let place = place.filter(|place| place.source == PlaceSource::Device);
            newer(&mut at, place.map(|place| (Position::of(&place), place.fixed_millis)));
        }
        walks.push(Walk { record: row.record, account, at });
    }
    walks
}

async fn read(app: App, row: &ListRow) -> Option<RecordView> {
    app.engine().record(row.record).await.inspect_err(|error| note_trouble(app, error)).ok().flatten()
}

/// The last check-in or fix, whichever is later.
async fn last_of_patrol(app: App, view: &RecordView) -> Option<(Position, i64)> {
    let mut at = None;
    for check_in in Patrol(&view.merged).check_ins() {
        newer(&mut at, check_in.place.map(|place| (Position::of(&place), check_in.at_millis)));
    }
    for segment in track_here(app, view).await.segments {
        for item in segment.items {
            if let Item::Fix(fix) = item {
                newer(&mut at, Some((fix.position(), fix.at_millis)));
            }
        }
    }
    at
}

fn newer(known: &mut Option<(Position, i64)>, found: Option<(Position, i64)>) {
    if found.is_some_and(|(_, millis)| known.is_none_or(|(_, before)| before < millis)) {
        *known = found;
    }
}
