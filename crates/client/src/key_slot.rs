//! How the data key of an install is kept: as it is, or behind a PIN. The platform wraps these bytes once more by a key that the
//! browser does not give out.
//!
//! Owns: the bytes of a slot, the key that follows from a PIN (Argon2id), how long a wrong PIN makes one wait. Refuses: randomness,
//! clocks and storing. Nothing here ever deletes: a forgotten PIN makes rows unreadable, not gone.

use argon2::{Algorithm, Argon2, Params, Version};
use greenshield_cipher::{Cipher, TAG_BYTES};
use greenshield_domain::seal::purpose_key;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::row_seal::{DataKey, NONCE_BYTES};

/// Digits of a PIN.
pub const PIN_DIGITS: std::ops::RangeInclusive<usize> = 6..=12;
/// Bytes of a salt.
pub const SALT_BYTES: usize = 16;
const BOXED_BYTES: usize = 32 + TAG_BYTES;
const HEAD_BYTES: usize = 1 + 4 + 4 + SALT_BYTES;
const PIN_BYTES: usize = HEAD_BYTES + NONCE_BYTES + BOXED_BYTES;
const OPEN: u8 = 0;
const PIN: u8 = 1;

/// Why a PIN was not turned into a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PinError {
    /// The cost is none that Argon2 takes, or the memory is not there.
    #[error("this phone can not compute the key of the PIN")]
    Cost,
}

/// What one try of a PIN costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl PinCost {
    /// The least that is ever used, and what the phone is measured with.
    pub const LEAST: Self = Self { memory_kib: 19 * 1024, passes: 2 };
    /// About how long a try should take, ms: with opening the rows it is a second.
    const AIM_MILLIS: u32 = 800;
    /// The most passes: a phone that was measured in a quick moment must not keep its owner waiting.
    const MOST_PASSES: u32 = 24;

    /// The cost of somewhat less than a second on a phone that took so long, ms, for [`PinCost::LEAST`].
    #[must_use]
    pub fn tuned(least_took_millis: u32) -> Self {
        let of_one_pass = (least_took_millis / Self::LEAST.passes).max(1);
        let passes = (Self::AIM_MILLIS / of_one_pass).clamp(Self::LEAST.passes, Self::MOST_PASSES);
        Self { passes, ..Self::LEAST }
    }
}

/// The key of a PIN: Argon2id. Takes about a second and must not run where the page is drawn.
///
/// # Errors
/// [`PinError::Cost`].
pub fn stretch(pin: &str, salt: &[u8; SALT_BYTES], cost: PinCost) -> Result<[u8; 32], PinError> {
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|_| PinError::Cost)?;
    let mut key = [0; 32];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon.hash_password_into(pin.as_bytes(), salt, &mut key).map_err(|_| PinError::Cost)?;
    Ok(key)
}

/// A data key behind a PIN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PinSlot {
    /// What a try costs.
    pub cost: PinCost,
    /// The salt of this PIN.
    pub salt: [u8; SALT_BYTES],
    nonce: [u8; NONCE_BYTES],
    boxed: [u8; BOXED_BYTES],
}

impl PinSlot {
    /// Puts a data key behind a stretched PIN. Salt and nonce are used once.
    #[must_use]
    pub fn close(
        key: &DataKey,
        stretched: &[u8; 32],
        cost: PinCost,
        salt: [u8; SALT_BYTES],
        nonce: [u8; NONCE_BYTES],
    ) -> Option<Self> {
        let mut slot = Self { cost, salt, nonce, boxed: [0; BOXED_BYTES] };
        slot.boxed[..32].copy_from_slice(key.bytes());
        let head = slot.head();
        let tag = cipher(stretched).seal(&nonce, &head, &mut slot.boxed[..32])?;
        slot.boxed[32..].copy_from_slice(&tag);
        Some(slot)
    }

    /// The data key; `None` = another PIN.
    #[must_use]
    pub fn open(&self, stretched: &[u8; 32]) -> Option<DataKey> {
        let mut key = Zeroizing::new([0; 32]);
        key.copy_from_slice(&self.boxed[..32]);
        let tag: [u8; TAG_BYTES] = self.boxed[32..].try_into().ok()?;
        let opened = cipher(stretched).open(&self.nonce, &self.head(), key.as_mut_slice(), &tag);
        opened.then(|| DataKey::new(*key))
    }

    fn head(&self) -> Vec<u8> {
        let mut head = vec![PIN];
        head.extend_from_slice(&self.cost.memory_kib.to_be_bytes());
        head.extend_from_slice(&self.cost.passes.to_be_bytes());
        head.extend_from_slice(&self.salt);
        head
    }
}

fn cipher(stretched: &[u8; 32]) -> Cipher {
    let key = Zeroizing::new(purpose_key(stretched, b"gs/pin-slot/1\0"));
    Cipher::new(&key)
}

/// A kept data key.
#[derive(Debug, Clone)]
pub enum KeySlot {
    /// Whoever has the phone has it.
    Open(DataKey),
    /// Whoever has the phone and the PIN.
    Pin(PinSlot),
}

impl KeySlot {
    /// Bytes to wrap: `0 ‖ key (32)`, or `1 ‖ memory KiB (4) ‖ passes (4) ‖ salt (16) ‖ nonce (24) ‖ boxed key (48)`.
    #[must_use]
    pub fn encode(&self) -> Zeroizing<Vec<u8>> {
        let bytes = match self {
            Self::Open(key) => [&[OPEN], key.bytes().as_slice()].concat(),
            Self::Pin(slot) => [slot.head().as_slice(), &slot.nonce, &slot.boxed].concat(),
        };
        Zeroizing::new(bytes)
    }

    /// Reads such bytes.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        match bytes.split_first()? {
            (&OPEN, key) => Some(Self::Open(DataKey::new(key.try_into().ok()?))),
            (&PIN, rest) if bytes.len() == PIN_BYTES => {
                let (memory_kib, rest) = rest.split_first_chunk()?;
                let (passes, rest) = rest.split_first_chunk()?;
                let (salt, rest) = rest.split_first_chunk()?;
                let (nonce, rest) = rest.split_first_chunk()?;
                let cost = PinCost { memory_kib: u32::from_be_bytes(*memory_kib), passes: u32::from_be_bytes(*passes) };
                Some(Self::Pin(PinSlot { cost, salt: *salt, nonce: *nonce, boxed: rest.try_into().ok()? }))
            }
            _ => None,
        }
    }
}

/// Wrong PINs since the last right one. Written before a try is computed, so that ending the app saves nobody the wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Tries {
    /// How many.
    pub failed: u32,
    /// When the last one was, phone's clock, ms since 1970.
    pub last_millis: i64,
}

impl Tries {
    /// One more.
    #[must_use]
    pub fn failed_at(self, now_millis: i64) -> Self {
        Self { failed: self.failed.saturating_add(1), last_millis: now_millis }
    }

    /// How long until the next try, ms: 1 s after the first wrong one, then 5 s, 30 s, 5 min, 15 min and an hour. A clock that was
    /// put back does not make it longer.
    #[must_use]
    pub fn wait_millis(&self, now_millis: i64) -> i64 {
        let pause = match self.failed {
            0 => 0,
            1 => 1_000,
            2 => 5_000,
            3 => 30_000,
            4 => 300_000,
            5 => 900_000,
            _ => 3_600_000,
        };
        (self.last_millis.saturating_add(pause).saturating_sub(now_millis)).clamp(0, pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: PinCost = PinCost { memory_kib: 8, passes: 1 };

    fn slot(pin: &str) -> PinSlot {
        let stretched = stretch(pin, &[1; 16], SMALL).unwrap();
        PinSlot::close(&DataKey::new([7; 32]), &stretched, SMALL, [1; 16], [2; 24]).unwrap()
    }

    #[test]
    fn the_right_pin_opens_and_a_wrong_one_does_not() {
        let slot = slot("123456");
        let open = |pin| slot.open(&stretch(pin, &slot.salt, slot.cost).unwrap());
        assert_eq!(open("123456").unwrap().bytes(), &[7; 32]);
        assert!(open("123457").is_none() && open("").is_none());
    }

    #[test]
    fn a_slot_reads_as_it_was_written_and_no_byte_of_it_may_change() {
        let encoded = KeySlot::Pin(slot("123456")).encode();
        let stretched = stretch("123456", &[1; 16], SMALL).unwrap();
        let opened = |bytes: &[u8]| match KeySlot::decode(bytes)? {
            KeySlot::Pin(slot) => slot.open(&stretched),
            KeySlot::Open(key) => Some(key),
        };
        assert_eq!(opened(&encoded).unwrap().bytes(), &[7; 32]);
        for at in 0..encoded.len() {
            let mut changed = encoded.to_vec();
            changed[at] ^= 1;
            assert!(opened(&changed).is_none(), "byte {at}");
            assert!(opened(&encoded[..at]).is_none(), "cut at {at}");
        }
        let open = KeySlot::Open(DataKey::new([9; 32])).encode();
        assert_eq!(opened(&open).unwrap().bytes(), &[9; 32]);
        assert_eq!((open[0], open.len()), (0, 33));
    }

    #[test]
    fn argon2id_is_the_one_of_everybody_else() {
        // Computed by OpenSSL.
        let key = stretch("123456", b"saltsaltsaltsalt", SMALL).unwrap();
        assert_eq!(greenshield_domain::ids::to_hex(&key), FOREIGN);
    }

    const FOREIGN: &str = "571ffc782cb3b03837aa44772a53c13baf02b4f8b64edebbb047cddceaafa6a2";

    #[test]
    fn a_phone_is_tuned_to_about_a_second() {
        assert_eq!(PinCost::tuned(100).passes, 16);
        assert_eq!(PinCost::tuned(1_000), PinCost::LEAST);
        assert_eq!(PinCost::tuned(60_000), PinCost::LEAST);
        assert_eq!(PinCost::tuned(0).passes, PinCost::MOST_PASSES);
    }

    #[test]
    fn each_wrong_pin_makes_the_next_try_later_and_no_clock_makes_it_for_ever() {
        let mut tries = Tries::default();
        assert_eq!(tries.wait_millis(0), 0);
        let waits: Vec<i64> = (0..8)
            .map(|_| {
                tries = tries.failed_at(1_000);
                tries.wait_millis(1_000)
            })
            .collect();
        assert_eq!(waits, [1_000, 5_000, 30_000, 300_000, 900_000, 3_600_000, 3_600_000, 3_600_000]);
        assert_eq!(tries.wait_millis(3_601_000), 0);
        assert_eq!(tries.wait_millis(-400 * 86_400_000), 3_600_000, "a clock put back");
    }
}
