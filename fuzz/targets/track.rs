//! Track segments: what reads is written to the same bytes, and measuring it never panics and never counts more than there is.

#![no_main]

use greenshield_domain::track::{Segment, measure, to_gpx};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(segment) = Segment::decode(bytes) else { return };
    assert_eq!(segment.encode(), bytes);
    let facts = measure(std::slice::from_ref(&segment));
    assert!(facts.left_out <= facts.fixes && facts.fixes <= segment.items.len());
    assert!(facts.recorded_percent() <= 100 && facts.distance_cm >= 0);
    assert!(facts.recorded_millis <= facts.duration_millis);
    assert_eq!(facts.line.iter().map(|leg| leg.fixes.len()).sum::<usize>(), facts.fixes - facts.left_out);
    let _file = to_gpx("<&>", &facts.line);
});
