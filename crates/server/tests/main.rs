//! Tests of the server through its HTTP API, and of the binary as a process.
//!
//! One test binary, so that linking happens once. In-process tests use the router with a clock of their own; `process` runs
//! the real command. No sleeps and no fixed ports.

#![expect(clippy::unwrap_used, reason = "a helper of a test that can not go on must stop the test")]
#![expect(unreachable_pub, reason = "the modules of one test binary share what they need")]

mod api {
    pub mod access;
    pub mod assets;
    pub mod attacks;
    pub mod audit;
    pub mod auth;
    pub mod backup;
    pub mod bundles;
    pub mod city;
    pub mod contract;
    pub mod coverage;
    pub mod demo;
    pub mod devices;
    pub mod disk_full;
    pub mod download;
    pub mod enrol;
    pub mod erasures;
    pub mod evidence;
    pub mod exports;
    pub mod helping;
    pub mod hook;
    pub mod https;
    pub mod kill;
    pub mod large;
    pub mod matrix;
    pub mod metrics;
    pub mod on_s3;
    pub mod packs;
    pub mod people;
    pub mod policy_matrix;
    pub mod process;
    pub mod proofs;
    pub mod pull;
    pub mod push;
    pub mod retention;
    pub mod rough;
    pub mod running;
    pub mod several;
    pub mod snapshot;
    pub mod statements;
    pub mod support;
    pub mod tus;
    pub mod tus_faults;
    pub mod verdicts;
    pub mod webhooks;
    pub mod webhooks_process;
}
