//! Room on the phone: how many photos still fit, and what is kept of a photo as it shrinks.
//!
//! Browsers hide how full the disk is (Chromium tells its own use and ten gigabytes more), so a photo that the store refused teaches
//! more than their numbers: from then on less is kept. Invariant: room for words, [`PROBE_BYTES`] at least, is never given to a
//! photo once the phone is known to be nearly full.

use serde::{Deserialize, Serialize};

use super::words::{t, tr};

const MB: u64 = 1024 * 1024;
/// Room that a photo takes with its copy.
const PHOTO_BYTES: u64 = 5 * MB;
/// Room of the copy alone, and of a small one.
const COPY_BYTES: u64 = MB;
const SMALL_BYTES: u64 = MB / 3;
/// With less room than this the original is not kept.
const COPY_BELOW: u64 = 100 * MB;
/// With less room than this the copy is a small one.
const SMALL_BELOW: u64 = 40 * MB;
/// Room for words: the records of weeks.
const RESERVE_BYTES: u64 = 15 * MB;
/// Must fit beside a photo that is kept smaller, and stays free for words.
pub const PROBE_BYTES: usize = 2 * 1024 * 1024;

/// What is kept of a new photo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The file as it was taken, and a copy to show.
    #[default]
    Original,
    /// The copy alone; of the original only its hash is noted.
    Copy,
    /// A small copy alone.
    Small,
    /// No photo: the room left belongs to words.
    Words,
}

impl Keep {
    /// Its word in the facts of a capture; `None` when everything was kept.
    #[must_use]
    pub fn word(self) -> Option<&'static str> {
        match self {
            Keep::Copy => Some("copy"),
            Keep::Small => Some("small"),
            Keep::Original | Keep::Words => None,
        }
    }

    /// The next smaller one.
    #[must_use]
    pub fn less(self) -> Self {
        match self {
            Keep::Original => Keep::Copy,
            Keep::Copy => Keep::Small,
            Keep::Small | Keep::Words => Keep::Words,
        }
    }

    /// The key of what people are told; `None` while everything is kept.
    #[must_use]
    pub fn told(self) -> Option<&'static str> {
        match self {
            Keep::Original => None,
            Keep::Copy => Some("room.copy"),
            Keep::Small => Some("room.small"),
            Keep::Words => Some("room.words"),
        }
    }
}

/// Room on the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageFacts {
    /// Whether the browser promised not to clear us away.
    pub is_persisted: bool,
    /// Used by the app.
    pub used_bytes: u64,
    /// Left for the app.
    pub free_bytes: u64,
}

impl StorageFacts {
    /// About how many photos fit with their originals.
    #[must_use]
    pub fn photos_left(&self) -> u64 {
        self.free_bytes.saturating_sub(COPY_BELOW) / PHOTO_BYTES
    }

    /// About how many more fit in the way that photos are kept now, before it becomes less.
    #[must_use]
    pub fn photos_in_step(&self) -> u64 {
        let free = self.free_bytes;
        match self.keep() {
            Keep::Original => self.photos_left(),
            Keep::Copy => free.saturating_sub(SMALL_BELOW) / COPY_BYTES,
            Keep::Small => free.saturating_sub(RESERVE_BYTES) / SMALL_BYTES,
            Keep::Words => 0,
        }
    }

    /// What is kept of a new photo. The largest one still leaves room for the next step.
    #[must_use]
    pub fn keep(&self) -> Keep {
        match self.free_bytes {
            COPY_BELOW.. => Keep::Original,
            SMALL_BELOW.. => Keep::Copy,
            RESERVE_BYTES.. => Keep::Small,
            _ => Keep::Words,
        }
    }
}

/// What people are told of photos now: what is kept of them, and how many more fit where the browser's numbers say so.
#[must_use]
pub fn told(facts: Option<StorageFacts>, learned: Keep) -> Option<String> {
    let counted = facts.map_or(Keep::Original, |facts| facts.keep());
    let mut words = t(counted.max(learned).told()?).to_owned();
    if counted >= learned
        && let Some(n) = facts.map(|facts| facts.photos_in_step()).filter(|n| *n > 0)
    {
        words.push_str(&tr("room.left", &[("n", &n.to_string())]));
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(free_mb: u64) -> StorageFacts {
        StorageFacts { is_persisted: true, used_bytes: 0, free_bytes: free_mb * MB }
    }

    #[test]
    fn less_is_kept_of_a_photo_as_the_room_shrinks_and_the_last_room_belongs_to_words() {
        let keeps = [2_000, 100, 99, 40, 39, 15, 14, 0].map(|mb| with(mb).keep());
        use Keep::{Copy, Original, Small, Words};
        assert_eq!(keeps, [Original, Original, Copy, Copy, Small, Small, Words, Words]);
        assert_eq!(Original.less().less().less().less(), Words);
    }

    #[test]
    fn the_forecast_is_of_the_step_that_the_phone_is_in() {
        assert_eq!((with(600).photos_left(), with(600).photos_in_step()), (100, 100));
        assert_eq!((with(90).photos_left(), with(90).photos_in_step()), (0, 50));
        assert_eq!((with(35).photos_in_step(), with(10).photos_in_step()), (60, 0));
        assert_eq!(told(Some(with(600)), Keep::Original), None);
        assert!(told(Some(with(90)), Keep::Original).is_some_and(|words| words.contains("50")));
        // A store that refused a photo knows better than the numbers, and no number is claimed.
        assert!(told(Some(with(9_000)), Keep::Small).is_some_and(|words| words == t("room.small")));
        assert_eq!(told(None, Keep::Words).as_deref(), Some(t("room.words")));
        assert_eq!([Keep::Original, Keep::Small].map(Keep::word), [None, Some("small")]);
    }
}
