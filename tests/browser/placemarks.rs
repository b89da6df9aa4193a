//! Placemarks of KML and waypoints of GPX, read by the XML parser of a real browser.

use greenshield_app::platform::placemarks::geojson_of;
use greenshield_domain::geo::{geojson, marks};
use wasm_bindgen_test::wasm_bindgen_test;

const KML: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>not a placemark</name>
<Placemark><name> 黑河湿地 </name><ExtendedData><SchemaData><SimpleData name="adcode">620702</SimpleData></SchemaData></ExtendedData>
<MultiGeometry><Polygon><outerBoundaryIs><LinearRing><coordinates>
100,38,0 101,38,0 101,39,0 100,39,0 100,38,0</coordinates></LinearRing></outerBoundaryIs>
<innerBoundaryIs><LinearRing><coordinates>100.4,38.4 100.6,38.4 100.6,38.6 100.4,38.4</coordinates></LinearRing></innerBoundaryIs></Polygon>
<Polygon><outerBoundaryIs><LinearRing><coordinates>102,38 103,38 103,39</coordinates></LinearRing></outerBoundaryIs></Polygon></MultiGeometry></Placemark>
<Placemark><name>半个</name><Point><coordinates>100,</coordinates></Point></Placemark></Document></kml>"#;

#[wasm_bindgen_test]
fn a_polygon_of_kml_is_an_area_with_its_hole_and_its_code() {
    let text = geojson_of(KML).unwrap();
    let found = geojson::read(text.as_bytes()).unwrap();
    let (_, Ok(area)) = &found[0] else { panic!("{found:?}") };
    assert_eq!((area.name.as_str(), area.code.as_deref(), area.outline.0.len()), ("黑河湿地", Some("620702"), 3));
    assert_eq!(area.outline.polygons().iter().map(Vec::len).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(marks::read(text.as_bytes()).unwrap()[1].1, Err(geojson::GeoJsonFault::NotDegrees));
}

#[wasm_bindgen_test]
fn waypoints_are_places_and_what_is_neither_is_refused() {
    let gpx = r#"<gpx xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="38.9" lon="100.4"><ele>1500</ele><name>界桩 7</name><desc>倒了</desc></wpt></gpx>"#;
    let found = marks::read(geojson_of(gpx).unwrap().as_bytes()).unwrap();
    let (_, Ok(mark)) = &found[0] else { panic!("{found:?}") };
    assert_eq!((mark.name.as_str(), mark.at.lat_e7, mark.at.lon_e7), ("界桩 7", 389_000_000, 1_004_000_000));
    assert!(mark.about.contains(&("description".to_owned(), "倒了".to_owned())));
    for other in ["<html/>", "<kml", ""] {
        assert!(geojson_of(other).is_err(), "{other}");
    }
}
