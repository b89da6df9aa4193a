//! All ports of the browser in one value.

use std::rc::Rc;

use greenshield_client::key_slot::{KeySlot, PinCost, PinSlot, SALT_BYTES, Tries};
use greenshield_client::ports::{Clock, Entropy, Ports, StoreError};
use greenshield_client::row_seal::{DataKey, NONCE_BYTES};
use greenshield_client::sealed_store::SealedStore;
use thiserror::Error;

use super::clock::BrowserClock;
use super::entropy::BrowserEntropy;
use super::net::BrowserNet;
use super::pin::stretch_away;
use super::vault::{Door, Vault, said};
use super::{BrowserKeys, Exception, IdbStore};

/// Why the app can not run in this browser.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OpenError {
    /// No database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// No random bytes.
    #[error("no random bytes: {0}")]
    Entropy(#[source] Exception),
}

/// What opening a database gives.
#[derive(Debug)]
pub enum OpenedPhone {
    /// Its rows.
    Open(BrowserPorts),
    /// A PIN stands before them.
    Locked(LockedPhone),
}

/// [`Ports`] of the browser. A clone is the same browser.
#[derive(Debug, Clone)]
pub struct BrowserPorts {
    store: SealedStore<IdbStore>,
    safe: Option<Safe>,
    net: BrowserNet,
    keys: BrowserKeys,
    clock: BrowserClock,
    entropy: BrowserEntropy,
}

/// The data key of the open rows and its keeper.
#[derive(Debug, Clone)]
struct Safe {
    vault: Vault,
    key: DataKey,
}

impl BrowserPorts {
    /// Opens the database of this name; see [`super::prefs::database_name`].
    ///
    /// # Errors
    /// When the browser lacks what the app can not do without.
    pub async fn open(database: &str) -> Result<OpenedPhone, OpenError> {
        let entropy = BrowserEntropy::open().map_err(OpenError::Entropy)?;
        let disk = IdbStore::open(database).await?;
        Ok(match Vault::open(&disk, &entropy).await? {
            Door::Open(vault, key) => OpenedPhone::Open(Self::of(disk, Some(Safe { vault, key }), entropy)),
            Door::Locked(vault, slot) => OpenedPhone::Locked(LockedPhone { disk, vault, slot, entropy }),
            Door::Unsealed(_) => OpenedPhone::Open(Self::of(disk, None, entropy)),
        })
    }

    /// What opens no row of a database: enough to deliver what is sealed for the server.
    ///
    /// # Errors
    /// When the browser lacks what the app can not do without.
    pub async fn carrier_of(database: &str) -> Result<Self, OpenError> {
        let entropy = BrowserEntropy::open().map_err(OpenError::Entropy)?;
        Ok(Self::of(IdbStore::open(database).await?, None, entropy))
    }

    fn of(disk: IdbStore, safe: Option<Safe>, entropy: BrowserEntropy) -> Self {
        let keys = BrowserKeys::new(disk.clone());
        let store = SealedStore::new(disk, safe.as_ref().map(|safe| &safe.key), Rc::new(entropy.clone()));
        Self { store, safe, net: BrowserNet, keys, clock: BrowserClock, entropy }
    }

    /// The keeper of the data key; `None` where this browser keeps no keys and the rows are plain.
    #[must_use]
    pub fn vault(&self) -> Option<&Vault> {
        self.safe.as_ref().map(|safe| &safe.vault)
    }

    /// Puts a PIN before the rows, in the place of an older one; about one second of work on this phone.
    ///
    /// # Errors
    /// When the browser refuses; what was before still holds.
    pub async fn set_pin(&self, pin: &str) -> Result<(), Exception> {
        let safe = self.safe.as_ref().ok_or_else(|| Exception::lacking("a data key"))?;
        let (mut salt, mut nonce) = ([0; SALT_BYTES], [0; NONCE_BYTES]);
        self.entropy.fill(&mut salt);
        self.entropy.fill(&mut nonce);
        let least = stretch_away(pin, &salt, PinCost::LEAST).await?;
        let cost = PinCost::tuned(least.millis);
        let stretched = if cost == PinCost::LEAST { least } else { stretch_away(pin, &salt, cost).await? };
        let slot = PinSlot::close(&safe.key, &stretched.key, cost, salt, nonce);
        let slot = slot.ok_or_else(|| Exception::lacking("a cipher"))?;
        safe.vault.keep(&KeySlot::Pin(slot), &self.entropy).await
    }

    /// Takes the PIN away.
    ///
    /// # Errors
    /// When the browser refuses; the PIN still holds.
    pub async fn remove_pin(&self) -> Result<(), Exception> {
        let safe = self.safe.as_ref().ok_or_else(|| Exception::lacking("a data key"))?;
        safe.vault.keep(&KeySlot::Open(safe.key.clone()), &self.entropy).await
    }

    /// The same phone without the PIN; `None` when none is set.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn locked(&self) -> Result<Option<LockedPhone>, Exception> {
        let Some(vault) = self.vault() else { return Ok(None) };
        let KeySlot::Pin(slot) = vault.slot().await? else { return Ok(None) };
        let (disk, vault, entropy) = (self.store.inner().clone(), vault.clone(), self.entropy.clone());
        Ok(Some(LockedPhone { disk, vault, slot, entropy }))
    }
}

/// A phone with a PIN before its rows.
#[derive(Debug, Clone)]
pub struct LockedPhone {
    disk: IdbStore,
    vault: Vault,
    slot: PinSlot,
    entropy: BrowserEntropy,
}

impl LockedPhone {
    /// What opens no row: enough to deliver what is sealed for the server.
    #[must_use]
    pub fn carrier(&self) -> BrowserPorts {
        BrowserPorts::of(self.disk.clone(), None, self.entropy.clone())
    }

    /// Wrong PINs until now.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn tries(&self) -> Result<Tries, StoreError> {
        self.vault.tries().await
    }

    /// Tries a PIN; a second of work. `None` = it is another one. The try is counted before it is made.
    ///
    /// # Errors
    /// When the browser refuses.
    pub async fn unlock(&self, pin: &str, now_millis: i64) -> Result<Option<BrowserPorts>, Exception> {
        let tries = self.tries().await.map_err(said)?;
        if tries.wait_millis(now_millis) > 0 {
            return Ok(None);
        }
        self.vault.note_tries(tries.failed_at(now_millis)).await.map_err(said)?;
        let stretched = stretch_away(pin, &self.slot.salt, self.slot.cost).await?;
        let Some(key) = self.slot.open(&stretched.key) else { return Ok(None) };
        self.vault.note_tries(Tries::default()).await.map_err(said)?;
        let safe = Safe { vault: self.vault.clone(), key };
        Ok(Some(BrowserPorts::of(self.disk.clone(), Some(safe), self.entropy.clone())))
    }
}

impl Ports for BrowserPorts {
    type Store = SealedStore<IdbStore>;
    type Net = BrowserNet;
    type Keys = BrowserKeys;

    fn store(&self) -> &Self::Store {
        &self.store
    }

    fn net(&self) -> &BrowserNet {
        &self.net
    }

    fn keys(&self) -> &BrowserKeys {
        &self.keys
    }

    fn clock(&self) -> &dyn Clock {
        &self.clock
    }

    fn entropy(&self) -> &dyn Entropy {
        &self.entropy
    }
}
