//! A file of areas, and the outline that an op keeps: never a panic; what is kept reads back, fits an op, and stays thin.

#![no_main]

use greenshield_domain::cbor;
use greenshield_domain::geo::geojson;
use greenshield_domain::land::{MOST_CORNERS, Outline};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for (number, area) in geojson::read(bytes).unwrap_or_default() {
        assert!(number > 0);
        let Ok(area) = area else { continue };
        assert!(!area.name.is_empty() && !area.outline.is_empty());
        let thin = area.outline.thinned();
        assert!(thin.len() <= MOST_CORNERS);
        let kept = Outline::from_value(&thin.to_value()).expect("what an op keeps reads");
        assert_eq!(kept.len(), thin.len());
        assert_eq!(kept.to_value(), thin.to_value());
    }
    if let Some(outline) = cbor::decode(bytes).ok().and_then(|value| Outline::from_value(&value)) {
        assert_eq!(Outline::from_value(&outline.to_value()), Some(outline.clone()));
        if let Some((low, high)) = outline.corners() {
            assert!(low.lat_e7 <= high.lat_e7 && low.lon_e7 <= high.lon_e7);
            let _inside = outline.holds(low);
        }
    }
});
