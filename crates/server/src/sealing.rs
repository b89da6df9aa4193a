//! The server's sealing key: what phones seal their rescue packages to, and the opening of them.
//!
//! Owns: ECDH and AES-256-GCM by aws-lc-rs. Invariant: the key follows from the signing key by HMAC, so it is kept, backed up
//! and restored together with it, and is still another key: nothing that is signed says anything about it.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hmac;
use greenshield_domain::ids::SealingKeyId;
use greenshield_domain::seal::{Slot, WRAP_NONCE, key_id, wrapping_key};
use greenshield_domain::signature::PublicKey;

use crate::keys::KeyError;

/// A private key that opens envelopes.
#[derive(Debug)]
pub struct SealingPair {
    private: PrivateKey,
    public: PublicKey,
}

impl SealingPair {
    /// The sealing key that belongs to a signing key.
    ///
    /// # Errors
    /// [`KeyError::Generate`].
    pub fn of_signing_key(pkcs8: &[u8]) -> Result<Self, KeyError> {
        let root = hmac::Key::new(hmac::HMAC_SHA256, pkcs8);
        // A random string is no scalar once in 2^32; the next one is.
        let scalar = |counter: u8| hmac::sign(&root, &[b"gs/sealing-key-derive/1\0".as_slice(), &[counter]].concat());
        let private =
            (0..=u8::MAX).find_map(|counter| PrivateKey::from_private_key(&ECDH_P256, scalar(counter).as_ref()).ok());
        let private = private.ok_or(KeyError::Generate)?;
        let public = private.compute_public_key().map_err(|_| KeyError::Generate)?;
        let public = PublicKey(public.as_ref().try_into().map_err(|_| KeyError::Generate)?);
        Ok(Self { private, public })
    }

    /// The public half.
    #[must_use]
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Its name in envelopes.
    #[must_use]
    pub fn id(&self) -> SealingKeyId {
        key_id(&self.public)
    }

    /// The cipher of an envelope; `None` when the slot was not made for this key or was changed.
    #[must_use]
    pub fn open(&self, slot: &Slot) -> Option<EnvelopeKey> {
        let theirs = UnparsedPublicKey::new(&ECDH_P256, slot.ephemeral.0);
        let shared = agree(&self.private, theirs, (), |shared| <[u8; 32]>::try_from(shared).map_err(drop)).ok()?;
        let wrapping = EnvelopeKey::new(&wrapping_key(&shared, &slot.ephemeral, &self.public))?;
        EnvelopeKey::new(&wrapping.decrypt(WRAP_NONCE, &[], slot.wrapped.to_vec())?)
    }
}

/// The key of one envelope.
#[derive(Debug)]
pub struct EnvelopeKey(LessSafeKey);

impl EnvelopeKey {
    fn new(key: &[u8]) -> Option<Self> {
        UnboundKey::new(&AES_256_GCM, key).ok().map(LessSafeKey::new).map(Self)
    }

    /// Opens a frame; `None` when any bit differs.
    #[must_use]
    pub fn decrypt(&self, nonce: [u8; 12], aad: &[u8], mut sealed: Vec<u8>) -> Option<Vec<u8>> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let length = self.0.open_in_place(nonce, Aad::from(aad), &mut sealed).ok()?.len();
        sealed.truncate(length);
        Some(sealed)
    }
}

#[cfg(test)]
mod tests {
    use greenshield_testkit::keys::SeededKey;
    use greenshield_testkit::seal::{encrypt, wrap};

    use super::*;

    #[test]
    fn an_envelope_of_another_implementation_opens_with_the_key_that_it_was_made_for() {
        let pairs = [b"one".as_slice(), b"two"].map(|root| SealingPair::of_signing_key(root).unwrap());
        assert_eq!(pairs[0].id(), SealingPair::of_signing_key(b"one").unwrap().id(), "the same after every start");
        assert_ne!(pairs[0].id(), pairs[1].id());
        let slot = wrap(&[7; 32], &SeededKey::new(5), pairs[0].public());
        let sealed = encrypt(&[7; 32], &[1; 12], b"header", b"plain");
        let key = pairs[0].open(&slot).unwrap();
        assert_eq!(key.decrypt([1; 12], b"header", sealed.clone()), Some(b"plain".to_vec()));
        assert_eq!(key.decrypt([2; 12], b"header", sealed.clone()), None);
        assert_eq!(key.decrypt([1; 12], b"headex", sealed), None);
        assert!(pairs[1].open(&slot).is_none());
    }
}
