//! The lamp of a record: how far it is, as a colour with meaning, a shape and words.

use greenshield_client::rows::ListRow;
use greenshield_domain::city::City;

use super::time::Now;
use super::words::{self, t, tr};

/// A colour with meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// On this phone only.
    Saved,
    /// The server has it, receipt verified.
    Sent,
    /// Waits for something.
    Warn,
    /// Somebody must act.
    Alarm,
    /// Says something without colour.
    Plain,
}

impl Tone {
    /// Its class beside `chip`.
    #[must_use]
    pub fn chip_class(self) -> &'static str {
        match self {
            Tone::Saved => "chip chip--saved",
            Tone::Sent => "chip chip--sent",
            Tone::Warn => "chip chip--warn",
            Tone::Alarm => "chip chip--alarm",
            Tone::Plain => "chip",
        }
    }
}

/// A lamp.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lamp {
    /// Colour.
    pub tone: Tone,
    /// Shape: a name of the sprite.
    pub icon: &'static str,
    /// Words.
    pub words: String,
}

impl Lamp {
    /// On this phone: true from the moment of saving on, also when it has long arrived.
    #[must_use]
    pub fn saved() -> Self {
        Self::new(Tone::Saved, "device-mobile", t("lamp.saved"))
    }

    fn new(tone: Tone, icon: &'static str, words: impl Into<String>) -> Self {
        Self { tone, icon, words: words.into() }
    }

    /// The lamp of delivery alone: on this phone, partly there, there. `None` for a record of somebody else.
    #[must_use]
    pub fn of_delivery(row: &ListRow, now: Now) -> Option<Self> {
        if row.ops_unsent > 0 {
            return Some(Self::new(Tone::Saved, "device-mobile", t("lamp.saved")));
        }
        if row.photos_delivered < row.photos {
            let (done, total) = (row.photos_delivered.to_string(), row.photos.to_string());
            return Some(Self::new(
                Tone::Warn,
                "cloud-upload",
                tr("lamp.partial", &[("done", &done), ("total", &total)]),
            ));
        }
        if row.files_waiting > 0 {
            return Some(Self::new(Tone::Warn, "cloud-upload", t("lamp.track_waits")));
        }
        if row.voices_unsent > 0 {
            return Some(Self::new(Tone::Warn, "cloud-upload", t("lamp.partial_voice")));
        }
        if row.held > 0 {
            return Some(Self::new(Tone::Warn, "clock", t("lamp.review")));
        }
        let delivered = row.delivered_millis?;
        Some(Self::new(Tone::Sent, "circle-check", tr("lamp.delivered_at", &[("time", &now.moment(delivered))])))
    }

    /// The one lamp of a row of the list: what is unsent first, then what the desk did, then that it arrived.
    #[must_use]
    pub fn of_row(row: &ListRow, city: &City, now: Now) -> Self {
        let delivery = Self::of_delivery(row, now);
        if let Some(lamp) = &delivery
            && lamp.tone != Tone::Sent
        {
            return lamp.clone();
        }
        if row.answered {
            return Self::new(Tone::Sent, "message", t("state.answered"));
        }
        if row.state.is_some() {
            return Self::new(Tone::Sent, "check", state_words(row, city));
        }
        delivery.unwrap_or_else(|| Self::new(Tone::Plain, "clock", state_words(row, city)))
    }
}

/// The workflow state of a row in the words of the city.
#[must_use]
pub fn state_words(row: &ListRow, city: &City) -> String {
    let workflow = city.kind(row.kind).and_then(|kind| kind.workflow.as_deref()).and_then(|id| city.workflow(id));
    let Some(workflow) = workflow else { return String::new() };
    let state = row.state.as_deref().unwrap_or(&workflow.initial);
    workflow.state(state).map_or_else(|| state.to_owned(), |state| words::of(&state.label).to_owned())
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::{city, row};
    use super::*;

    fn words_of(row: &ListRow) -> String {
        Lamp::of_row(row, &city(), Now { millis: 0, zone_minutes: 480 }).words
    }

    #[test]
    fn the_lamp_tells_the_weakest_truth_first() {
        let mut row = row(1);
        (row.ops_unsent, row.photos, row.photos_delivered) = (1, 2, 0);
        assert_eq!(words_of(&row), "已存本机");
        row.ops_unsent = 0;
        row.photos_delivered = 1;
        row.answered = true;
        assert_eq!(words_of(&row), "文字已到，照片 1/2");
        row.photos_delivered = 2;
        assert_eq!(words_of(&row), "已答复");
        row.answered = false;
        row.state = Some("signed".to_owned());
        assert_eq!(words_of(&row), "已签收");
        row.state = None;
        row.delivered_millis = Some(0);
        assert_eq!(words_of(&row), "已送达 08:00");
        row.delivered_millis = None;
        assert_eq!(words_of(&row), "待签收");
    }
}
