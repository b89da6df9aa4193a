//! The server's signing key, and the signature check of this process.
//!
//! Owns: P-256 by aws-lc-rs. Invariant: every signature that leaves is low-S. The private key lives in the database file,
//! which only the owner of the process can read.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, UnparsedPublicKey,
};
use greenshield_domain::ids::sha256;
use greenshield_domain::op::{SignedOp, UnsignedOp};
use greenshield_domain::signature::{PublicKey, Signature, SignatureCheck};
use greenshield_domain::statement::{Signed, Statement};
use thiserror::Error;

/// Why the key can not be used.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum KeyError {
    /// No key could be made.
    #[error("no key could be made")]
    Generate,
    /// The stored key does not read.
    #[error("the stored key does not read: {0}")]
    Stored(String),
    /// A signature could not be made.
    #[error("the key did not sign a {0}")]
    Sign(&'static str),
}

/// The key that signs receipts, checkpoints and certificates.
#[derive(Debug)]
pub struct ServerKey {
    pair: EcdsaKeyPair,
    public: PublicKey,
    seeds: [u8; 32],
}

impl ServerKey {
    /// A new key as PKCS #8.
    ///
    /// # Errors
    /// [`KeyError::Generate`].
    pub fn generate() -> Result<Vec<u8>, KeyError> {
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        Ok(document.map_err(|_| KeyError::Generate)?.as_ref().to_vec())
    }

    /// Reads a stored key.
    ///
    /// # Errors
    /// [`KeyError::Stored`].
    pub fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map_err(|error| KeyError::Stored(error.to_string()))?;
        let public = pair.public_key().as_ref().try_into().map_err(|_| KeyError::Stored("its point".to_owned()))?;
        Ok(Self { pair, public: PublicKey(public), seeds: sha256(&[b"gs/server-seeds/1\0", pkcs8]) })
    }

    /// The key of the audit's log: it follows from the signing key by HMAC, so it is kept, backed up and restored with it.
    ///
    /// # Errors
    /// [`KeyError::Generate`].
    pub fn of_audit(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let root = hmac::Key::new(hmac::HMAC_SHA256, pkcs8);
        // A random string is no scalar once in 2^32; the next one is.
        let made = (0..=u8::MAX).find_map(|counter| {
            let scalar = hmac::sign(&root, &[b"gs/audit-key-derive/1\0".as_slice(), &[counter]].concat());
            let private = PrivateKey::from_private_key(&ECDH_P256, scalar.as_ref()).ok()?;
            let public = private.compute_public_key().ok()?;
            let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
            let pair = EcdsaKeyPair::from_private_key_and_public_key(kind, scalar.as_ref(), public.as_ref()).ok()?;
            let seeds = sha256(&[b"gs/server-seeds/1\0", scalar.as_ref()]);
            Some(Self { pair, public: PublicKey(public.as_ref().try_into().ok()?), seeds })
        });
        made.ok_or(KeyError::Generate)
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Bytes that nobody else can tell beforehand, and that are the same for the same parts.
    #[must_use]
    pub fn seed(&self, parts: &[&[u8]]) -> [u8; 16] {
        let hash = sha256(&[&self.seeds[..], &parts.concat()]);
        let mut seed = [0; 16];
        seed.copy_from_slice(&hash[..16]);
        seed
    }

    /// Signs an op of the server's own log.
    ///
    /// # Errors
    /// [`KeyError::Sign`].
    pub fn sign_op(&self, op: UnsignedOp) -> Result<SignedOp, KeyError> {
        let signature = self.pair.sign(&SystemRandom::new(), &op.message()).ok();
        let signature = signature.and_then(|signature| signature.as_ref().try_into().ok());
        Ok(op.seal(Signature(signature.ok_or(KeyError::Sign("op"))?)))
    }

    /// Signs a statement.
    ///
    /// # Errors
    /// [`KeyError::Sign`].
    pub fn sign<S: Statement>(&self, statement: &S) -> Result<Signed, KeyError> {
        let payload = statement.payload();
        let signature = self.pair.sign(&SystemRandom::new(), &S::message(&payload)).ok();
        let signature = signature.and_then(|signature| signature.as_ref().try_into().ok());
        Ok(Signed { payload, signature: Signature(signature.ok_or(KeyError::Sign(S::NAME))?).to_low_s() })
    }
}

/// Verifies by aws-lc-rs.
#[derive(Debug, Clone, Copy, Default)]
pub struct NativeCheck;

impl SignatureCheck for NativeCheck {
    fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.0).verify(message, &signature.0).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use greenshield_domain::ids::Epoch;
    use greenshield_domain::statement::{Checkpoint, StatementError};

    use super::*;

    #[test]
    fn a_stored_key_signs_what_its_public_half_verifies() {
        let pkcs8 = ServerKey::generate().unwrap();
        let (key, again) = (ServerKey::from_pkcs8(&pkcs8).unwrap(), ServerKey::from_pkcs8(&pkcs8).unwrap());
        assert_eq!(key.public(), again.public());
        for size in 0..20 {
            let checkpoint = Checkpoint { epoch: Epoch([1; 8]), size, root: [2; 32], time_millis: 3 };
            let signed = key.sign(&checkpoint).unwrap();
            assert!(signed.signature.is_low_s());
            assert_eq!(signed.open(again.public(), &NativeCheck), Ok(checkpoint));
        }
        assert!(matches!(ServerKey::from_pkcs8(&pkcs8[1..]), Err(KeyError::Stored(_))));
    }

    #[test]
    fn a_statement_of_another_key_is_refused() {
        let [one, other] = [(), ()].map(|()| ServerKey::from_pkcs8(&ServerKey::generate().unwrap()).unwrap());
        let checkpoint = Checkpoint { epoch: Epoch([1; 8]), size: 0, root: [2; 32], time_millis: 3 };
        let opened = one.sign(&checkpoint).unwrap().open::<Checkpoint>(other.public(), &NativeCheck);
        assert_eq!(opened, Err(StatementError::BadSignature));
    }
}
