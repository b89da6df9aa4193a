//! What the tests of all crates share: seeded keys, a seeded generator, builders of logs and records.
//!
//! Owns: test data that is the same on every machine. Refuses: clocks, I/O and randomness of its own, and to be a dependency
//! of anything that ships (`[dev-dependencies]` only). Same seed, same bytes: signatures are RFC 6979.

#![expect(
    clippy::expect_used,
    reason = "test support: a builder that can not build must stop the test that asked for it"
)]

pub mod build;
pub mod evidence;
pub mod keys;
pub mod rng;
pub mod seal;
