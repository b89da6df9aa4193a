//! Random bytes from the system.
//!
//! Invariant: a buffer that was not filled is never handed out; salts and ids would be guessable.

use greenshield_client::ports::Entropy;
use wasm_bindgen::throw_str;
use web_sys::Crypto;

use super::Exception;

/// The most that `getRandomValues` gives at once.
const CHUNK_BYTES: usize = 65_536;

/// `crypto.getRandomValues`.
#[derive(Debug, Clone)]
pub struct BrowserEntropy {
    crypto: Crypto,
}

impl BrowserEntropy {
    /// Finds the source and tries it.
    ///
    /// # Errors
    /// When the browser has none.
    pub fn open() -> Result<Self, Exception> {
        let window = web_sys::window().ok_or_else(|| Exception::lacking("window"))?;
        let crypto = window.crypto()?;
        crypto.get_random_values_with_u8_array(&mut [0; 16])?;
        Ok(Self { crypto })
    }
}

/// Some random bytes; `None` where the browser has none.
#[must_use]
pub fn random<const N: usize>() -> Option<[u8; N]> {
    let mut bytes = [0; N];
    BrowserEntropy::open().ok()?.fill(&mut bytes);
    Some(bytes)
}

impl Entropy for BrowserEntropy {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(CHUNK_BYTES) {
            if self.crypto.get_random_values_with_u8_array(chunk).is_err() {
                // Not seen in any browser once it has worked; going on with zeros would be worse than stopping here.
                throw_str("no random bytes");
            }
        }
    }
}
