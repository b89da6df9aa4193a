//! What the scripts of the page may call. The only file of this crate that knows of a browser.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::intake;

/// A file that is being read; an error is its code.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Intake(intake::Intake);

#[wasm_bindgen]
impl Intake {
    /// Room for a file of so many bytes.
    ///
    /// # Errors
    /// `too_large`.
    #[wasm_bindgen(constructor)]
    pub fn new(size_bytes: f64) -> Result<Self, String> {
        // A browser counts the bytes of a file in doubles; below 2^53 they are exact, and negative ones do not occur.
        let size_bytes = size_bytes as u64;
        intake::Intake::new(size_bytes).map(Self).map_err(|error| error.code().to_owned())
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.0.push(piece);
    }

    /// The outcome as JSON text.
    ///
    /// # Errors
    /// `size` or `server`.
    pub fn check(&self, server: &str) -> Result<String, String> {
        self.0.check(server).map(|reply| reply.to_string()).map_err(|error| error.code().to_owned())
    }
}
