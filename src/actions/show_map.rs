//! Showing a map: drawing it, and what a page may ask of it while it is there.

use greenshield_domain::geo::Position;
use greenshield_domain::track::Leg;
use greenshield_domain::wire::CoverageRow;
use leptos::prelude::*;

use super::manage_packs::ready_packs;
use crate::context::App;
use crate::platform::map::{Gestures, LonLat, MapBox, MapSheet, Start};
use crate::platform::prefs;
use crate::state::areas::{self, AreaShape};
use crate::state::coverage;
use crate::state::map::{self, Corners, FAR_ZOOM, MARK_ZOOM, NEAR_ZOOM, lon_lat, position};
use crate::state::nearby::{MyPlace, Placed};
use crate::state::words::t;

/// Where the last map was left, longitude and latitude; the next one begins there.
const LAST: &str = "map-at";

/// Room around what is shown whole, in pixels.
const ROOM: f64 = 48.0;

/// How far a map is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MapState {
    /// Its files are fetched, its tiles drawn.
    #[default]
    Coming,
    /// It is there.
    Shown,
    /// This browser can not draw it, or its files are not on this phone yet.
    Failed,
}

/// What a person did on the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gesture {
    /// A tap on these records.
    Records(Vec<String>),
    /// A tap beside all records.
    Nothing,
    /// A long press here.
    Held(Position),
}

/// A map on a page. Copied freely; a copy is the same map.
#[derive(Debug, Clone, Copy)]
pub struct MapControl {
    sheet: StoredValue<Option<MapSheet>, LocalStorage>,
    /// How far it is.
    pub state: RwSignal<MapState>,
    /// How many records are in view; `None` until it was drawn once.
    pub seen: RwSignal<Option<usize>>,
    /// Which part is in view; `None` until it was drawn once.
    pub view: RwSignal<Option<Corners>>,
    /// What was done last.
    pub gesture: RwSignal<Option<Gesture>>,
    /// Who made the data that is shown.
    pub sources: RwSignal<Vec<String>>,
}

impl MapControl {
    /// A map that is not there yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            sheet: StoredValue::new_local(None),
            state: RwSignal::new(MapState::default()),
            seen: RwSignal::new(None),
            view: RwSignal::new(None),
            gesture: RwSignal::new(None),
            sources: RwSignal::new(Vec::new()),
        }
    }

    fn with(self, then: impl FnOnce(&MapSheet)) {
        let _ = self.sheet.try_with_value(|sheet| sheet.as_ref().map(then));
    }

    /// Marks of records.
    pub fn put_records(self, app: App, placed: &[Placed]) {
        self.put_points(&map::records(placed, &app.city()));
    }

    /// Marks of records that were made already, GeoJSON points with `id`, `mark`, `order`.
    pub fn put_points(self, geojson: &str) {
        self.with(|sheet| sheet.set_records(geojson));
    }

    /// A ring around the record that is open.
    pub fn put_chosen(self, at: Option<Position>) {
        self.with(|sheet| sheet.set_chosen(&map::rings(at)));
    }

    /// Lines of ways that were made already, GeoJSON.
    pub fn put_ways(self, geojson: &str) {
        self.with(|sheet| sheet.set_track(geojson));
    }

    /// People on their way, GeoJSON points with `metres` and perhaps `name`.
    pub fn put_walkers(self, geojson: &str) {
        self.with(|sheet| sheet.set_walkers(geojson));
    }

    /// Shows exactly this part.
    pub fn show_part(self, part: Corners) {
        self.with(|sheet| sheet.fit(lon_lat(part.low), lon_lat(part.high), 0.0));
    }

    /// Shows all of this, with some room around it.
    pub fn show_all(self, part: Corners) {
        self.with(|sheet| sheet.fit(lon_lat(part.low), lon_lat(part.high), ROOM));
    }

    /// A way, shown whole when it `is_whole_wanted`.
    pub fn put_track(self, line: &[Leg], is_whole_wanted: bool) {
        self.with(|sheet| {
            sheet.set_track(&map::track(line));
            if let Some((low, high)) = map::corners(line).filter(|_| is_whole_wanted) {
                sheet.fit(lon_lat(low), lon_lat(high), ROOM);
            }
        });
    }

    /// Borders of areas of responsibility.
    pub fn put_areas(self, areas: &[AreaShape]) {
        self.with(|sheet| sheet.set_areas(&areas::on_map(areas)));
    }

    /// Borders of areas with the cells that nobody visited, shown whole.
    pub fn put_coverage(self, areas: &[AreaShape], rows: &[&CoverageRow]) {
        self.with(|sheet| {
            sheet.set_areas(&coverage::on_map(areas, rows));
            if let Some((low, high)) = coverage::corners(rows) {
                sheet.fit(lon_lat(low), lon_lat(high), ROOM);
            }
        });
    }

    /// The phone itself.
    pub fn put_me(self, me: MyPlace) {
        if let MyPlace::Found { at, accuracy_cm } = me {
            self.with(|sheet| sheet.set_me(lon_lat(at), accuracy_cm as f64 / 100.0));
        }
    }

    /// Moves there, near enough to see something.
    pub fn go_to(self, at: Position) {
        self.with(|sheet| sheet.go_to(lon_lat(at), NEAR_ZOOM));
    }

    /// Moves there, so near that a record stands for itself.
    pub fn go_to_record(self, at: Position) {
        self.with(|sheet| sheet.go_to(lon_lat(at), MARK_ZOOM));
    }

    /// Nearer (1) or further (-1).
    pub fn zoom_by(self, steps: i32) {
        self.with(|sheet| sheet.zoom_by(steps));
    }

    /// The colours changed.
    pub fn restyle(self) {
        self.with(MapSheet::restyle);
    }

    /// The middle of the map, and how exactly a finger can mean it, in cm.
    #[must_use]
    pub fn centre(self) -> Option<(Position, i64)> {
        let centre = self.sheet.try_with_value(|sheet| sheet.as_ref().map(MapSheet::centre)).flatten()?;
        let (at, metres) = centre;
        Some((position(at), map::pin_accuracy_cm(metres)))
    }

    /// Takes the map away and remembers where it was.
    pub fn close(self) {
        if let Some((at, _)) = self.centre() {
            // Where a browser keeps nothing, the next map begins at the city.
            let _ = prefs::set(LAST, lon_lat(at));
        }
        let _ = self.sheet.try_update_value(|sheet| sheet.take());
    }
}

impl Default for MapControl {
    fn default() -> Self {
        Self::new()
    }
}

struct Hear(MapControl);

impl Gestures for Hear {
    fn tapped(&self, ids: Vec<String>, _at: LonLat) {
        let gesture = if ids.is_empty() { Gesture::Nothing } else { Gesture::Records(ids) };
        let _ = self.0.gesture.try_set(Some(gesture));
    }

    fn held(&self, at: LonLat) {
        let _ = self.0.gesture.try_set(Some(Gesture::Held(position(at))));
    }

    fn seen(&self, records: usize) {
        let _ = self.0.seen.try_set(Some(records));
    }

    fn moved(&self, low: LonLat, high: LonLat) {
        let _ = self.0.view.try_set(Some(Corners { low: position(low), high: position(high) }.rounded()));
    }

    fn lost(&self, pack: String, reason: String) {
        leptos::logging::warn!("map pack {pack}: {reason}");
    }
}

/// Draws a map into a box, around `at`, or where the last one was, or over the whole city.
pub async fn show_map(app: App, control: MapControl, element: MapBox, at: Option<Position>) {
    let packs = ready_packs().await;
    let last = prefs::get::<LonLat>(LAST);
    let (at, zoom) = match at.map(lon_lat).or(last) {
        Some(at) => (at, NEAR_ZOOM),
        None => (lon_lat(app.city().centre()), FAR_ZOOM),
    };
    let start = Start { at, zoom, label: t("map.label").to_owned() };
    let state = match MapSheet::show(&element, &start, &packs, Hear(control)).await {
        // A page that was left in the meantime takes no map: it is dropped.
        Ok(sheet) => {
            let _ = control.sources.try_set(sheet.attributions());
            let _ = control.sheet.try_set_value(Some(sheet));
            MapState::Shown
        }
        Err(exception) => {
            leptos::logging::warn!("no map: {exception}");
            MapState::Failed
        }
    };
    let _ = control.state.try_set(state);
}
