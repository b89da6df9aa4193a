//! The sync engine of Greenshield, behind ports.
//!
//! Owns: what is stored on the phone and how, saving, the outbox, push, pull and blob upload. Refuses: the browser, the clock,
//! the network and randomness; they come in through [`ports`]. The same code runs on the phone, in native tests and in the
//! simulation.

#[cfg(any(test, feature = "conformance"))]
pub mod conformance;
pub mod engine;
pub mod key_slot;
pub mod memory_store;
pub mod ports;
pub mod row_seal;
pub mod rows;
pub mod sealed_store;
