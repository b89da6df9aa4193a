//! A phone made of test parts: memory store, seeded key, settable clock, scripted network.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use greenshield_client::engine::Engine;
use greenshield_client::memory_store::MemoryStore;
use greenshield_client::ports::{
    Clock, Durability, Entropy, HttpRequest, HttpResponse, KeyError, Keys, LocalStore, Ports, Table, Transport,
    TransportError, Write,
};
use greenshield_client::rows::{HeadRow, IdentityRow, OpRow, meta, op_key, to_json};
use greenshield_domain::cbor::Value;
use greenshield_domain::ids::AccountId;
use greenshield_domain::incident::{KIND, field};
use greenshield_domain::merge::MergeRule;
use greenshield_domain::op::Entry;
use greenshield_domain::signature::{PublicKey, Signature, SignatureCheck};
use greenshield_domain::wire::Verdict;
use greenshield_testkit::build::{LogBuilder, START_MILLIS};
use greenshield_testkit::keys::{P256Check, SeededKey};
use greenshield_testkit::rng::SplitMix;

/// Replies in the order in which they will be given.
pub(crate) type Script = VecDeque<Result<HttpResponse, TransportError>>;

pub(crate) struct Parts {
    pub(crate) store: MemoryStore,
    pub(crate) key: SeededKey,
    pub(crate) wall_millis: Cell<i64>,
    pub(crate) script: RefCell<Script>,
    pub(crate) sent: RefCell<Vec<HttpRequest>>,
    rng: RefCell<SplitMix>,
}

impl Parts {
    /// The first key is the phone's seed; later ones are made when they are asked for.
    fn key(&self, number: u32) -> SeededKey {
        if number == 0 { self.key.clone() } else { SeededKey::new(u64::from(number) << 32 | 0x4e77) }
    }
}

impl Transport for Parts {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        self.sent.borrow_mut().push(request);
        self.script.borrow_mut().pop_front().unwrap_or(Err(TransportError::Offline))
    }
}

impl Keys for Parts {
    async fn public_key(&self, number: u32) -> Result<PublicKey, KeyError> {
        Ok(self.key(number).public_key())
    }

    async fn sign(&self, number: u32, message: &[u8]) -> Result<Signature, KeyError> {
        Ok(self.key(number).sign(message))
    }

    async fn verify(&self, key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
        P256Check.verify(key, message, signature)
    }
}

impl Clock for Parts {
    fn wall_millis(&self) -> i64 {
        self.wall_millis.get()
    }

    fn mono_millis(&self) -> i64 {
        self.wall_millis.get() - START_MILLIS
    }
}

impl Entropy for Parts {
    fn fill(&self, buffer: &mut [u8]) {
        buffer.fill_with(|| self.rng.borrow_mut().bytes::<1>()[0]);
    }
}

impl Ports for Parts {
    type Store = MemoryStore;
    type Net = Self;
    type Keys = Self;

    fn store(&self) -> &MemoryStore {
        &self.store
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

/// The key of the only server that these phones trust.
pub(crate) fn server_key() -> SeededKey {
    SeededKey::new(0x5e12_7e12)
}

/// An enrolled phone, offline.
pub(crate) async fn phone(seed: u64) -> Engine<Parts> {
    let store = MemoryStore::new();
    let account = AccountId([u8::try_from(seed).unwrap_or(255); 16]);
    let mut log = LogBuilder::new(seed, account);
    let genesis = log.genesis([7; 16]);
    let identity = IdentityRow {
        account,
        name: format!("person {seed}"),
        role: "volunteer".to_owned(),
        city: "test".to_owned(),
        log: log.log(),
        key: 0,
        before: Vec::new(),
        server_key: greenshield_domain::ids::to_hex(&server_key().public_key().0),
    };
    let head = HeadRow { log: log.log(), seq: 0, id: genesis.id() };
    let row = OpRow {
        account,
        eff_millis: START_MILLIS,
        received_millis: Some(START_MILLIS),
        verdict: Verdict::Ok,
        pos: 1,
        op: genesis,
    };
    let mut write = Write::new(Durability::Strict);
    write.put(Table::Meta, meta::IDENTITY, to_json(&identity));
    write.put(Table::Meta, meta::HEAD, to_json(&head));
    write.put(Table::Ops, op_key(&row.op.header().record, &row.op.id()), row.encode());
    store.write(write).await.expect("a store in memory takes the rows of a new phone");
    open(store, seed).await
}

/// Starts the app on what is stored.
pub(crate) async fn open(store: MemoryStore, seed: u64) -> Engine<Parts> {
    let parts = Parts {
        store,
        key: SeededKey::new(seed),
        wall_millis: Cell::new(START_MILLIS + 60_000),
        script: RefCell::default(),
        sent: RefCell::default(),
        rng: RefCell::new(SplitMix::new(seed)),
    };
    Engine::open(parts, Box::new(rule), "test").await.expect("the rows of this file read back")
}

/// The rules of the few fields that these tests use.
pub(crate) fn rule(kind: u32, field_id: u32) -> MergeRule {
    match (kind, field_id) {
        (KIND, field::FOUND_AT | field::PLACE) => MergeRule::Once,
        (KIND, field::CATEGORY) => MergeRule::Review,
        (KIND, field::PHOTOS) => MergeRule::Set,
        _ => MergeRule::Lww,
    }
}

/// A report without photos.
pub(crate) fn report(found_millis: i64) -> Vec<Entry> {
    vec![
        Entry::set(field::FOUND_AT, Value::Int(found_millis)),
        Entry::set(field::CATEGORY, Value::text("garbage-dumping")),
    ]
}
