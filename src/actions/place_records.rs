//! Putting the lines of the inbox on the map.

use greenshield_domain::geo::Position;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::Incident;
use leptos::prelude::*;

use super::load_records::note_trouble;
use super::show_map::MapControl;
use crate::context::App;
use crate::platform::timer::sleep;
use crate::state::inbox::index::Mark;
use crate::state::inbox::on_map::{Counted, Points, STRETCH, Told, untold};

/// More records are not read for it: those lines wait until their records change.
const MOST_READ: usize = 2_000;

/// Puts these lines on a map instead of those before, a stretch at a time, unless they are no longer wanted. Only a line from
/// before lines told their position costs reading its record; `told` remembers it.
pub async fn place_records(
    app: App,
    control: MapControl,
    marks: &[Mark],
    told: StoredValue<Told>,
    is_wanted: impl Fn() -> bool,
) -> Option<Counted> {
    let (mut points, mut left) = (Points::of(marks.len()), MOST_READ);
    for (at, stretch) in marks.chunks(STRETCH).enumerate() {
        if at > 0 {
            sleep(0).await;
        }
        let asked = app
            .state
            .records
            .with_untracked(|list| told.try_with_value(|told| untold(stretch, &list.rows, told)).unwrap_or_default());
        for record in asked.into_iter().take(left) {
            left -= 1;
            let found = position_of(app, record).await;
            let _left = told.try_update_value(|told| told.insert(record, found));
        }
        if !is_wanted() {
            return None;
        }
        let city = app.city();
        app.state.records.with_untracked(|list| {
            told.try_with_value(|told| points.add(stretch, &list.rows, &city, told));
        });
    }
    let (geojson, counted) = points.done();
    control.put_points(&geojson);
    Some(counted)
}

/// Where the record itself says that it is.
async fn position_of(app: App, record: RecordId) -> Option<Position> {
    let view = app.engine().record(record).await.inspect_err(|error| note_trouble(app, error)).ok().flatten()?;
    Incident(&view.merged).place().map(|place| Position::of(&place))
}
