//! The call for help on the phone: the hold that starts it, the seconds in which it can be put away, and how it stands.
//!
//! Owns: the stages before it is saved, when a better position is worth an op, the words and links of the page. Pure: time is an
//! argument, of the clock that only moves forward. Invariant: nothing says that somebody knows of a call before a receipt does.

use greenshield_client::rows::ListRow;
use greenshield_domain::incident::Place;
use greenshield_domain::sos::CallState;

use super::lamp::Tone;
use super::record::place_words;
use super::time::Now;
use super::words::{t, tr};

/// How long the button is held.
pub const HOLD_MILLIS: i64 = 3_000;
/// How long it can be put away after that.
pub const COUNTDOWN_MILLIS: i64 = 5_000;
/// At most one position in so long.
pub const UPDATE_MILLIS: i64 = 60_000;
/// Who moved less than this, and is not known more exactly, is where they were; in m.
const MOVED_M: f64 = 50.0;

/// What happens before a call is saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Stage {
    /// Nothing yet.
    #[default]
    Ready,
    /// The button is held since then.
    Holding {
        /// Moment of the forward clock, ms.
        since_millis: i64,
    },
    /// It goes out by itself soon.
    Counting {
        /// Moment of the forward clock, ms.
        since_millis: i64,
    },
    /// It is being saved.
    Sending,
}

/// What a person does, or the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// Finger or key down.
    Press,
    /// Finger or key up, or the button lost the focus.
    Release,
    /// A press by a tool that cannot hold, e.g. a screen reader.
    Activate,
    /// Put away.
    Cancel,
    /// Time has passed.
    Tick,
    /// It could not be saved.
    Failed,
}

impl Stage {
    /// The stage after an input.
    #[must_use]
    pub fn next(self, input: Input, now_millis: i64) -> Self {
        match (self, input) {
            (Self::Ready, Input::Press) => Self::Holding { since_millis: now_millis },
            (Self::Ready, Input::Activate) => Self::Counting { since_millis: now_millis },
            (Self::Holding { since_millis }, Input::Tick | Input::Release)
                if now_millis - since_millis >= HOLD_MILLIS =>
            {
                Self::Counting { since_millis: now_millis }
            }
            (Self::Holding { .. }, Input::Release | Input::Cancel)
            | (Self::Counting { .. }, Input::Cancel)
            | (Self::Sending, Input::Failed) => Self::Ready,
            (Self::Counting { since_millis }, Input::Tick) if now_millis - since_millis >= COUNTDOWN_MILLIS => {
                Self::Sending
            }
            (stage, _) => stage,
        }
    }

    /// How much of the hold is done, in percent.
    #[must_use]
    pub fn percent(self, now_millis: i64) -> i64 {
        match self {
            Self::Ready => 0,
            Self::Holding { since_millis } => ((now_millis - since_millis) * 100 / HOLD_MILLIS).clamp(0, 100),
            Self::Counting { .. } | Self::Sending => 100,
        }
    }

    /// What is said aloud; changes once a second.
    #[must_use]
    pub fn words(self, now_millis: i64) -> String {
        let left = |since: i64, all: i64| ((since + all - now_millis).max(0) + 999) / 1_000;
        match self {
            Self::Ready => t("sos.hold_hint").to_owned(),
            Self::Holding { since_millis } => tr("sos.holding", &[("n", &left(since_millis, HOLD_MILLIS).to_string())]),
            Self::Counting { since_millis } => {
                tr("sos.counting", &[("n", &left(since_millis, COUNTDOWN_MILLIS).to_string())])
            }
            Self::Sending => t("sos.saving").to_owned(),
        }
    }
}

/// Whether a new position is worth an op: the first one, or at most one a minute that is clearly better or elsewhere.
#[must_use]
pub fn is_worth_telling(told: Option<&Place>, new: &Place) -> bool {
    let Some(told) = told else { return true };
    let is_due = new.fixed_millis - told.fixed_millis >= UPDATE_MILLIS;
    let is_better = new.accuracy_cm.saturating_mul(5) < told.accuracy_cm.saturating_mul(4);
    let radius_m = new.accuracy_cm.max(told.accuracy_cm) as f64 / 100.0;
    is_due && (is_better || distance_m(told, new) > radius_m.max(MOVED_M))
}

/// The distance on a globe without hills; right to a percent over the ways that people walk.
fn distance_m(from: &Place, to: &Place) -> f64 {
    const METRES_PER_DEGREE: f64 = 111_320.0;
    let north = (to.lat_e7 - from.lat_e7) as f64 / 1e7 * METRES_PER_DEGREE;
    let middle = ((to.lat_e7 + from.lat_e7) as f64 / 2e7).to_radians();
    let east = (to.lon_e7 - from.lon_e7) as f64 / 1e7 * METRES_PER_DEGREE * middle.cos();
    north.hypot(east)
}

/// How a call stands, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallView {
    /// Its colour.
    pub tone: Tone,
    /// Shape: a name of the sprite.
    pub icon: &'static str,
    /// How it stands.
    pub title: String,
    /// What that means, and what to do.
    pub text: String,
    /// Whether it still runs.
    pub is_running: bool,
    /// Whether the person says to be safe.
    pub is_safe: bool,
}

impl CallView {
    /// How the call of a row stands for the person who made it.
    #[must_use]
    pub fn of(row: &ListRow, now: Now) -> Self {
        let state = CallState::of(row.state.as_deref());
        let is_sent = row.ops_unsent == 0;
        let view = |tone, icon, title: String, text: &'static str| Self {
            tone,
            icon,
            title,
            text: t(text).to_owned(),
            is_running: state.is_running(),
            is_safe: state == CallState::Safe,
        };
        let plain = |tone, icon, title, text| view(tone, icon, t(title).to_owned(), text);
        match (state, row.delivered_millis) {
            (CallState::Over, _) => plain(Tone::Plain, "check", "sos.over", "sos.over_text"),
            (CallState::Safe, _) if is_sent => plain(Tone::Sent, "circle-check", "sos.safe_sent", "sos.safe_sent_text"),
            (CallState::Safe, _) => plain(Tone::Saved, "device-mobile", "sos.safe_unsent", "sos.safe_unsent_text"),
            (CallState::Answered, _) => plain(Tone::Sent, "users", "sos.answered", "sos.answered_text"),
            (CallState::Open, None) => plain(Tone::Alarm, "alert-octagon", "sos.unsent", "sos.unsent_text"),
            (CallState::Open, Some(millis)) => {
                let title = tr("sos.sent", &[("time", &now.moment(millis))]);
                view(Tone::Warn, "circle-check", title, if is_sent { "sos.sent_text" } else { "sos.sent_moving_text" })
            }
        }
    }
}

/// The words of a text message for help.
#[must_use]
pub fn message(name: &str, place: Option<&Place>, time: &str) -> String {
    match place {
        Some(place) => {
            let metres = (place.accuracy_cm / 100).max(1).to_string();
            tr("sos.sms", &[("name", name), ("place", &place_words(place)), ("m", &metres), ("time", time)])
        }
        None => tr("sos.sms_no_place", &[("name", name), ("time", time)]),
    }
}

/// A link that opens the message program with these words; without a number the person chooses whom.
#[must_use]
pub fn sms_href(number: Option<&str>, words: &str) -> String {
    let mut href = format!("sms:{}?body=", number.unwrap_or_default());
    for byte in words.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            href.push(char::from(byte));
        } else {
            href.push_str(&format!("%{byte:02X}"));
        }
    }
    href
}

#[cfg(test)]
mod tests {
    use greenshield_domain::incident::PlaceSource;
    use greenshield_domain::sos::{KIND, state};

    use super::super::item::tests::row;
    use super::*;

    fn place(lat_e7: i64, accuracy_m: i64, fixed_millis: i64) -> Place {
        let (lon_e7, source) = (1_004_498_000, PlaceSource::Device);
        Place { lat_e7, lon_e7, accuracy_cm: accuracy_m * 100, fixed_millis, source }
    }

    #[test]
    fn a_call_needs_three_seconds_of_holding_and_can_be_put_away_for_five() {
        let held = Stage::Ready.next(Input::Press, 1_000);
        assert_eq!(held.next(Input::Release, 3_999), Stage::Ready);
        assert_eq!(held.next(Input::Tick, 3_999), held);
        assert_eq!((held.percent(2_500), held.percent(9_000)), (50, 100));
        let counting = held.next(Input::Tick, 4_000);
        assert_eq!(counting, Stage::Counting { since_millis: 4_000 });
        assert_eq!(counting.next(Input::Release, 4_500), counting);
        assert_eq!(counting.next(Input::Cancel, 8_999), Stage::Ready);
        assert_eq!(counting.next(Input::Tick, 8_999), counting);
        assert_eq!(counting.next(Input::Tick, 9_000), Stage::Sending);
        assert_eq!(Stage::Sending.next(Input::Cancel, 9_100), Stage::Sending);
        assert_eq!(Stage::Sending.next(Input::Failed, 9_100), Stage::Ready);
    }

    #[test]
    fn a_tool_that_cannot_hold_still_gets_the_countdown() {
        let counting = Stage::Ready.next(Input::Activate, 7);
        assert_eq!(counting, Stage::Counting { since_millis: 7 });
        assert_eq!(counting.next(Input::Activate, 8), counting);
        assert!(counting.words(7).contains('5') && counting.words(1_007).contains('4'));
    }

    #[test]
    fn a_position_is_told_at_most_once_a_minute_and_only_when_it_says_something_new() {
        let told = place(389_256_000, 30, 0);
        assert!(is_worth_telling(None, &told));
        assert!(!is_worth_telling(Some(&told), &place(389_256_000, 5, 59_999)));
        assert!(is_worth_telling(Some(&told), &place(389_256_000, 5, 60_000)));
        assert!(!is_worth_telling(Some(&told), &place(389_256_100, 30, 60_000)));
        assert!(is_worth_telling(Some(&told), &place(389_276_000, 30, 60_000)));
        assert!(!is_worth_telling(Some(&told), &place(389_266_000, 500, 60_000)));
    }

    #[test]
    fn nothing_pretends_that_somebody_knows_of_a_call() {
        let now = Now { millis: 0, zone_minutes: 480 };
        let mut call = row(1);
        (call.kind, call.category, call.ops_unsent) = (KIND, None, 1);
        let title = |call: &ListRow| CallView::of(call, now).title;
        assert_eq!(title(&call), t("sos.unsent"));
        (call.ops_unsent, call.delivered_millis) = (0, Some(0));
        assert_eq!(title(&call), tr("sos.sent", &[("time", "08:00")]));
        call.state = Some(state::ANSWERED.to_owned());
        assert_eq!(title(&call), t("sos.answered"));
        (call.state, call.ops_unsent) = (Some(state::SAFE.to_owned()), 1);
        assert_eq!(title(&call), t("sos.safe_unsent"));
        call.ops_unsent = 0;
        assert_eq!(title(&call), t("sos.safe_sent"));
        call.state = Some(state::CLOSED.to_owned());
        assert!(!CallView::of(&call, now).is_running);
    }

    #[test]
    fn a_message_says_who_where_and_when_and_survives_the_link() {
        let words = message("义警甲", Some(&place(389_256_000, 8, 0)), "08:00");
        assert!(words.contains("义警甲") && words.contains("38.92560, 100.44980") && words.contains("08:00"));
        assert!(message("义警甲", None, "08:00").contains("义警甲"));
        assert_eq!(sms_href(Some("12110"), "a b&1"), "sms:12110?body=a%20b%261");
        assert_eq!(sms_href(None, "救"), "sms:?body=%E6%95%91");
    }
}
