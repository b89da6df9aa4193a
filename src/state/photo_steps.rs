//! What a photo shows (far, middle, near, detail), what the catalogue wants to see, and what a picture says of itself.

use greenshield_domain::city::City;
use greenshield_domain::exif::Exif;

use super::draft::DraftExif;
use super::words::{self, tr};

/// The steps: word and short name.
#[must_use]
pub fn options(city: &City) -> Vec<(String, String)> {
    city.catalog.photo_steps.iter().map(|step| (step.id.clone(), short(words::of(&step.name)))).collect()
}

/// The short name of a step; `None` for a word that the city does not know.
#[must_use]
pub fn name(city: &City, id: &str) -> Option<String> {
    city.catalog.photo_steps.iter().find(|step| step.id == id).map(|step| short(words::of(&step.name)))
}

/// The name before its explanation.
fn short(name: &str) -> String {
    name.split([':', '：']).next().unwrap_or(name).to_owned()
}

/// What the catalogue wants to see of a category.
#[must_use]
pub fn hints<'a>(city: &'a City, category: &str) -> Vec<&'a str> {
    city.catalog.category(category).into_iter().flat_map(|category| &category.photo_hints).map(words::of).collect()
}

/// The facts of a picture that are worth keeping; `None` when it says nothing.
#[must_use]
pub fn exif_of(bytes: &[u8]) -> Option<DraftExif> {
    let Exif { taken, place_e7 } = Exif::of_jpeg(bytes);
    (taken.is_some() || place_e7.is_some())
        .then(|| DraftExif { taken: taken.map(|taken| taken.to_string()), place: place_e7 })
}

/// What a picture says of itself, in words.
#[must_use]
pub fn exif_words(exif: &DraftExif) -> String {
    let taken = exif.taken.as_ref().map(|taken| tr("photo.taken", &[("time", taken)]));
    let degrees = |e7: i64| format!("{:.5}", e7 as f64 / 1e7);
    let place = exif.place.map(|(lat, lon)| tr("photo.place", &[("lat", &degrees(lat)), ("lon", &degrees(lon))]));
    [taken, place].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::city;
    use super::*;

    #[test]
    fn the_four_steps_have_short_names() {
        let names: Vec<String> = options(&city()).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["远", "中", "近", "细"]);
        assert_eq!((name(&city(), "near").as_deref(), name(&city(), "x")), (Some("近"), None));
    }

    #[test]
    fn every_category_tells_what_to_photograph_or_nothing() {
        assert_eq!(hints(&city(), "forest-grassland-fire"), ["远处全景带山头", "火头方向"]);
        assert!(hints(&city(), "unknown").is_empty());
    }

    #[test]
    fn what_a_picture_says_is_told_as_its_own_word() {
        assert_eq!(exif_of(b"no picture"), None);
        let exif = DraftExif { taken: Some("2026-11-23 14:05:00".to_owned()), place: Some((389_256_000, -5)) };
        assert_eq!(exif_words(&exif), "拍于 2026-11-23 14:05:00（相机的钟） · 38.92560, -0.00000");
    }
}
