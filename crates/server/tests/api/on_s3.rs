//! Blobs in a bucket: what holds in the data folder holds there, and an outage loses nothing and heals by itself.

use std::sync::Arc;

use greenshield_domain::ids::BlobId;
use greenshield_s3_harness::{Mood, S3};
use greenshield_server::backup;
use greenshield_server::place::Place;
use greenshield_testkit::build::{Report, incident, photo};

use super::support::{Call, NOW, Server, bucket_of};
use super::tus::{OFFSET_STREAM, creation, patch, receipt, tus, upload};

#[test]
fn what_holds_in_the_data_folder_holds_in_a_bucket() {
    let wanted = ["backup", "bundles", "download", "erasures", "evidence", "tus"].map(|name| format!("api::{name}"));
    greenshield_s3_harness::again(&wanted.each_ref().map(String::as_str), &[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_is_in_the_bucket_before_its_receipt_and_nowhere_else() {
    let s3 = Arc::new(S3::start());
    let server = Server::start_on_s3(s3.clone()).await;
    let phone = server.phone(1).await;
    upload(&server, &phone, b"photo").await;
    let blob = BlobId::of(b"photo");
    assert_eq!(std::fs::read(server.blob_file(&blob)).unwrap(), b"photo");
    assert!(!server.app().blobs.path(&blob).exists());
    assert_eq!(std::fs::read_dir(server.data().join("uploads")).unwrap().count(), 0);
    let asked = s3.requests();
    upload(&server, &phone, b"photo").await;
    assert_eq!(s3.requests(), asked, "what the database knows is not sent again");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_of_the_bucket_asks_to_come_back_and_goes_on_where_it_stood_even_after_a_restart() {
    let s3 = Arc::new(S3::start());
    let mut server = Server::start_on_s3(s3.clone()).await;
    let mut phone = server.phone(1).await;
    let moods = [
        (Mood::Gone, (503, "not_ready")),
        (Mood::Answers(503, "SlowDown"), (503, "not_ready")),
        (Mood::Answers(403, "InvalidAccessKeyId"), (503, "not_ready")),
        (Mood::RefusesWrites(507, "XMinioStorageFull"), (507, "disk_full")),
    ];
    for (n, (mood, expected)) in moods.into_iter().enumerate() {
        let bytes = format!("photo{n}").into_bytes();
        let report = Report { photos: vec![photo(&bytes)], ..Report::default() };
        let (record, op) = incident(&mut phone.log, &report);
        let path = server.send(creation(&phone, &BlobId::of(&bytes), bytes.len())).await.header("location").to_owned();
        server.send(patch(&phone, &path, 0, bytes[..3].to_vec())).await.ok();
        s3.feel(mood);
        let refused = server.send(patch(&phone, &path, 3, bytes[3..].to_vec())).await;
        let (status, code) = refused.error();
        assert_eq!((status, code.as_str()), expected, "{mood:?}");
        assert_eq!(refused.headers.contains_key("retry-after"), status == 503, "{mood:?}");
        assert!(server.push(&[op]).await.results.is_empty(), "ops need no bucket");
        server = server.restart_after(async |_| {}).await;
        let asked = server.send(tus(&phone, "HEAD", &path)).await;
        assert_eq!((asked.status.as_u16(), receipt(&server, &asked)), (expected.0, None), "{mood:?}");
        s3.feel(Mood::Well);
        let head = server.send(tus(&phone, "HEAD", &path)).await.ok();
        assert_eq!(receipt(&server, &head).unwrap().size_bytes, bytes.len() as u64, "{mood:?}");
        let path = format!("/v1/records/{record}/blobs/{}", report.photos[0].blob);
        let get = || Call::get(&path).signed(phone.key(), NOW);
        assert_eq!(server.send(get()).await.ok().body, bytes);
        s3.feel(Mood::Gone);
        let away = server.send(get()).await;
        assert_eq!((away.error(), away.header("retry-after")), ((503, "not_ready".to_owned()), "5"));
        let ready: serde_json::Value = server.send(Call::get("/v1/ready")).await.read();
        assert_eq!(ready["blobs"], "away");
        s3.feel(Mood::Well);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bytes_that_came_with_the_creation_have_a_name_to_ask_for_while_the_bucket_is_away() {
    let s3 = Arc::new(S3::start());
    let server = Server::start_on_s3(s3.clone()).await;
    let phone = server.phone(1).await;
    s3.feel(Mood::Gone);
    let call = creation(&phone, &BlobId::of(b"photo"), 5).header("content-type", OFFSET_STREAM).body("photo");
    let created = server.send(call).await;
    assert_eq!((created.status.as_u16(), created.header("upload-offset")), (201, "5"));
    assert_eq!(receipt(&server, &created), None);
    let path = created.header("location").to_owned();
    assert_eq!(server.send(tus(&phone, "HEAD", &path)).await.status, 503);
    s3.feel(Mood::Well);
    let head = server.send(tus(&phone, "HEAD", &path)).await.ok();
    assert_eq!(receipt(&server, &head).unwrap().blob, BlobId::of(b"photo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_brings_blobs_down_and_a_restore_gives_a_bucket_what_it_lacks() {
    let s3 = Arc::new(S3::start());
    let server = Server::start_on_s3(s3.clone()).await;
    let phone = server.phone(1).await;
    upload(&server, &phone, b"photo").await;
    upload(&server, &phone, b"voice").await;
    let dir = tempfile::tempdir().unwrap();
    s3.feel(Mood::Gone);
    backup::make(&server.place(), dir.path(), NOW).await.unwrap_err();
    s3.feel(Mood::Well);
    let first = backup::make(&server.place(), dir.path(), NOW).await.unwrap();
    assert_eq!((first.copied, first.manifest.blobs, first.manifest.blob_bytes), (2, 2, 10));
    let asked = s3.requests();
    assert_eq!(backup::make(&server.place(), dir.path(), NOW + 1).await.unwrap().copied, 0);
    assert_eq!(s3.requests(), asked, "what the backup has is not brought again");
    backup::verify(dir.path()).await.unwrap();

    // A bucket that kept one blob, lost the other, and is away at the first try.
    let file = server.blob_file(&BlobId::of(b"photo"));
    std::fs::remove_file(&file).unwrap();
    let target = tempfile::tempdir().unwrap();
    let place = Place { blobs: Some(bucket_of(&s3)), ..Place::from(target.path()) };
    s3.feel(Mood::Gone);
    backup::restore(&place, dir.path()).await.unwrap_err();
    s3.feel(Mood::Well);
    backup::restore(&place, dir.path()).await.unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), b"photo");
    assert!(!target.path().join("blobs").exists(), "the home of blobs is the bucket");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_object_is_named_by_the_backup_and_never_copied() {
    let server = Server::start_on_s3(Arc::new(S3::start())).await;
    let phone = server.phone(1).await;
    upload(&server, &phone, b"photo").await;
    let blob = BlobId::of(b"photo");
    std::fs::write(server.blob_file(&blob), b"other").unwrap();
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(backup::make(&server.place(), dir.path(), NOW).await.unwrap().manifest.missing, [blob]);
    backup::verify(dir.path()).await.unwrap();
}
