//! Areas of responsibility as pages show them: on the map, and in words for those who see none.

use greenshield_domain::city::City;
use greenshield_domain::geo::geojson::GeoJsonFault;
use greenshield_domain::geo::{Position, Way, nearest_on, way};
use greenshield_domain::land::{KIND, Outline, field};
use greenshield_domain::order;
use serde_json::{Value, json};

use super::map::{collection, feature, lon_lat};
use super::nearby::way_between;
use super::words::{self, t, tr};

/// An area with its borders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AreaShape {
    /// Its record, in hex.
    pub record: String,
    /// What people call it.
    pub name: String,
    /// Its code.
    pub code: Option<String>,
    /// Who looks after it.
    pub keeper: Option<String>,
    /// What is forbidden there today, in words; empty = nothing.
    pub bans: Vec<String>,
    /// Its borders; empty when it has none, or none that read.
    pub outline: Outline,
}

impl AreaShape {
    /// The nearest point of its borders from somewhere.
    #[must_use]
    pub fn way_from(&self, at: Position) -> Option<(Position, Way)> {
        let points = self.outline.0.iter().filter_map(|ring| nearest_on(ring, at));
        points.map(|point| (point, way(at, point))).min_by_key(|(_, way)| way.metres)
    }

    /// What is forbidden there, as one line.
    #[must_use]
    pub fn ban(&self) -> Option<String> {
        (!self.bans.is_empty()).then(|| tr("areas.ban", &[("what", &self.bans.join(t("list.comma")))]))
    }

    /// How somebody stands to it: inside, or how far and where its borders are; or that it has no borders to stand at.
    #[must_use]
    pub fn stands(&self, me: Option<Position>) -> Option<String> {
        if self.outline.is_empty() {
            return Some(t("areas.no_borders").to_owned());
        }
        let me = me?;
        if self.outline.holds(me) {
            return Some(t("areas.inside").to_owned());
        }
        let (border, _) = self.way_from(me)?;
        way_between(Some(me), border)
    }
}

/// What is forbidden, in words; a word that the city does not know stands as it is.
#[must_use]
pub fn ban_words(city: &City, bans: &[String]) -> Vec<String> {
    let options = city.kind(KIND).and_then(|kind| kind.field(field::BANS)).map_or(&[][..], |def| &def.options);
    let word = |id: &String| {
        let known = options.iter().find(|option| option.id == *id);
        known.map_or_else(|| id.clone(), |option| words::of(&option.label).to_owned())
    };
    bans.iter().map(word).collect()
}

/// Those that hold the position first, then the nearest; without a position by name.
pub fn sort(areas: &mut Vec<AreaShape>, me: Option<Position>) {
    order::sort_by_key(areas, |area| {
        let far =
            me.map(
                |me| if area.outline.holds(me) { 0 } else { area.way_from(me).map_or(u64::MAX, |(_, way)| way.metres) },
            );
        (far, area.name.clone(), area.record.clone())
    });
}

/// Areas for the map: GeoJSON polygons with `name`.
#[must_use]
pub fn on_map(areas: &[AreaShape]) -> String {
    collection(features(areas))
}

/// A polygon for each area that has borders, with `name`, and with `ban` where something is forbidden, which the name says too.
pub(super) fn features(areas: &[AreaShape]) -> impl Iterator<Item = Value> {
    areas.iter().filter(|area| !area.outline.is_empty()).map(|area| {
        let corner = |at: &Position| {
            let (lon, lat) = lon_lat(*at);
            json!([lon, lat])
        };
        let ring = |ring: &Vec<Position>| Value::Array(ring.iter().map(corner).collect());
        let polygon = |rings: &Vec<Vec<Position>>| Value::Array(rings.iter().map(ring).collect());
        let polygons: Vec<Value> = area.outline.polygons().iter().map(polygon).collect();
        let name = area.ban().map_or_else(|| area.name.clone(), |ban| format!("{}\n{ban}", area.name));
        let facts = json!({ "name": name, "ban": !area.bans.is_empty() });
        feature(facts, json!({ "type": "MultiPolygon", "coordinates": polygons }))
    })
}

/// Why a file does not read, or a feature of it is no area, in words.
#[must_use]
pub fn reason_words(fault: GeoJsonFault) -> &'static str {
    t(match fault {
        GeoJsonFault::TooLarge => "areas.fault_large",
        GeoJsonFault::NotGeoJson => "areas.fault_file",
        GeoJsonFault::NoPoint => "areas.fault_point",
        GeoJsonFault::NoPolygon => "areas.fault_polygon",
        GeoJsonFault::NotDegrees => "areas.fault_degrees",
        GeoJsonFault::NoBorder => "areas.fault_border",
        GeoJsonFault::NoName => "areas.fault_name",
    })
}

/// The same with the number of the feature, counted from 1.
#[must_use]
pub fn fault_words(feature: usize, fault: GeoJsonFault) -> String {
    tr("areas.fault", &[("n", &feature.to_string()), ("reason", reason_words(fault))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(lat_e7: i64, lon_e7: i64) -> Position {
        Position { lat_e7, lon_e7 }
    }

    fn square(name: &str, lat_e7: i64) -> AreaShape {
        let (lon, side) = (1_000_000_000, 1_000_000);
        let ring = vec![at(lat_e7, lon), at(lat_e7, lon + side), at(lat_e7 + side, lon + side), at(lat_e7 + side, lon)];
        let (record, name) = (name.to_owned(), name.to_owned());
        AreaShape { record, name, code: None, keeper: None, bans: Vec::new(), outline: Outline(vec![ring]) }
    }

    #[test]
    fn the_area_one_stands_in_comes_first_and_the_others_tell_how_far() {
        let mut areas = vec![square("北", 392_000_000), square("中", 390_000_000), square("远", 399_000_000)];
        let me = Some(at(390_500_000, 1_000_500_000));
        sort(&mut areas, me);
        assert_eq!(areas.iter().map(|area| area.name.as_str()).collect::<Vec<_>>(), ["中", "北", "远"]);
        assert_eq!(areas[0].stands(me).as_deref(), Some(t("areas.inside")));
        assert!(areas[1].stands(me).is_some_and(|words| words != t("areas.inside")));
        assert_eq!(areas[1].stands(None), None);
    }

    #[test]
    fn an_area_without_borders_is_listed_last_says_so_and_is_not_drawn() {
        let lost = AreaShape {
            record: "d".to_owned(),
            name: "无界".to_owned(),
            code: None,
            keeper: None,
            bans: Vec::new(),
            outline: Outline::default(),
        };
        let mut areas = vec![lost, square("北", 392_000_000)];
        let me = Some(at(390_500_000, 1_000_500_000));
        sort(&mut areas, me);
        assert_eq!(areas[1].stands(me).as_deref(), Some(t("areas.no_borders")));
        assert_eq!(areas[1].stands(None), areas[1].stands(me));
        assert!(!on_map(&areas).contains("无界"));
    }

    #[test]
    fn what_is_forbidden_stands_on_the_map_and_in_words() {
        let free = square("a", 0);
        assert_eq!(free.ban(), None);
        let forbidden = AreaShape { bans: vec!["用火".to_owned(), "放牧".to_owned()], ..square("b", 1) };
        assert!(forbidden.ban().is_some_and(|words| words.contains("用火") && words.contains("放牧")));
        let drawn: Value = serde_json::from_str(&on_map(&[free, forbidden])).unwrap();
        let of = |n: usize, word: &str| drawn["features"][n]["properties"][word].clone();
        assert_eq!((of(0, "ban"), of(1, "ban"), of(0, "name")), (json!(false), json!(true), json!("a")));
        assert!(of(1, "name").as_str().is_some_and(|name| name.starts_with("b\n") && name.contains("用火")));
    }

    #[test]
    fn the_map_gets_closed_rings_and_holes() {
        let mut area = square("a", 0);
        let hole =
            area.outline.0[0].iter().map(|corner| at(corner.lat_e7 / 2 + 250_000, corner.lon_e7 / 2 + 500_250_000));
        area.outline.0.push(hole.collect());
        let drawn: Value = serde_json::from_str(&on_map(&[area])).unwrap();
        assert_eq!(drawn["features"][0]["geometry"]["coordinates"][0].as_array().map(Vec::len), Some(2));
        let ring = &drawn["features"][0]["geometry"]["coordinates"][0][0];
        assert_eq!(ring.as_array().map(Vec::len), Some(5));
        assert_eq!(ring[0], ring[4]);
    }
}
