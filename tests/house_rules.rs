//! The rules of the house that a compiler cannot see. A broken rule fails here with file, line and the reason.
//!
//! Runs natively and reads the sources as text: no wasm target, no browser, no network. A rule that turns out wrong is
//! changed here, in the open, and never worked around in the code.

#[path = "house_rules/files.rs"]
mod files;
#[path = "house_rules/layers.rs"]
mod layers;
#[path = "house_rules/reader.rs"]
mod reader;
#[path = "house_rules/security.rs"]
mod security;
#[path = "house_rules/style.rs"]
mod style;
#[path = "house_rules/words.rs"]
mod words;
