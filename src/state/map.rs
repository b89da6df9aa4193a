//! What the map draws: records as marks, ways as lines, in GeoJSON (RFC 7946, degrees of WGS-84, longitude first).

use greenshield_client::rows::{ListRow, RowPlace};
use greenshield_domain::city::City;
use greenshield_domain::geo::Position;
use greenshield_domain::track::Leg;
use greenshield_domain::{patrol, sos};
use serde_json::{Value, json};

use super::item::urgency_of;
use super::nearby::Placed;

/// Zoom of a whole county, where a map begins without anything else to show.
pub const FAR_ZOOM: f64 = 8.0;
/// Zoom of a valley, where it begins around the phone.
pub const NEAR_ZOOM: f64 = 11.0;
/// Zoom from which every record has a mark of its own: `clusterMaxZoom` of `public/map/map.js`, and one more.
pub const MARK_ZOOM: f64 = 12.0;
/// A finger is so wide on the map: nobody points better, in pixels.
const FINGER_PIXELS: f64 = 12.0;
/// No pin is more exact than this, metres.
const BEST_PIN_METRES: f64 = 10.0;

/// Corners are told to so much, degrees × 1e7: about a metre.
const CORNER_E7: i64 = 100;

/// A part of the map. One that goes around the back of the earth begins east of where it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Corners {
    /// South-west.
    pub low: Position,
    /// North-east.
    pub high: Position,
}

impl Corners {
    /// As it reads in an address: south, west, north, east in degrees.
    #[must_use]
    pub fn words(self) -> String {
        let numbers = [self.low.lat_e7, self.low.lon_e7, self.high.lat_e7, self.high.lon_e7];
        numbers.map(|e7| format!("{:.5}", e7 as f64 / 1e7)).join("_")
    }

    /// The corners of such words; `None` for others.
    #[must_use]
    pub fn read(words: &str) -> Option<Self> {
        let mut numbers = words.split('_').map(|number| number.parse::<f64>().ok().filter(|n| n.abs() <= 180.0));
        let mut corner = || {
            let (lat, lon) = (numbers.next()??, numbers.next()??);
            (lat.abs() <= 90.0).then(|| position((lon, lat)))
        };
        let (low, high) = (corner()?, corner()?);
        (numbers.next().is_none() && low.lat_e7 <= high.lat_e7).then(|| Self { low, high }.rounded())
    }

    /// As exactly as it is told.
    #[must_use]
    pub fn rounded(self) -> Self {
        let round = |e7: i64| (e7 + CORNER_E7 / 2).div_euclid(CORNER_E7) * CORNER_E7;
        let corner = |at: Position| Position { lat_e7: round(at.lat_e7), lon_e7: round(at.lon_e7) };
        Self { low: corner(self.low), high: corner(self.high) }
    }

    /// Whether a position lies in it.
    #[must_use]
    pub fn holds(self, at: Position) -> bool {
        let (west, east) = (self.low.lon_e7 <= at.lon_e7, at.lon_e7 <= self.high.lon_e7);
        let is_between = if self.low.lon_e7 <= self.high.lon_e7 { west && east } else { west || east };
        is_between && (self.low.lat_e7..=self.high.lat_e7).contains(&at.lat_e7)
    }

    /// The smallest that holds another position as well.
    #[must_use]
    pub fn with(known: Option<Self>, at: Position) -> Self {
        let Self { low, high } = known.unwrap_or(Self { low: at, high: at });
        Self {
            low: Position { lat_e7: low.lat_e7.min(at.lat_e7), lon_e7: low.lon_e7.min(at.lon_e7) },
            high: Position { lat_e7: high.lat_e7.max(at.lat_e7), lon_e7: high.lon_e7.max(at.lon_e7) },
        }
    }
}

/// Where a record is, as far as its line tells it.
#[must_use]
pub fn place(row: &ListRow) -> Option<Position> {
    match row.place {
        RowPlace::At { lat_e7, lon_e7 } => Some(Position { lat_e7, lon_e7 }),
        RowPlace::Nowhere | RowPlace::Untold => None,
    }
}

/// Longitude and latitude in degrees.
#[must_use]
pub fn lon_lat(at: Position) -> (f64, f64) {
    (at.lon_e7 as f64 / 1e7, at.lat_e7 as f64 / 1e7)
}

/// The position of degrees.
#[must_use]
pub fn position((lon, lat): (f64, f64)) -> Position {
    let e7 = |degrees: f64| (degrees * 1e7).round() as i64;
    // Maps go round and round; the earth does not.
    let lon = (lon + 180.0).rem_euclid(360.0) - 180.0;
    Position { lat_e7: e7(lat.clamp(-90.0, 90.0)), lon_e7: e7(lon) }
}

/// The name of the mark of a record; `public/map/marks.js` draws it.
#[must_use]
pub fn mark(row: &ListRow, city: &City) -> &'static str {
    match row.kind {
        sos::KIND => return "sos",
        patrol::KIND => return "patrol",
        _ => {}
    }
    let workflow = city.kind(row.kind).and_then(|kind| kind.workflow.as_deref()).and_then(|id| city.workflow(id));
    let state = workflow.and_then(|workflow| workflow.state(row.state.as_deref().unwrap_or(&workflow.initial)));
    if state.is_some_and(|state| !state.open) {
        return "done";
    }
    match urgency_of(row, city).map(|urgency| urgency.id.as_str()) {
        Some("critical") => "alarm",
        Some("high") => "warn",
        _ => "plain",
    }
}

/// Marks are drawn in this order: what matters more lies above.
pub(super) fn order(mark: &str) -> usize {
    ["done", "checkin", "patrol", "plain", "warn", "alarm", "sos"].iter().position(|known| *known == mark).unwrap_or(0)
}

/// The records that have a position.
#[must_use]
pub fn records(placed: &[Placed], city: &City) -> String {
    let features = placed.iter().filter_map(|placed| {
        let mark = mark(&placed.row, city);
        Some(point(json!({ "id": placed.row.record.to_hex(), "mark": mark, "order": order(mark) }), placed.at?))
    });
    collection(features)
}

/// A way; what lies between its legs is a gap.
#[must_use]
pub fn track(line: &[Leg]) -> String {
    let at = |fix: &greenshield_domain::track::Fix| {
        let (lon, lat) = lon_lat(Position { lat_e7: fix.lat_e7, lon_e7: fix.lon_e7 });
        json!([lon, lat])
    };
    let stroke = |gap: bool, points: Vec<Value>| {
        (points.len() > 1)
            .then(|| feature(json!({ "gap": gap }), json!({ "type": "LineString", "coordinates": points })))
    };
    let legs = line.iter().map(|leg| stroke(false, leg.fixes.iter().map(at).collect()));
    let gaps = line.windows(2).map(|pair| {
        let ends = [pair[0].fixes.last(), pair[1].fixes.first()];
        stroke(true, ends.into_iter().flatten().map(at).collect())
    });
    collection(legs.chain(gaps).flatten())
}

/// What a ring is drawn around.
#[must_use]
pub fn rings(at: Option<Position>) -> String {
    collection(at.into_iter().map(|at| point(json!({}), at)))
}

/// South-west and north-east of a way.
#[must_use]
pub fn corners(line: &[Leg]) -> Option<(Position, Position)> {
    let fixes = || line.iter().flat_map(|leg| &leg.fixes);
    let (south, north) = (fixes().map(|f| f.lat_e7).min()?, fixes().map(|f| f.lat_e7).max()?);
    let (west, east) = (fixes().map(|f| f.lon_e7).min()?, fixes().map(|f| f.lon_e7).max()?);
    Some((Position { lat_e7: south, lon_e7: west }, Position { lat_e7: north, lon_e7: east }))
}

/// How exact a pin is that somebody put by finger, in cm; `metres` is a pixel of the map.
#[must_use]
pub fn pin_accuracy_cm(metres: f64) -> i64 {
    ((metres * FINGER_PIXELS).max(BEST_PIN_METRES) * 100.0).round() as i64
}

pub(super) fn point(properties: Value, at: Position) -> Value {
    let (lon, lat) = lon_lat(at);
    feature(properties, json!({ "type": "Point", "coordinates": [lon, lat] }))
}

pub(super) fn feature(properties: Value, geometry: Value) -> Value {
    json!({ "type": "Feature", "properties": properties, "geometry": geometry })
}

pub(super) fn collection(features: impl Iterator<Item = Value>) -> String {
    json!({ "type": "FeatureCollection", "features": features.collect::<Vec<_>>() }).to_string()
}

#[cfg(test)]
mod tests {
    use greenshield_domain::track::{Fix, Mode};

    use super::super::item::tests::{city, row};
    use super::*;

    fn fix(lat_e7: i64, lon_e7: i64) -> Fix {
        Fix { at_millis: 0, lat_e7, lon_e7, accuracy_cm: 500, altitude_cm: None }
    }

    fn read(text: &str) -> Vec<Value> {
        serde_json::from_str::<Value>(text).unwrap()["features"].as_array().unwrap().clone()
    }

    #[test]
    fn a_record_with_a_place_has_a_mark_of_its_urgency_and_one_without_is_left_out() {
        let at = Some(Position { lat_e7: 389_000_000, lon_e7: 1_004_500_000 });
        let fire = ListRow { category: Some("forest-grassland-fire".to_owned()), ..row(1) };
        let placed = [Placed { row: fire.clone(), at }, Placed { row: row(2), at: None }];
        let drawn = read(&records(&placed, &city()));
        assert_eq!(drawn.len(), 1);
        assert_eq!(drawn[0]["geometry"]["coordinates"], json!([100.45, 38.9]));
        assert_eq!(drawn[0]["properties"]["mark"], "alarm");
        let closed = ListRow { state: Some("closed".to_owned()), ..fire };
        assert_eq!(mark(&closed, &city()), "done");
        assert_eq!(mark(&ListRow { kind: sos::KIND, ..row(3) }, &city()), "sos");
        assert_eq!(mark(&ListRow { kind: patrol::KIND, ..row(3) }, &city()), "patrol");
    }

    #[test]
    fn a_gap_between_two_legs_is_a_line_of_its_own() {
        let leg =
            |points: [(i64, i64); 2]| Leg { mode: Mode::Foot, fixes: points.map(|(lat, lon)| fix(lat, lon)).to_vec() };
        let line = [leg([(1, 1), (2, 2)]), leg([(5, 5), (6, 9)])];
        let drawn = read(&track(&line));
        let gaps = drawn.iter().map(|feature| feature["properties"]["gap"].as_bool().unwrap()).collect::<Vec<_>>();
        assert_eq!(gaps, [false, false, true]);
        assert_eq!(drawn[2]["geometry"]["coordinates"], json!([[2e-7, 2e-7], [5e-7, 5e-7]]));
        let (low, high) = corners(&line).unwrap();
        assert_eq!((low.lat_e7, low.lon_e7, high.lat_e7, high.lon_e7), (1, 1, 6, 9));
    }

    #[test]
    fn positions_go_to_the_map_and_back_and_a_world_further_is_the_same_place() {
        let at = Position { lat_e7: 389_256_000, lon_e7: 1_004_498_000 };
        assert_eq!(position(lon_lat(at)), at);
        assert_eq!(position((100.4498 + 360.0, 38.9256)), at);
    }

    #[test]
    fn a_part_of_the_map_reads_back_from_its_address_and_holds_what_lies_in_it() {
        let at = |lat_e7, lon_e7| Position { lat_e7, lon_e7 };
        let part = Corners { low: at(389_000_040, 1_004_000_000), high: at(390_000_000, 1_005_123_460) }.rounded();
        assert_eq!(part.words(), "38.90000_100.40000_39.00000_100.51235");
        assert_eq!(Corners::read(&part.words()), Some(part));
        assert!(part.holds(at(389_000_000, 1_004_000_000)) && !part.holds(at(390_000_001, 1_004_500_000)));
        for words in ["", "1_2_3", "1_2_3_4_5", "39_100_38_101", "38_100_91_101", "a_b_c_d", "38_100_39_NaN"] {
            assert_eq!(Corners::read(words), None, "{words}");
        }
        let around = Corners { low: at(-10, 1_790_000_000), high: at(10, -1_790_000_000) };
        assert!(around.holds(at(0, 1_795_000_000)) && around.holds(at(0, -1_795_000_000)) && !around.holds(at(0, 0)));
        let both = Corners::with(Some(Corners::with(None, at(3, 9))), at(5, 2));
        assert_eq!((both.low, both.high), (at(3, 2), at(5, 9)));
    }

    #[test]
    fn a_pin_is_as_exact_as_a_finger_and_never_better_than_ten_metres() {
        assert_eq!(pin_accuracy_cm(0.1), 1_000);
        assert_eq!(pin_accuracy_cm(50.0), 60_000);
    }
}
