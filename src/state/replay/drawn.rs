//! What of a replay stands on the map and on its line of time.

use std::fmt::Write;

use greenshield_domain::track::Fix;
use serde_json::json;

use super::{Film, What, Where, passed};
use crate::state::map::{collection, lon_lat, order, point};

/// More positions than these are not drawn: of a longer way each second, third … one is.
const MOST_DRAWN: usize = 20_000;
/// How wide the line of time is, in its own units.
pub const WIDE: i64 = 1_000;

/// A stretch of the line of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// Where it begins, 0 to [`WIDE`].
    pub at: i64,
    /// How wide it is; 0 for a moment.
    pub wide: i64,
}

impl Film {
    /// The ways until a moment, GeoJSON lines. Where nothing was recorded there is none.
    #[must_use]
    pub fn ways(&self, millis: i64) -> String {
        let stride = self.measured(i64::MAX) / MOST_DRAWN + 1;
        let mut features = String::new();
        for leg in self.walks.iter().flat_map(|walk| &walk.line) {
            let fixes = &leg.fixes[..passed(&leg.fixes, millis)];
            if fixes.len() > 1 {
                let comma = if features.is_empty() { "" } else { "," };
                // Writing to a text never fails.
                let _ = write!(features, r#"{comma}{{"type":"Feature","properties":{{"gap":false}},"geometry":"#);
                push_line(&mut features, fixes, stride);
                features.push('}');
            }
        }
        format!(r#"{{"type":"FeatureCollection","features":[{features}]}}"#)
    }

    /// Who is known to be where, GeoJSON points with `metres`, and `name` where there are several.
    #[must_use]
    pub fn walkers(&self, millis: i64) -> String {
        collection(self.walks.iter().filter_map(|walk| {
            let Where::Here(fix) = walk.at(millis) else { return None };
            let metres = fix.accuracy_cm as f64 / 100.0;
            let about = match walk.name.as_str() {
                "" => json!({ "metres": metres }),
                name => json!({ "metres": metres, "name": name }),
            };
            Some(point(about, fix.position()))
        }))
    }

    /// Check-ins and findings until a moment, GeoJSON points with `id`, `mark`, `order`.
    #[must_use]
    pub fn marks(&self, millis: i64) -> String {
        let events = self.events[..self.happened(millis)].iter().enumerate();
        collection(events.filter_map(|(index, event)| {
            let (id, mark) = match &event.what {
                What::CheckIn { .. } => (index.to_string(), "checkin"),
                What::Found(finding) => (finding.record.to_hex(), finding.mark),
                _ => return None,
            };
            Some(point(json!({ "id": id, "mark": mark, "order": order(mark) }), event.at?))
        }))
    }

    /// Where on the line of time nothing was recorded of anybody who was on the way.
    #[must_use]
    pub fn gaps(&self) -> Vec<Stretch> {
        // With several patrols a gap of one of them says nothing about the others.
        let [walk] = self.walks.as_slice() else { return Vec::new() };
        let stretch =
            |from: i64, until: i64| Stretch { at: self.place(from), wide: self.place(until) - self.place(from) };
        walk.gaps.iter().map(|gap| stretch(gap.from_millis, gap.until_millis)).filter(|gap| gap.wide > 0).collect()
    }

    /// Where on the line of time somebody checked in or reported something.
    #[must_use]
    pub fn moments(&self) -> Vec<Stretch> {
        let is_shown = |what: &What| matches!(what, What::CheckIn { .. } | What::Found(_));
        let shown = self.events.iter().filter(|event| is_shown(&event.what));
        shown.map(|event| Stretch { at: self.place(event.at_millis), wide: 0 }).collect()
    }

    /// The place of a moment on the line of time.
    #[must_use]
    pub fn place(&self, millis: i64) -> i64 {
        let span = (self.until_millis - self.from_millis).max(1);
        // Times of a broken clock may be thousands of years apart.
        let part = i128::from(millis.saturating_sub(self.from_millis)) * i128::from(WIDE) / i128::from(span);
        i64::try_from(part).unwrap_or(WIDE).clamp(0, WIDE)
    }
}

/// A line through each `stride`th of them and the last one.
fn push_line(text: &mut String, fixes: &[Fix], stride: usize) {
    text.push_str(r#"{"type":"LineString","coordinates":["#);
    let last = fixes.len() - 1;
    for (index, fix) in fixes.iter().enumerate().filter(|(index, _)| index % stride == 0 || *index == last) {
        let (lon, lat) = lon_lat(fix.position());
        let comma = if index == 0 { "" } else { "," };
        let _ = write!(text, "{comma}[{lon},{lat}]");
    }
    text.push_str("]}");
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::super::tests::{EIGHT, walk};
    use super::*;

    fn film() -> Film {
        Film::of(vec![walk(1, "")]).unwrap()
    }

    fn features(text: &str) -> Vec<Value> {
        serde_json::from_str::<Value>(text).unwrap()["features"].as_array().unwrap().clone()
    }

    #[test]
    fn the_way_grows_and_never_leads_over_a_gap() {
        let film = film();
        let drawn = |seconds: i64| {
            let lines = features(&film.ways(EIGHT + seconds * 1_000));
            let points = |line: &Value| line["geometry"]["coordinates"].as_array().unwrap().len();
            lines.iter().map(points).collect::<Vec<_>>()
        };
        assert_eq!(drawn(10), [0; 0], "one position is no way");
        assert_eq!((drawn(305), drawn(1_000), drawn(1_445)), (vec![30], vec![60], vec![60]));
        assert_eq!(drawn(2_100), [60, 61], "two lines, and nothing between them");
        assert!(features(&film.ways(i64::MAX)).iter().all(|line| line["properties"]["gap"] == false));
    }

    #[test]
    fn in_a_gap_nobody_stands_on_the_map() {
        let film = film();
        let here = features(&film.walkers(EIGHT + 12_000));
        assert_eq!((here.len(), &here[0]["properties"]), (1, &json!({ "metres": 8.0 })));
        assert!(features(&film.walkers(EIGHT + 1_000_000)).is_empty());
        let named = Film::of(vec![walk(1, "甲")]).unwrap();
        assert_eq!(features(&named.walkers(EIGHT + 12_000))[0]["properties"]["name"], "甲");
    }

    #[test]
    fn a_finding_appears_at_its_time_and_one_without_a_position_stands_in_the_list_only() {
        let film = film();
        assert!(features(&film.marks(EIGHT + 29 * 60_000)).is_empty(), "the check-in has no position");
        assert_eq!(features(&film.marks(EIGHT + 30 * 60_000))[0]["properties"]["mark"], "plain");
    }

    #[test]
    fn the_line_of_time_shows_where_nothing_was_recorded() {
        let film = film();
        // Of 36 minutes those from 10 to 24; the ten seconds to the first position are no gap that anybody told.
        assert_eq!(film.gaps(), [Stretch { at: 277, wide: 389 }]);
        assert_eq!(film.moments().iter().map(|moment| moment.at).collect::<Vec<_>>(), [138, 833]);
        assert_eq!((film.place(i64::MIN), film.place(i64::MAX)), (0, WIDE));
    }

    #[test]
    fn of_a_long_way_the_last_position_is_always_drawn() {
        let fixes: Vec<Fix> = (0..10)
            .map(|n| Fix { at_millis: n, lat_e7: n * 10_000_000, lon_e7: 0, accuracy_cm: 1, altitude_cm: None })
            .collect();
        let mut text = String::new();
        push_line(&mut text, &fixes, 4);
        assert_eq!(text, r#"{"type":"LineString","coordinates":[[0,0],[0,4],[0,8],[0,9]]}"#);
    }
}
