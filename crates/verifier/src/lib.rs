//! The check of evidence exports behind the page `verify.html`, which a person keeps and opens without server and network.
//!
//! Owns: taking in a file piece by piece, P-256 in this program, the reply as JSON. Refuses: the check itself, which is
//! `domain::evidence` and the same as in `greenshield verify`; looks and words, which are in `page/`.

#[cfg(target_arch = "wasm32")]
mod browser;
mod intake;
mod signatures;

pub use intake::{Intake, IntakeError, MAX_FILE_BYTES};
pub use signatures::P256Check;
