//! JSON of the enrolment and of errors: what reads is written again to something that reads the same.

#![no_main]

use std::fmt::Debug;

use greenshield_domain::wire::{
    BeginRequest, BeginResponse, EnrolRequest, EnrolResponse, ErrorBody, KeysResponse, SignedJson,
};
use libfuzzer_sys::fuzz_target;

macro_rules! again {
    ($bytes:ident, $($shape:ty),+) => { $(
        if let Ok(read) = serde_json::from_slice::<$shape>($bytes) {
            let written = serde_json::to_vec(&read).expect("it was read");
            same(&serde_json::from_slice::<$shape>(&written).expect("our own bytes"), &read);
        }
    )+ };
}

fn same<T: PartialEq + Debug>(one: &T, other: &T) {
    assert_eq!(one, other);
}

fuzz_target!(|bytes: &[u8]| {
    again!(bytes, BeginRequest, BeginResponse, EnrolRequest, EnrolResponse, KeysResponse);
    if let Ok(signed) = serde_json::from_slice::<SignedJson>(bytes)
        && let Some(read) = signed.to_signed()
    {
        assert_eq!(SignedJson::from(&read), signed);
    }
    if let Ok(error) = serde_json::from_slice::<ErrorBody>(bytes) {
        let _ = serde_json::to_vec(&error).expect("it was read");
    }
});
