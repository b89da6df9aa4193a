//! P-256 keys made from a number, and the signature check that goes with them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use greenshield_domain::ids::LogId;
use greenshield_domain::signature::{PublicKey, Signature, SignatureCheck, request_message};
use greenshield_domain::statement::{Signed, Statement};
use p256::ecdsa::signature::{Signer as _, Verifier as _};
use p256::ecdsa::{Signature as Ecdsa, SigningKey, VerifyingKey};

use crate::rng::SplitMix;

/// A key that depends on its seed alone; its signatures are deterministic (RFC 6979).
#[derive(Clone)]
pub struct SeededKey {
    key: SigningKey,
}

impl SeededKey {
    /// The key of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        let mut rng = SplitMix::new(seed);
        // A random string is no scalar once in 2^32 seeds; the next one is.
        let key = std::iter::repeat_with(|| rng.bytes::<32>()).find_map(|scalar| SigningKey::from_slice(&scalar).ok());
        Self { key: key.expect("the generator does not repeat") }
    }

    /// The private scalar, for golden files.
    #[must_use]
    pub fn scalar(&self) -> [u8; 32] {
        self.key.to_bytes().into()
    }

    /// The uncompressed public key.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        let point = self.key.verifying_key().to_sec1_point(false);
        PublicKey(point.as_bytes().try_into().expect("an uncompressed point has 65 bytes"))
    }

    /// The id of the log that this key signs.
    #[must_use]
    pub fn log_id(&self) -> LogId {
        self.public_key().log_id()
    }

    /// Signs a message with SHA-256, low-S.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> Signature {
        self.sign_as_is(message).to_low_s()
    }

    /// Signs as WebCrypto does: s is high or low, as it comes.
    #[must_use]
    pub fn sign_as_is(&self, message: &[u8]) -> Signature {
        let signature: Ecdsa = self.key.sign(message);
        Signature(signature.to_bytes().into())
    }

    /// Signs a statement as a server does.
    #[must_use]
    pub fn sign_statement<S: Statement>(&self, statement: &S) -> Signed {
        let payload = statement.payload();
        let signature = self.sign(&S::message(&payload));
        Signed { payload, signature }
    }

    /// The value of the `Authorization` header of a request.
    #[must_use]
    pub fn authorization(&self, method: &str, path_and_query: &str, at_millis: i64) -> String {
        let signature = self.sign(&request_message(method, path_and_query, at_millis));
        let sig = URL_SAFE_NO_PAD.encode(signature.0);
        format!(r#"Greenshield log="{}", at="{at_millis}", sig="{sig}""#, self.log_id())
    }
}

impl std::fmt::Debug for SeededKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SeededKey({:?})", self.log_id())
    }
}

/// Verifies with the `p256` crate.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_key_and_a_message_one_signature() {
        let (key, again, other) = (SeededKey::new(1), SeededKey::new(1), SeededKey::new(2));
        assert_eq!((key.log_id(), key.sign(b"a")), (again.log_id(), again.sign(b"a")));
        assert_ne!(key.log_id(), other.log_id());
        assert!(P256Check.verify(&key.public_key(), b"a", &key.sign(b"a")));
        assert!(!P256Check.verify(&key.public_key(), b"b", &key.sign(b"a")));
        assert!(!P256Check.verify(&other.public_key(), b"a", &key.sign(b"a")));
    }

    #[test]
    fn both_twins_of_a_signature_verify_and_only_the_low_one_is_given() {
        let key = SeededKey::new(1);
        let message = (0..64u8).map(|i| vec![i]).find(|m| !key.sign_as_is(m).is_low_s()).unwrap();
        assert!(P256Check.verify(&key.public_key(), &message, &key.sign_as_is(&message)));
        assert!(P256Check.verify(&key.public_key(), &message, &key.sign(&message)));
        assert!(key.sign(&message).is_low_s());
    }
}
