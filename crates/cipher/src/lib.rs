//! XChaCha20-Poly1305 in place, by RustCrypto.
//!
//! Owns: nothing but the two calls; a crate of its own, because code of generic crates is compiled where it is used, and the app is
//! compiled for size. Refuses: keys, nonces and formats; those are the client's.

use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305};

/// Bytes of a nonce: so many that it may be drawn at random for ever.
pub const NONCE_BYTES: usize = 24;
/// Bytes of a tag.
pub const TAG_BYTES: usize = 16;

/// A key, forgotten when dropped.
#[derive(Clone)]
pub struct Cipher(XChaCha20Poly1305);

impl Cipher {
    /// By 32 bytes.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(key.into()))
    }

    /// Encrypts in place and gives the tag; `None` above 256 GiB.
    #[must_use]
    pub fn seal(&self, nonce: &[u8; NONCE_BYTES], bound: &[u8], bytes: &mut [u8]) -> Option<[u8; TAG_BYTES]> {
        self.0.encrypt_inout_detached(nonce.into(), bound, bytes.into()).ok().map(Into::into)
    }

    /// Decrypts in place; `false` = not ours, and the bytes are of no use any more.
    #[must_use]
    pub fn open(&self, nonce: &[u8; NONCE_BYTES], bound: &[u8], bytes: &mut [u8], tag: &[u8; TAG_BYTES]) -> bool {
        self.0.decrypt_inout_detached(nonce.into(), bound, bytes.into(), tag.into()).is_ok()
    }
}

impl std::fmt::Debug for Cipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Cipher")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_with_the_same_key_nonce_and_words_only() {
        let cipher = Cipher::new(&[1; 32]);
        let mut bytes = *b"words";
        let tag = cipher.seal(&[2; NONCE_BYTES], b"bound", &mut bytes).unwrap();
        assert_ne!(&bytes, b"words");
        assert!(!cipher.open(&[3; NONCE_BYTES], b"bound", &mut bytes.clone(), &tag));
        assert!(!cipher.open(&[2; NONCE_BYTES], b"other", &mut bytes.clone(), &tag));
        assert!(!Cipher::new(&[0; 32]).open(&[2; NONCE_BYTES], b"bound", &mut bytes.clone(), &tag));
        assert!(cipher.open(&[2; NONCE_BYTES], b"bound", &mut bytes, &tag));
        assert_eq!(&bytes, b"words");
    }
}
