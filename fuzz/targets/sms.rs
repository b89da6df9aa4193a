//! A text message of a stranger: never a panic, and what is read is written again as it was read.

#![no_main]

use greenshield_domain::sms::SmsReport;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(report) = SmsReport::decode(text) {
        assert_eq!(SmsReport::decode(&report.encode()), Ok(report));
    }
});
