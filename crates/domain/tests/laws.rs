//! The laws that no input may break, as properties: merge, bytes, logs.
//!
//! Some 15,000 cases by default; `GREENSHIELD_LAW_FACTOR=100` runs more than a million.

#![expect(clippy::unwrap_used, reason = "helpers of tests: a world that can not be built is a failure")]

#[path = "laws/bytes.rs"]
mod bytes;
#[path = "laws/erasures.rs"]
mod erasures;
#[path = "laws/evidence.rs"]
mod evidence;
#[path = "laws/geo.rs"]
mod geo;
#[path = "laws/logs.rs"]
mod logs;
#[path = "laws/merge.rs"]
mod merge;
#[path = "laws/proofs.rs"]
mod proofs;
#[path = "laws/sealing.rs"]
mod sealing;
#[path = "laws/sms.rs"]
mod sms;
#[path = "laws/verdicts.rs"]
mod verdicts;
#[path = "laws/world.rs"]
mod world;

use proptest::test_runner::Config;

/// So many cases, times the factor of the environment.
fn cases(n: u32) -> Config {
    let factor = std::env::var("GREENSHIELD_LAW_FACTOR").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    Config::with_cases(n * factor)
}
