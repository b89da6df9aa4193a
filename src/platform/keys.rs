//! The keys of this install: ECDSA P-256 in WebCrypto, one for each log that it wrote.
//!
//! Invariants: the private key is not extractable and never leaves the browser; it lives in the same database as the log
//! that it signs, so neither is ever there without the other; a key is used only after it came back from the database and
//! signed a probe, because some iPhones store keys that do not come back.

use std::cell::RefCell;
use std::collections::BTreeMap;

use greenshield_client::ports::{KeyError, Keys, StoreError};
use greenshield_domain::signature::{PublicKey, Signature};
use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use super::Exception;
use super::idb::{IdbStore, rows, schema};

/// The row of the first key pair in its store; the later ones have their number behind it.
const DEVICE: &str = "device";

/// [`Keys`] by WebCrypto; the pairs lie in the given database. Clones share nothing but the database.
#[derive(Clone)]
pub struct BrowserKeys {
    store: IdbStore,
    own: RefCell<BTreeMap<u32, OwnKey>>,
    /// The last key that verified: nearly always the server's.
    last_verified: RefCell<Option<(PublicKey, CryptoKey)>>,
}

#[derive(Clone)]
struct OwnKey {
    private: CryptoKey,
    public: PublicKey,
}

impl BrowserKeys {
    /// The keys in this database.
    #[must_use]
    pub fn new(store: IdbStore) -> Self {
        Self { store, own: RefCell::default(), last_verified: RefCell::new(None) }
    }

    /// The key of a number if there is one; never makes one.
    ///
    /// # Errors
    /// When there is a key that can not be used.
    pub async fn find(&self, number: u32) -> Result<Option<PublicKey>, KeyError> {
        Ok(self.load(number).await?.map(|own| own.public))
    }

    async fn load(&self, number: u32) -> Result<Option<OwnKey>, KeyError> {
        if let Some(own) = self.own.borrow().get(&number).cloned() {
            return Ok(Some(own));
        }
        let row = row_of(number);
        let pair = self.store.run(async |connection| rows::get_object(connection, schema::KEYS, &row).await).await;
        let pair = pair.map_err(unstored)?;
        if pair.is_undefined() {
            return Ok(None);
        }
        let own = usable(&pair).await.map_err(unusable)?;
        self.own.borrow_mut().insert(number, own.clone());
        Ok(Some(own))
    }

    async fn make(&self, number: u32) -> Result<OwnKey, KeyError> {
        let pair = generate().await.map_err(unusable)?;
        let row = row_of(number);
        let add = async |connection: &_| rows::add_object(connection, schema::KEYS, &row, &pair).await;
        match self.store.run(add).await {
            // Another tab was faster: its key counts.
            Err(StoreError::Backend { name, .. }) if name == "ConstraintError" => {}
            outcome => outcome.map_err(unstored)?,
        }
        self.load(number).await?.ok_or_else(|| KeyError::Backend("the key was stored and did not come back".to_owned()))
    }

    async fn imported(&self, key: &PublicKey) -> Result<CryptoKey, Exception> {
        if let Some((held, imported)) = self.last_verified.borrow().as_ref()
            && held == key
        {
            return Ok(imported.clone());
        }
        let raw: Object = Uint8Array::new_from_slice(&key.0).into();
        let usages = usages(&["verify"]);
        let imported = subtle()?.import_key_with_object("raw", &raw, &algorithm()?, true, &usages)?;
        let imported: CryptoKey = JsFuture::from(imported).await?.dyn_into()?;
        *self.last_verified.borrow_mut() = Some((*key, imported.clone()));
        Ok(imported)
    }

    async fn verified(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> Result<bool, Exception> {
        let imported = self.imported(key).await?;
        // Their own memory: ours may move while the browser still reads.
        let (signature, message) = (Uint8Array::new_from_slice(&signature.0), Uint8Array::new_from_slice(message));
        let answer = subtle()?.verify_with_object_and_buffer_source_and_buffer_source(
            &algorithm()?,
            &imported,
            &signature,
            &message,
        )?;
        Ok(JsFuture::from(answer).await?.is_truthy())
    }
}

impl Keys for BrowserKeys {
    async fn public_key(&self, number: u32) -> Result<PublicKey, KeyError> {
        let own = match self.load(number).await? {
            Some(own) => own,
            None => self.make(number).await?,
        };
        Ok(own.public)
    }

    async fn sign(&self, number: u32, message: &[u8]) -> Result<Signature, KeyError> {
        let own = self.load(number).await?.ok_or(KeyError::Missing)?;
        sign(&own.private, message).await.map_err(unusable)
    }

    async fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        self.verified(key, message, signature).await.unwrap_or(false)
    }
}

impl std::fmt::Debug for BrowserKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BrowserKeys({})", self.store.name())
    }
}

fn row_of(number: u32) -> String {
    if number == 0 { DEVICE.to_owned() } else { format!("{DEVICE}-{number}") }
}

fn unusable(exception: Exception) -> KeyError {
    KeyError::Backend(exception.to_string())
}

fn unstored(error: StoreError) -> KeyError {
    KeyError::Backend(error.to_string())
}

pub(super) fn subtle() -> Result<SubtleCrypto, Exception> {
    let window = web_sys::window().ok_or_else(|| Exception::lacking("window"))?;
    let subtle = window.crypto()?.subtle();
    // Outside of https the property is missing, whatever its type says.
    if subtle.is_undefined() { Err(Exception::lacking("crypto.subtle")) } else { Ok(subtle) }
}

/// Serves generation, import, signing and verification alike.
fn algorithm() -> Result<Object, Exception> {
    let algorithm = Object::new();
    for (key, value) in [("name", "ECDSA"), ("namedCurve", "P-256"), ("hash", "SHA-256")] {
        Reflect::set(&algorithm, &JsValue::from_str(key), &JsValue::from_str(value))?;
    }
    Ok(algorithm)
}

pub(super) fn usages(usages: &[&str]) -> Array {
    usages.iter().map(|usage| JsValue::from_str(usage)).collect()
}

async fn generate() -> Result<JsValue, Exception> {
    let usages = usages(&["sign", "verify"]);
    // Not extractable concerns the private half only; the public one always is.
    Ok(JsFuture::from(subtle()?.generate_key_with_object(&algorithm()?, false, &usages)?).await?)
}

/// The pair as it came from the database, after it has signed a probe.
async fn usable(pair: &JsValue) -> Result<OwnKey, Exception> {
    let half = |name: &str| -> Result<CryptoKey, Exception> {
        let half = Reflect::get(pair, &JsValue::from_str(name))?;
        half.dyn_into().map_err(|_| Exception::named("DataError", "the stored key is not a key"))
    };
    let (private, public) = (half("privateKey")?, half("publicKey")?);
    let raw = JsFuture::from(subtle()?.export_key("raw", &public)?).await?;
    let raw = Uint8Array::new(&raw).to_vec();
    let point = raw.try_into().map_err(|_| Exception::named("DataError", "the stored key is not on P-256"))?;
    sign(&private, b"gs/probe").await?;
    Ok(OwnKey { private, public: PublicKey(point) })
}

async fn sign(key: &CryptoKey, message: &[u8]) -> Result<Signature, Exception> {
    let message = Uint8Array::new_from_slice(message);
    let signature = subtle()?.sign_with_object_and_buffer_source(&algorithm()?, key, &message)?;
    let signature = Uint8Array::new(&JsFuture::from(signature).await?).to_vec();
    let raw = signature.try_into().map_err(|_| Exception::named("DataError", "a signature of another length"))?;
    Ok(Signature(raw).to_low_s())
}

/// SHA-256 by the browser: for photos, where it is many times faster than our own.
///
/// # Errors
/// When the browser refuses.
pub async fn sha256(bytes: &[u8]) -> Result<[u8; 32], Exception> {
    sha256_of(&Uint8Array::new_from_slice(bytes)).await
}

/// SHA-256 of bytes that are still the browser's.
pub(super) async fn sha256_of(bytes: &Object) -> Result<[u8; 32], Exception> {
    let digest = JsFuture::from(subtle()?.digest_with_str_and_buffer_source("SHA-256", bytes)?).await?;
    let digest = Uint8Array::new(&digest).to_vec();
    digest.try_into().map_err(|_| Exception::named("DataError", "a digest of another length"))
}
