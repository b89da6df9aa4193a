//! Greenshield, the app: what runs in the browser of a ranger and of the desk.
//!
//! Owns: the parts of the house and their order: `ui` → `state`, `actions`; `actions`, `tasks` → the engine; `platform` is the
//! browser; [`app`] puts them together. Everything that decides is plain data in [`state`] and compiles natively too, so that
//! it is tested without a browser.

#[cfg(target_arch = "wasm32")]
pub mod actions;
#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
pub mod context;
#[cfg(target_arch = "wasm32")]
pub mod platform;
pub mod state;
#[cfg(target_arch = "wasm32")]
pub mod tasks;
#[cfg(target_arch = "wasm32")]
pub mod ui;
