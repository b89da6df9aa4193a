//! Carrying for others: what is taken is whole, what can not go waits alone, what is refused leaves nothing but its reason.

use greenshield_client::engine::{BundleFailure, Carried, Engine};
use greenshield_client::ports::{
    Durability, FileError, FileSource, HttpResponse, LocalStore, Read, Table, TransportError, Write,
};
use greenshield_client::rows::{encode_signed, meta};
use greenshield_domain::bundle::{BundleError, BundleHeader, MAX_BUNDLE_BYTES, ReceiptsFile};
use greenshield_domain::ids::{AccountId, BlobId, CheckpointId};
use greenshield_domain::statement::{Receipt, SealingKey};
use greenshield_testkit::build::{LogBuilder, START_MILLIS};
use greenshield_testkit::keys::SeededKey;
use greenshield_testkit::seal::BundleBuilder;

use crate::device::{Parts, phone, server_key};
use crate::sending::{EPOCH, signed};

/// A package as it lies on a disk; `size_bytes` may lie.
struct Disk {
    bytes: Vec<u8>,
    size_bytes: u64,
}

impl Disk {
    fn of(bytes: Vec<u8>) -> Self {
        Self { size_bytes: bytes.len() as u64, bytes }
    }
}

impl FileSource for Disk {
    fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    async fn read(&self, offset_bytes: u64, most_bytes: usize) -> Result<Vec<u8>, FileError> {
        let from = usize::try_from(offset_bytes).unwrap().min(self.bytes.len());
        Ok(self.bytes[from..].iter().copied().take(most_bytes).collect())
    }
}

fn sealing_key() -> SeededKey {
    SeededKey::new(0x5ea1)
}

/// A phone that has learned the sealing key.
async fn courier() -> Engine<Parts> {
    let engine = phone(2).await;
    let statement = SealingKey { public: sealing_key().public_key(), issued_millis: 1 };
    let mut write = Write::new(Durability::Strict);
    write.put(Table::Meta, meta::SEALING_KEY, encode_signed(&signed(&statement, &server_key())));
    engine.ports().store.write(write).await.unwrap();
    engine
}

/// Somebody's package: one op and a photo of 1.2 MB.
fn package(seed: u64, server: &SeededKey) -> Vec<u8> {
    let op = LogBuilder::new(seed, AccountId([9; 16])).genesis([7; 16]);
    let photo = (vec![u8::try_from(seed).unwrap(); 1_200_000], "image/jpeg".to_owned());
    let created_millis = START_MILLIS;
    BundleBuilder { ops: vec![op], blobs: vec![photo], created_millis, seed }.file(&server.public_key())
}

fn answer(engine: &Engine<Parts>, status: u16, headers: &[(&str, &str)], body: Vec<u8>) {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    engine.ports().script.borrow_mut().push_back(Ok(HttpResponse { status, headers, body }));
}

fn receipts_of(bundle: &[u8], key: &SeededKey) -> Vec<u8> {
    let (header, _) = BundleHeader::read(bundle).unwrap().unwrap();
    let receipt = Receipt {
        epoch: EPOCH,
        log: header.runs[0].log,
        from: 0,
        upto: 0,
        head: greenshield_domain::ids::OpId([1; 32]),
        received_millis: 777,
        checkpoint: CheckpointId::NONE,
    };
    let bundle = BlobId::of(bundle).0;
    ReceiptsFile { bundle, results: Vec::new(), ops: vec![signed(&receipt, key)], blobs: Vec::new() }.encode()
}

async fn rows(engine: &Engine<Parts>, table: Table) -> usize {
    engine.ports().store.read(vec![Read::prefix(table, &[], usize::MAX)]).await.unwrap()[0].len()
}

#[tokio::test]
async fn a_package_is_taken_once_and_goes_piece_by_piece_until_its_receipts_replace_it() {
    let engine = courier().await;
    let file = package(1, &sealing_key());
    let taken = engine.carry_bundle(&Disk::of(file.clone())).await.unwrap();
    assert_eq!((taken.ops, taken.blobs, taken.size_bytes), (1, 1, file.len() as u64));
    assert_eq!(engine.carry_bundle(&Disk::of(file.clone())).await.unwrap(), taken, "twice is once");
    assert_eq!((rows(&engine, Table::Couriers).await, rows(&engine, Table::CourierBytes).await), (1, 3));

    answer(&engine, 201, &[("location", "/v1/bundles/up"), ("upload-offset", "0")], Vec::new());
    assert!(engine.courier_step().await.unwrap().worked);
    // Pieces begin small and double on a fast link.
    let (size, mut sent) = (file.len() as u64, 0);
    for piece in [65_536, 131_072, 262_144, 524_288] {
        assert_eq!(engine.couriers().await.unwrap()[0].offset_bytes, sent);
        sent += piece;
        answer(&engine, 204, &[("upload-offset", &sent.to_string())], Vec::new());
        assert!(engine.courier_step().await.unwrap().worked);
    }
    assert!(engine.couriers().await.unwrap()[0].is_waiting());
    answer(&engine, 204, &[("upload-offset", &size.to_string())], Vec::new());
    answer(&engine, 200, &[], receipts_of(&file, &server_key()));
    assert!(engine.courier_step().await.unwrap().worked);
    let done = engine.couriers().await.unwrap().remove(0);
    assert!(done.delivered_millis.is_some() && !done.is_waiting());
    assert_eq!(engine.courier_receipts(&done).await.unwrap(), receipts_of(&file, &server_key()));
    assert_eq!(rows(&engine, Table::CourierBytes).await, 1, "the receipts took the place of the package");
    assert_eq!(engine.courier_step().await.unwrap(), Carried::default());
    let bodies: Vec<u8> = engine.ports().sent.borrow().iter().flat_map(|request| request.body.clone()).collect();
    assert_eq!(bodies, file, "every byte went once");
    engine.drop_courier(&done).await.unwrap();
    assert_eq!((rows(&engine, Table::Couriers).await, rows(&engine, Table::CourierBytes).await), (0, 0));
}

#[tokio::test]
async fn receipts_of_a_stranger_deliver_nothing() {
    let engine = courier().await;
    let file = package(1, &sealing_key());
    engine.carry_bundle(&Disk::of(file.clone())).await.unwrap();
    let size = file.len().to_string();
    answer(&engine, 200, &[("location", "/v1/bundles/up"), ("upload-offset", &size)], Vec::new());
    answer(&engine, 200, &[], receipts_of(&file, &SeededKey::new(99)));
    assert!(engine.courier_step().await.unwrap().worked);
    let row = engine.couriers().await.unwrap().remove(0);
    assert!(row.is_waiting() && row.next_attempt_millis > 0);
    assert_eq!(row.reason, "foreign_server");
    assert_eq!(rows(&engine, Table::CourierBytes).await, 3);
}

#[tokio::test]
async fn a_package_that_can_not_go_waits_alone_and_a_refused_one_keeps_only_its_reason() {
    let engine = courier().await;
    for seed in [1, 2] {
        engine.ports().wall_millis.set(START_MILLIS + 100_000 + i64::try_from(seed).unwrap());
        engine.carry_bundle(&Disk::of(package(seed, &sealing_key()))).await.unwrap();
    }
    let refusal = |code: &str| format!(r#"{{"code":"{code}","message":"","detail":null}}"#).into_bytes();
    engine.ports().script.borrow_mut().push_back(Err(TransportError::Offline));
    let carried = engine.courier_step().await.unwrap();
    assert!(carried.worked);
    answer(&engine, 422, &[], refusal("bundle_damaged"));
    assert!(engine.courier_step().await.unwrap().worked, "the second is tried while the first waits");
    let rest = engine.courier_step().await.unwrap();
    assert!(!rest.worked && rest.next_due_millis.is_some());
    let found = engine.couriers().await.unwrap();
    assert_eq!(
        found.iter().map(|row| (row.refused, row.reason.as_str())).collect::<Vec<_>>(),
        [(true, "bundle_damaged"), (false, "network")]
    );
    assert_eq!(rows(&engine, Table::CourierBytes).await, 3, "only the first has bytes here");
    engine.retry_now().await.unwrap();
    assert!(engine.courier_step().await.unwrap().worked, "a person who wants it now need not wait");
    // The maker made it again: the refused one gives way.
    let again = engine.carry_bundle(&Disk::of(package(2, &sealing_key()))).await.unwrap();
    assert!(again.is_waiting());
}

#[tokio::test]
async fn what_is_not_for_this_server_or_not_whole_leaves_no_trace() {
    let engine = courier().await;
    let file = package(1, &sealing_key());
    let (_, used) = BundleHeader::read(&file).unwrap().unwrap();
    let mut newer = file.clone();
    newer[2] = 2;
    let refused = async |disk: Disk| engine.carry_bundle(&disk).await.unwrap_err();
    assert_eq!(refused(Disk::of(package(1, &SeededKey::new(5)))).await, BundleFailure::Foreign);
    assert_eq!(refused(Disk::of(newer)).await, BundleFailure::Bundle(BundleError::Version { found: 2 }));
    for cut in [0, 10, used, used + 20] {
        assert_eq!(refused(Disk::of(file[..cut].to_vec())).await.reason(), "bundle_damaged", "{cut}");
    }
    let large = Disk { bytes: file.clone(), size_bytes: MAX_BUNDLE_BYTES + 1 };
    assert_eq!(refused(large).await, BundleFailure::TooLarge);
    assert_eq!(phone(3).await.carry_bundle(&Disk::of(file)).await, Err(BundleFailure::NoSealingKey));
    assert_eq!((rows(&engine, Table::Couriers).await, rows(&engine, Table::CourierBytes).await), (0, 0));
    assert!(engine.ports().sent.borrow().is_empty());
}
