//! All ports of the browser in one value.

use greenshield_client::ports::{Clock, Entropy, Ports, StoreError};
use thiserror::Error;

use super::clock::BrowserClock;
use super::entropy::BrowserEntropy;
use super::net::BrowserNet;
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

/// [`Ports`] of the browser. A clone is the same browser.
#[derive(Debug, Clone)]
pub struct BrowserPorts {
    store: IdbStore,
    net: BrowserNet,
    keys: BrowserKeys,
    clock: BrowserClock,
    entropy: BrowserEntropy,
}

impl BrowserPorts {
    /// Opens the database of this name; see [`super::prefs::database_name`].
    ///
    /// # Errors
    /// When the browser lacks what the app can not do without.
    pub async fn open(database: &str) -> Result<Self, OpenError> {
        let entropy = BrowserEntropy::open().map_err(OpenError::Entropy)?;
        let store = IdbStore::open(database).await?;
        let keys = BrowserKeys::new(store.clone());
        Ok(Self { store, net: BrowserNet, keys, clock: BrowserClock, entropy })
    }
}

impl Ports for BrowserPorts {
    type Store = IdbStore;
    type Net = BrowserNet;
    type Keys = BrowserKeys;

    fn store(&self) -> &IdbStore {
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
