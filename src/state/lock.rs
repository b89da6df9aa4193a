//! The PIN: what was typed, how long to wait, what a locked phone says of its unsent work.

use greenshield_client::engine::SealedOutbox;
use greenshield_client::key_slot::PIN_DIGITS;

use super::words::{t, tr};

/// Choices for how long nothing may happen before the phone locks itself, minutes; 0 = it does not.
pub const AFTER_MINUTES: [u8; 4] = [1, 5, 15, 0];

/// Digits that were typed. Never shown, only counted.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Pad {
    digits: String,
}

impl Pad {
    /// One more digit; nothing else is taken, and no more than a PIN may have.
    pub fn press(&mut self, digit: u8) {
        if digit < 10 && self.digits.len() < *PIN_DIGITS.end() {
            self.digits.push(char::from(b'0' + digit));
        }
    }

    /// The last one away.
    pub fn erase(&mut self) {
        self.digits.pop();
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.digits.len()
    }

    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.digits.is_empty()
    }

    /// Whether it can be a PIN.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        PIN_DIGITS.contains(&self.digits.len())
    }

    /// Takes the PIN out.
    #[must_use]
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.digits)
    }
}

impl std::fmt::Debug for Pad {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pad({} digits)", self.len())
    }
}

/// Whether a new PIN is one that everybody tries first: one digit again and again, or a run up or down.
#[must_use]
pub fn is_simple(pin: &str) -> bool {
    let steps: Vec<i16> = pin.bytes().zip(pin.bytes().skip(1)).map(|(a, b)| i16::from(b) - i16::from(a)).collect();
    [0, 1, -1].iter().any(|step| steps.iter().all(|found| found == step))
}

/// A length of time, in words.
#[must_use]
pub fn wait_words(millis: i64) -> String {
    let seconds = (millis + 999) / 1_000;
    if seconds < 60 {
        return tr("lock.wait_seconds", &[("n", &seconds.to_string())]);
    }
    tr("lock.wait_minutes", &[("n", &((seconds + 59) / 60).to_string())])
}

/// What is said of unsent work before the PIN; nothing when there is none.
#[must_use]
pub fn outbox_words(outbox: SealedOutbox, is_online: bool) -> Vec<String> {
    let mut words = Vec::new();
    if outbox.waiting > 0 {
        words.push(t(if is_online { "lock.outbox_sending" } else { "lock.outbox_waiting" }).to_owned());
    } else if outbox.delivered > 0 {
        words.push(t("lock.outbox_sent").to_owned());
    }
    if outbox.unsealed > 0 {
        words.push(tr("lock.outbox_inside", &[("n", &outbox.unsealed.to_string())]));
    }
    words
}

/// Whether an open phone locks itself now. A patrol and a call for help go on: what they record needs open rows.
#[must_use]
pub fn locks_now(has_pin: bool, after_minutes: u8, idle_millis: i64, is_recording: bool) -> bool {
    has_pin && after_minutes > 0 && !is_recording && idle_millis >= i64::from(after_minutes) * 60_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_has_six_to_twelve_digits_and_is_not_told_by_debug() {
        let mut pad = Pad::default();
        for digit in [1, 2, 3, 4, 5, 10] {
            pad.press(digit);
        }
        assert!(!pad.is_ready() && pad.len() == 5);
        pad.press(6);
        assert!(pad.is_ready());
        assert_eq!(format!("{pad:?}"), "Pad(6 digits)");
        (0..20).for_each(|_| pad.press(7));
        assert_eq!(pad.len(), 12);
        pad.erase();
        assert_eq!((pad.take().as_str(), pad.is_empty()), ("12345677777", true));
    }

    #[test]
    fn what_everybody_tries_first_is_no_pin() {
        assert!(["000000", "123456", "987654", "7777777"].iter().all(|pin| is_simple(pin)));
        assert!(!["135790", "112233", "123455"].iter().any(|pin| is_simple(pin)));
    }

    #[test]
    fn a_phone_in_use_or_on_patrol_does_not_lock_itself() {
        assert!(locks_now(true, 5, 300_000, false));
        assert!(!locks_now(true, 5, 299_999, false) && !locks_now(true, 5, 900_000, true));
        assert!(!locks_now(false, 5, 900_000, false) && !locks_now(true, 0, i64::MAX, false));
    }

    #[test]
    fn unsent_work_is_told_before_the_pin() {
        assert!(outbox_words(SealedOutbox::default(), true).is_empty());
        let all = SealedOutbox { waiting: 1, delivered: 1, unsealed: 2 };
        assert_eq!(outbox_words(all, true).len(), 2);
        assert_ne!(outbox_words(all, true)[0], outbox_words(all, false)[0]);
        assert_eq!(outbox_words(SealedOutbox { delivered: 1, ..SealedOutbox::default() }, true).len(), 1);
    }
}
