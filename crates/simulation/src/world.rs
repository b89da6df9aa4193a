//! A city for one seed: people with phones who report and edit while things go wrong.

mod operators;
mod scopes;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

pub(crate) use self::scopes::ROLE;
use greenshield_client::engine::{Engine, EngineError, NewBlob, RecordView, Save};
use greenshield_client::ports::{LocalStore as _, Read, Table};
use greenshield_client::rows::{decode_signed, meta};
use greenshield_domain::cbor::Value;
use greenshield_domain::city::City;
use greenshield_domain::ids::{AccountId, BlobId, OpId, RecordId, sha256};
use greenshield_domain::incident::{BlobLink, KIND, field};
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::statement::Checkpoint;
use greenshield_testkit::build::START_MILLIS;
use greenshield_testkit::rng::SplitMix;
use tempfile::TempDir;

use crate::Outcome;
use crate::disk::{Death, Disk};
use crate::faults::Mix;
use crate::mutant::Mutant;
use crate::network::Network;
use crate::phone::{Device, Image, city};
use crate::server::Server;
use crate::violation::{Invariant, Violation};

/// Rounds of sync after which everything must have arrived once the faults stopped.
const MOST_ROUNDS: usize = 10;
/// How often a coordinator decides about an op, of ten thousand steps.
const DECISIONS: u64 = 400;
const DAY_MILLIS: i64 = 86_400_000;
const YEAR_MILLIS: i64 = 365 * DAY_MILLIS;

/// A person with a phone.
pub struct Phone {
    /// The app.
    pub engine: Engine<Device>,
    /// Whose it is.
    pub account: AccountId,
    /// Whether its owner was revoked.
    pub revoked: bool,
    /// Whether its profile was restored or goes on twice.
    pub copied: bool,
}

impl Phone {
    /// Its disk.
    #[must_use]
    pub fn disk(&self) -> &Disk {
        &self.engine.ports().disk
    }
}

/// An op that said 已存本机.
pub struct SavedOp {
    /// On which phone.
    pub phone: usize,
    /// The record.
    pub record: RecordId,
    /// The op.
    pub op: OpId,
}

/// A world.
pub struct World {
    /// The network with the server.
    pub network: Rc<Network>,
    /// Everybody.
    pub crowd: Vec<Phone>,
    /// All that was shown as saved.
    pub saved: Vec<SavedOp>,
    /// Photos by phone.
    pub photos: Vec<(usize, RecordId, BlobId, Vec<u8>)>,
    /// Checkpoints that phones were given.
    pub checkpoints: Vec<Checkpoint>,
    /// Whether the server was restored from a backup.
    pub restored: bool,
    /// Kinds and rules.
    pub city: Rc<City>,
    /// Who was given areas, and which.
    pub seats: BTreeMap<AccountId, Vec<String>>,
    people: usize,
    seed: u64,
    mutant: Option<Mutant>,
    pub(crate) rng: SplitMix,
    server_millis: Arc<AtomicI64>,
    /// The mix once everybody is enrolled.
    pub(crate) mix: Mix,
    /// Copies of profiles that somebody kept.
    pub(crate) images: BTreeMap<usize, Image>,
    backup: Option<TempDir>,
    unflushed: Option<TempDir>,
    trace: Vec<String>,
    hash: [u8; 32],
    /// Decides about erasures alone, so that worlds of older seeds stay as unlucky as they were.
    eraser: SplitMix,
}

impl World {
    /// A server, and 3 to 12 enrolled phones.
    pub async fn new(seed: u64, mix: Mix, mutant: Option<Mutant>) -> Self {
        let mut rng = SplitMix::new(seed);
        // Most worlds are small, so that each of them is quick; some are not.
        let phones = 3 + if rng.below(6) == 0 { rng.below(10) } else { rng.below(3) };
        Self::with_phones(seed, mix, mutant, phones).await
    }

    /// The same with so many phones.
    pub async fn with_phones(seed: u64, mix: Mix, mutant: Option<Mutant>, phones: u64) -> Self {
        let mut rng = SplitMix::new(seed ^ 0x9e37_79b9);
        let server_millis = Arc::new(AtomicI64::new(START_MILLIS));
        let server = Server::new(&mut rng, server_millis.clone()).await;
        let network = Network::new(server, SplitMix::new(rng.next_u64()), Mix::NONE, mutant, START_MILLIS);
        let mut world = Self {
            network: Rc::new(network),
            crowd: Vec::new(),
            saved: Vec::new(),
            photos: Vec::new(),
            checkpoints: Vec::new(),
            people: 0,
            restored: false,
            city: Rc::new(city()),
            seats: BTreeMap::new(),
            seed,
            mutant,
            rng,
            server_millis,
            mix,
            images: BTreeMap::new(),
            backup: None,
            unflushed: None,
            trace: Vec::new(),
            hash: [0; 32],
            eraser: SplitMix::new(seed ^ 0x0e7a_5ed0),
        };
        for _ in 0..phones {
            let phone = world.enrolled().await;
            world.crowd.push(phone);
            world.network.counter.count("phones");
        }
        world.network.counter.count("seeds");
        world.network.mix.set(world.mix);
        world
    }

    async fn enrolled(&mut self) -> Phone {
        let name = format!("person {}", self.people);
        let (account, code) = self.network.server.borrow().invite(&mut self.rng, &name).await;
        let device = Device::new(self.rng.next_u64(), self.network.clone());
        let engine = device.start(self.city.clone()).await;
        engine.enrol(&code).await.unwrap();
        self.people += 1;
        Phone { engine, account, revoked: false, copied: false }
    }

    /// How many people there are.
    #[must_use]
    pub fn phones(&self) -> usize {
        self.crowd.len()
    }

    /// What it came to.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        Outcome { trace: self.hash, counts: self.network.counter.counts() }
    }

    /// The last steps.
    #[must_use]
    pub fn trace(&self) -> &[String] {
        &self.trace
    }

    pub(crate) fn violation(&self, invariant: Invariant, detail: String) -> Box<Violation> {
        Box::new(Violation { seed: self.seed, invariant, detail, trace: self.trace.clone(), mutant: self.mutant })
    }

    pub(crate) fn note(&mut self, line: String) {
        self.hash = sha256(&[&self.hash, line.as_bytes()]);
        self.trace.push(line);
    }

    /// Time goes by for everybody.
    pub fn pass_time(&self, millis: i64) {
        self.network.now_millis.set(self.network.now_millis.get() + millis);
        self.server_millis.fetch_add(millis, Ordering::Relaxed);
    }

    /// Somebody moves the clock of a phone.
    pub fn shift_clock(&self, phone: usize, millis: i64) {
        self.crowd[phone].engine.ports().clock_error_millis.set(millis);
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.below(bound as u64)).unwrap()
    }

    fn happens(&mut self, name: &str, per_ten_thousand: u64) -> bool {
        let happens = self.rng.happens(per_ten_thousand);
        if happens {
            self.network.counter.count(name);
        }
        happens
    }

    /// One thing happens somewhere, after whatever goes wrong.
    ///
    /// # Errors
    /// A [`Violation`] that shows already.
    pub async fn step(&mut self) -> Result<(), Box<Violation>> {
        self.network.counter.count("steps");
        let millis = 1_000 + i64::try_from(self.rng.below(60_000)).unwrap();
        self.pass_time(millis);
        self.misfortune().await?;
        let phone = self.below(self.crowd.len());
        let action = self.rng.below(100);
        let result = match action {
            0..15 => self.report(phone).await.map(|record| format!("report {record:?}")),
            15..40 => self.edit_something(phone).await,
            40..65 => self.crowd[phone].engine.push_due().await.map(|p| format!("push {} of {}", p.delivered, p.sent)),
            65..80 => self.pull(phone).await,
            80..94 => {
                self.crowd[phone].engine.upload_step().await.map(|u| format!("upload {:?} {}", u.blob, u.delivered))
            }
            94..97 => self.crowd[phone].engine.retry_now().await.map(|()| "retry".to_owned()),
            _ => {
                self.crowd.iter().for_each(|phone| phone.disk().rows.set_quota(None));
                Ok("everybody has room".to_owned())
            }
        };
        self.note(format!("phone {phone}: {}", result.unwrap_or_else(|error| format!("action {action}: {error}"))));
        self.keep_checkpoint(phone).await;
        if self.crowd[phone].disk().dead.get() {
            self.restart(phone).await;
        }
        Ok(())
    }

    async fn pull(&self, phone: usize) -> Result<String, EngineError> {
        let engine = &self.crowd[phone].engine;
        let pulled = engine.pull(0).await?;
        if pulled.new_epoch {
            return engine.reconcile().await.map(|ops| format!("reconcile {ops}"));
        }
        Ok(format!("pull {}", pulled.ops))
    }

    async fn keep_checkpoint(&mut self, phone: usize) {
        let read = Read::Get(Table::Meta, meta::CHECKPOINT.to_vec());
        let found = self.crowd[phone].disk().rows.read(vec![read]).await.unwrap();
        let signed = found[0].first().and_then(|(_, bytes)| decode_signed(bytes));
        if let Some(checkpoint) = signed.and_then(|signed| signed.read_unchecked::<Checkpoint>().ok())
            && self.checkpoints.last() != Some(&checkpoint)
        {
            self.checkpoints.push(checkpoint);
        }
    }

    /// What goes wrong before a step.
    async fn misfortune(&mut self) -> Result<(), Box<Violation>> {
        let mix = self.mix;
        let phone = self.below(self.crowd.len());
        if self.happens("phone kills", mix.phone_kill) {
            match self.below(3) {
                0 => self.restart(phone).await,
                1 => self.crowd[phone].disk().death.set(Some(Death::BeforeCommit)),
                _ => self.crowd[phone].disk().death.set(Some(Death::AfterCommit)),
            }
        }
        self.copied_profiles(phone).await;
        if self.happens("clock jumps", mix.clock_jump) {
            let most = [1_000, 60_000, DAY_MILLIS, YEAR_MILLIS, 10 * YEAR_MILLIS][self.below(5)];
            let error = i64::try_from(self.rng.below(u64::try_from(2 * most).unwrap())).unwrap() - most;
            self.shift_clock(phone, error);
        }
        if self.happens("phones full", mix.quota_full) {
            let rows = &self.crowd[phone].disk().rows;
            rows.set_quota(Some(rows.size_bytes() + 300));
        }
        if phone > 0 && !self.crowd[phone].revoked && self.happens("revocations", mix.revocation) {
            self.revoke(phone).await;
        }
        if self.rng.happens(mix.scope_change) {
            self.change_scope(phone).await;
        }
        if self.eraser.happens(mix.erasure) {
            self.erase().await;
        }
        if mix.server_kill > 0 && self.rng.happens(DECISIONS) {
            self.judge().await;
        }
        if self.backup.is_none() && mix.server_restore > 0 && self.rng.happens(500) {
            self.backup = Some(self.network.server.borrow().image());
        }
        if self.mutant == Some(Mutant::NormalSync) && self.rng.happens(2_000) {
            self.unflushed = Some(self.network.server.borrow().image());
        }
        if self.happens("server kills", mix.server_kill) {
            self.kill_server().await?;
        }
        if self.backup.is_some() && self.happens("server restores", mix.server_restore) {
            self.restore_server().await;
        }
        Ok(())
    }

    async fn restart(&mut self, phone: usize) {
        let device = self.crowd[phone].engine.ports().after_kill();
        self.crowd[phone].engine = device.start(self.city.clone()).await;
        self.note(format!("phone {phone} started again"));
    }

    /// A report with a photo, by way of a draft.
    ///
    /// # Errors
    /// [`EngineError`]; then nothing was shown as saved.
    pub async fn report(&mut self, phone: usize) -> Result<RecordId, EngineError> {
        let size = self.below(1_500) + 1;
        let bytes: Vec<u8> = (0..size).map(|_| self.rng.bytes::<1>()[0]).collect();
        let (id, mime) = (BlobId::of(&bytes), "image/jpeg".to_owned());
        let link =
            BlobLink { blob: id, size_bytes: bytes.len() as u64, mime: mime.clone(), name: None, original: None };
        let file = NewBlob { id, bytes: bytes.clone(), mime, original: None };
        let engine = &self.crowd[phone].engine;
        engine.keep_draft("report", b"form".to_vec(), vec![file]).await?;
        let entries = vec![
            Entry::set(field::FOUND_AT, Value::Int(self.network.now_millis.get())),
            Entry::set(field::CATEGORY, Value::text("garbage-dumping")),
            link.to_entry(field::PHOTOS),
        ];
        let record = self.save(phone, None, entries).await?;
        self.photos.push((phone, record, id, bytes));
        self.network.counter.count("photos saved");
        Ok(record)
    }

    /// Saves and remembers what was said.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn save(
        &mut self,
        phone: usize,
        record: Option<RecordId>,
        entries: Vec<Entry>,
    ) -> Result<RecordId, EngineError> {
        let draft = record.is_none().then(|| "report".to_owned());
        let saved = self.crowd[phone].engine.save(Save { record, kind: KIND, entries, draft }).await?;
        self.saved.push(SavedOp { phone, record: saved.record, op: saved.op });
        self.network.counter.count("ops saved");
        Ok(saved.record)
    }

    async fn edit_something(&mut self, phone: usize) -> Result<String, EngineError> {
        let rows = self.crowd[phone].engine.list(None, 1_000).await?.rows;
        if rows.is_empty() {
            return Ok("nothing to edit".to_owned());
        }
        let record = rows[self.below(rows.len())].record;
        let word = Value::text(format!("word {}", self.rng.below(1_000)));
        let tag = Value::text(format!("tag {}", self.rng.below(3)));
        let entry = match self.rng.below(5) {
            0 => Entry::set(field::NOTE, word),
            1 => Entry::set(field::STATE, word),
            2 => Entry::set(field::CATEGORY, word),
            3 => Entry { field: field::PHOTOS, act: Act::Add, value: tag },
            _ => Entry { field: field::PHOTOS, act: Act::Remove, value: tag },
        };
        self.save(phone, Some(record), vec![entry]).await?;
        Ok(format!("edit {:?}", self.saved.last().map(|saved| saved.op)))
    }

    /// The faults stop.
    pub fn heal(&mut self) {
        self.mix = Mix::NONE;
        self.network.mix.set(Mix::NONE);
        for phone in &self.crowd {
            phone.disk().rows.set_quota(None);
            phone.disk().death.set(None);
        }
    }

    /// Syncs everybody until nothing is left, in at most [`MOST_ROUNDS`] rounds.
    ///
    /// # Errors
    /// [`Invariant::QueuesDrain`].
    pub async fn drain(&mut self) -> Result<(), Box<Violation>> {
        self.network.deliver_late(u64::MAX).await;
        // Killed by what somebody else did last: its owner starts it again.
        for index in 0..self.crowd.len() {
            if self.crowd[index].disk().dead.get() {
                self.restart(index).await;
            }
        }
        let mut left = String::new();
        for _ in 0..MOST_ROUNDS {
            self.pass_time(1_000);
            left.clear();
            for index in 0..self.crowd.len() {
                if let Err(error) = self.sync(index).await {
                    left = format!("phone {index}: {error}");
                }
            }
            for (index, phone) in self.crowd.iter().enumerate() {
                let status = phone.engine.status().await.unwrap();
                // Photos of a revoked phone are not taken any more, and it can not ask a restored server what that lacks.
                let excused = phone.revoked && (status.ops_unsent == 0 || self.restored);
                if (status.ops_unsent > 0 || status.blobs_unsent > 0) && !excused {
                    left = format!("phone {index}: {:?}", phone.engine.unsent().await.unwrap());
                }
            }
            if left.is_empty() {
                for index in 0..self.crowd.len() {
                    let synced = self.sync(index).await;
                    synced.map_err(|error| self.violation(Invariant::QueuesDrain, error.to_string()))?;
                }
                return Ok(());
            }
        }
        Err(self.violation(Invariant::QueuesDrain, left))
    }

    async fn sync(&self, index: usize) -> Result<(), EngineError> {
        let phone = &self.crowd[index];
        phone.engine.retry_now().await?;
        while phone.engine.push_due().await?.due > 0 {}
        if phone.revoked {
            return Ok(());
        }
        while phone.engine.upload_step().await?.blob.is_some() {}
        loop {
            let pulled = phone.engine.pull(0).await?;
            if pulled.new_epoch {
                phone.engine.reconcile().await?;
            }
            if !pulled.more {
                return Ok(());
            }
        }
    }

    /// Somebody who was never here before enrols, takes the snapshot and pulls what came since.
    ///
    /// # Errors
    /// [`Invariant::QueuesDrain`] when that is refused.
    pub(crate) async fn late_comer(&mut self) -> Result<Phone, Box<Violation>> {
        let late = self.enrolled().await;
        loop {
            match late.engine.pull(0).await {
                Ok(pulled) if pulled.more => {}
                Ok(_) => break,
                Err(error) => return Err(self.violation(Invariant::QueuesDrain, error.to_string())),
            }
        }
        for index in 0..self.crowd.len() {
            if !self.crowd[index].revoked {
                let synced = self.sync(index).await;
                synced.map_err(|error| self.violation(Invariant::QueuesDrain, error.to_string()))?;
            }
        }
        Ok(late)
    }

    /// A record as a phone shows it.
    pub async fn record(&self, phone: usize, record: RecordId) -> RecordView {
        self.crowd[phone].engine.record(record).await.unwrap().unwrap()
    }

    /// A photo as it is on the phone that took it.
    ///
    /// # Errors
    /// [`EngineError`].
    pub async fn photo(&self, phone: usize, blob: BlobId) -> Result<Option<Vec<u8>>, EngineError> {
        self.crowd[phone].engine.blob_bytes(blob).await
    }
}
