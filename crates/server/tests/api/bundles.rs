//! Rescue packages: sealed by one phone, carried by another one, opened by the server, answered with receipts.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use greenshield_domain::bundle::{BundleHeader, ReceiptsFile};
use greenshield_domain::ids::BlobId;
use greenshield_domain::op::SignedOp;
use greenshield_domain::signature::{PublicKey, Signature};
use greenshield_domain::statement::{BlobReceipt, Receipt, SealingKey, Signed};
use greenshield_domain::wire::{KeysResponse, ResultCode};
use greenshield_s3_harness::{Mood, S3};
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::keys::{P256Check, SeededKey};
use greenshield_testkit::seal::BundleBuilder;

use super::support::{Call, NOW, Phone, Reply, Server, codes};
use super::tus::{OFFSET_STREAM, creation, tus};

async fn sealing_key(server: &Server) -> PublicKey {
    let keys: KeysResponse = server.send(Call::get("/v1/keys")).await.read();
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
    let signature = Signature(decode(&keys.sealing_key.signature).try_into().unwrap());
    let signed = Signed { payload: decode(&keys.sealing_key.payload), signature };
    signed.open::<SealingKey>(&server.key(), &P256Check).unwrap().public
}

fn bundle(ops: Vec<SignedOp>, blobs: &[Vec<u8>]) -> BundleBuilder {
    let blobs = blobs.iter().map(|bytes| (bytes.clone(), "image/jpeg".to_owned())).collect();
    BundleBuilder { ops, blobs, created_millis: NOW, seed: 40 }
}

fn create(carrier: &Phone, file: &[u8]) -> Call {
    let name = STANDARD.encode(BlobId::of(file).to_hex());
    tus(carrier, "POST", "/v1/bundles")
        .header("upload-length", file.len().to_string())
        .header("upload-metadata", format!("sha256 {name}"))
}

async fn deliver(server: &Server, carrier: &Phone, file: &[u8]) -> Reply {
    server.send(create(carrier, file).header("content-type", OFFSET_STREAM).body(file.to_vec())).await
}

async fn receipts(server: &Server, carrier: &Phone, file: &[u8]) -> Reply {
    let path = format!("/v1/bundles/{}/receipts", BlobId::of(file).to_hex());
    server.send(Call::get(&path).signed(carrier.key(), NOW)).await
}

/// (first seq, last seq) of the op receipts and the blobs of the blob receipts, all verified.
fn opened(server: &Server, file: &ReceiptsFile) -> (Vec<(u64, u64)>, Vec<BlobId>) {
    let key = server.key();
    let runs = file.ops.iter().map(|signed| signed.open::<Receipt>(&key, &P256Check).unwrap());
    let blobs = file.blobs.iter().map(|signed| signed.open::<BlobReceipt>(&key, &P256Check).unwrap().blob);
    (runs.map(|receipt| (receipt.from, receipt.upto)).collect(), blobs.collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stranger_carries_is_stored_as_if_its_phone_had_sent_it_and_receipts_come_back() {
    let server = Server::start().await;
    let (mut author, carrier, other) = (server.phone(1).await, server.phone(2).await, server.phone(3).await);
    let ops = author.reports(600);
    let photos = [vec![1; 200_000], vec![2; 10], Vec::new()];
    let file = bundle(ops.clone(), &photos).file(&sealing_key(&server).await);
    assert_eq!(receipts(&server, &carrier, &file).await.error(), (404, "not_found".to_owned()));

    let reply = deliver(&server, &carrier, &file).await;
    assert_eq!((reply.status.as_u16(), reply.header("upload-offset")), (201, file.len().to_string().as_str()));
    let answer = ReceiptsFile::decode(&receipts(&server, &carrier, &file).await.ok().body).unwrap();
    let (runs, blobs) = opened(&server, &answer);
    assert_eq!((answer.bundle, runs), (BlobId::of(&file).0, vec![(1, 500), (501, 600)]));
    assert!(answer.results.is_empty());
    assert_eq!(blobs.len(), 3);
    for photo in &photos {
        assert!(blobs.contains(&BlobId::of(photo)));
        let again = server.send(creation(&author, &BlobId::of(photo), photo.len())).await;
        assert_eq!(again.header("upload-offset"), photo.len().to_string(), "the server has the photo");
    }
    let page = server.pull(&author, "?max=1000").await.page();
    for op in &ops {
        assert!(page.ops.iter().any(|pulled| pulled.op == op.bytes()), "byte for byte");
    }

    // The upload is told complete again, and so is one by another courier; nothing is stored twice.
    let head = server.send(tus(&carrier, "HEAD", reply.header("location"))).await.ok();
    assert_eq!(head.header("upload-offset"), file.len().to_string());
    let second = server.send(create(&other, &file)).await;
    assert_eq!((second.status.as_u16(), second.header("upload-offset")), (201, file.len().to_string().as_str()));
    let same = receipts(&server, &other, &file).await.ok();
    assert_eq!(ReceiptsFile::decode(&same.body).unwrap(), answer);
    assert_eq!(server.pull(&author, "?max=1000").await.page().ops.len(), page.ops.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_op_in_a_bundle_is_told_and_keeps_no_other_out() {
    let server = Server::start().await;
    let (mut author, carrier) = (server.phone(1).await, server.phone(2).await);
    let stranger =
        greenshield_testkit::build::LogBuilder::new(99, greenshield_domain::ids::AccountId([9; 16])).genesis([1; 16]);
    let mut ops = author.reports(2);
    ops.push(stranger);
    greenshield_domain::order::sort_by_key(&mut ops, |op| (op.header().log, op.header().seq));
    let place = ops.iter().position(|op| op.header().seq == 0).unwrap() as u64;
    let file = bundle(ops, &[]).file(&sealing_key(&server).await);
    deliver(&server, &carrier, &file).await.ok();
    let answer = ReceiptsFile::decode(&receipts(&server, &carrier, &file).await.ok().body).unwrap();
    assert_eq!(codes(&answer.results), [(place, ResultCode::UnknownLog, "unknown_log")]);
    assert_eq!(opened(&server, &answer).0, [(1, 2)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_that_is_cut_changed_foreign_or_of_tomorrow_is_refused_and_leaves_no_trace() {
    let server = Server::start().await;
    let (mut author, carrier) = (server.phone(1).await, server.phone(2).await);
    let photo = vec![3; 100_000];
    let package = bundle(author.reports(3), std::slice::from_ref(&photo));
    let key = sealing_key(&server).await;
    let file = package.file(&key);
    let (_, header) = BundleHeader::read(&file).unwrap().unwrap();
    let mut bad: Vec<(Vec<u8>, &str)> = Vec::new();
    for cut in [0, 1, header - 1, header, header + 15, header + 16, header + 65_552, file.len() - 16, file.len() - 1] {
        bad.push((file[..cut].to_vec(), "bundle_damaged"));
    }
    for at in [header - 1, header, header + 40_000, file.len() - 1] {
        let mut changed = file.clone();
        changed[at] ^= 1;
        bad.push((changed, "bundle_damaged"));
    }
    bad.push(([file.clone(), vec![0]].concat(), "bundle_damaged"));
    bad.push((package.file(&SeededKey::new(77).public_key()), "bundle_foreign"));
    let mut newer = file.clone();
    newer[2] = 2;
    bad.push((newer, "bundle_version"));
    bad.push((b"no bundle at all".to_vec(), "bundle_damaged"));
    let before = server.pull(&author, "").await.page().ops.len();
    for (file, code) in &bad {
        let created = server.send(create(&carrier, file)).await;
        let path = created.header("location").to_owned();
        let reply = if file.is_empty() {
            created
        } else {
            let call = tus(&carrier, "PATCH", &path).header("content-type", OFFSET_STREAM).header("upload-offset", "0");
            server.send(call.body(file.clone())).await
        };
        assert_eq!(reply.error(), (422, (*code).to_owned()), "{} bytes", file.len());
        assert_eq!(receipts(&server, &carrier, file).await.status, 404);
    }
    assert_eq!(server.pull(&author, "").await.page().ops.len(), before);
    let upload = server.send(creation(&author, &BlobId::of(&photo), photo.len())).await;
    assert_eq!(upload.header("upload-offset"), "0", "no photo was stored");

    // Bytes that are not those of the name are no fault of the bundle.
    let name = STANDARD.encode(BlobId::of(&file).to_hex());
    let call = tus(&carrier, "POST", "/v1/bundles").header("upload-length", "3").header("content-type", OFFSET_STREAM);
    let reply = server.send(call.header("upload-metadata", format!("sha256 {name}")).body("abc")).await;
    assert_eq!(reply.error(), (460, "hash_mismatch".to_owned()));
    deliver(&server, &carrier, &file).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stopped_before_or_in_the_middle_of_the_work_goes_on_with_it() {
    let server = Server::start().await;
    let (mut author, carrier) = (server.phone(1).await, server.phone(2).await);
    let ops = author.reports(4);
    let photo = vec![5; 70_000];
    let key = sealing_key(&server).await;
    let file = bundle(ops.clone(), std::slice::from_ref(&photo)).file(&key);
    let created = server.send(create(&carrier, &file)).await;
    let path = created.header("location").to_owned();
    let id = path.rsplit('/').next().unwrap().to_owned();
    // All bytes are on the medium and told in the row, half of the ops are stored; then the power fails.
    server.push(&ops[..2]).await;
    std::fs::write(server.app().blobs.staged(&id), &file).unwrap();
    let mut tx = server.app().store.begin().await.unwrap();
    tx.set_upload_received(&id, file.len() as u64, NOW + 1_000_000).await.unwrap();
    tx.commit().await.unwrap();
    let server = server.restart_after(async |_| {}).await;
    assert_eq!(sealing_key(&server).await, key, "the sealing key is the same after every start");

    let head = server.send(tus(&carrier, "HEAD", &path)).await.ok();
    assert_eq!(head.header("upload-offset"), file.len().to_string());
    let answer = ReceiptsFile::decode(&receipts(&server, &carrier, &file).await.ok().body).unwrap();
    assert_eq!(codes(&answer.results).len(), 2, "two were here before");
    let (runs, blobs) = opened(&server, &answer);
    assert_eq!((runs.iter().map(|run| run.1).max(), blobs), (Some(4), vec![BlobId::of(&photo)]));
    let pulled = server.pull_all(&author).await;
    assert!(ops.iter().all(|op| pulled.contains(op)));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_enrolled_people_carry_and_a_bundle_is_no_blob() {
    let server = Server::start().await;
    let carrier = server.phone(1).await;
    let call = Call::post("/v1/bundles").header("tus-resumable", "1.0.0").header("upload-length", "3");
    assert_eq!(server.send(call).await.status, 401);
    let mime = STANDARD.encode("application/vnd.greenshield.bundle");
    let name = STANDARD.encode(BlobId::of(b"abc").to_hex());
    let call = tus(&carrier, "POST", "/v1/blobs").header("upload-length", "3");
    let reply = server.send(call.header("upload-metadata", format!("sha256 {name},mime {mime}"))).await;
    assert_eq!(reply.error(), (400, "metadata".to_owned()));
    let call = tus(&carrier, "POST", "/v1/bundles").header("upload-length", (2u64 << 30 | 1).to_string());
    let reply = server.send(call.header("upload-metadata", format!("sha256 {name}"))).await;
    assert_eq!(reply.error(), (413, "too_large".to_owned()));
    let reply = server.send(Call::new("OPTIONS", "/v1/bundles")).await;
    assert_eq!((reply.status.as_u16(), reply.header("tus-max-size")), (204, "2147483648"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_whose_blobs_do_not_get_home_waits_staged_and_leaves_no_second_copy_of_them() {
    let s3 = Arc::new(S3::start());
    let server = Server::start_on_s3(s3.clone()).await;
    let (mut author, carrier) = (server.phone(1).await, server.phone(2).await);
    let photos = [vec![5; 70_000], vec![6; 70_000]];
    let file = bundle(author.reports(2), &photos).file(&sealing_key(&server).await);
    let staged = || std::fs::read_dir(server.data().join("uploads")).unwrap().count();
    s3.feel(Mood::Gone);
    let created = deliver(&server, &carrier, &file).await;
    assert_eq!((created.status.as_u16(), created.header("upload-offset")), (201, file.len().to_string().as_str()));
    for _ in 0..3 {
        assert_eq!(server.send(tus(&carrier, "HEAD", created.header("location"))).await.status, 503);
        assert_eq!(staged(), 1, "the bundle, and nothing of what is in it");
    }
    s3.feel(Mood::Well);
    server.send(tus(&carrier, "HEAD", created.header("location"))).await.ok();
    let answer = ReceiptsFile::decode(&receipts(&server, &carrier, &file).await.ok().body).unwrap();
    assert_eq!((opened(&server, &answer).1.len(), staged()), (2, 0));
}
