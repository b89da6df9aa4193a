//! Areas of responsibility: read from the records of this phone, made from a file at the desk.

use greenshield_client::ports::FileSource as _;
use greenshield_domain::cbor::Value;
use greenshield_domain::geo::geojson::{self, Feature, GeoJsonFault, MAX_GEOJSON_BYTES};
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::field::STATE;
use greenshield_domain::land::{self, Area, NewArea, WITHDRAWN};
use greenshield_domain::op::Entry;
use greenshield_domain::policy::AREA;
use leptos::ev;
use leptos::prelude::*;

use super::add_record::add_record;
use super::edit_record::edit_record;
use super::load_records::note_trouble;
use crate::context::App;
use crate::platform::photo::{PickedFile, picked_files};
use crate::platform::placemarks::geojson_of;
use crate::platform::text;
use crate::state::areas::{AreaShape, ban_words};
use crate::state::message::Message;
use crate::state::words::t;

/// Enough of a file to know what it is.
const HEAD_BYTES: usize = 1024;

/// The areas that hold. One whose borders do not read, or that has none, is there without them.
pub async fn load_areas(app: App) -> Vec<AreaShape> {
    let rows = app.state.duties.with_untracked(|rows| {
        let holds = rows.iter().filter(|row| row.kind == land::KIND && row.state.as_deref() != Some(WITHDRAWN));
        holds.map(|row| row.record).collect::<Vec<_>>()
    });
    let mut areas = Vec::with_capacity(rows.len());
    for record in rows {
        let view = match app.engine().record(record).await {
            Ok(view) => view,
            Err(error) => {
                note_trouble(app, &error);
                continue;
            }
        };
        let Some(view) = view else { continue };
        let area = Area(&view.merged);
        let name = area.name().unwrap_or_else(|| t("areas.nameless")).to_owned();
        let (code, keeper) = (area.code().map(str::to_owned), area.keeper().map(str::to_owned));
        let bans = ban_words(&app.city(), &area.bans(app.now_millis()));
        areas.push(AreaShape { record: record.to_hex(), name, code, keeper, bans, outline: area.outline() });
    }
    areas
}

/// Reads the file that was picked and gives what was found, if one was picked.
pub fn read_picked(app: App, event: &ev::Event, then: impl FnOnce(Result<Vec<Feature>, GeoJsonFault>) + 'static) {
    let Some(file) = picked_files(event).into_iter().next() else { return };
    app.run(async move { then(read_file(&file).await) });
}

async fn read_file(file: &PickedFile) -> Result<Vec<Feature>, GeoJsonFault> {
    let features = read_features(file).await.map_err(|_| GeoJsonFault::NotGeoJson)?;
    geojson::read(features.ok_or(GeoJsonFault::NotGeoJson)??.as_bytes())
}

/// The GeoJSON of a file, or what KML and the waypoints of GPX are as GeoJSON; `None` for a file that is none of them.
///
/// # Errors
/// Words for the page when the file itself does not read.
pub(super) async fn read_features(file: &PickedFile) -> Result<Option<Result<String, GeoJsonFault>>, Message> {
    let unread = |_| Message::of_code("roster_unread");
    let head = text::decode(&file.read(0, HEAD_BYTES).await.map_err(unread)?).unwrap_or_default();
    let first = head.trim_start_matches('\u{feff}').trim_start().chars().next();
    if !matches!(first, Some('{' | '<')) {
        return Ok(None);
    }
    if file.size_bytes() > MAX_GEOJSON_BYTES as u64 {
        return Ok(Some(Err(GeoJsonFault::TooLarge)));
    }
    let bytes = file.read(0, MAX_GEOJSON_BYTES).await.map_err(unread)?;
    let text = text::decode(&bytes).unwrap_or_default();
    let is_xml = first == Some('<');
    Ok(Some(if is_xml { geojson_of(&text).map_err(|_| GeoJsonFault::NotGeoJson) } else { Ok(text) }))
}

/// Says that an area is none any more; it leaves every map at the next contact.
///
/// # Errors
/// As [`edit_record`].
pub async fn withdraw_area(app: App, record: RecordId) -> Result<(), Message> {
    edit_record(app, record, vec![Entry::set(STATE, Value::text(WITHDRAWN))]).await
}

/// Saves an area and sends it. Those who have its code see it.
///
/// # Errors
/// Words for the page; this one was not saved then.
pub async fn add_area(app: App, area: &NewArea) -> Result<(), Message> {
    let knows_need = app.city().kind(land::KIND).is_some_and(|kind| kind.field(land::field::NEED).is_some());
    // A package of before has no field for it, so nobody could read it.
    let area = NewArea { need_days: area.need_days.filter(|_| knows_need), ..area.clone() };
    let mut entries = area.to_entries(app.now_millis());
    entries.extend(area.code.as_ref().map(|code| Entry::set(AREA, Value::text(code))));
    add_record(app, None, land::KIND, entries).await.map(drop)
}
