//! How far a patrol is beside what is usual: words that help, never a bar, and nobody is compared with anybody.

use greenshield_domain::city::PatrolPreset;
use greenshield_domain::track::Facts;

use super::words::{lasting, way};
use crate::state::words::tr;

/// One of the usual numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// Picture, a name of the sprite.
    pub icon: &'static str,
    /// What is usual, and how far it is.
    pub words: String,
    /// Whether it is reached.
    pub is_reached: bool,
}

/// What is usual, before setting out.
#[must_use]
pub fn usual(preset: &PatrolPreset) -> String {
    let parts = [
        preset.minutes.map(|minutes| lasting(i64::from(minutes) * 60_000)),
        preset.metres.map(|metres| way(i64::from(metres) * 100)),
        preset.check_ins.map(|n| tr("patrol.usual_check_ins", &[("n", &n.to_string())])),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How far the patrol is.
#[must_use]
pub fn hints(preset: &PatrolPreset, facts: &Facts, check_ins: u32) -> Vec<Hint> {
    let hint = |icon, done: String, usual: String, is_reached| {
        let words = tr("patrol.usual_of", &[("done", &done), ("usual", &usual)]);
        Hint { icon, words, is_reached }
    };
    let time = preset.minutes.map(|minutes| {
        let usual = i64::from(minutes) * 60_000;
        hint("clock", lasting(facts.duration_millis), lasting(usual), facts.duration_millis >= usual)
    });
    let far = preset.metres.map(|metres| {
        let usual = i64::from(metres) * 100;
        hint("route", way(facts.distance_cm), way(usual), facts.distance_cm >= usual)
    });
    let seen = preset.check_ins.map(|usual| {
        let words = tr("patrol.usual_check_ins", &[("n", &usual.to_string())]);
        hint("map-pin", check_ins.to_string(), words, check_ins >= usual)
    });
    [time, far, seen].into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use greenshield_domain::city::Text;
    use greenshield_domain::track::measure;

    use super::*;

    #[test]
    fn hints_tell_what_is_usual_and_what_is_reached() {
        let preset = PatrolPreset {
            id: "p".to_owned(),
            name: Text { zh: "平时".to_owned(), en: "usual".to_owned() },
            roles: Vec::new(),
            bbox_e7: None,
            minutes: Some(120),
            metres: Some(5_000),
            check_ins: Some(3),
        };
        assert_eq!(usual(&preset), "2 小时 0 分 · 5.0 公里 · 打卡 3 次");
        let told = hints(&preset, &measure(&[]), 3);
        assert_eq!(told[0].words, "0 分钟 / 2 小时 0 分");
        assert_eq!(told.iter().map(|hint| hint.is_reached).collect::<Vec<_>>(), [false, false, true]);
        assert!(
            hints(&PatrolPreset { minutes: None, metres: None, check_ins: None, ..preset }, &measure(&[]), 0)
                .is_empty()
        );
    }
}
