//! The header of a bundle: one encoding, never read before it is whole, and the same in whatever pieces the file comes.

#![no_main]

use greenshield_domain::bundle::{BundleHeader, MAX_BUNDLE_BYTES, MAX_HEADER_BYTES, MAX_RUNS};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(Some((header, used))) = BundleHeader::read(bytes) else { return };
    assert!(used <= MAX_HEADER_BYTES && header.runs.len() <= MAX_RUNS && header.ops() <= MAX_BUNDLE_BYTES);
    assert_eq!(header.encode(), bytes[..used]);
    assert_eq!(BundleHeader::read(&bytes[..used]), Ok(Some((header, used))));
    for cut in [0, 1, used / 2, used - 1] {
        assert_eq!(BundleHeader::read(&bytes[..cut]), Ok(None), "a part of a header is no other header");
    }
});
