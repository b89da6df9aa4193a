//! The rescue package between real phones and the real server: made offline, carried by another phone, answered, and nothing lost.

use std::cell::RefCell;

use greenshield_client::engine::{BundleFailure, Delivery, Engine, EngineError, SealedOutbox, TakenReceipts};
use greenshield_client::ports::{FileError, FileSink, FileSource, KeyError, Sealer};
use greenshield_domain::bundle::{BundleHeader, ReceiptsFile};
use greenshield_domain::merge::MergeRule;
use greenshield_domain::seal::Slot;
use greenshield_domain::signature::PublicKey;
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::rng::SplitMix;
use greenshield_testkit::seal;

use crate::phone::Faults;
use crate::world::World;

/// Seals with the cryptography of the testkit.
struct TestSealer {
    rng: SplitMix,
    key: [u8; 32],
}

impl Sealer for TestSealer {
    async fn begin(&mut self, server: &PublicKey) -> Result<Slot, KeyError> {
        self.key = self.rng.bytes();
        Ok(seal::wrap(&self.key, &SeededKey::new(self.rng.next_u64()), server))
    }

    async fn encrypt(&self, nonce: [u8; 12], aad: &[u8], plain: Vec<u8>) -> Result<Vec<u8>, KeyError> {
        Ok(seal::encrypt(&self.key, &nonce, aad, &plain))
    }
}

/// A file in memory that counts how much of it was read.
#[derive(Default)]
struct MemoryFile {
    bytes: Vec<u8>,
    read: RefCell<usize>,
}

impl FileSink for MemoryFile {
    async fn write(&mut self, bytes: Vec<u8>) -> Result<(), FileError> {
        assert!(bytes.len() < 200_000, "piece by piece");
        self.bytes.extend(bytes);
        Ok(())
    }
}

impl FileSource for MemoryFile {
    fn size_bytes(&self) -> u64 {
        self.bytes.len() as u64
    }

    async fn read(&self, offset_bytes: u64, most_bytes: usize) -> Result<Vec<u8>, FileError> {
        let from = usize::try_from(offset_bytes).unwrap();
        let part = self.bytes[from..].iter().copied().take(most_bytes).collect::<Vec<_>>();
        *self.read.borrow_mut() += part.len();
        Ok(part)
    }
}

async fn package(world: &World, phone: usize) -> MemoryFile {
    let mut sealer = TestSealer { rng: SplitMix::new(phone as u64 + 7), key: [0; 32] };
    let mut file = MemoryFile::default();
    let made = world.phone(phone).make_bundle(&mut sealer, &mut file).await.unwrap();
    assert_eq!((made.size_bytes, made.left_out), (file.size_bytes(), 0));
    file
}

async fn unsent(world: &World, phone: usize) -> usize {
    let status = world.phone(phone).status().await.unwrap();
    status.ops_unsent + status.blobs_unsent
}

/// Phones that know the sealing key; the first one has reports with photos and no network any more.
async fn world(seed: u64, phones: u64) -> World {
    let mut world = World::new(seed, phones).await;
    world.heal();
    for phone in 0..usize::try_from(phones).unwrap() {
        world.phone(phone).learn_sealing_key().await.unwrap();
    }
    for _ in 0..5 {
        world.report(0).await;
    }
    world.phone(0).ports().faults.set(Faults { dropped: 10_000, ..Faults::default() });
    world
}

#[tokio::test]
async fn a_phone_without_signal_is_emptied_by_a_file_that_two_others_carry() {
    let mut world = world(501, 3).await;
    let before = unsent(&world, 0).await;
    assert!(before >= 10);
    let file = package(&world, 0).await;
    assert_eq!(unsent(&world, 0).await, before, "making a package delivers nothing");
    assert_eq!(world.phone(1).inspect_bundle(&file).await.unwrap().ops(), 5);

    let receipts = world.phone(1).deliver_bundle(&file, &mut Delivery::default()).await.unwrap();
    let again = world.phone(2).deliver_bundle(&file, &mut Delivery::default()).await.unwrap();
    assert_eq!(receipts, again, "two couriers bring back the same");
    assert_eq!(world.phone(1).take_receipts(&receipts).await.unwrap(), TakenReceipts::default(), "the wrong phone");

    let taken = world.phone(0).take_receipts(&receipts).await.unwrap();
    assert_eq!((taken.ops + taken.blobs, taken.changed.len()), (before, 5));
    assert_eq!(unsent(&world, 0).await, 0);
    assert_eq!(world.phone(0).take_receipts(&again).await.unwrap(), TakenReceipts::default(), "once is enough");
    // Everybody, and the server, holds every op and every photo byte for byte.
    world.heal();
    world.drain().await;
    world.check().await;
}

#[tokio::test]
async fn what_was_saved_after_the_package_stays_to_be_sent() {
    let mut world = world(502, 2).await;
    let file = package(&world, 0).await;
    let late = world.report(0).await;
    let receipts = world.phone(1).deliver_bundle(&file, &mut Delivery::default()).await.unwrap();
    world.phone(0).take_receipts(&receipts).await.unwrap();
    assert_eq!(unsent(&world, 0).await, 2, "the op and the photo of the late report");
    world.heal();
    world.drain().await;
    assert!(!world.record(1, late).await.ops.is_empty());
    world.check().await;
}

#[tokio::test]
async fn a_courier_on_a_broken_link_goes_on_where_it_stopped() {
    let mut world = world(503, 2).await;
    let file = package(&world, 0).await;
    let faults = Faults { dropped: 3_000, reply_lost: 3_000, repeated: 1_000, cut: 1_000, ..Faults::default() };
    world.phone(1).ports().faults.set(faults);
    let mut delivery = Delivery::default();
    let mut receipts = None;
    for _ in 0..200 {
        if let Ok(file) = world.phone(1).deliver_bundle(&file, &mut delivery).await {
            receipts = Some(file);
            break;
        }
    }
    world.phone(0).take_receipts(&receipts.unwrap()).await.unwrap();
    assert_eq!(unsent(&world, 0).await, 0);
    world.heal();
    world.drain().await;
    world.check().await;
}

#[tokio::test]
async fn a_damaged_or_foreign_package_and_forged_receipts_change_nothing_anywhere() {
    let world = world(504, 2).await;
    let before = unsent(&world, 0).await;
    let file = package(&world, 0).await;
    let (header, used) = BundleHeader::read(&file.bytes).unwrap().unwrap();
    for at in [used, file.bytes.len() - 1] {
        let mut damaged = MemoryFile { bytes: file.bytes.clone(), ..MemoryFile::default() };
        damaged.bytes[at] ^= 1;
        let failure = world.phone(1).deliver_bundle(&damaged, &mut Delivery::default()).await.unwrap_err();
        let BundleFailure::Engine(error) = failure else { panic!("{failure:?}") };
        assert_eq!(error.refusal_code(), Some("bundle_damaged"));
    }
    let elsewhere = World::new(505, 1).await;
    elsewhere.heal();
    assert_eq!(elsewhere.phone(0).inspect_bundle(&file).await, Err(BundleFailure::NoSealingKey));
    elsewhere.phone(0).learn_sealing_key().await.unwrap();
    let failure = elsewhere.phone(0).deliver_bundle(&file, &mut Delivery::default()).await;
    assert_eq!(failure, Err(BundleFailure::Foreign));
    assert!(*file.read.borrow() < 4 * used.max(100_000), "only the beginning was looked at");

    let receipts = world.phone(1).deliver_bundle(&file, &mut Delivery::default()).await.unwrap();
    let mut forged = ReceiptsFile::decode(&receipts).unwrap();
    forged.ops[0].payload[20] ^= 1;
    let refused = world.phone(0).take_receipts(&forged.encode()).await;
    assert_eq!(refused, Err(BundleFailure::Engine(EngineError::ForeignServer)));
    assert!(world.phone(0).take_receipts(b"no receipts").await.is_err());
    assert_eq!(unsent(&world, 0).await, before);
    assert_eq!(header.ops(), 5);
    world.phone(0).take_receipts(&receipts).await.unwrap();
    assert_eq!(unsent(&world, 0).await, 0);
}

#[tokio::test]
async fn a_locked_phone_delivers_its_sealed_outbox_and_the_open_one_takes_the_receipts() {
    let mut world = world(506, 2).await;
    let sealer = |seed| TestSealer { rng: SplitMix::new(seed), key: [0; 32] };
    let before = unsent(&world, 0).await;
    assert!(world.phone(0).seal_outbox(&mut sealer(1)).await.unwrap());
    assert!(!world.phone(0).seal_outbox(&mut sealer(2)).await.unwrap(), "it is sealed");
    world.report(0).await;
    assert!(world.phone(0).seal_outbox(&mut sealer(3)).await.unwrap(), "only what is new");
    world.report(0).await;
    assert!(world.phone(0).couriers().await.unwrap().is_empty(), "these are nobody else's");
    assert_eq!(unsent(&world, 0).await, before + 4, "sealing delivers nothing");

    let parts = world.phone(0).ports().locked();
    parts.faults.set(Faults { dropped: 2_000, reply_lost: 2_000, ..Faults::default() });
    assert!(Engine::open(parts.locked(), Box::new(|_, _| MergeRule::Lww), "test").await.is_err(), "no row opens");
    let carrier = Engine::open_carrier(parts, "test").await.unwrap().unwrap();
    assert_eq!(carrier.sealed_outbox().await, Ok(SealedOutbox { waiting: 2, delivered: 0, unsealed: 1 }));
    for _ in 0..200 {
        world.pass_time(600_000);
        carrier.courier_step().await.unwrap();
    }
    assert_eq!(carrier.sealed_outbox().await, Ok(SealedOutbox { waiting: 0, delivered: 2, unsealed: 1 }));

    world.reopen(0, carrier.ports().unlocked(506 * 100)).await;
    assert_eq!(world.phone(0).settle_outbox().await.unwrap().len(), 6);
    assert_eq!(unsent(&world, 0).await, 2, "the report that was in no package");
    assert_eq!(world.phone(0).sealed_outbox().await, Ok(SealedOutbox { waiting: 0, delivered: 0, unsealed: 1 }));
    world.heal();
    world.drain().await;
    world.check().await;
}

#[tokio::test]
async fn a_package_goes_when_the_open_phone_has_sent_what_is_inside() {
    let world = world(508, 1).await;
    let mut sealer = TestSealer { rng: SplitMix::new(1), key: [0; 32] };
    world.phone(0).seal_outbox(&mut sealer).await.unwrap();
    world.heal();
    assert!(!world.phone(0).courier_step().await.unwrap().worked, "the open phone sends op by op");
    world.phone(0).settle_outbox().await.unwrap();
    assert_eq!(world.phone(0).sealed_outbox().await.unwrap().waiting, 1);
    let mut world = world;
    world.drain().await;
    world.phone(0).settle_outbox().await.unwrap();
    assert_eq!(world.phone(0).sealed_outbox().await.unwrap(), SealedOutbox::default());
}

#[tokio::test]
async fn a_revoked_phone_forgets_what_it_may_not_read_and_still_delivers_what_it_has() {
    let mut world = world(510, 3).await;
    world.report(1).await;
    world.drain_one(1).await;
    let others = world.report(1).await;
    world.drain_one(1).await;
    world.heal();
    world.drain().await;
    assert!(world.phone(0).record(others).await.unwrap().is_some());
    world.phone(0).ports().faults.set(Faults { dropped: 10_000, ..Faults::default() });
    let mine = world.report(0).await;
    world.revoke(0).await;
    world.heal();
    let error = world.phone(0).pull(0).await.unwrap_err();
    assert_eq!(error.refusal_code(), Some("revoked"));
    assert!(world.phone(0).record(others).await.unwrap().is_none());
    let shown: Vec<_> = world.phone(0).list(None, 100).await.unwrap().rows.into_iter().map(|row| row.record).collect();
    assert_eq!(shown, [mine], "only what waits");
    assert_eq!(world.phone(0).people().await.unwrap().len(), 1, "the own name");
    assert!(unsent(&world, 0).await > 0);
    world.drain_one(0).await;
    assert_eq!(unsent(&world, 0).await, 0, "what it has reaches the server, where it is held");
    assert!(world.server_has_all().await);
}
