//! A phone: the real engine over a disk, a clock and randomness of the world.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use greenshield_client::engine::Engine;
use greenshield_client::memory_store::MemoryStore;
use greenshield_client::ports::{
    Clock, Entropy, HttpRequest, HttpResponse, KeyError, Keys, Ports, Transport, TransportError,
};
use greenshield_domain::city::{City, FILES};
use greenshield_domain::ids::LogId;
use greenshield_domain::signature::{PublicKey, Signature, SignatureCheck};
use greenshield_server::keys::NativeCheck;
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::rng::SplitMix;

use crate::disk::Disk;
use crate::mutant::Mutant;
use crate::network::Network;

/// A profile: database and keys.
#[derive(Clone)]
pub struct Image {
    /// What was committed.
    pub rows: MemoryStore,
    keys: BTreeMap<u32, SeededKey>,
}

/// Everything around the engine of a phone.
pub struct Device {
    /// Its disk.
    pub disk: Disk,
    /// How wrong its clock is.
    pub clock_error_millis: Cell<i64>,
    network: Rc<Network>,
    /// The keys of the profile by number. A copy of the profile has those that were made before it.
    keys: RefCell<BTreeMap<u32, SeededKey>>,
    rng: RefCell<SplitMix>,
}

impl Device {
    /// A new phone.
    #[must_use]
    pub fn new(seed: u64, network: Rc<Network>) -> Self {
        Self {
            disk: Disk::new(network.clone()),
            clock_error_millis: Cell::new(0),
            network,
            keys: RefCell::default(),
            rng: RefCell::new(SplitMix::new(seed)),
        }
    }

    /// The same phone after its app was killed.
    #[must_use]
    pub fn after_kill(&self) -> Self {
        let seed = self.rng.borrow_mut().next_u64();
        Self {
            disk: self.disk.after_kill(),
            clock_error_millis: self.clock_error_millis.clone(),
            network: self.network.clone(),
            keys: self.keys.clone(),
            rng: RefCell::new(SplitMix::new(seed)),
        }
    }

    /// A copy of the profile as it is now.
    #[must_use]
    pub fn image(&self) -> Image {
        Image { rows: self.disk.rows.clone(), keys: self.keys.borrow().clone() }
    }

    /// The phone with the profile of an image instead of its own.
    #[must_use]
    pub fn with_profile(&self, image: &Image) -> Self {
        let mut phone = self.after_kill();
        phone.disk.rows = image.rows.clone();
        phone.keys.replace(image.keys.clone());
        phone
    }

    /// Starts the app.
    pub async fn start(self, city: Rc<City>) -> Engine<Device> {
        Engine::open(self, Box::new(move |kind, field| city.rule(kind, field)), "simulation").await.unwrap()
    }
}

impl Transport for Device {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        if self.disk.dead.get() {
            return Err(TransportError::Offline);
        }
        let keys = self.keys.borrow().clone();
        let key_of = |log: &LogId| keys.values().find(|key| key.log_id() == *log).cloned();
        self.network.send(request, key_of).await
    }
}

impl Keys for Device {
    async fn public_key(&self, number: u32) -> Result<PublicKey, KeyError> {
        let mut keys = self.keys.borrow_mut();
        let new = || SeededKey::new(self.rng.borrow_mut().next_u64());
        Ok(keys.entry(number).or_insert_with(new).public_key())
    }

    async fn sign(&self, number: u32, message: &[u8]) -> Result<Signature, KeyError> {
        Ok(self.keys.borrow().get(&number).ok_or(KeyError::Missing)?.sign(message))
    }

    async fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        self.network.mutant == Some(Mutant::ReceiptNotVerified) || NativeCheck.verify(key, message, signature)
    }
}

impl Clock for Device {
    fn wall_millis(&self) -> i64 {
        self.network.now_millis.get() + self.clock_error_millis.get()
    }

    fn mono_millis(&self) -> i64 {
        self.network.now_millis.get()
    }
}

impl Entropy for Device {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill_with(|| self.rng.borrow_mut().bytes::<1>()[0]);
    }
}

impl Ports for Device {
    type Store = Disk;
    type Net = Self;
    type Keys = Self;

    fn store(&self) -> &Disk {
        &self.disk
    }

    fn net(&self) -> &Self {
        self
    }

    fn keys(&self) -> &Self {
        self
    }

    fn clock(&self) -> &dyn Clock {
        self
    }

    fn entropy(&self) -> &dyn Entropy {
        self
    }
}

/// The city package of the repository.
pub(crate) fn city() -> City {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../city/");
    let read = |name: &&str| ((*name).to_owned(), std::fs::read_to_string(format!("{folder}{name}")).unwrap());
    City::from_files(&FILES.iter().map(read).collect()).unwrap()
}
