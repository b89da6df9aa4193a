//! Rows and key slots as they lie on a phone that somebody else had in hand: never a panic, a row opens in its place and in no other, a
//! damaged one is empty, and a slot that reads is written to the same bytes.

#![no_main]

use greenshield_client::key_slot::KeySlot;
use greenshield_client::ports::Table;
use greenshield_client::row_seal::{DataKey, NONCE_BYTES, RowSeal};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&[u8], &[u8], u16, u8)| {
    let (value, key, at, flip) = input;
    if let Some(slot) = KeySlot::decode(value) {
        assert_eq!(slot.encode().as_slice(), value);
    }
    let seal = RowSeal::new(&DataKey::new([7; 32]));
    let strange = seal.open(Table::Ops, key, value.to_vec());
    assert!(strange == value || strange.is_empty());
    let mut sealed = seal.seal(Table::Ops, key, [flip; NONCE_BYTES], value);
    assert_eq!(seal.open(Table::Ops, key, sealed.clone()), value);
    assert!(seal.open(Table::Records, key, sealed.clone()).is_empty());
    let at = usize::from(at) % sealed.len();
    sealed[at] ^= flip;
    let opened = seal.open(Table::Ops, key, sealed.clone());
    // A changed head is no seal of this key: the row is what it is.
    assert!(if flip == 0 { opened == value } else { opened.is_empty() || (at < 8 && opened == sealed) });
});
