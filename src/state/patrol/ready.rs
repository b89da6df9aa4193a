//! Ready to go? What the phone can promise on this patrol, each point with what to do about it. Hints, never a bar.

use greenshield_domain::order;

use crate::state::lamp::{Lamp, Tone};
use crate::state::time::span;
use crate::state::words::{t, tr};

/// Less battery than this does not last a walk.
const LITTLE_BATTERY: u8 = 30;
/// Fewer photos than this are soon taken.
const FEW_PHOTOS: u64 = 50;
/// A clock that is further off makes times that people argue about.
const MUCH_SKEW_MILLIS: i64 = 120_000;
/// Contact longer ago than this: notices and answers may be old.
const OLD_CONTACT_MILLIS: i64 = 24 * 3_600_000;
/// A fix that is exact enough to walk by.
const GOOD_ACCURACY_CM: i64 = 3_000;

/// The position while the page is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Position {
    /// None yet.
    #[default]
    Searching,
    /// The person or the system forbids it.
    Denied,
    /// The device can not tell.
    Unavailable,
    /// Found, with its radius in cm.
    Found(i64),
}

/// What is known before setting out; `None` = the phone does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ReadyFacts {
    /// The position.
    pub position: Position,
    /// Photos that still fit.
    pub photos_left: Option<u64>,
    /// Whether the browser promised not to clear us away.
    pub is_persisted: Option<bool>,
    /// Battery in percent.
    pub battery_percent: Option<u8>,
    /// Server clock minus the phone's, ms.
    pub skew_millis: Option<i64>,
    /// When the server was last heard, ms ago.
    pub contact_age_millis: Option<i64>,
}

/// A point of the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadyItem {
    /// Good or not.
    pub lamp: Lamp,
    /// What to do when it is not good.
    pub advice: Option<&'static str>,
}

/// The check, what is not good first.
#[must_use]
pub fn check(facts: &ReadyFacts) -> Vec<ReadyItem> {
    let mut items = vec![position(facts.position)];
    items.extend(facts.battery_percent.map(|percent| {
        let words = tr("ready.battery", &[("n", &percent.to_string())]);
        item(percent >= LITTLE_BATTERY, "bolt", words, t("ready.battery_do"))
    }));
    items.extend(facts.photos_left.map(|photos| {
        let words = tr("ready.room", &[("n", &photos.to_string())]);
        item(photos >= FEW_PHOTOS, "photo", words, t("ready.room_do"))
    }));
    items.extend(facts.is_persisted.map(|is_kept| {
        let words = if is_kept { t("ready.kept") } else { t("ready.not_kept") };
        item(is_kept, "database", words.to_owned(), t("ready.kept_do"))
    }));
    items.extend(facts.skew_millis.map(|skew| {
        let is_right = skew.abs() < MUCH_SKEW_MILLIS;
        let words =
            if is_right { t("ready.clock").to_owned() } else { tr("ready.clock_off", &[("span", &span(skew.abs()))]) };
        item(is_right, "clock", words, t("ready.clock_do"))
    }));
    items.push(match facts.contact_age_millis {
        Some(age) => {
            let words = tr("ready.contact", &[("span", &span(age))]);
            item(age < OLD_CONTACT_MILLIS, "refresh", words, t("ready.contact_do"))
        }
        None => item(false, "refresh", t("ready.contact_never").to_owned(), t("ready.contact_do")),
    });
    order::sort_by_key(&mut items, |item| item.advice.is_none());
    items
}

fn position(position: Position) -> ReadyItem {
    match position {
        Position::Searching => item(false, "current-location", t("ready.fix_searching").to_owned(), t("ready.fix_do")),
        Position::Denied => item(false, "map-pin-off", t("ready.fix_denied").to_owned(), t("ready.fix_denied_do")),
        Position::Unavailable => item(false, "map-pin-off", t("ready.fix_none").to_owned(), t("ready.fix_do")),
        Position::Found(cm) => {
            let words = tr("ready.fix", &[("m", &(cm / 100).max(1).to_string())]);
            item(cm <= GOOD_ACCURACY_CM, "current-location", words, t("ready.fix_do"))
        }
    }
}

fn item(is_good: bool, icon: &'static str, words: String, advice: &'static str) -> ReadyItem {
    let tone = if is_good { Tone::Sent } else { Tone::Warn };
    ReadyItem { lamp: Lamp { tone, icon, words }, advice: (!is_good).then_some(advice) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_good_comes_first_and_says_what_to_do() {
        let facts = ReadyFacts {
            position: Position::Found(600),
            photos_left: Some(12),
            is_persisted: Some(true),
            battery_percent: Some(29),
            skew_millis: Some(-119_000),
            contact_age_millis: Some(3_600_000),
        };
        let items = check(&facts);
        let bad: Vec<&str> = items.iter().filter(|i| i.advice.is_some()).map(|i| i.lamp.icon).collect();
        assert_eq!((bad, items.len()), (vec!["bolt", "photo"], 6));
        assert!(items[..2].iter().all(|item| item.lamp.tone == Tone::Warn));
    }

    #[test]
    fn what_the_phone_does_not_say_is_not_claimed() {
        let items = check(&ReadyFacts::default());
        assert_eq!(items.len(), 2);
        assert!(items.iter().all(|item| item.advice.is_some()));
    }
}
