//! What a patrol usually is in this city: hints for whoever sets out, never a rule that stops anybody.

use serde::{Deserialize, Serialize};

use super::Text;

/// A usual patrol of some roles, in an area or anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatrolPreset {
    /// Stable word.
    pub id: String,
    /// Name to show.
    pub name: Text,
    /// Role words that it is for; none = everybody.
    #[serde(default)]
    pub roles: Vec<String>,
    /// Where it counts: west, south, east, north, degrees × 1e7; none = anywhere.
    #[serde(default)]
    pub bbox_e7: Option<[i64; 4]>,
    /// How long, minutes.
    #[serde(default)]
    pub minutes: Option<u32>,
    /// How far, metres.
    #[serde(default)]
    pub metres: Option<u32>,
    /// How many check-ins.
    #[serde(default)]
    pub check_ins: Option<u32>,
}

/// The first preset that fits a role and a position, latitude and longitude × 1e7. One with an area needs a position.
#[must_use]
pub fn preset_for<'a>(presets: &'a [PatrolPreset], role: &str, place: Option<(i64, i64)>) -> Option<&'a PatrolPreset> {
    presets.iter().find(|preset| {
        let is_for_role = preset.roles.is_empty() || preset.roles.iter().any(|known| known == role);
        let is_there = preset.bbox_e7.is_none_or(|[west, south, east, north]| {
            place.is_some_and(|(lat, lon)| (south..=north).contains(&lat) && (west..=east).contains(&lon))
        });
        is_for_role && is_there
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_preset_that_fits_role_and_place_counts() {
        let preset = |id: &str, roles: &[&str], bbox_e7| PatrolPreset {
            id: id.to_owned(),
            name: Text { zh: id.to_owned(), en: id.to_owned() },
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            bbox_e7,
            minutes: Some(60),
            metres: None,
            check_ins: None,
        };
        let all = [preset("lake", &["volunteer"], Some([0, 0, 10, 10])), preset("any", &["volunteer"], None)];
        let found = |role, place| preset_for(&all, role, place).map(|preset| preset.id.as_str());
        assert_eq!(found("volunteer", Some((5, 5))), Some("lake"));
        assert_eq!(found("volunteer", Some((50, 5))), Some("any"));
        assert_eq!(found("volunteer", None), Some("any"));
        assert_eq!(found("desk", Some((5, 5))), None);
    }
}
