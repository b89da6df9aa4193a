//! CBOR: bytes that decode are the one encoding of what they decode to, and lengths agree however they are found.

#![no_main]

use greenshield_domain::cbor;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let prefix = cbor::decode_prefix(bytes);
    if let Ok((value, used)) = &prefix {
        assert_eq!(cbor::encode(value), bytes[..*used]);
        assert_eq!(cbor::item_length(bytes), Ok(*used));
        assert_eq!(cbor::decode(&bytes[..*used]).as_ref(), Ok(value));
    }
    match cbor::decode(bytes) {
        Ok(value) => assert_eq!(prefix, Ok((value, bytes.len()))),
        Err(_) => assert!(prefix.is_err() || prefix.is_ok_and(|(_, used)| used < bytes.len())),
    }
    if let Ok(used) = cbor::item_length(bytes) {
        assert!(0 < used && used <= bytes.len());
    }
});
