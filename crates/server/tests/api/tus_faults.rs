//! Uploads when things go wrong: cuts, wrong bytes, wrong headers, two at once, a crash.

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::stream;
use greenshield_domain::ids::BlobId;
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::rng::SplitMix;

use super::support::{Call, NOW, Server};
use super::tus::{OFFSET_STREAM, creation, metadata, patch, receipt, tus, upload};

/// A body that breaks off after some bytes.
fn cut(bytes: &[u8]) -> Body {
    let whole = bytes.chunks(1000).map(|chunk| Ok(Bytes::copy_from_slice(chunk))).collect::<Vec<_>>();
    let broken = [Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    Body::from_stream(stream::iter(whole.into_iter().chain(broken)))
}

#[tokio::test(flavor = "multi_thread")]
async fn cuts_at_any_byte_lose_nothing_that_arrived() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let mut rng = SplitMix::new(7);
    let bytes: Vec<u8> = (0..50_000).map(|_| rng.bytes::<1>()[0]).collect();
    let blob = BlobId::of(&bytes);
    let path = server.send(creation(&phone, &blob, bytes.len())).await.header("location").to_owned();
    let mut offset = 0;
    for _ in 0..50 {
        let n = usize::try_from(rng.below(1_500)).unwrap().min(bytes.len() - 1 - offset);
        let reply = server.send(patch(&phone, &path, offset, cut(&bytes[offset..offset + n]))).await;
        assert_eq!(reply.error(), (400, "body_cut".to_owned()));
        let head = server.send(tus(&phone, "HEAD", &path)).await.ok();
        offset += n;
        assert_eq!(head.header("upload-offset"), offset.to_string());
    }
    let reply = server.send(patch(&phone, &path, offset, bytes[offset..].to_vec())).await.ok();
    assert_eq!(receipt(&server, &reply).unwrap().blob, blob);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offset_that_does_not_fit_is_told_the_right_one() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let path = server.send(creation(&phone, &BlobId::of(b"photo"), 5)).await.header("location").to_owned();
    server.send(patch(&phone, &path, 0, "ph")).await.ok();
    for offset in [0, 1, 3, 5] {
        let reply = server.send(patch(&phone, &path, offset, "oto")).await;
        assert_eq!((reply.error(), reply.header("upload-offset")), ((409, "offset".to_owned()), "2"));
    }
    let over = server.send(patch(&phone, &path, 2, "otos")).await;
    assert_eq!(over.error(), (413, "too_large".to_owned()));
    assert_eq!(server.send(tus(&phone, "HEAD", &path)).await.header("upload-offset"), "2");
    let done = server.send(patch(&phone, &path, 2, "oto")).await.ok();
    assert!(receipt(&server, &done).is_some());
    // The reply to the last piece was lost: HEAD and a repeated PATCH at the end tell the same.
    let again = server.send(patch(&phone, &path, 5, "")).await.ok();
    assert_eq!(receipt(&server, &again), receipt(&server, &done));
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_bytes_are_found_in_the_piece_and_in_the_whole() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let path = server.send(creation(&phone, &BlobId::of(b"photo"), 5)).await.header("location").to_owned();
    let checksum = format!("sha256 {}", STANDARD.encode(BlobId::of(b"pho").0));
    let wrong = server.send(patch(&phone, &path, 0, "phX").header("upload-checksum", checksum)).await;
    assert_eq!(wrong.error(), (460, "checksum".to_owned()));
    assert_eq!(server.send(tus(&phone, "HEAD", &path)).await.header("upload-offset"), "0");
    // SHA-1 of "pho": every server of tus must know it, whatever it is worth.
    let sha1 = "sha1 ldUvAC++UuETuUbwpE4bQewFFTs=";
    let wrong = server.send(patch(&phone, &path, 0, "phX").header("upload-checksum", sha1)).await;
    assert_eq!(wrong.error(), (460, "checksum".to_owned()));
    for bad in ["md5 AAAA", "sha256 AAAA", "sha1", "sha1 ?"] {
        let bad = server.send(patch(&phone, &path, 0, "pho").header("upload-checksum", bad)).await;
        assert_eq!(bad.error(), (400, "bad_checksum".to_owned()));
    }
    server.send(patch(&phone, &path, 0, "pho").header("upload-checksum", sha1)).await.ok();
    server.send(patch(&phone, &path, 3, "X")).await.ok();
    let whole = server.send(patch(&phone, &path, 4, "o")).await;
    assert_eq!(whole.error(), (460, "hash_mismatch".to_owned()));
    assert_eq!(server.send(tus(&phone, "HEAD", &path)).await.status, 404, "it starts again from nothing");
    upload(&server, &phone, b"photo").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_uploads_of_one_blob_do_not_disturb_each_other() {
    let server = Server::start().await;
    let (one, two) = (server.phone(1).await, server.phone(2).await);
    let blob = BlobId::of(b"photo");
    let mut paths = Vec::new();
    for phone in [&one, &two] {
        paths.push(server.send(creation(phone, &blob, 5)).await.header("location").to_owned());
    }
    server.send(patch(&one, &paths[0], 0, "pho")).await.ok();
    server.send(patch(&two, &paths[1], 0, "p")).await.ok();
    let first = server.send(patch(&one, &paths[0], 3, "to")).await.ok();
    server.clock.advance(1_000);
    let second = server.send(patch(&two, &paths[1], 1, "hoto")).await.ok();
    assert!(receipt(&server, &first).is_some());
    assert_eq!(receipt(&server, &first), receipt(&server, &second));
    server.send(tus(&two, "DELETE", &paths[1])).await.ok();
    assert_eq!(receipt(&server, &server.send(tus(&one, "HEAD", &paths[0])).await), receipt(&server, &first));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_request_takes_over_from_one_whose_connection_is_dead() {
    let server = std::sync::Arc::new(Server::start().await);
    let phone = server.phone(1).await;
    let path = server.send(creation(&phone, &BlobId::of(b"photo"), 5)).await.header("location").to_owned();
    // Two bytes, and then silence without an end; the test is told when they were taken.
    let (taken, was_taken) = tokio::sync::oneshot::channel();
    let parts = stream::unfold((0, Some(taken)), async |(n, mut taken)| {
        if n > 0 {
            taken.take().map(|taken: tokio::sync::oneshot::Sender<()>| taken.send(()));
            std::future::pending::<()>().await;
        }
        Some((Ok::<_, std::io::Error>(Bytes::from_static(b"ph")), (n + 1, taken)))
    });
    let dead = tokio::spawn({
        let (server, call) = (server.clone(), patch(&phone, &path, 0, Body::from_stream(parts)));
        async move { server.send(call).await }
    });
    was_taken.await.unwrap();
    let head = server.send(tus(&phone, "HEAD", &path)).await.ok();
    assert_eq!(head.header("upload-offset"), "2");
    assert_eq!(dead.await.unwrap().error(), (400, "body_cut".to_owned()));
    let done = server.send(patch(&phone, &path, 2, "oto")).await.ok();
    assert!(receipt(&server, &done).is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_the_last_byte_and_the_receipt_is_repaired_by_asking() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    for (bytes, staged) in [(b"photo", true), (b"lost!", false)] {
        let path = server.send(creation(&phone, &BlobId::of(bytes), 5)).await.header("location").to_owned();
        let id = path.rsplit('/').next().unwrap();
        if staged {
            std::fs::write(server.app().blobs.staged(id), bytes).unwrap();
        }
        let mut tx = server.app().store.begin().await.unwrap();
        tx.set_upload_received(id, 5, NOW * 2).await.unwrap();
        tx.commit().await.unwrap();
        let head = server.send(tus(&phone, "HEAD", &path)).await.ok();
        assert_eq!(
            (receipt(&server, &head).is_some(), head.header("upload-offset")),
            (staged, if staged { "5" } else { "0" })
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_that_do_not_speak_tus_are_told_so() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let blob = BlobId::of(b"photo");
    let error = async |call: Call| server.send(call).await.error();
    let signed = || Call::post("/v1/blobs").signed(phone.key(), NOW);
    let reply = server.send(signed().header("tus-resumable", "0.2.2")).await;
    assert_eq!((reply.error(), reply.header("tus-version")), ((412, "tus_version".to_owned()), "1.0.0"));
    let start = || signed().header("tus-resumable", "1.0.0");
    assert_eq!(error(start()).await, (400, "bad_header".to_owned()));
    let sized = |length: u64| start().header("upload-length", length.to_string());
    assert_eq!(error(sized(5)).await, (400, "metadata".to_owned()));
    let bad_mime = sized(5).header("upload-metadata", metadata(&blob, "text html\r\n"));
    assert_eq!(error(bad_mime).await, (400, "metadata".to_owned()));
    for (mime, mib) in [("image/jpeg", 25), ("audio/mp4", 50), ("video/mp4", 200)] {
        let call = |length| sized(length).header("upload-metadata", metadata(&blob, mime));
        assert_eq!(error(call(mib * 1024 * 1024 + 1)).await, (413, "too_large".to_owned()), "{mime}");
        assert_eq!(server.send(call(mib * 1024 * 1024)).await.status, 201, "{mime}");
    }
    let path = server.send(creation(&phone, &blob, 5)).await.header("location").to_owned();
    let untyped = tus(&phone, "PATCH", &path).header("upload-offset", "0").body("photo");
    assert_eq!(error(untyped).await, (415, "media_type".to_owned()));
    let no_offset = tus(&phone, "PATCH", &path).header("content-type", OFFSET_STREAM).body("photo");
    assert_eq!(error(no_offset).await, (400, "bad_header".to_owned()));
}
