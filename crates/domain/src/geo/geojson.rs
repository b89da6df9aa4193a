//! Areas from a GeoJSON file (RFC 7946): polygons with a name.
//!
//! Refuses: to guess. A feature that is no area is told by its number with the reason, and the others are still read, so that a
//! person sees all faults at once; whoever saves decides that none may be left.

use serde_json::Value;

use super::Position;
use crate::land::{NewArea, Outline};

/// Most bytes of a file.
pub const MAX_GEOJSON_BYTES: usize = 20 << 20;
/// Most features of a file.
pub const MOST_FEATURES: usize = 2_000;
/// Where names and codes stand in the files of map offices and of QGIS.
const NAMES: [&str; 5] = ["name", "NAME", "Name", "title", "label"];
const CODES: [&str; 5] = ["code", "adcode", "CODE", "id", "PAC"];
/// What else may stand there: the element by its word in the catalogue, who looks after it, and how many days it may be left alone.
const ELEMENTS: [&str; 1] = ["element"];
const KEEPERS: [&str; 2] = ["keeper", "manager"];
const NEEDS: [&str; 2] = ["days", "needDays"];
const MOST_NEED_DAYS: u32 = 3_660;
const MOST_NAME_CHARS: usize = 60;

/// Why a feature is no area, or a file is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GeoJsonFault {
    /// Too large.
    #[error("the file is over the limit")]
    TooLarge,
    /// No JSON, or no GeoJSON.
    #[error("this is no GeoJSON")]
    NotGeoJson,
    /// No point, where a place is wanted.
    #[error("this feature is no point")]
    NoPoint,
    /// Neither a polygon nor several.
    #[error("this feature is no polygon")]
    NoPolygon,
    /// A corner that is no pair of degrees: another projection, or latitude before longitude.
    #[error("a corner is not in degrees of longitude and latitude")]
    NotDegrees,
    /// Fewer than three corners.
    #[error("a border has fewer than three corners")]
    NoBorder,
    /// No name.
    #[error("this feature has no name")]
    NoName,
}

/// A feature of the file, counted from 1, and what was read of it.
pub type Feature = (usize, Result<NewArea, GeoJsonFault>);

/// Reads a file.
///
/// # Errors
/// [`GeoJsonFault::TooLarge`] and [`GeoJsonFault::NotGeoJson`] of the file as a whole.
pub fn read(bytes: &[u8]) -> Result<Vec<Feature>, GeoJsonFault> {
    Ok(features(bytes)?.iter().enumerate().map(|(at, feature)| (at + 1, area(feature))).collect())
}

/// The features of a file.
pub(super) fn features(bytes: &[u8]) -> Result<Vec<Value>, GeoJsonFault> {
    if bytes.len() > MAX_GEOJSON_BYTES {
        return Err(GeoJsonFault::TooLarge);
    }
    let file: Value = serde_json::from_slice(bytes).map_err(|_| GeoJsonFault::NotGeoJson)?;
    let features = match file["type"].as_str() {
        Some("FeatureCollection") => file["features"].as_array().cloned().ok_or(GeoJsonFault::NotGeoJson)?,
        Some("Feature") => vec![file],
        _ => return Err(GeoJsonFault::NotGeoJson),
    };
    if features.len() > MOST_FEATURES {
        return Err(GeoJsonFault::TooLarge);
    }
    Ok(features)
}

/// The first of these properties that says something.
fn word(about: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match &about[*name] {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

/// What a feature is called.
pub(super) fn name_of(about: &Value) -> Option<String> {
    Some(word(about, &NAMES)?.chars().take(MOST_NAME_CHARS).collect())
}

/// A pair of degrees, longitude first; what else stands there is a height.
pub(super) fn position_of(pair: &Value) -> Option<Position> {
    let (lon, lat) = (pair[0].as_f64()?, pair[1].as_f64()?);
    (lon.abs() <= 180.0 && lat.abs() <= 90.0).then(|| Position::of_degrees(lat, lon))
}

fn area(feature: &Value) -> Result<NewArea, GeoJsonFault> {
    let about = &feature["properties"];
    let geometry = &feature["geometry"];
    let parts = geometry["coordinates"].as_array().ok_or(GeoJsonFault::NoPolygon)?;
    let rings: Vec<&Value> = match geometry["type"].as_str() {
        Some("Polygon") => parts.iter().collect(),
        Some("MultiPolygon") => parts.iter().filter_map(Value::as_array).flatten().collect(),
        _ => return Err(GeoJsonFault::NoPolygon),
    };
    let outline = Outline(rings.into_iter().map(ring).collect::<Result<_, _>>()?);
    if outline.is_empty() {
        return Err(GeoJsonFault::NoBorder);
    }
    let name = name_of(about).ok_or(GeoJsonFault::NoName)?;
    let is_code = |code: &String| crate::policy::area::is_code(code);
    let is_word = |word: &String| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    let need =
        word(about, &NEEDS).and_then(|days| days.parse().ok()).filter(|days| (1..=MOST_NEED_DAYS).contains(days));
    Ok(NewArea {
        name,
        code: word(about, &CODES).filter(is_code),
        element: word(about, &ELEMENTS).filter(is_word),
        keeper: word(about, &KEEPERS).map(|name| name.chars().take(MOST_NAME_CHARS).collect()),
        need_days: need,
        outline,
    })
}

fn ring(ring: &Value) -> Result<Vec<Position>, GeoJsonFault> {
    let corners = ring.as_array().ok_or(GeoJsonFault::NoPolygon)?;
    let mut corners: Vec<Position> =
        corners.iter().map(position_of).collect::<Option<_>>().ok_or(GeoJsonFault::NotDegrees)?;
    // The last corner of a ring is its first one again.
    if corners.len() > 1 && corners.first() == corners.last() {
        corners.pop();
    }
    if corners.len() < 3 { Err(GeoJsonFault::NoBorder) } else { Ok(corners) }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"{"type":"FeatureCollection","features":[
        {"type":"Feature","properties":{"name":" 黑河湿地 ","adcode":620702,"element":"wetland","keeper":"李四","days":7},"geometry":{"type":"Polygon","coordinates":
            [[[100.1,38.9],[100.2,38.9],[100.2,39.0],[100.1,38.9]]]}},
        {"type":"Feature","properties":{"NAME":"马蹄","code":"x","element":"湿地","days":"soon"},"geometry":{"type":"MultiPolygon","coordinates":
            [[[[100,38],[101,38],[101,39]]],[[[102,38,1500],[103,38,1500],[103,39,1500]]]]}},
        {"type":"Feature","properties":{"name":"路"},"geometry":{"type":"LineString","coordinates":[[1,2],[3,4]]}},
        {"type":"Feature","properties":{"name":"米"},"geometry":{"type":"Polygon","coordinates":[[[477000,4310000],[1,2],[3,4]]]}},
        {"type":"Feature","properties":{"name":"角"},"geometry":{"type":"Polygon","coordinates":[[[1,2],[3,4],[1,2]]]}},
        {"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[1,2],[3,4],[5,6]]]}},
        {"type":"Feature","properties":null,"geometry":null}]}"#;

    #[test]
    fn areas_are_read_and_each_fault_is_told_by_its_feature() {
        let found = read(FILE.as_bytes()).unwrap();
        let (_, Ok(first)) = &found[0] else { panic!("{:?}", found[0]) };
        assert_eq!((first.name.as_str(), first.code.as_deref(), first.outline.len()), ("黑河湿地", Some("620702"), 3));
        assert_eq!(
            (first.element.as_deref(), first.keeper.as_deref(), first.need_days),
            (Some("wetland"), Some("李四"), Some(7))
        );
        assert!(first.outline.holds(Position::of_degrees(38.91, 100.15)));
        let (_, Ok(second)) = &found[1] else { panic!("{:?}", found[1]) };
        assert_eq!((second.code.as_deref(), second.outline.0.len()), (None, 2));
        assert_eq!((second.element.as_deref(), second.need_days), (None, None), "neither a word nor a number of days");
        let faults: Vec<_> = found[2..].iter().map(|(n, fault)| (*n, fault.clone().unwrap_err())).collect();
        assert_eq!(
            faults,
            [
                (3, GeoJsonFault::NoPolygon),
                (4, GeoJsonFault::NotDegrees),
                (5, GeoJsonFault::NoBorder),
                (6, GeoJsonFault::NoName),
                (7, GeoJsonFault::NoPolygon),
            ]
        );
    }

    #[test]
    fn what_is_no_geojson_is_told() {
        for bad in ["", "{", "[]", "{\"type\":\"Topology\"}", "{\"type\":\"FeatureCollection\"}"] {
            assert_eq!(read(bad.as_bytes()), Err(GeoJsonFault::NotGeoJson), "{bad}");
        }
        let deep = "[".repeat(200_000);
        assert_eq!(read(deep.as_bytes()), Err(GeoJsonFault::NotGeoJson));
    }
}
