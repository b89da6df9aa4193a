//! A server and some phones, moved by one seed; and the promises that must hold in the end.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use greenshield_client::engine::{Engine, NewBlob, RecordView, Save};
use greenshield_client::ports::{Durability, LocalStore as _, Read, Table, Write};
use greenshield_client::rows::meta;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, FILES};
use greenshield_domain::ids::{BlobId, OpId, RecordId};
use greenshield_domain::incident::{BlobLink, KIND, field};
use greenshield_domain::op::{Act, Entry, SignedOp};
use greenshield_domain::verdict::{Ruling, SERVER_ACCOUNT};
use greenshield_domain::wire::{PulledOp, Verdict};
use greenshield_server::app::{self, Started};
use greenshield_server::clock::Clock;
use greenshield_server::place::Place;
use greenshield_server::store::Store as _;
use greenshield_server::{admin, assets::Assets, backup, invites, routes};
use greenshield_testkit::build::START_MILLIS;
use greenshield_testkit::rng::SplitMix;

use crate::phone::{Faults, Parts, start};

/// Rounds of sync after which everything must have arrived once the faults stopped.
const MOST_ROUNDS: usize = 10;

const FAULTS: Faults = Faults { dropped: 1_500, reply_lost: 700, repeated: 500, cut: 300, flipped: 100 };

#[derive(Debug)]
struct TestClock(Arc<AtomicI64>);

impl Clock for TestClock {
    fn now_millis(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

pub(crate) struct World {
    seed: u64,
    rng: SplitMix,
    city: Rc<City>,
    phones: Vec<Engine<Parts>>,
    now_millis: Rc<Cell<i64>>,
    server_millis: Arc<AtomicI64>,
    database: Option<String>,
    backup: Option<tempfile::TempDir>,
    /// What said 已存本机: phone, record, op.
    saved: Vec<(usize, RecordId, OpId)>,
    blobs: Vec<(usize, BlobId, Vec<u8>)>,
    _server: Started,
    _data: tempfile::TempDir,
}

async fn serve(place: &Place, millis: &Arc<AtomicI64>) -> Started {
    app::start(place, Assets::load(None, None).unwrap(), Arc::new(TestClock(millis.clone()))).await.unwrap()
}

impl World {
    pub(crate) async fn new(seed: u64, phones: u64) -> Self {
        let data = tempfile::tempdir().unwrap();
        let server_millis = Arc::new(AtomicI64::new(START_MILLIS));
        let place = Place { data: data.path().to_owned(), database: greenshield_pg_harness::asked(), blobs: None };
        let server = serve(&place, &server_millis).await;
        let city = Rc::new(city());
        let now_millis = Rc::new(Cell::new(START_MILLIS));
        let mut world = Self {
            seed,
            rng: SplitMix::new(seed),
            city,
            phones: Vec::new(),
            now_millis,
            server_millis,
            database: place.database,
            backup: None,
            saved: Vec::new(),
            blobs: Vec::new(),
            _server: server,
            _data: data,
        };
        for i in 0..phones {
            world.add_phone(seed * 100 + i).await;
        }
        world
    }

    async fn add_phone(&mut self, seed: u64) {
        let app = self._server.app.clone();
        let account = invites::new_account(&app.store, &format!("person {seed}"), "auxiliary", START_MILLIS).await;
        let invitation = invites::invite(&app.store, account.unwrap(), None, START_MILLIS, i64::MAX).await.unwrap();
        let parts = Parts::new(seed, routes::router(app), self.now_millis.clone());
        let engine = start(parts, self.city.clone()).await;
        engine.enrol(&invitation.code).await.unwrap();
        engine.ports().faults.set(FAULTS);
        self.phones.push(engine);
    }

    /// Somebody new, on a good network; returns the number of the phone.
    pub(crate) async fn newcomer(&mut self) -> usize {
        let seed = self.rng.next_u64();
        self.add_phone(seed).await;
        let phone = self.phones.len() - 1;
        self.phones[phone].ports().faults.set(Faults::default());
        phone
    }

    /// The server, for what an operator does.
    pub(crate) fn server(&self) -> &Started {
        &self._server
    }

    /// The network of a phone becomes bad.
    pub(crate) fn shake(&self, phone: usize) {
        self.phones[phone].ports().faults.set(FAULTS);
    }

    /// All phones from this number on are gone.
    pub(crate) fn dismiss(&mut self, from: usize) {
        self.phones.truncate(from);
    }

    /// Time goes by for everybody.
    pub(crate) fn pass_time(&self, millis: i64) {
        self.now_millis.set(self.now_millis.get() + millis);
        self.server_millis.fetch_add(millis, Ordering::Relaxed);
    }

    /// Somebody changed the clock of a phone.
    pub(crate) fn shift_clock(&self, phone: usize, millis: i64) {
        self.phones[phone].ports().clock_error_millis.set(millis);
    }

    /// The faults stop.
    pub(crate) fn heal(&self) {
        for phone in &self.phones {
            phone.ports().faults.set(Faults::default());
            phone.ports().store.inner().set_quota(None);
        }
    }

    /// One thing happens somewhere.
    pub(crate) async fn step(&mut self) {
        let millis = 1_000 + i64::try_from(self.rng.below(60_000)).unwrap();
        self.pass_time(millis);
        let phone = self.below(self.phones.len());
        match self.rng.below(100) {
            0..15 => drop(self.try_report(phone).await),
            15..35 => self.edit_something(phone).await,
            35..60 => drop(self.phones[phone].push_due().await),
            60..75 => drop(self.phones[phone].pull(0).await),
            75..88 => drop(self.phones[phone].upload_step().await),
            88..92 => {
                let error = [0, 1_000, -86_400_000, 315_360_000_000, -315_360_000_000][self.below(5)];
                self.shift_clock(phone, error);
            }
            92..96 => self.restart(phone).await,
            96..98 => {
                let size = self.phones[phone].ports().store.inner().size_bytes();
                self.phones[phone].ports().store.inner().set_quota(Some(size + 200));
            }
            _ => self.phones[phone].ports().store.inner().set_quota(None),
        }
    }

    /// The app of a phone is killed and started again.
    pub(crate) async fn restart(&mut self, phone: usize) {
        let parts = self.phones[phone].ports().restarted();
        self.phones[phone] = start(parts, self.city.clone()).await;
    }

    /// The app of a phone goes on with another state of its database.
    pub(crate) async fn reopen(&mut self, phone: usize, parts: Parts) {
        self.phones[phone] = start(parts, self.city.clone()).await;
    }

    /// The log of a phone is revoked.
    pub(crate) async fn revoke(&self, phone: usize) {
        let log = self.phones[phone].identity().unwrap().log.to_hex();
        admin::revoke_log(&self._server.app.store, &log, self.server_millis.load(Ordering::Relaxed)).await.unwrap();
    }

    /// A second device with everything of the first, as after copying a profile; returns its number.
    pub(crate) async fn copy(&mut self, phone: usize) -> usize {
        let parts = self.phones[phone].ports().restarted();
        self.phones.push(start(parts, self.city.clone()).await);
        self.phones.len() - 1
    }

    /// A phone gets back what a copy of it, made earlier, holds; the copy is gone.
    pub(crate) async fn restore_phone(&mut self, phone: usize, copy: usize) {
        self.phones.swap(phone, copy);
        self.phones.truncate(copy);
    }

    /// The engine of a phone.
    pub(crate) fn phone(&self, phone: usize) -> &Engine<Parts> {
        &self.phones[phone]
    }

    /// How often a phone has begun a new log.
    pub(crate) fn rotations(&self, phone: usize) -> usize {
        self.phones[phone].identity().unwrap().before.len()
    }

    /// Makes a backup of the running server, as `greenshield backup` does.
    pub(crate) async fn back_up_server(&mut self) {
        let to = tempfile::tempdir().unwrap();
        let now_millis = self.server_millis.load(Ordering::Relaxed);
        backup::make(&Place::from(self._data.path()), to.path(), now_millis).await.unwrap();
        self.backup = Some(to);
    }

    /// The server is replaced by its backup, as an operator does it: with a new epoch.
    pub(crate) async fn restore_server(&mut self) {
        let (from, data) = (self.backup.take().unwrap(), tempfile::tempdir().unwrap());
        backup::restore(&Place::from(data.path()), from.path()).await.unwrap();
        self._server = serve(&Place::from(data.path()), &self.server_millis).await;
        self._data = data;
        self.connect();
    }

    /// The server stops and starts again on the same database, with all that was committed.
    pub(crate) async fn restart_server(&mut self) {
        let data = tempfile::tempdir().unwrap();
        // Nothing runs, so every commit is in the files.
        copy(self._data.path(), data.path());
        let place = Place { database: self.database.clone(), ..Place::from(data.path()) };
        self._server = serve(&place, &self.server_millis).await;
        self._data = data;
        self.connect();
    }

    fn connect(&self) {
        for phone in &self.phones {
            *phone.ports().router.borrow_mut() = routes::router(self._server.app.clone());
        }
    }

    /// Pulls to the end, as the app does.
    pub(crate) async fn pull_all(&self, phone: usize) {
        pull_all(&self.phones[phone]).await;
    }

    /// The same without a snapshot, as with a server that has none.
    pub(crate) async fn pull_from_the_beginning(&self, phone: usize) {
        let mut write = Write::new(Durability::Relaxed);
        write.put(Table::Meta, meta::CURSOR, Vec::new());
        self.phones[phone].ports().store.write(write).await.unwrap();
        pull_all(&self.phones[phone]).await;
    }

    /// Whether a phone was given a part of a snapshot and not yet its end.
    pub(crate) async fn is_in_a_snapshot(&self, phone: usize) -> bool {
        let read = Read::Get(Table::Meta, meta::SNAPSHOT.to_vec());
        !self.phones[phone].ports().store.read(vec![read]).await.unwrap()[0].is_empty()
    }

    /// The exact rows of the list.
    pub(crate) async fn list_rows(&self, phone: usize) -> Vec<(Vec<u8>, Vec<u8>)> {
        let read = Read::prefix(Table::RecordList, &[], usize::MAX);
        self.phones[phone].ports().store.read(vec![read]).await.unwrap().remove(0)
    }

    /// Something is saved that must succeed; the words name it.
    pub(crate) async fn note(&mut self, phone: usize, record: RecordId, words: &str) {
        self.set(phone, record, Entry::set(field::NOTE, Value::text(words))).await;
    }

    async fn try_report(&mut self, phone: usize) -> Option<RecordId> {
        let bytes: Vec<u8> = (0..self.below(2_000) + 1).map(|_| self.rng.bytes::<1>()[0]).collect();
        let (id, mime) = (BlobId::of(&bytes), "image/jpeg".to_owned());
        let link =
            BlobLink { blob: id, size_bytes: bytes.len() as u64, mime: mime.clone(), name: None, original: None };
        let file = NewBlob { id, bytes: bytes.clone(), mime, original: None };
        let engine = &self.phones[phone];
        engine.keep_draft("report", b"form".to_vec(), vec![file]).await.ok()?;
        let entries = vec![
            Entry::set(field::FOUND_AT, Value::Int(self.now_millis.get())),
            Entry::set(field::CATEGORY, Value::text("garbage-dumping")),
            link.to_entry(field::PHOTOS),
        ];
        let save = Save { record: None, kind: KIND, entries, draft: Some("report".to_owned()) };
        let saved = engine.save(save).await.ok()?;
        self.saved.push((phone, saved.record, saved.op));
        self.blobs.push((phone, id, bytes));
        Some(saved.record)
    }

    /// A report with a photo that must succeed.
    pub(crate) async fn report(&mut self, phone: usize) -> RecordId {
        self.try_report(phone).await.unwrap()
    }

    /// The op that was saved last.
    pub(crate) fn saved_last(&self) -> OpId {
        self.saved.last().unwrap().2
    }

    /// A coordinator decides about an op.
    pub(crate) async fn judge(&self, target: OpId, verdict: Verdict) {
        let ruling = Ruling { target, verdict, by: SERVER_ACCOUNT, reason: "looked at".to_owned() };
        assert!(self._server.app.sequencer.judge(ruling).await.unwrap().is_some());
    }

    /// An edit that must succeed.
    pub(crate) async fn set(&mut self, phone: usize, record: RecordId, entry: Entry) -> OpId {
        let save = Save { record: Some(record), kind: KIND, entries: vec![entry], draft: None };
        let saved = self.phones[phone].save(save).await.unwrap();
        self.saved.push((phone, saved.record, saved.op));
        saved.op
    }

    async fn edit_something(&mut self, phone: usize) {
        let rows = self.phones[phone].list(None, 1_000).await.unwrap().rows;
        if rows.is_empty() {
            return;
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
        let save = Save { record: Some(record), kind: KIND, entries: vec![entry], draft: None };
        if let Ok(saved) = self.phones[phone].save(save).await {
            self.saved.push((phone, saved.record, saved.op));
        }
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.rng.below(bound as u64)).unwrap()
    }

    /// Syncs everybody until nothing is left, in at most [`MOST_ROUNDS`] rounds.
    pub(crate) async fn drain(&mut self) {
        for _ in 0..MOST_ROUNDS {
            self.pass_time(1_000);
            for phone in &self.phones {
                phone.retry_now().await.unwrap();
                while phone.push_due().await.unwrap().due > 0 {}
                while phone.upload_step().await.unwrap().blob.is_some() {}
                pull_all(phone).await;
            }
            let mut open = 0;
            for phone in &self.phones {
                let status = phone.status().await.unwrap();
                open += status.ops_unsent + status.blobs_unsent;
                open += usize::from(phone.log_state().await.unwrap().rotating.is_some());
            }
            if open == 0 {
                for phone in &self.phones {
                    pull_all(phone).await;
                }
                return;
            }
        }
        let mut left = Vec::new();
        for phone in &self.phones {
            left.extend(phone.unsent().await.unwrap());
        }
        panic!("seed {}: the queues did not drain in {MOST_ROUNDS} rounds: {left:#?}", self.seed);
    }

    /// Syncs one phone until it has nothing left to send.
    pub(crate) async fn drain_one(&mut self, phone: usize) {
        self.pass_time(1_000);
        let engine = &self.phones[phone];
        while engine.push_due().await.unwrap().due > 0 {}
        while engine.upload_step().await.unwrap().blob.is_some() {}
    }

    /// A phone is gone for good; only its words are still promised.
    pub(crate) fn lose_phone(&mut self, phone: usize) {
        self.phones.remove(phone);
        for (by, ..) in &mut self.saved {
            *by = if *by == phone { 0 } else { *by };
        }
        self.blobs.retain(|(by, ..)| *by != phone);
    }

    /// How many ops of a phone's newest log stand beside another one.
    pub(crate) async fn forks(&self, phone: usize) -> usize {
        let log = self.phones[phone].identity().unwrap().log;
        let mut seqs = Vec::new();
        for pulled in self.server_ops().await {
            let op = SignedOp::decode(&pulled.op).unwrap();
            seqs.extend((op.header().log == log).then_some(op.header().seq));
        }
        let all = seqs.len();
        seqs.sort_unstable();
        seqs.dedup();
        all - seqs.len()
    }

    /// Whether every op that said 已存本机 is on the server.
    pub(crate) async fn server_has_all(&self) -> bool {
        let ops = self.server_ops().await;
        let there: BTreeSet<OpId> = ops.iter().map(|pulled| SignedOp::decode(&pulled.op).unwrap().id()).collect();
        self.saved.iter().all(|(_, _, op)| there.contains(op))
    }

    async fn server_ops(&self) -> Vec<PulledOp> {
        self._server.app.store.ops_after(0, usize::MAX >> 1, usize::MAX >> 1).await.unwrap()
    }

    pub(crate) async fn record(&self, phone: usize, record: RecordId) -> RecordView {
        self.phones[phone].record(record).await.unwrap().unwrap()
    }

    /// The invariants of a drained world.
    pub(crate) async fn check(&self) {
        let seed = self.seed;
        let reference = self.projection(0).await;
        for phone in 1..self.phones.len() {
            assert_eq!(self.projection(phone).await, reference, "seed {seed}: phone {phone} shows something else");
        }
        for (phone, record, op) in &self.saved {
            for reader in 0..self.phones.len() {
                let view = self.record(reader, *record).await;
                let held = view.ops.iter().any(|row| row.op.id() == *op);
                assert!(held, "seed {seed}: phone {reader} lacks an op that phone {phone} had saved");
            }
        }
        for (phone, blob, bytes) in &self.blobs {
            let here = self.phones[*phone].blob_bytes(*blob).await.unwrap();
            assert_eq!(here.as_ref(), Some(bytes), "seed {seed}: a photo changed on its own phone");
            let there = std::fs::read(self._server.app.blobs.path(blob)).unwrap();
            assert_eq!(&there, bytes, "seed {seed}: a photo changed on the way");
        }
        self.check_logs().await;
    }

    /// Every record as people see it, and the exact ops behind it.
    async fn projection(&self, phone: usize) -> BTreeMap<RecordId, (String, BTreeSet<Vec<u8>>)> {
        let mut shown = BTreeMap::new();
        for row in self.phones[phone].list(None, usize::MAX - 1).await.unwrap().rows {
            let view = self.record(phone, row.record).await;
            let ops = view.ops.iter().map(|row| row.op.bytes().to_vec()).collect();
            shown.insert(row.record, (format!("{:?}", view.merged), ops));
        }
        shown
    }

    /// The newest log of each phone is one chain without a hole.
    async fn check_logs(&self) {
        for phone in &self.phones {
            let head = phone.head().await.unwrap();
            let rows =
                phone.ports().store.read(vec![Read::prefix(Table::OwnOps, &head.log.0, usize::MAX)]).await.unwrap();
            assert_eq!(rows[0].len() as u64, head.seq + 1, "seed {}: a hole in a log", self.seed);
        }
    }
}

/// Pulls to the end, as the app does.
async fn pull_all(phone: &Engine<Parts>) {
    loop {
        let pulled = phone.pull(0).await.unwrap();
        if pulled.new_epoch {
            phone.reconcile().await.unwrap();
        }
        if !pulled.more {
            return;
        }
    }
}

/// A save that sets the note.
pub(crate) fn note_save(record: RecordId, words: &str) -> Save {
    let entries = vec![Entry::set(field::NOTE, Value::text(words))];
    Save { record: Some(record), kind: KIND, entries, draft: None }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir_all(&target).unwrap();
            copy(&source, &target);
        } else if name != "lock" && !name.ends_with("-shm") {
            std::fs::copy(&source, &target).unwrap();
        }
    }
}

fn city() -> City {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../city/");
    let read = |name: &&str| ((*name).to_owned(), std::fs::read_to_string(format!("{folder}{name}")).unwrap());
    City::from_files(&FILES.iter().map(read).collect()).unwrap()
}
