//! The city package that holds: one at a time, exchanged while the server runs.
//!
//! Owns: the exchange. Refuses: to choose ([`crate::versions`]). Invariant: whoever took the package has it whole until they are
//! done: a request, a group of the sequencer and a long poll that was asked again each go by one package.

use std::sync::{Arc, PoisonError, RwLock};

use greenshield_domain::city::City;
use greenshield_domain::policy::Rules;

use crate::package::Package;

/// The package that holds, and the one that the settings name.
#[derive(Debug)]
pub struct Holding {
    named: Arc<Package>,
    now: RwLock<Arc<Package>>,
}

impl Holding {
    /// The package of the settings holds.
    #[must_use]
    pub fn of(package: Package) -> Self {
        let named = Arc::new(package);
        Self { now: RwLock::new(named.clone()), named }
    }

    /// The package of the settings: a file of the operator, or the one of this build.
    #[must_use]
    pub fn named(&self) -> Arc<Package> {
        self.named.clone()
    }

    /// The one that holds.
    #[must_use]
    pub fn package(&self) -> Arc<Package> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its city.
    #[must_use]
    pub fn city(&self) -> Arc<City> {
        self.package().city.clone()
    }

    /// Who may do what by it.
    #[must_use]
    pub fn rules(&self) -> Arc<Rules> {
        self.package().rules.clone()
    }

    /// Another one holds from now on.
    pub fn exchange(&self, package: Arc<Package>) {
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = package;
    }
}
