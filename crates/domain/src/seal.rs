//! Sealing: one fresh AES-256-GCM key for each envelope, wrapped for the server, and a stream cut into frames.
//!
//! Owns: the slot with the wrapped key, how a wrapping key follows from an ECDH secret, nonces, where frames begin and end.
//! Refuses: to encrypt, decrypt or multiply points. The caller does that with what its platform has (aws-lc-rs on the server,
//! `WebCrypto`, which is async, on the phone), so the layout is the same everywhere and this stays pure.
//!
//! Invariants: a key seals one envelope only; the nonce of a frame fixes its index and whether it is the last; the associated
//! data of every frame is the hash of the whole envelope header. A frame dropped, doubled, swapped, cut off, added or taken from
//! another envelope therefore does not open.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use thiserror::Error;

use crate::cbor::Value;
use crate::ids::{SealingKeyId, sha256};
use crate::signature::PublicKey;

/// Plain bytes of every frame but the last.
pub const FRAME_BYTES: usize = 64 * 1024;
/// What AES-GCM adds to a frame.
pub const TAG_BYTES: usize = 16;
/// Sealed bytes of every frame but the last.
pub const SEALED_FRAME_BYTES: usize = FRAME_BYTES + TAG_BYTES;
/// The nonce under which the envelope key is wrapped. The wrapping key is used for nothing else.
pub const WRAP_NONCE: [u8; 12] = [0; 12];

/// Why a sealed stream can not be cut into frames.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealError {
    /// It ends where no frame can end.
    #[error("the sealed stream ends inside frame {index}")]
    Cut {
        /// The frame.
        index: u32,
    },
    /// More frames than a nonce can count.
    #[error("the sealed stream has too many frames")]
    TooLong,
}

/// The name of a sealing key: `SHA-256("gs/sealing-key-id/1\0" ‖ public key)`.
#[must_use]
pub fn key_id(public: &PublicKey) -> SealingKeyId {
    SealingKeyId(sha256(&[b"gs/sealing-key-id/1\0", &public.0]))
}

/// The key that wraps an envelope key: HKDF-SHA256 (RFC 5869) of the x coordinate of the ECDH point, salted with both public
/// keys, for the purpose `"gs/seal/1\0"`.
#[must_use]
pub fn wrapping_key(shared_x: &[u8; 32], ephemeral: &PublicKey, recipient: &PublicKey) -> [u8; 32] {
    let salt = [ephemeral.0, recipient.0].concat();
    let pseudo_random = mac(&salt, &[shared_x]);
    purpose_key(&pseudo_random, b"gs/seal/1\0")
}

/// A key for one purpose, which is a label that ends in a zero byte: HKDF-Expand with HMAC-SHA256 (RFC 5869), one block.
#[must_use]
pub fn purpose_key(key: &[u8; 32], purpose: &[u8]) -> [u8; 32] {
    mac(key, &[purpose, &[1]])
}

fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    // HMAC takes keys of any length; there is no way to fail.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return [0; 32] };
    parts.iter().for_each(|part| mac.update(part));
    mac.finalize().into_bytes().into()
}

/// An envelope key as only the holder of a sealing key can read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// For which key.
    pub key: SealingKeyId,
    /// The other half of the ECDH, made for this envelope alone.
    pub ephemeral: PublicKey,
    /// AES-256-GCM of the envelope key (32 bytes) under [`wrapping_key`], [`WRAP_NONCE`] and no associated data.
    pub wrapped: [u8; 32 + TAG_BYTES],
}

impl Slot {
    /// As `[key id, ephemeral key, wrapped key]`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::Array(vec![self.key.to_value(), Value::bytes(self.ephemeral.0), Value::bytes(self.wrapped)])
    }

    /// Reads `[key id, ephemeral key, wrapped key]`.
    #[must_use]
    pub fn from_value(value: &Value) -> Option<Self> {
        let [key, ephemeral, wrapped] = value.as_array()? else { return None };
        Some(Self {
            key: SealingKeyId(key.as_array_of()?),
            ephemeral: PublicKey(ephemeral.as_array_of()?),
            wrapped: wrapped.as_array_of()?,
        })
    }
}

/// The nonce of a frame: 7 zero bytes ‖ index (4, big-endian) ‖ 1 when it is the last, else 0.
#[must_use]
pub fn nonce(index: u32, last: bool) -> [u8; 12] {
    let mut nonce = [0; 12];
    nonce[7..11].copy_from_slice(&index.to_be_bytes());
    nonce[11] = u8::from(last);
    nonce
}

/// The associated data of every frame of an envelope: the hash of its header, which also names the envelope.
#[must_use]
pub fn aad(header: &[u8]) -> [u8; 32] {
    sha256(&[header])
}

/// What the caller encrypts or decrypts next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Under this nonce.
    pub nonce: [u8; 12],
    /// These bytes.
    pub bytes: Vec<u8>,
}

/// Cuts a stream that comes in pieces of any size into frames: plain bytes to be sealed, or sealed bytes to be opened.
#[derive(Debug, Clone)]
pub struct Frames {
    size: usize,
    least: usize,
    index: u32,
    buffer: Vec<u8>,
    /// Bytes at the front of the buffer that went out in frames. They are only counted until more bytes come, so that a
    /// stream of any length that is pushed at once is not copied anew for each of its frames.
    given: usize,
}

impl Frames {
    /// For plain bytes.
    #[must_use]
    pub fn to_seal() -> Self {
        Self { size: FRAME_BYTES, least: 0, index: 0, buffer: Vec::new(), given: 0 }
    }

    /// For sealed bytes.
    #[must_use]
    pub fn to_open() -> Self {
        Self { size: SEALED_FRAME_BYTES, least: TAG_BYTES, index: 0, buffer: Vec::new(), given: 0 }
    }

    /// More bytes.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.given);
        self.given = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next frame of which it is certain that another one follows.
    ///
    /// # Errors
    /// [`SealError::TooLong`].
    pub fn next_frame(&mut self) -> Result<Option<Frame>, SealError> {
        let waiting = &self.buffer[self.given..];
        if waiting.len() <= self.size {
            return Ok(None);
        }
        let bytes = waiting[..self.size].to_vec();
        self.given += self.size;
        let nonce = nonce(self.index, false);
        self.index = self.index.checked_add(1).ok_or(SealError::TooLong)?;
        Ok(Some(Frame { nonce, bytes }))
    }

    /// The last frame. Call it after [`Frames::next_frame`] gave `None`; only the frame of an empty stream may be empty.
    ///
    /// # Errors
    /// [`SealError::Cut`].
    pub fn finish(mut self) -> Result<Frame, SealError> {
        let bytes = self.buffer.split_off(self.given);
        let empty_tail = self.index > 0 && bytes.len() == self.least;
        if bytes.len() < self.least || bytes.len() > self.size || empty_tail {
            return Err(SealError::Cut { index: self.index });
        }
        Ok(Frame { nonce: nonce(self.index, true), bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wrapping_key_is_the_one_of_rfc_5869() {
        // One block of HKDF-Expand is HMAC(PRK, info ‖ 01); Extract is HMAC(salt, input).
        let (one, two) = (PublicKey([1; 65]), PublicKey([2; 65]));
        assert_ne!(wrapping_key(&[3; 32], &one, &two), wrapping_key(&[3; 32], &two, &one));
        assert_ne!(wrapping_key(&[3; 32], &one, &two), wrapping_key(&[4; 32], &one, &two));
        // RFC 4231, case 2, fixes the HMAC under it.
        assert_eq!(
            crate::ids::to_hex(&mac(b"Jefe", &[b"what do ya want ", b"for nothing?"])),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn frames_are_full_but_the_last_and_only_an_empty_stream_has_an_empty_one() {
        for (len, sizes) in [
            (0, vec![0]),
            (1, vec![1]),
            (FRAME_BYTES, vec![FRAME_BYTES]),
            (FRAME_BYTES + 1, vec![FRAME_BYTES, 1]),
            (2 * FRAME_BYTES, vec![FRAME_BYTES, FRAME_BYTES]),
        ] {
            let mut frames = Frames::to_seal();
            let mut found = Vec::new();
            // In small pieces, and all at once.
            for piece in vec![7; len].chunks(if len % 2 == 0 { 1000 } else { len }) {
                frames.push(piece);
                while let Some(frame) = frames.next_frame().unwrap() {
                    assert_eq!(frame.nonce, nonce(u32::try_from(found.len()).unwrap(), false));
                    found.push(frame.bytes.len());
                }
            }
            let last = frames.finish().unwrap();
            assert_eq!(last.nonce, nonce(u32::try_from(found.len()).unwrap(), true));
            found.push(last.bytes.len());
            assert_eq!(found, sizes);
        }
        let mut cut = Frames::to_open();
        cut.push(&[0; TAG_BYTES - 1]);
        assert_eq!(cut.finish(), Err(SealError::Cut { index: 0 }));
        let mut cut = Frames::to_open();
        cut.push(&[0; SEALED_FRAME_BYTES + TAG_BYTES]);
        assert!(cut.next_frame().unwrap().is_some());
        assert_eq!(cut.finish(), Err(SealError::Cut { index: 1 }));
    }
}
