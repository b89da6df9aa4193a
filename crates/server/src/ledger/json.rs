//! Ledgers as GeoJSON (RFC 7946), and single features for OGC API – Features.
//!
//! Names of properties are those of the fields; what no field says begins with `_`. Positions are WGS 84, longitude first.

use greenshield_domain::geo::Position;
use serde_json::{Map, Value, json};

use super::cells::iso;
use super::{Cell, Ledger, Row, Shape};

/// Media type.
pub const MIME: &str = "application/geo+json";

/// Writes a ledger. How many records have no place stands beside the features.
#[must_use]
pub fn write(ledger: &Ledger) -> Vec<u8> {
    let collection = json!({
        "type": "FeatureCollection",
        "name": ledger.kind,
        "title": ledger.label,
        "description": ledger.counted(),
        "withoutPosition": ledger.nowhere(),
        "features": features(ledger),
    });
    collection.to_string().into_bytes()
}

/// All features.
#[must_use]
pub fn features(ledger: &Ledger) -> Vec<Value> {
    ledger.rows.iter().map(|row| feature(ledger, row)).collect()
}

/// A record.
#[must_use]
pub fn feature(ledger: &Ledger, row: &Row) -> Value {
    let mut properties = Map::new();
    let mut erased = Vec::new();
    for (column, cell) in ledger.columns.iter().zip(&row.cells) {
        let value = match cell {
            Cell::Empty => Value::Null,
            Cell::Erased => {
                erased.push(column.name.as_str());
                Value::Null
            }
            Cell::Text(text) => json!(text),
            Cell::Number(thousandths) => json!(*thousandths as f64 / 1000.0),
            Cell::Bool(flag) => json!(flag),
            Cell::Time(millis) => json!(iso(*millis)),
        };
        properties.insert(column.name.clone(), value);
    }
    properties.insert("_time".to_owned(), json!(iso(row.at_millis)));
    properties.insert("_author".to_owned(), json!(row.author));
    if let Shape::At(place) = &row.shape {
        properties.insert("_accuracy".to_owned(), json!(place.accuracy_cm as f64 / 100.0));
    }
    if !erased.is_empty() {
        properties.insert("_erased".to_owned(), json!(erased.join(",")));
    }
    json!({ "type": "Feature", "id": row.record, "geometry": geometry(&row.shape), "properties": properties })
}

fn geometry(shape: &Shape) -> Value {
    let degrees = |e7: i64| e7 as f64 / 1e7;
    match shape {
        Shape::Nowhere => Value::Null,
        Shape::At(place) => json!({ "type": "Point", "coordinates": [degrees(place.lon_e7), degrees(place.lat_e7)] }),
        Shape::Along(fixes) => {
            let line = |line: &[_]| -> Vec<[f64; 2]> {
                let position = |fix: &greenshield_domain::track::Fix| [degrees(fix.lon_e7), degrees(fix.lat_e7)];
                line.iter().map(position).collect()
            };
            let lines: Vec<_> = shape.lines().into_iter().map(line).collect();
            if lines.is_empty() {
                let points: Vec<_> = fixes.iter().flat_map(|fixes| line(fixes)).collect();
                return json!({ "type": "MultiPoint", "coordinates": points });
            }
            json!({ "type": "MultiLineString", "coordinates": lines })
        }
        Shape::Within(polygons) => {
            let ring = |ring: &Vec<Position>| -> Vec<[f64; 2]> {
                ring.iter().map(|at| [degrees(at.lon_e7), degrees(at.lat_e7)]).collect()
            };
            let polygon = |rings: &Vec<Vec<Position>>| -> Vec<_> { rings.iter().map(ring).collect() };
            let polygons: Vec<_> = polygons.iter().map(polygon).collect();
            json!({ "type": "MultiPolygon", "coordinates": polygons })
        }
    }
}
