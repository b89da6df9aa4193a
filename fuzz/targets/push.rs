//! The body of a push: its items are the body itself, cut where each op ends, and none hides behind a broken one.

#![no_main]

use greenshield_domain::cbor;
use greenshield_domain::op::SignedOp;
use greenshield_domain::wire::{MAX_PUSH_OPS, split_push};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let (items, broken) = split_push(bytes);
    let whole: usize = items.iter().map(|item| item.len()).sum();
    assert_eq!(items.concat(), bytes[..whole]);
    assert!(items.len() <= MAX_PUSH_OPS + 1);
    let is_all = whole == bytes.len() || items.len() > MAX_PUSH_OPS;
    assert_eq!(broken.is_none(), is_all);
    for item in items {
        assert_eq!(cbor::item_length(item), Ok(item.len()));
        if let Ok(op) = SignedOp::decode(item) {
            assert_eq!(op.bytes(), item);
        }
    }
});
