//! A record as text for a chat, and the lines on a copy of its photo.
//!
//! Owns: which facts are told, and in which order. Refuses: to guess; what is not known is left out or said to be missing.

use greenshield_domain::incident::Place;
use greenshield_domain::rough::is_rough;

use super::record::{RecordScreen, place_words};
use super::time::Now;
use super::words::{t, tr};

/// What is told of a record outside of the app.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShareFacts {
    /// The category in words.
    pub what: String,
    /// When it was found, ms since 1970.
    pub found_millis: i64,
    /// Where, as exactly as others may know it.
    pub place: Option<Place>,
    /// Name of the place.
    pub place_name: String,
    /// Free words.
    pub note: String,
    /// Who reported it.
    pub person: String,
    /// Number that people read out.
    pub number: String,
}

impl ShareFacts {
    /// The facts of a record page.
    #[must_use]
    pub fn of(screen: &RecordScreen) -> Self {
        Self {
            what: screen.what.clone(),
            found_millis: screen.found_millis,
            place: screen.told_place,
            place_name: screen.place_name.clone(),
            note: screen.note.clone(),
            person: screen.person.clone(),
            number: screen.number.clone(),
        }
    }

    /// Text to paste into a chat.
    #[must_use]
    pub fn text(&self, now: Now) -> String {
        let line = |key: &'static str, value: &str| tr(key, &[("value", value)]);
        let mut lines =
            vec![tr("share.head", &[("what", &self.what)]), line("share.time", &now.date_time(self.found_millis))];
        lines.push(line("share.place", &self.place_line()));
        if !self.place_name.is_empty() {
            lines.push(line("share.place_name", &self.place_name));
        }
        if !self.note.is_empty() {
            lines.push(line("share.note", &self.note));
        }
        lines.push(line("share.number", &self.number));
        lines.join("\n")
    }

    /// The lines on a copy of a photo.
    #[must_use]
    pub fn stamp(&self, now: Now) -> Vec<String> {
        let who = tr("share.stamp_who", &[("person", &self.person), ("number", &self.number)]);
        vec![format!("{} · {}", now.date_time(self.found_millis), self.what), self.place_line(), who]
    }

    fn place_line(&self) -> String {
        match &self.place {
            Some(place) => {
                let metres = (place.accuracy_cm / 100).max(1).to_string();
                let key = if is_rough(place) { "share.place_rough" } else { "share.place_value" };
                tr(key, &[("place", &place_words(place)), ("m", &metres)])
            }
            None => t("record.place_none").to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use greenshield_domain::incident::PlaceSource;

    use super::*;

    fn facts() -> ShareFacts {
        ShareFacts {
            what: "森林草原火情".to_owned(),
            found_millis: 1_795_406_400_000,
            place: Some(Place {
                lat_e7: 389_256_000,
                lon_e7: 1_004_498_000,
                accuracy_cm: 800,
                fixed_millis: 0,
                source: PlaceSource::Device,
            }),
            place_name: String::new(),
            note: "山口有烟".to_owned(),
            person: "义警甲".to_owned(),
            number: "A1B2-C3D4".to_owned(),
        }
    }

    #[test]
    fn the_text_for_a_chat_tells_what_when_where_the_note_and_the_number() {
        let now = Now { millis: 1_795_406_400_000, zone_minutes: 480 };
        let text = facts().text(now);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines,
            [
                "【绿盾线索】森林草原火情",
                "时间：2026-11-23 12:00",
                "位置：38.92560, 100.44980（±8 米，WGS-84）",
                "说明：山口有烟",
                "编号：A1B2-C3D4"
            ]
        );
    }

    #[test]
    fn a_rough_place_is_told_as_one() {
        let now = Now { millis: 0, zone_minutes: 480 };
        let place = facts().place.as_ref().map(greenshield_domain::rough::rough);
        let text = ShareFacts { place, ..facts() }.text(now);
        assert!(text.contains("38.92500, 100.44375") && !text.contains("38.92560"), "{text}");
        assert!(text.contains("892"), "{text}");
    }

    #[test]
    fn a_missing_place_is_said_and_a_stamp_has_time_place_person_and_number() {
        let now = Now { millis: 0, zone_minutes: 480 };
        let without = ShareFacts { place: None, ..facts() };
        assert!(without.text(now).contains(t("record.place_none")));
        let stamp = facts().stamp(now).join("|");
        for part in ["2026-11-23 12:00", "38.92560", "义警甲", "A1B2-C3D4"] {
            assert!(stamp.contains(part), "{stamp}");
        }
    }
}
