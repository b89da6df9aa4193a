//! A phone: the real engine over a store in memory and a network that can fail in every way.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use greenshield_client::engine::Engine;
use greenshield_client::memory_store::MemoryStore;
use greenshield_client::ports::{
    Clock, Entropy, HttpRequest, HttpResponse, KeyError, Keys, LocalStore, Ports, Read, Row, StoreError, Transport,
    TransportError, Write,
};
use greenshield_client::row_seal::DataKey;
use greenshield_client::sealed_store::SealedStore;
use greenshield_domain::city::City;
use greenshield_domain::signature::{PublicKey, Signature, SignatureCheck};
use greenshield_testkit::keys::{P256Check, SeededKey};
use greenshield_testkit::rng::SplitMix;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// What the network does, each in ten thousand requests.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    /// The request never arrives.
    pub(crate) dropped: u64,
    /// The reply never comes back, after the server did it.
    pub(crate) reply_lost: u64,
    /// The request arrives twice.
    pub(crate) repeated: u64,
    /// The body ends early.
    pub(crate) cut: u64,
    /// A bit of the body is another one.
    pub(crate) flipped: u64,
}

/// Everything of a phone that is not its database.
pub(crate) struct Parts {
    pub(crate) store: SealedStore<MemoryStore>,
    pub(crate) router: RefCell<Router>,
    pub(crate) now_millis: Rc<Cell<i64>>,
    pub(crate) clock_error_millis: Cell<i64>,
    pub(crate) faults: Cell<Faults>,
    /// Steps (reads, writes, requests, signatures) until the phone dies; `None` = it lives on.
    pub(crate) steps_left: Cell<Option<usize>>,
    keys: RefCell<BTreeMap<u32, SeededKey>>,
    rng: RefCell<SplitMix>,
}

impl Parts {
    pub(crate) fn new(seed: u64, router: Router, now_millis: Rc<Cell<i64>>) -> Self {
        Self {
            store: sealed(MemoryStore::new(), seed),
            router: RefCell::new(router),
            now_millis,
            clock_error_millis: Cell::new(0),
            faults: Cell::default(),
            steps_left: Cell::new(None),
            keys: RefCell::new([(0, SeededKey::new(seed))].into()),
            rng: RefCell::new(SplitMix::new(seed)),
        }
    }

    /// The same phone, started without the PIN: no row of it opens.
    pub(crate) fn locked(&self) -> Self {
        let parts = self.restarted();
        let disk = parts.store.inner().clone();
        Self { store: SealedStore::new(disk, None, Rc::new(Nonces(RefCell::new(SplitMix::new(0))))), ..parts }
    }

    /// The same phone with the PIN of the phone of this seed.
    pub(crate) fn unlocked(&self, seed: u64) -> Self {
        let parts = self.restarted();
        let disk = parts.store.inner().clone();
        Self { store: sealed(disk, seed), ..parts }
    }

    /// The same phone after its app was killed: only the database is left.
    pub(crate) fn restarted(&self) -> Self {
        let seed = self.rng.borrow_mut().next_u64();
        Self {
            store: self.store.clone(),
            router: self.router.clone(),
            now_millis: self.now_millis.clone(),
            clock_error_millis: self.clock_error_millis.clone(),
            faults: self.faults.clone(),
            steps_left: Cell::new(None),
            keys: self.keys.clone(),
            rng: RefCell::new(SplitMix::new(seed)),
        }
    }

    /// Whether this step is still taken.
    fn lives(&self) -> bool {
        let left = self.steps_left.get();
        self.steps_left.set(left.map(|left| left.saturating_sub(1)));
        left != Some(0)
    }

    fn key(&self, number: u32) -> SeededKey {
        let made = || SeededKey::new(self.rng.borrow_mut().next_u64());
        self.keys.borrow_mut().entry(number).or_insert_with(made).clone()
    }

    fn happens(&self, per_ten_thousand: u64) -> bool {
        self.rng.borrow_mut().happens(per_ten_thousand)
    }

    fn damaged(&self, mut body: Vec<u8>) -> Vec<u8> {
        let faults = self.faults.get();
        if !body.is_empty() && self.happens(faults.cut) {
            body.truncate(self.below(body.len()));
        }
        if !body.is_empty() && self.happens(faults.flipped) {
            let at = self.below(body.len());
            body[at] ^= 1 << self.below(8);
        }
        body
    }

    fn below(&self, bound: usize) -> usize {
        usize::try_from(self.rng.borrow_mut().below(bound as u64)).unwrap()
    }

    async fn deliver(&self, request: &HttpRequest, body: Vec<u8>) -> HttpResponse {
        let mut builder = Request::builder().method(request.method).uri(&request.path);
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let router = self.router.borrow().clone();
        let response = router.oneshot(builder.body(Body::from(body)).unwrap()).await.unwrap();
        let status = response.status().as_u16();
        let headers = response.headers().iter();
        let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned())).collect();
        let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
        HttpResponse { status, headers, body }
    }
}

impl Transport for Parts {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let faults = self.faults.get();
        if !self.lives() || self.happens(faults.dropped) {
            return Err(TransportError::Offline);
        }
        if self.happens(faults.repeated) {
            self.deliver(&request, request.body.clone()).await;
        }
        let body = self.damaged(request.body.clone());
        let response = self.deliver(&request, body).await;
        // The transport layer turns a damaged reply into a lost one; a damaged request can also come from a bad carrier.
        if self.happens(faults.reply_lost + faults.cut + faults.flipped) {
            return Err(TransportError::Timeout);
        }
        Ok(response)
    }
}

impl Keys for Parts {
    async fn public_key(&self, number: u32) -> Result<PublicKey, KeyError> {
        if self.lives() { Ok(self.key(number).public_key()) } else { Err(KeyError::Missing) }
    }

    async fn sign(&self, number: u32, message: &[u8]) -> Result<Signature, KeyError> {
        if self.lives() { Ok(self.key(number).sign(message)) } else { Err(KeyError::Missing) }
    }

    async fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        P256Check.verify(key, message, signature)
    }
}

impl Clock for Parts {
    fn wall_millis(&self) -> i64 {
        self.now_millis.get() + self.clock_error_millis.get()
    }

    fn mono_millis(&self) -> i64 {
        self.now_millis.get()
    }
}

impl Entropy for Parts {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill_with(|| self.rng.borrow_mut().bytes::<1>()[0]);
    }
}

impl LocalStore for Parts {
    async fn read(&self, reads: Vec<Read>) -> Result<Vec<Vec<Row>>, StoreError> {
        if self.lives() { self.store.read(reads).await } else { Err(StoreError::Lost) }
    }

    async fn write(&self, write: Write) -> Result<(), StoreError> {
        if self.lives() { self.store.write(write).await } else { Err(StoreError::Lost) }
    }
}

impl Ports for Parts {
    type Store = Self;
    type Net = Self;
    type Keys = Self;

    fn store(&self) -> &Self {
        self
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

struct Nonces(RefCell<SplitMix>);

impl Entropy for Nonces {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill_with(|| self.0.borrow_mut().bytes::<1>()[0]);
    }
}

/// Of two phones one keeps its rows sealed, as people's do, and one plain, where a browser stores no keys.
fn sealed(disk: MemoryStore, seed: u64) -> SealedStore<MemoryStore> {
    let key = seed.is_multiple_of(2).then(|| DataKey::new(SplitMix::new(seed).bytes()));
    SealedStore::new(disk, key.as_ref(), Rc::new(Nonces(RefCell::new(SplitMix::new(seed)))))
}

/// Starts the app on a phone.
pub(crate) async fn start(parts: Parts, city: Rc<City>) -> Engine<Parts> {
    Engine::open(parts, Box::new(move |kind, field| city.rule(kind, field)), "test").await.unwrap()
}
