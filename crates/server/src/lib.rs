//! The Greenshield server as a library: one binary with the sync API, the embedded database and the embedded app.
//!
//! Owns: HTTP, storage, the order of ops, receipts. Refuses: merging and rules of records, which are `domain`'s and run on
//! the phones. Requests come in by `routes`, are authenticated by `auth`, ops are verified by `ingest` and placed by
//! `sequencer`; what is kept goes through `store` and `blobs`. `app` puts the parts together.

pub mod access;
pub mod admin;
pub mod app;
pub mod arrivals;
pub mod assets;
pub mod audit;
pub mod auth;
pub mod backup;
pub mod blob_type;
pub mod blobs;
pub mod body;
pub mod bundles;
pub mod claims;
pub mod clock;
pub mod config;
pub mod coverage;
pub mod demo;
pub mod doorway;
pub mod entropy;
pub mod erasing;
pub mod error;
pub mod evidence;
pub mod headers;
pub mod holding;
pub mod ingest;
pub mod invites;
pub mod keys;
pub mod ledger;
pub mod limits;
pub mod live;
pub mod looked;
pub mod metrics;
pub mod own_log;
pub mod package;
pub mod packs;
pub mod place;
pub mod programs;
pub mod proofs;
pub mod retention;
pub mod roster;
pub mod routes;
pub mod scope;
pub mod scrub;
pub mod sealing;
pub mod sequencer;
pub mod serve;
pub mod settings;
pub mod store;
pub mod switch;
pub mod tls;
pub mod unpack;
pub mod uploads;
pub mod verify;
pub mod versions;
pub mod webhooks;

/// Version of this build.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
