//! Ledgers as KML 2.3: a placemark for each record with a place; the description of the document counts the others.

use std::fmt::Write as _;

use greenshield_domain::geo::Position;
use greenshield_domain::track::Fix;

use super::cells::iso;
use super::gpx::{counted, title};
use super::xml::{degrees, escape};
use super::{Cell, Ledger, Row, Shape};

/// Media type.
pub const MIME: &str = "application/vnd.google-earth.kml+xml";
const BEGIN: &str =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<kml xmlns=\"http://www.opengis.net/kml/2.2\"><Document>\n";

/// Writes a ledger.
#[must_use]
pub fn write(ledger: &Ledger) -> Vec<u8> {
    let mut text = String::from(BEGIN);
    let (name, counted) = (escape(&ledger.label), escape(&counted(ledger)));
    let _ = writeln!(text, "<name>{name}</name><description>{counted}</description>");
    for row in &ledger.rows {
        if let Some(geometry) = geometry(&row.shape) {
            placemark(&mut text, ledger, row, &geometry);
        }
    }
    text.push_str("</Document></kml>\n");
    text.into_bytes()
}

fn placemark(text: &mut String, ledger: &Ledger, row: &Row, geometry: &str) {
    let words = ledger.words();
    let (name, when) = (escape(&title(ledger, row)), iso(row.at_millis));
    let _ =
        write!(text, "<Placemark id=\"r{}\"><name>{name}</name><TimeStamp><when>{when}</when></TimeStamp>", row.record);
    text.push_str("<ExtendedData>");
    let mut data = |name: &str, label: &str, value: &str| {
        let (name, label, value) = (escape(name), escape(label), escape(value));
        let _ = write!(text, "<Data name=\"{name}\"><displayName>{label}</displayName><value>{value}</value></Data>");
    };
    data("_author", words.of("author"), &row.author);
    for (column, cell) in ledger.columns.iter().zip(&row.cells).filter(|(_, cell)| **cell != Cell::Empty) {
        let value = if let Cell::Time(millis) = cell { iso(*millis) } else { cell.text(&words) };
        data(&column.name, &column.label, &value);
    }
    let _ = writeln!(text, "</ExtendedData>{geometry}</Placemark>");
}

fn geometry(shape: &Shape) -> Option<String> {
    let point =
        |lon_e7, lat_e7| format!("<Point><coordinates>{},{}</coordinates></Point>", degrees(lon_e7), degrees(lat_e7));
    match shape {
        Shape::Nowhere => None,
        Shape::At(place) => Some(point(place.lon_e7, place.lat_e7)),
        Shape::Along(all) => {
            let line = |line: &Vec<Fix>| match line[..] {
                [only] => point(only.lon_e7, only.lat_e7),
                _ => {
                    let positions = line.iter().map(|fix| format!("{},{}", degrees(fix.lon_e7), degrees(fix.lat_e7)));
                    let positions = positions.collect::<Vec<_>>().join(" ");
                    format!("<LineString><coordinates>{positions}</coordinates></LineString>")
                }
            };
            Some(format!("<MultiGeometry>{}</MultiGeometry>", all.iter().map(line).collect::<String>()))
        }
        Shape::Within(polygons) => {
            let ring = |ring: &Vec<Position>| {
                let positions = ring.iter().map(|at| format!("{},{}", degrees(at.lon_e7), degrees(at.lat_e7)));
                let positions = positions.collect::<Vec<_>>().join(" ");
                format!("<LinearRing><coordinates>{positions}</coordinates></LinearRing>")
            };
            let border = |at, of: &_| match at {
                0 => format!("<outerBoundaryIs>{}</outerBoundaryIs>", ring(of)),
                _ => format!("<innerBoundaryIs>{}</innerBoundaryIs>", ring(of)),
            };
            let polygon = |rings: &Vec<Vec<Position>>| {
                let borders: String = rings.iter().enumerate().map(|(at, ring)| border(at, ring)).collect();
                format!("<Polygon>{borders}</Polygon>")
            };
            Some(format!("<MultiGeometry>{}</MultiGeometry>", polygons.iter().map(polygon).collect::<String>()))
        }
    }
}
