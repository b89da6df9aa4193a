//! A phone: the real engine over a disk, a clock and randomness of the world.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use greenshield_client::engine::Engine;
use greenshield_client::ports::{
    Clock, Entropy, HttpRequest, HttpResponse, KeyError, Keys, Ports, Transport, TransportError,
};
use greenshield_domain::city::City;
use greenshield_domain::ids::LogId;
use greenshield_domain::signature::{PublicKey, Signature, SignatureCheck};
use greenshield_server::keys::NativeCheck;
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::rng::SplitMix;

use crate::disk::Disk;
use crate::mutant::Mutant;
use crate::network::Network;

/// Everything around the engine of a phone.
pub struct Device {
    /// Its disk.
    pub disk: Disk,
    /// How wrong its clock is.
    pub clock_error_millis: Cell<i64>,
    network: Rc<Network>,
    key_seed: u64,
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
            key_seed: seed,
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
            key_seed: self.key_seed,
            rng: RefCell::new(SplitMix::new(seed)),
        }
    }

    /// The key of a number; each log has one of its own.
    fn key(&self, number: u32) -> SeededKey {
        SeededKey::new(SplitMix::new(self.key_seed ^ u64::from(number)).next_u64())
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
        let key_of = |log: &LogId| (0..8).map(|number| self.key(number)).find(|key| key.log_id() == *log);
        self.network.send(request, key_of).await
    }
}

impl Keys for Device {
    async fn public_key(&self, number: u32) -> Result<PublicKey, KeyError> {
        Ok(self.key(number).public_key())
    }

    async fn sign(&self, number: u32, message: &[u8]) -> Result<Signature, KeyError> {
        Ok(self.key(number).sign(message))
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
