//! How this phone stands with the server, as data and in words.

use super::lamp::{Lamp, Tone};
use super::message::Message;
use super::time::Now;
use super::words::{t, tr};

/// What the sync of this phone does right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Phase {
    /// Not tried yet.
    #[default]
    Starting,
    /// The system says that there is no network.
    Offline,
    /// Ops or files go up.
    Sending,
    /// Everything that is due went up; listening for news.
    Live,
    /// Another tab does it.
    OtherTab,
    /// It failed and waits for the next try.
    Waiting,
}

/// Status of the sync.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SyncStatus {
    /// What happens now.
    pub phase: Phase,
    /// When the server was last heard, by the phone's clock, ms since 1970.
    pub last_contact_millis: Option<i64>,
    /// Server clock minus the phone's, ms.
    pub offset_millis: i64,
    /// Why it failed the last time.
    pub problem: Option<Message>,
    /// When the next try comes, ms since 1970.
    pub next_try_millis: Option<i64>,
    /// Records of this phone's own that reached the server with everything in them.
    pub delivered: usize,
}

impl SyncStatus {
    /// Whether the server answers.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        matches!(self.phase, Phase::Sending | Phase::Live | Phase::OtherTab)
    }

    /// The lamp of the connection.
    #[must_use]
    pub fn lamp(&self) -> Lamp {
        let lamp = |tone, icon, words: &str| Lamp { tone, icon, words: words.to_owned() };
        match self.phase {
            Phase::Starting => lamp(Tone::Plain, "refresh", t("sync.fetching")),
            Phase::Offline => lamp(Tone::Warn, "cloud-off", t("sync.no_signal")),
            Phase::Sending => lamp(Tone::Warn, "cloud-upload", t("sync.sending")),
            Phase::Live => lamp(Tone::Sent, "cloud-check", t("sync.live")),
            Phase::OtherTab => lamp(Tone::Plain, "refresh", t("sync.other_tab")),
            Phase::Waiting => lamp(Tone::Warn, "cloud-off", t("sync.not_live")),
        }
    }

    /// When the server was last heard, in words.
    #[must_use]
    pub fn last_contact(&self, now: Now) -> String {
        match self.last_contact_millis {
            Some(millis) => tr("sync.last", &[("time", &now.moment(millis))]),
            None => t("sync.never").to_owned(),
        }
    }

    /// Minutes that the phone's clock is off, when that is worth a word.
    #[must_use]
    pub fn clock_skew_minutes(&self) -> Option<i64> {
        let minutes = self.offset_millis.abs() / 60_000;
        (minutes >= 2).then_some(minutes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_off_from_two_minutes() {
        let off = |offset_millis| SyncStatus { offset_millis, ..SyncStatus::default() }.clock_skew_minutes();
        assert_eq!((off(119_999), off(-120_000), off(600_000)), (None, Some(2), Some(10)));
    }
}
