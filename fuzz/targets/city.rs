//! The city package: faults of its files are told and never a panic, and a package without faults is one that phones read.

#![no_main]

use greenshield_domain::city::City;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match City::from_bundle(text) {
        Ok(city) => assert_eq!(City::from_checked_bundle(text).ok(), Some(city)),
        Err(faults) => {
            assert!(!faults.is_empty());
            assert!(faults.iter().all(|fault| !fault.to_string().is_empty()));
        }
    }
});
