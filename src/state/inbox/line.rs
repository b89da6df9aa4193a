//! A line of the inbox in words: what and where, who and when, and how long it still may wait.

use greenshield_domain::city::City;
use greenshield_domain::ids::{AccountId, BlobId, RecordId};
use greenshield_domain::incident::state;
use greenshield_domain::sos::CallState;

use super::{Clock, Deadline, InboxItem, InboxPart, call_of};
use crate::state::item::{self, People, person_name};
use crate::state::lamp::{Lamp, Tone, state_words};
use crate::state::time::{Now, span};
use crate::state::words::{t, tr};

/// A line as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineView {
    /// The record.
    pub record: RecordId,
    /// Picture of the category, a name of the sprite.
    pub icon: String,
    /// Whether the picture is red.
    pub is_urgent: bool,
    /// The file to show instead of the picture.
    pub thumb: Option<BlobId>,
    /// Category and place.
    pub title: String,
    /// Urgency when it is the highest, who, when, how many photos.
    pub facts: String,
    /// The clock, or what became of it.
    pub lamp: Lamp,
    /// What else somebody should know.
    pub more: Vec<Lamp>,
    /// Whether somebody calls for help.
    pub is_call: bool,
    /// Whether its clock is nearly or already over.
    pub is_pressing: bool,
}

/// The line of a report.
#[must_use]
pub fn view(item: &InboxItem, city: &City, people: &People, now: Now) -> LineView {
    let row = &item.row;
    let is_urgent = item.urgency == "critical";
    let urgency = super::urgency(row, city).filter(|_| is_urgent);
    let facts = [
        urgency.map(|urgency| crate::state::words::of(&urgency.name).to_owned()),
        row.reporter.map(|account| person_name(people, account)),
        Some(now.moment(row.sort_millis)),
        (row.photos > 0).then(|| tr("desk.photos", &[("n", &row.photos.to_string())])),
    ];
    LineView {
        record: row.record,
        icon: item::icon_of(row, city),
        is_urgent,
        thumb: row.thumb,
        title: item::title(row, city),
        facts: facts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        lamp: call_lamp(item, city).or_else(|| clock_lamp(item)).unwrap_or_else(|| still_lamp(item, city)),
        more: more(item, city, people),
        is_call: call_of(row).is_some_and(CallState::is_running),
        is_pressing: matches!(item.clock, Clock::Soon(_) | Clock::Overdue(_)),
    }
}

/// How a call for help stands; `None` when it is none or over.
fn call_lamp(item: &InboxItem, city: &City) -> Option<Lamp> {
    let (tone, icon) = match call_of(&item.row)? {
        CallState::Open => (Tone::Alarm, "alert-octagon"),
        CallState::Answered => (Tone::Warn, "users"),
        CallState::Safe => (Tone::Warn, "shield-check"),
        CallState::Over => return None,
    };
    Some(Lamp { tone, icon, words: state_words(&item.row, city) })
}

/// The clock of a line as a lamp; `None` when none runs.
#[must_use]
pub fn clock_lamp(item: &InboxItem) -> Option<Lamp> {
    let (tone, icon, minutes, is_over) = match item.clock {
        Clock::None => return None,
        Clock::Running(minutes) => (Tone::Plain, "clock", minutes, false),
        Clock::Soon(minutes) if item.urgency == "critical" => (Tone::Alarm, "clock", minutes, false),
        Clock::Soon(minutes) => (Tone::Warn, "clock", minutes, false),
        Clock::Overdue(minutes) => (Tone::Alarm, "alert-triangle", minutes, true),
    };
    let time = span(minutes * 60_000);
    let key = match (item.deadline?, is_over) {
        (Deadline::Sign, false) => "desk.due_sign",
        (Deadline::Start, false) => "desk.due_start",
        (Deadline::Close, false) => "desk.due_close",
        (Deadline::Reply, false) => "desk.due_reply",
        (Deadline::Sign, true) => "desk.over_sign",
        (Deadline::Start, true) => "desk.over_start",
        (Deadline::Close, true) => "desk.over_close",
        (Deadline::Reply, true) => "desk.over_reply",
    };
    Some(Lamp { tone, icon, words: tr(key, &[("time", &time)]) })
}

/// Where no clock runs: what became of it, or what it waits for.
fn still_lamp(item: &InboxItem, city: &City) -> Lamp {
    if item.part != InboxPart::Closed {
        return Lamp { tone: Tone::Plain, icon: "clock", words: state_words(&item.row, city) };
    }
    let state = state_words(&item.row, city);
    let words = if item.row.answered { tr("desk.state_answered", &[("state", &state)]) } else { state };
    Lamp { tone: Tone::Plain, icon: if item.row.answered { "message" } else { "check" }, words }
}

/// A unit as the city calls it.
#[must_use]
pub fn unit_words(unit: &str, city: &City) -> String {
    let known = city.catalog.departments.iter().find(|department| department.id == unit);
    known.map_or_else(|| unit.to_owned(), |department| crate::state::words::of(&department.name).to_owned())
}

/// The people to whom it was given; `None` for nobody.
fn given_to(accounts: &[AccountId], people: &People) -> Option<String> {
    let names = accounts.iter().map(|account| person_name(people, *account)).collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| tr("desk.given_to", &[("names", &names)]))
}

fn more(item: &InboxItem, city: &City, people: &People) -> Vec<Lamp> {
    let row = &item.row;
    let lamp = |tone, icon, words| Lamp { tone, icon, words };
    let mut more = Vec::new();
    if row.state.as_deref() == Some(state::REPLIED) {
        more.push(lamp(Tone::Warn, "message", t("desk.new_word").to_owned()));
    }
    if item.part != InboxPart::Closed {
        more.extend(row.unit.as_deref().map(|unit| lamp(Tone::Plain, "share", unit_words(unit, city))));
        more.extend(given_to(&row.assignees, people).map(|names| lamp(Tone::Plain, "users", names)));
    }
    if row.ops_unsent > 0 {
        more.push(lamp(Tone::Saved, "device-mobile", t("lamp.saved").to_owned()));
    }
    if row.conflicts > 0 {
        more.push(lamp(Tone::Warn, "git-merge", t("record.conflicts").to_owned()));
    }
    if row.held > 0 {
        more.push(lamp(Tone::Warn, "eye", t("desk.held").to_owned()));
    }
    if row.answered && item.part != InboxPart::Closed {
        more.push(lamp(Tone::Sent, "message", t("state.answered").to_owned()));
    }
    more
}

#[cfg(test)]
mod tests {
    use greenshield_client::rows::PersonRow;

    use super::super::item;
    use super::super::tests::{city, lines, row};
    use super::*;

    const MINUTE: i64 = 60_000;

    fn lamp(state: Option<&str>, minutes: i64) -> Lamp {
        let fire = row(1, "forest-grassland-fire", state, 0);
        clock_lamp(&item(&fire, &city(), minutes * MINUTE).unwrap()).unwrap()
    }

    #[test]
    fn the_clock_speaks_of_what_is_waited_for() {
        assert_eq!(lamp(None, 0).words, "签收还剩 5 分钟");
        assert_eq!(lamp(Some("signed"), 0).words, "开始处理还剩 15 分钟");
        assert_eq!(lamp(Some("handling"), 0).words, "办结还剩 2 小时");
        assert_eq!(lamp(None, 5 + 180).words, "签收超时 3 小时");
    }

    #[test]
    fn a_clock_turns_from_plain_to_alarm() {
        assert_eq!(lamp(None, 0).tone, Tone::Plain);
        assert_eq!(lamp(None, 4).tone, Tone::Alarm);
        assert_eq!(lamp(None, 6).tone, Tone::Alarm);
        let slow = item(&row(1, "garbage-dumping", None, 0), &city(), 1_000 * MINUTE).unwrap();
        assert_eq!(clock_lamp(&slow).map(|lamp| lamp.tone), Some(Tone::Warn));
    }

    #[test]
    fn a_line_says_what_where_who_and_when() {
        let (city, me) = (city(), AccountId([1; 16]));
        let mut fire = row(1, "forest-grassland-fire", None, 0);
        (fire.reporter, fire.photos, fire.place_name) = (Some(me), 2, Some("三岔草场".to_owned()));
        let people: People = [(me, PersonRow { name: "义警甲".to_owned(), role: "volunteer".to_owned() })].into();
        let now = Now { millis: 0, zone_minutes: 480 };
        let view = view(&item(&fire, &city, 0).unwrap(), &city, &people, now);
        assert!(view.title.ends_with(" · 三岔草场") && view.is_urgent && !view.is_pressing);
        assert_eq!(view.facts, "特急 · 义警甲 · 08:00 · 照片 2");
    }

    #[test]
    fn a_closed_line_says_what_became_of_it() {
        let city = city();
        let mut closed = row(1, "garbage-dumping", Some("closed"), 0);
        closed.answered = true;
        let items = lines(&[closed], &city, InboxPart::Closed, 0);
        let view = view(&items[0], &city, &People::new(), Now::default());
        assert_eq!(view.lamp.words, "已办结，已答复");
        assert!(view.more.is_empty());
    }

    #[test]
    fn a_line_says_with_whom_it_is_and_what_it_waits_for() {
        let (city, who) = (city(), AccountId([1; 16]));
        let people: People = [(who, PersonRow { name: "辅警乙".to_owned(), role: "auxiliary".to_owned() })].into();
        let mut given = row(1, "garbage-dumping", Some("handling"), 0);
        (given.unit, given.assignees) = (Some("water".to_owned()), vec![who]);
        let words = more(&item(&given, &city, 0).unwrap(), &city, &people);
        assert_eq!(words.iter().map(|lamp| lamp.words.as_str()).collect::<Vec<_>>(), ["水务局", "派给 辅警乙"]);
        let asked = item(&row(2, "garbage-dumping", Some("returned"), 0), &city, 0).unwrap();
        assert_eq!(view(&asked, &city, &people, Now::default()).lamp.words, "退回补充");
    }

    #[test]
    fn what_only_this_computer_has_and_what_is_disputed_shows() {
        let mut signed = row(1, "garbage-dumping", Some("signed"), 0);
        (signed.ops_unsent, signed.conflicts, signed.answered) = (1, 1, true);
        let more = more(&item(&signed, &city(), 0).unwrap(), &city(), &People::new());
        assert_eq!(more.iter().map(|lamp| lamp.tone).collect::<Vec<_>>(), [Tone::Saved, Tone::Warn, Tone::Sent]);
    }
}
