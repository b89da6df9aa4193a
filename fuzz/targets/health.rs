//! How a phone says that it is: what reads is written to bytes that read the same, and no word is over its limit.

#![no_main]

use greenshield_domain::wire::{HealthReport, MAX_HEALTH_BYTES};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(report) = HealthReport::decode(bytes) else { return };
    let written = report.encode();
    assert!(written.len() <= MAX_HEALTH_BYTES);
    let again = HealthReport::decode(&written).expect("what was written reads");
    assert_eq!(again.encode(), written);
});
