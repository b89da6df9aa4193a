//! The pure core of Greenshield.
//!
//! Owns what must be the same on every phone and server: the bytes of an op, the log, the merge, what the server signs, the
//! wire shapes, the city package. Refuses: I/O, async, clocks, randomness. Time and random bytes are arguments.
//!
//! The formats are told in `docs/op-format.md` and frozen by the golden vectors beside it.

pub mod attempt;
pub mod attendance;
pub mod audit;
pub mod bundle;
pub mod calendar;
pub mod cbor;
pub mod city;
pub mod consent;
pub mod coverage;
pub mod deadline;
pub mod erasure;
pub mod evidence;
pub mod exif;
pub mod geo;
pub mod ids;
pub mod incident;
pub mod land;
pub mod log;
pub mod merge;
pub mod notice;
pub mod op;
pub mod order;
pub mod patrol;
pub mod person;
pub mod policy;
pub mod referral;
pub mod register;
pub mod retention;
pub mod roster;
pub mod rough;
pub mod seal;
pub mod signature;
pub mod sms;
pub mod sos;
pub mod statement;
pub mod task;
pub mod track;
pub mod tree;
pub mod unit;
pub mod verdict;
pub mod wire;
pub mod wish;
