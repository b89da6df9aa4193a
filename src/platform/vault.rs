//! Where the data key of this install is kept: wrapped by an AES-256-GCM key that the browser never gives out, and inside of that
//! behind a PIN when one is set.
//!
//! Invariants: the wrapped key lies in the database whose rows it opens, so neither is there without the other; rows are sealed only
//! after the key came back from the disk and opened, because some iPhones store keys that do not come back. Where none can be
//! stored the rows stay plain, and the app says so.

use std::cell::RefCell;
use std::rc::Rc;

use greenshield_client::key_slot::{KeySlot, PinSlot, Tries};
use greenshield_client::ports::{Entropy as _, StoreError};
use greenshield_client::row_seal::DataKey;
use js_sys::{Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::CryptoKey;
use zeroize::Zeroizing;

use super::entropy::BrowserEntropy;
use super::idb::{IdbStore, rows, schema};
use super::keys::{subtle, usages};
use super::{Exception, sealing};

/// The row of the wrapped key: `{key: CryptoKey, nonce, wrapped}`.
const SEAL: &str = "seal";
/// There once the key has come back from the disk: from then on rows may be sealed by it.
const PROVEN: &str = "proven";
/// Wrong PINs, as JSON bytes.
const TRIES: &str = "tries";
/// What the wrapping is for.
const PURPOSE: &[u8] = b"gs/vault/1\0";

/// What stands before the rows of a database.
#[derive(Debug)]
pub enum Door {
    /// They are sealed, and this is the key.
    Open(Vault, DataKey),
    /// They are sealed, and a PIN stands before the key.
    Locked(Vault, PinSlot),
    /// This browser keeps no keys, for the reason it gave: they are plain.
    Unsealed(Exception),
}

/// The keeper of the data key of one database. Clones are the same vault.
#[derive(Clone)]
pub struct Vault {
    store: IdbStore,
    row: Rc<RefCell<Row>>,
}

/// The wrapping key with the row as it lies on the disk.
struct Row {
    wrapping: CryptoKey,
    object: JsValue,
}

impl Vault {
    /// Looks what stands before the rows; makes a key for a database that has none.
    ///
    /// # Errors
    /// [`StoreError::KeyLost`] when rows are sealed by a key that does not open any more.
    pub async fn open(store: &IdbStore, entropy: &BrowserEntropy) -> Result<Door, StoreError> {
        let proven = !object(store, PROVEN).await?.is_undefined();
        match door(store, entropy).await {
            Ok(door) => {
                if !proven {
                    put(store, PROVEN, &JsValue::TRUE).await?;
                }
                Ok(door)
            }
            Err(exception) if proven => Err(StoreError::KeyLost { reason: exception.to_string() }),
            Err(exception) => Ok(Door::Unsealed(exception)),
        }
    }

    /// Keeps the data key in another way. When this returns, that way has been read back.
    ///
    /// # Errors
    /// When the browser refuses; the way before still holds.
    pub async fn keep(&self, slot: &KeySlot, entropy: &BrowserEntropy) -> Result<(), Exception> {
        let wrapping = self.row.borrow().wrapping.clone();
        let object = wrapped(&wrapping, slot, entropy).await?;
        put(&self.store, SEAL, &object).await.map_err(said)?;
        self.row.replace(Row { wrapping, object });
        put(&self.store, TRIES, &JsValue::UNDEFINED).await.map_err(said)?;
        let found = stored(&self.store).await?;
        let same = found.is_some_and(|(_, found)| *found.encode() == *slot.encode());
        if same { Ok(()) } else { Err(Exception::named("DataError", "the data key did not come back")) }
    }

    /// How the data key is kept now, by this window or another one.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn slot(&self) -> Result<KeySlot, Exception> {
        let gone = || Exception::named("NotFoundError", "the data key is gone");
        Ok(stored(&self.store).await?.ok_or_else(gone)?.1)
    }

    /// Puts the row back into a database that the browser has emptied under the open app: what is written from now on must read
    /// after the next start.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn put_back(&self) -> Result<(), Exception> {
        let object = self.row.borrow().object.clone();
        add(&self.store, &object).await?;
        put(&self.store, PROVEN, &JsValue::TRUE).await.map_err(said)
    }

    /// Wrong PINs until now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tries(&self) -> Result<Tries, StoreError> {
        let found = object(&self.store, TRIES).await?;
        let bytes = found.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec);
        Ok(bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }

    /// Notes wrong PINs.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn note_tries(&self, tries: Tries) -> Result<(), StoreError> {
        let bytes = serde_json::to_vec(&tries).unwrap_or_default();
        put(&self.store, TRIES, &Uint8Array::new_from_slice(&bytes)).await
    }
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Vault({})", self.store.name())
    }
}

async fn door(store: &IdbStore, entropy: &BrowserEntropy) -> Result<Door, Exception> {
    let (row, slot) = match stored(store).await? {
        Some(found) => found,
        None => {
            make(store, entropy).await?;
            let lost = || Exception::named("DataError", "the data key was stored and did not come back");
            stored(store).await?.ok_or_else(lost)?
        }
    };
    let vault = Vault { store: store.clone(), row: Rc::new(RefCell::new(row)) };
    Ok(match slot {
        KeySlot::Open(key) => Door::Open(vault, key),
        KeySlot::Pin(slot) => Door::Locked(vault, slot),
    })
}

/// Another window may be faster: its key counts, and is what is read next.
async fn make(store: &IdbStore, entropy: &BrowserEntropy) -> Result<(), Exception> {
    let algorithm = sealing::params(&[("name", "AES-GCM".into()), ("length", 256.into())])?;
    let wrapping = subtle()?.generate_key_with_object(&algorithm, false, &usages(&["encrypt", "decrypt"]))?;
    let wrapping: CryptoKey = JsFuture::from(wrapping).await?.dyn_into()?;
    let mut key = Zeroizing::new([0; 32]);
    entropy.fill(key.as_mut_slice());
    let object = wrapped(&wrapping, &KeySlot::Open(DataKey::new(*key)), entropy).await?;
    add(store, &object).await
}

async fn wrapped(wrapping: &CryptoKey, slot: &KeySlot, entropy: &BrowserEntropy) -> Result<JsValue, Exception> {
    let mut nonce = [0; 12];
    entropy.fill(&mut nonce);
    let sealed = sealing::seal(wrapping, nonce, PURPOSE, &slot.encode()).await?;
    let fields = [
        ("key", wrapping.into()),
        ("nonce", Uint8Array::new_from_slice(&nonce).into()),
        ("wrapped", Uint8Array::new(&sealed).into()),
    ];
    Ok(sealing::params(&fields)?.into())
}

/// The slot of the disk; `None` = there is none.
async fn stored(store: &IdbStore) -> Result<Option<(Row, KeySlot)>, Exception> {
    let object = object(store, SEAL).await.map_err(said)?;
    if object.is_undefined() {
        return Ok(None);
    }
    let field = |name: &str| Reflect::get(&object, &JsValue::from_str(name));
    let no_key = |_| Exception::named("DataError", "the stored key is not a key");
    let wrapping: CryptoKey = field("key")?.dyn_into().map_err(no_key)?;
    let (nonce, wrapped): (Object, Object) = (field("nonce")?.unchecked_into(), field("wrapped")?.unchecked_into());
    let purpose = Uint8Array::new_from_slice(PURPOSE);
    let how = sealing::params(&[("name", "AES-GCM".into()), ("iv", nonce.into()), ("additionalData", purpose.into())])?;
    let opened = subtle()?.decrypt_with_object_and_buffer_source(&how, &wrapping, &wrapped)?;
    let opened = Uint8Array::new(&JsFuture::from(opened).await?);
    let bytes = Zeroizing::new(opened.to_vec());
    opened.fill(0, 0, opened.length());
    let slot = KeySlot::decode(&bytes).ok_or_else(|| Exception::named("DataError", "the stored data key is none"))?;
    Ok(Some((Row { wrapping, object }, slot)))
}

async fn object(store: &IdbStore, key: &str) -> Result<JsValue, StoreError> {
    store.run(async |connection| rows::get_object(connection, schema::VAULT, key).await).await
}

async fn put(store: &IdbStore, key: &str, value: &JsValue) -> Result<(), StoreError> {
    store.run(async |connection| rows::put_object(connection, schema::VAULT, key, value).await).await
}

async fn add(store: &IdbStore, value: &JsValue) -> Result<(), Exception> {
    let add = async |connection: &_| rows::add_object(connection, schema::VAULT, SEAL, value).await;
    match store.run(add).await {
        Err(StoreError::Backend { name, .. }) if name == "ConstraintError" => Ok(()),
        outcome => outcome.map_err(said),
    }
}

pub(super) fn said(error: StoreError) -> Exception {
    match error {
        StoreError::Backend { name, message } => Exception { name, message },
        other => Exception::named("StoreError", &other.to_string()),
    }
}
