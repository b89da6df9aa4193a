//! What the app knows right now, and how it looks to people.
//!
//! Owns: the signals ([`AppState`]) and the pure view models that turn rows, ops and errors into words and lamps. Refuses: to
//! wait, to read a clock, to touch the browser; `now` and the time zone are arguments. An action returns an outcome, a function
//! here folds it in.

pub mod answers;
pub mod areas;
pub mod asked;
pub mod audit;
pub mod browser;
pub mod capture;
pub mod categories;
pub mod cover;
pub mod coverage;
pub mod deadlines;
pub mod devices;
pub mod draft;
pub mod edit;
pub mod erasing;
#[cfg(target_arch = "wasm32")]
pub mod form;
pub mod health;
pub mod held;
pub mod inbox;
pub mod install;
pub mod interfaces;
pub mod invite;
pub mod item;
pub mod lamp;
pub mod lock;
pub mod map;
pub mod message;
pub mod near;
pub mod nearby;
pub mod nearest;
pub mod news;
pub mod notice;
pub mod options;
pub mod own_data;
pub mod package;
pub mod packs;
pub mod patrol;
pub mod people;
pub mod photo_steps;
pub mod place;
pub mod prove;
pub mod qr;
pub mod quiz;
pub mod record;
pub mod records;
pub mod referral;
pub mod register;
pub mod replay;
pub mod rescue;
pub mod retention;
pub mod rights;
pub mod roster;
pub mod settings;
pub mod share;
#[cfg(target_arch = "wasm32")]
mod signals;
pub mod sms;
pub mod sos;
pub mod storage;
pub mod story;
pub mod sync;
pub mod task;
pub mod time;
pub mod unsent;
pub mod vaults;
pub mod voice;
pub mod words;

#[cfg(target_arch = "wasm32")]
pub use signals::{AppState, Changed, FormerOwner, Prove, Toast, Viewer};
