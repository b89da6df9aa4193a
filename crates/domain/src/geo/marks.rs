//! Places from a GeoJSON file (RFC 7946): points with a name and whatever else the file says of them.

use serde_json::Value;

use super::Position;
use super::geojson::{GeoJsonFault, features, name_of, position_of};

/// Most words that a file says of a place, beside its name.
const MOST_WORDS: usize = 40;

/// A place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// What it is called.
    pub name: String,
    /// Where it is.
    pub at: Position,
    /// What else the file says: heading and words.
    pub about: Vec<(String, String)>,
}

/// A feature of the file, counted from 1, and what was read of it.
pub type Feature = (usize, Result<Mark, GeoJsonFault>);

/// Reads a file.
///
/// # Errors
/// [`GeoJsonFault::TooLarge`] and [`GeoJsonFault::NotGeoJson`] of the file as a whole.
pub fn read(bytes: &[u8]) -> Result<Vec<Feature>, GeoJsonFault> {
    Ok(features(bytes)?.iter().enumerate().map(|(at, feature)| (at + 1, mark(feature))).collect())
}

fn mark(feature: &Value) -> Result<Mark, GeoJsonFault> {
    let geometry = &feature["geometry"];
    if geometry["type"].as_str() != Some("Point") {
        return Err(GeoJsonFault::NoPoint);
    }
    let at = position_of(&geometry["coordinates"]).ok_or(GeoJsonFault::NotDegrees)?;
    let name = name_of(&feature["properties"]).ok_or(GeoJsonFault::NoName)?;
    let words = |value: &Value| match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(u8::from(*flag).to_string()),
        _ => None,
    };
    let about = feature["properties"].as_object().into_iter().flatten();
    let about = about.filter_map(|(heading, value)| Some((heading.clone(), words(value)?))).take(MOST_WORDS).collect();
    Ok(Mark { name, at, about })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_with_what_is_said_of_them_and_each_fault_is_told_by_its_feature() {
        let file = r#"{"type":"FeatureCollection","features":[
            {"type":"Feature","properties":{"name":" 祁连站 ","负责人":"王某","人数":4,"开放":true,"x":null},"geometry":{"type":"Point","coordinates":[100.25,38.2,2700]}},
            {"type":"Feature","properties":{"name":"地"},"geometry":{"type":"Polygon","coordinates":[[[1,2],[3,4],[5,6]]]}},
            {"type":"Feature","properties":{"name":"米"},"geometry":{"type":"Point","coordinates":[477000,4310000]}},
            {"type":"Feature","properties":{},"geometry":{"type":"Point","coordinates":[1,2]}}]}"#;
        let found = read(file.as_bytes()).unwrap();
        let (_, Ok(first)) = &found[0] else { panic!("{:?}", found[0]) };
        assert_eq!((first.name.as_str(), first.at), ("祁连站", Position::of_degrees(38.2, 100.25)));
        let about: Vec<(&str, &str)> = first.about.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert!(
            about.contains(&("负责人", "王某")) && about.contains(&("人数", "4")) && about.contains(&("开放", "1"))
        );
        let faults: Vec<_> = found[1..].iter().map(|(n, fault)| (*n, fault.clone().unwrap_err())).collect();
        assert_eq!(faults, [(2, GeoJsonFault::NoPoint), (3, GeoJsonFault::NotDegrees), (4, GeoJsonFault::NoName)]);
        assert_eq!(read(b"[]"), Err(GeoJsonFault::NotGeoJson));
    }
}
