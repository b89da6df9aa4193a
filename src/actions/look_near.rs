//! Looking among the records of this phone for one that may be the same thing.

use greenshield_client::engine::RecordView;
use greenshield_domain::geo::Position;
use greenshield_domain::incident::Incident;
use greenshield_domain::rough::is_rough;

use crate::context::App;
use crate::state::near::{HERE_METRES, Near, Sighting, is_close_in_time, nearest};

/// Newest records that are looked at.
const MOST_ROWS: usize = 300;
/// Most records that are read for their place.
const MOST_READ: usize = 40;

/// The nearest record that may be the same thing; a database that does not answer knows none.
pub async fn look_near(app: App, of: Sighting) -> Option<Near> {
    let page = app.engine().list(None, MOST_ROWS).await.ok()?;
    let alike = page.rows.into_iter().filter(|row| {
        row.category.as_ref() == Some(&of.category)
            && Some(row.record) != of.record
            && is_close_in_time(row.sort_millis, of.found_millis)
    });
    let mut known = Vec::new();
    for row in alike.take(MOST_READ) {
        if let Ok(Some(view)) = app.engine().record(row.record).await {
            known.extend(sighting_of(&view));
        }
        // Nothing can be nearer, and the phone has other work while a form is filled in.
        if nearest(&of, &known).is_some_and(|near| near.metres <= HERE_METRES) {
            break;
        }
    }
    nearest(&of, &known)
}

/// A record as a sighting; `None` without place or category.
#[must_use]
pub fn sighting_of(view: &RecordView) -> Option<Sighting> {
    // A cell is too large to say that it is the same thing.
    let place = Incident(&view.merged).place().filter(|place| !is_rough(place))?;
    Some(Sighting {
        record: Some(view.row.record),
        category: view.row.category.clone()?,
        found_millis: view.row.sort_millis,
        place: Position::of(&place),
    })
}
