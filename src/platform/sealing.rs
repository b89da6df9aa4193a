//! Sealing of rescue packages by WebCrypto: ECDH on P-256, HKDF, AES-256-GCM.
//!
//! Invariants: both keys of an envelope are drawn for it alone; neither is stored, and the browser gives neither out again.

use greenshield_client::ports::{Entropy, KeyError, Sealer};
use greenshield_domain::seal::{Slot, WRAP_NONCE, key_id, wrapping_key};
use greenshield_domain::signature::PublicKey;
use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;

use super::Exception;
use super::entropy::BrowserEntropy;
use super::keys::{subtle, usages};

/// [`Sealer`] by WebCrypto; one envelope at a time.
#[derive(Default)]
pub struct BrowserSealer {
    envelope: Option<CryptoKey>,
}

impl BrowserSealer {
    /// Wraps a given envelope key with a given ephemeral pair, and seals by that key from now on.
    ///
    /// # Errors
    /// When the browser refuses, and when the server's key is no point of the curve.
    pub async fn wrap(
        &mut self,
        ephemeral: (&CryptoKey, PublicKey),
        envelope: &[u8; 32],
        server: &PublicKey,
    ) -> Result<Slot, Exception> {
        let (private, ephemeral) = ephemeral;
        let raw: Object = Uint8Array::new_from_slice(&server.0).into();
        let theirs = subtle()?.import_key_with_object("raw", &raw, &curve()?, true, &usages(&[]))?;
        let theirs = JsFuture::from(theirs).await?;
        let exchange = params(&[("name", "ECDH".into()), ("public", theirs)])?;
        let shared = JsFuture::from(subtle()?.derive_bits_with_object(&exchange, private, 256)?).await?;
        let shared = fixed::<32>(&shared)?;
        let wrapping = cipher(&wrapping_key(&shared, &ephemeral, server)).await?;
        let wrapped = seal(&wrapping, WRAP_NONCE, &[], envelope).await?;
        self.envelope = Some(cipher(envelope).await?);
        Ok(Slot { key: key_id(server), ephemeral, wrapped: fixed(&wrapped)? })
    }

    async fn fresh(&mut self, server: &PublicKey) -> Result<Slot, Exception> {
        let pair = subtle()?.generate_key_with_object(&curve()?, false, &usages(&["deriveBits"]))?;
        let pair = JsFuture::from(pair).await?;
        let half = |name: &str| -> Result<CryptoKey, Exception> {
            Ok(Reflect::get(&pair, &JsValue::from_str(name))?.unchecked_into())
        };
        let public = JsFuture::from(subtle()?.export_key("raw", &half("publicKey")?)?).await?;
        let public = PublicKey(fixed(&public)?);
        let mut envelope = [0; 32];
        BrowserEntropy::open()?.fill(&mut envelope);
        self.wrap((&half("privateKey")?, public), &envelope, server).await
    }
}

impl Sealer for BrowserSealer {
    async fn begin(&mut self, server: &PublicKey) -> Result<Slot, KeyError> {
        self.fresh(server).await.map_err(unusable)
    }

    async fn encrypt(&self, nonce: [u8; 12], aad: &[u8], plain: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        let envelope = self.envelope.as_ref().ok_or(KeyError::Missing)?;
        let sealed = seal(envelope, nonce, aad, &plain).await.map_err(unusable)?;
        Ok(Uint8Array::new(&sealed).to_vec())
    }
}

impl std::fmt::Debug for BrowserSealer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BrowserSealer")
    }
}

fn unusable(exception: Exception) -> KeyError {
    KeyError::Backend(exception.to_string())
}

pub(super) fn params(fields: &[(&str, JsValue)]) -> Result<Object, Exception> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &JsValue::from_str(name), value)?;
    }
    Ok(object)
}

fn curve() -> Result<Object, Exception> {
    params(&[("name", "ECDH".into()), ("namedCurve", "P-256".into())])
}

async fn cipher(key: &[u8; 32]) -> Result<CryptoKey, Exception> {
    let raw: Object = Uint8Array::new_from_slice(key).into();
    let key = subtle()?.import_key_with_str("raw", &raw, "AES-GCM", false, &usages(&["encrypt"]))?;
    Ok(JsFuture::from(key).await?.unchecked_into())
}

/// The sealed bytes as a buffer of the browser.
pub(super) async fn seal(key: &CryptoKey, nonce: [u8; 12], aad: &[u8], plain: &[u8]) -> Result<JsValue, Exception> {
    let bytes = |bytes: &[u8]| JsValue::from(Uint8Array::new_from_slice(bytes));
    let how = params(&[("name", "AES-GCM".into()), ("iv", bytes(&nonce)), ("additionalData", bytes(aad))])?;
    let plain: Object = Uint8Array::new_from_slice(plain).into();
    Ok(JsFuture::from(subtle()?.encrypt_with_object_and_buffer_source(&how, key, &plain)?).await?)
}

fn fixed<const N: usize>(buffer: &JsValue) -> Result<[u8; N], Exception> {
    let bytes = Uint8Array::new(buffer).to_vec();
    bytes.try_into().map_err(|_| Exception::named("DataError", "bytes of another length"))
}
