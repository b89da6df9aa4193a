//! Uploads by tus 1.0, as a well-behaved client does them.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use greenshield_domain::cbor;
use greenshield_domain::ids::{BlobId, sha256};
use greenshield_domain::statement::{BlobReceipt, Signed};
use greenshield_testkit::keys::P256Check;

use super::support::{Call, HOUR, NOW, Phone, Reply, Server};

pub const OFFSET_STREAM: &str = "application/offset+octet-stream";

pub fn metadata(blob: &BlobId, mime: &str) -> String {
    format!("sha256 {},mime {}", STANDARD.encode(blob.to_hex()), STANDARD.encode(mime))
}

pub fn creation(phone: &Phone, blob: &BlobId, length: usize) -> Call {
    tus(phone, "POST", "/v1/blobs")
        .header("upload-length", length.to_string())
        .header("upload-metadata", metadata(blob, "image/jpeg"))
}

pub fn tus(phone: &Phone, method: &'static str, path: &str) -> Call {
    Call::new(method, path).signed(phone.key(), NOW).header("tus-resumable", "1.0.0")
}

pub fn patch(phone: &Phone, path: &str, offset: usize, bytes: impl Into<axum::body::Body>) -> Call {
    tus(phone, "PATCH", path)
        .header("content-type", OFFSET_STREAM)
        .header("upload-offset", offset.to_string())
        .body(bytes)
}

pub fn receipt(server: &Server, reply: &Reply) -> Option<BlobReceipt> {
    let header = reply.headers.get("greenshield-receipt")?.to_str().unwrap();
    let value = cbor::decode(&URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    Some(Signed::from_value(&value).unwrap().open(&server.key(), &P256Check).unwrap())
}

/// Uploads bytes in one go and checks the receipt.
pub async fn upload(server: &Server, phone: &Phone, bytes: &[u8]) -> BlobReceipt {
    let call = creation(phone, &BlobId::of(bytes), bytes.len()).header("content-type", OFFSET_STREAM);
    let reply = server.send(call.body(bytes.to_vec())).await;
    assert_eq!((reply.status.as_u16(), reply.header("upload-offset")), (201, bytes.len().to_string().as_str()));
    receipt(server, &reply).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_add_up_to_a_blob_with_a_receipt() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let bytes: Vec<u8> = (0..200_000u32).flat_map(u32::to_be_bytes).collect();
    let blob = BlobId::of(&bytes);
    let created = server.send(creation(&phone, &blob, bytes.len())).await;
    assert_eq!((created.status.as_u16(), created.header("upload-offset")), (201, "0"));
    assert_eq!(created.header("tus-resumable"), "1.0.0");
    assert!(httpdate::parse_http_date(created.header("upload-expires")).is_ok());
    let path = created.header("location").to_owned();
    let mut offset = 0;
    for piece in bytes.chunks(300_000) {
        let checksum = format!("sha256 {}", STANDARD.encode(sha256(&[piece])));
        let call = patch(&phone, &path, offset, piece.to_vec()).header("upload-checksum", checksum);
        let reply = server.send(call).await;
        offset += piece.len();
        assert_eq!((reply.status.as_u16(), reply.header("upload-offset")), (204, offset.to_string().as_str()));
        assert_eq!(receipt(&server, &reply).is_some(), offset == bytes.len());
    }
    let head = server.send(tus(&phone, "HEAD", &path)).await;
    assert_eq!((head.header("upload-offset"), head.header("cache-control")), ("800000", "no-store"));
    let receipt = receipt(&server, &head).unwrap();
    assert_eq!((receipt.blob, receipt.size_bytes, receipt.received_millis), (blob, 800_000, NOW));
    assert_eq!(std::fs::read(server.blob_file(&blob)).unwrap(), bytes);
    assert_eq!(std::fs::read_dir(server.data().join("uploads")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_is_here_is_complete_at_once_and_keeps_its_first_arrival() {
    let server = Server::start().await;
    let (one, two) = (server.phone(1).await, server.phone(2).await);
    let first = upload(&server, &one, b"photo").await;
    server.clock.advance(5_000);
    let created = server.send(creation(&two, &first.blob, 5)).await;
    assert_eq!((created.status.as_u16(), created.header("upload-offset")), (201, "5"));
    assert_eq!(receipt(&server, &created), Some(first.clone()));
    let head = server.send(tus(&two, "HEAD", created.header("location"))).await;
    assert_eq!(receipt(&server, &head), Some(first));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_file_is_a_blob_too() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let created = server.send(creation(&phone, &BlobId::of(b""), 0)).await;
    assert_eq!(receipt(&server, &created).map(|receipt| receipt.size_bytes), Some(0));
    let path = created.header("location").to_owned();
    let reply = server.send(patch(&phone, &path, 0, Vec::new())).await;
    assert_eq!((reply.status.as_u16(), receipt(&server, &reply).is_some()), (204, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn options_tell_what_is_spoken() {
    let server = Server::start().await;
    let reply = server.send(Call::new("OPTIONS", "/v1/blobs")).await;
    assert_eq!((reply.status.as_u16(), reply.header("tus-version")), (204, "1.0.0"));
    assert_eq!(reply.header("tus-extension"), "creation,creation-with-upload,checksum,expiration,termination");
    assert_eq!((reply.header("tus-checksum-algorithm"), reply.header("tus-max-size")), ("sha256,sha1", "209715200"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_ends_by_delete_and_by_its_time() {
    let server = Server::start().await;
    let (phone, other) = (server.phone(1).await, server.phone(2).await);
    let start = async || server.send(creation(&phone, &BlobId::of(b"photo"), 5)).await.header("location").to_owned();
    let path = start().await;
    server.send(patch(&phone, &path, 0, "pho")).await.ok();
    for method in ["HEAD", "DELETE"] {
        assert_eq!(server.send(tus(&other, method, &path)).await.status, 404, "uploads of others are not there");
    }
    assert_eq!(server.send(tus(&phone, "DELETE", &path)).await.status, 204);
    assert_eq!(server.send(tus(&phone, "HEAD", &path)).await.status, 404);
    assert_eq!(server.send(patch(&phone, &path, 3, "to")).await.error(), (404, "not_found".to_owned()));

    let path = start().await;
    server.send(patch(&phone, &path, 0, "pho")).await.ok();
    server.clock.advance(7 * 24 * HOUR);
    let call = Call::new("HEAD", &path).signed(phone.key(), NOW + 7 * 24 * HOUR).header("tus-resumable", "1.0.0");
    assert_eq!(server.send(call).await.status, 404);
    assert_eq!(greenshield_server::uploads::sweep(server.app()).await.unwrap(), 1);
    assert_eq!(std::fs::read_dir(server.data().join("uploads")).unwrap().count(), 0);
}
