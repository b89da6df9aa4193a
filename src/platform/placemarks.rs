//! KML files and the waypoints of GPX files as GeoJSON, by the XML parser of the browser.
//!
//! Owns: which elements mean what. Refuses: to judge; whoever reads the GeoJSON tells what is wrong with it.

use serde_json::{Map, Value, json};
use web_sys::{DomParser, Element, HtmlCollection, SupportedType};

use super::Exception;

/// The features of a file as a GeoJSON text.
///
/// # Errors
/// When it is neither KML nor GPX.
pub fn geojson_of(text: &str) -> Result<String, Exception> {
    let document = DomParser::new()?.parse_from_string(text, SupportedType::ApplicationXml)?;
    let root = document.document_element().map(|root| root.local_name()).unwrap_or_default();
    let features: Vec<Value> = match root.as_str() {
        "kml" => elements(document.get_elements_by_tag_name("Placemark")).map(|mark| placemark(&mark)).collect(),
        "gpx" => elements(document.get_elements_by_tag_name("wpt")).map(|mark| waypoint(&mark)).collect(),
        _ => return Err(Exception::named("DataError", "neither kml nor gpx")),
    };
    Ok(json!({ "type": "FeatureCollection", "features": features }).to_string())
}

fn elements(found: HtmlCollection) -> impl Iterator<Item = Element> {
    (0..found.length()).filter_map(move |index| found.item(index))
}

fn inside(element: &Element, name: &str) -> impl Iterator<Item = Element> + use<> {
    elements(element.get_elements_by_tag_name(name))
}

fn text_of(element: &Element, name: &str) -> Option<String> {
    let text = inside(element, name).next()?.text_content()?.trim().to_owned();
    (!text.is_empty()).then_some(text)
}

fn feature(about: Map<String, Value>, geometry: Value) -> Value {
    json!({ "type": "Feature", "properties": about, "geometry": geometry })
}

fn said(element: &Element, names: &[(&str, &str)]) -> Map<String, Value> {
    let said = names.iter().filter_map(|(name, heading)| Some(((*heading).to_owned(), text_of(element, name)?.into())));
    said.collect()
}

fn placemark(mark: &Element) -> Value {
    let mut about = said(mark, &[("name", "name"), ("description", "description")]);
    let data = inside(mark, "Data").map(|data| (data.get_attribute("name"), text_of(&data, "value")));
    let simple = inside(mark, "SimpleData").map(|data| (data.get_attribute("name"), data.text_content()));
    about.extend(data.chain(simple).filter_map(|(name, value)| Some((name?, value?.into()))));
    let polygons: Vec<Value> = inside(mark, "Polygon").map(|polygon| rings(&polygon)).collect();
    let line = || inside(mark, "LineString").next().map(|line| positions(&line));
    let point = || inside(mark, "Point").next().map(|point| positions(&point)[0].take());
    let geometry = if !polygons.is_empty() {
        json!({ "type": "MultiPolygon", "coordinates": polygons })
    } else if let Some(line) = line() {
        json!({ "type": "LineString", "coordinates": line })
    } else {
        point().map_or(Value::Null, |at| json!({ "type": "Point", "coordinates": at }))
    };
    feature(about, geometry)
}

/// The outer ring and the holes of a polygon.
fn rings(polygon: &Element) -> Value {
    let of = |name| inside(polygon, name).map(|ring| positions(&ring));
    Value::Array(of("outerBoundaryIs").chain(of("innerBoundaryIs")).collect())
}

/// `longitude,latitude[,height]`, with blanks between two of them.
fn positions(element: &Element) -> Value {
    let text = text_of(element, "coordinates").unwrap_or_default();
    let number = |text: &str| text.trim().parse::<f64>().map_or(Value::Null, Value::from);
    text.split_whitespace().map(|position| position.split(',').map(number).collect::<Value>()).collect()
}

fn waypoint(mark: &Element) -> Value {
    let degrees = |name: &str| {
        mark.get_attribute(name).and_then(|text| text.trim().parse::<f64>().ok()).map_or(Value::Null, Value::from)
    };
    let at = json!([degrees("lon"), degrees("lat")]);
    feature(said(mark, &[("name", "name"), ("desc", "description")]), json!({ "type": "Point", "coordinates": at }))
}
