//! Keys, signatures and the messages that are signed. The arithmetic of the curve is a port.
//!
//! Owns: the domain-separation tags, the low-S rule, the id of a log. Refuses: to sign or verify by itself, so that the
//! phone can use WebCrypto and the server a fast native library.

use crate::ids::{LogId, OpId, sha256};

/// An uncompressed P-256 point (0x04 ‖ x ‖ y).
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PublicKey(pub [u8; 65]);

impl PublicKey {
    /// The only algorithm so far: ECDSA over P-256 with SHA-256.
    pub const ALG_ES256: u8 = 1;

    /// `SHA-256("gs/log/1\0" ‖ alg ‖ public key)`.
    #[must_use]
    pub fn log_id(&self) -> LogId {
        LogId(sha256(&[b"gs/log/1\0", &[Self::ALG_ES256], &self.0]))
    }
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PublicKey({:?})", self.log_id())
    }
}

/// An ECDSA signature, r ‖ s, 32 bytes each, big-endian.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Signature(pub [u8; 64]);

impl std::fmt::Debug for Signature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signature({}…)", &crate::ids::to_hex(&self.0)[..8])
    }
}

/// The order of P-256 (SEC 2 §2.4.2).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa,
    0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// Half of the order, rounded down.
const HALF_ORDER: [u8; 32] = [
    0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d,
    0x56, 0xd3, 0x8b, 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8,
];

impl Signature {
    /// Whether s is at most half the order. Of the two signatures that verify, only this one is accepted.
    #[must_use]
    pub fn is_low_s(&self) -> bool {
        self.0[32..] <= HALF_ORDER[..]
    }

    /// The low-S twin: s becomes n − s where needed. WebCrypto gives either.
    #[must_use]
    pub fn to_low_s(mut self) -> Self {
        if self.is_low_s() {
            return self;
        }
        let mut borrow = 0;
        for i in (0..32).rev() {
            let diff = i16::from(ORDER[i]) - i16::from(self.0[32 + i]) - borrow;
            borrow = i16::from(diff < 0);
            self.0[32 + i] = diff.rem_euclid(256).to_le_bytes()[0];
        }
        self
    }
}

/// Verifies an ECDSA P-256 SHA-256 signature over a message.
pub trait SignatureCheck {
    /// `true` only for a valid signature.
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool;
}

/// What the key of a log signs for an op: `"gs/sig/1\0" ‖ op id`.
#[must_use]
pub fn op_message(id: &OpId) -> Vec<u8> {
    [b"gs/sig/1\0".as_slice(), &id.0].concat()
}

/// What the key of a log signs for a request: method, path with query, and the time in ms that the phone believes.
#[must_use]
pub fn request_message(method: &str, path_and_query: &str, at_millis: i64) -> Vec<u8> {
    format!("gs/auth/1\0{method}\n{path_and_query}\n{at_millis}").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn low_s_is_the_order_minus_s_and_stays_once_low() {
        let mut one = Signature([0; 64]);
        one.0[63] = 1;
        let mut minus_one = Signature([0; 64]);
        minus_one.0[32..].copy_from_slice(&ORDER);
        minus_one.0[63] -= 1;
        assert!(one.is_low_s() && !minus_one.is_low_s());
        assert_eq!(minus_one.to_low_s(), one);
        assert_eq!(one.to_low_s(), one);
    }
}
