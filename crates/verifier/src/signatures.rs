//! Signatures of phones and servers, verified by the `p256` crate.

use greenshield_domain::signature::{PublicKey, Signature, SignatureCheck};
use p256::ecdsa::signature::Verifier as _;
use p256::ecdsa::{Signature as Ecdsa, VerifyingKey};

/// Verifies by `p256`.
#[derive(Debug, Clone, Copy, Default)]
pub struct P256Check;

impl SignatureCheck for P256Check {
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        let (Ok(key), Ok(signature)) = (VerifyingKey::from_sec1_bytes(&key.0), Ecdsa::from_slice(&signature.0)) else {
            return false;
        };
        key.verify(message, &signature).is_ok()
    }
}
