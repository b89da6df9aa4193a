//! Downloads: ranges, caching, and only through a record that links the blob.

use greenshield_domain::ids::RecordId;
use greenshield_domain::incident;
use greenshield_testkit::build::{Report, incident as report_incident, photo};

use super::support::{Call, NOW, Phone, Reply, Server};
use super::tus::upload;

/// Ten bytes that begin as a JPEG does.
const BYTES: &[u8] = b"\xff\xd8\xff3456789";

/// A server where a phone reported a photo; gives the path of the photo.
async fn with_photo() -> (Server, Phone, RecordId, String) {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let report = Report { photos: vec![photo(BYTES)], ..Report::default() };
    let (record, op) = report_incident(&mut phone.log, &report);
    assert_eq!(op.header().kind, incident::KIND);
    server.push(&[op]).await;
    let path = format!("/v1/records/{record}/blobs/{}", report.photos[0].blob);
    (server, phone, record, path)
}

async fn get(server: &Server, phone: &Phone, path: &str, headers: &[(&'static str, &str)]) -> Reply {
    let call = Call::get(path).signed(phone.key(), NOW);
    server.send(headers.iter().fold(call, |call, (name, value)| call.header(name, *value))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_is_found_only_once_it_is_here_and_only_by_a_record_that_links_it() {
    let (server, phone, record, path) = with_photo().await;
    assert_eq!(get(&server, &phone, &path, &[]).await.error(), (404, "not_found".to_owned()));
    upload(&server, &phone, BYTES).await;
    let reply = get(&server, &phone, &path, &[]).await.ok();
    assert_eq!(reply.body, BYTES);
    let other_record = path.replace(&record.to_hex(), &"0".repeat(32));
    let nonsense = path.replace(&record.to_hex(), "nonsense");
    let unknown = "/v1/records/".to_owned() + &record.to_hex() + "/blobs/" + &"0".repeat(64);
    let absent = get(&server, &phone, &unknown, &[]).await;
    for path in [other_record, nonsense] {
        let forbidden = get(&server, &phone, &path, &[]).await;
        assert_eq!(
            (forbidden.status, &forbidden.body),
            (absent.status, &absent.body),
            "absent and forbidden look the same"
        );
    }
    let other = server.phone(2).await;
    assert_eq!(get(&server, &other, &path, &[]).await.ok().body, BYTES);
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_and_etags_work_as_browsers_expect() {
    let (server, phone, _, path) = with_photo().await;
    upload(&server, &phone, BYTES).await;
    let whole = get(&server, &phone, &path, &[]).await;
    assert_eq!(whole.header("cache-control"), "private, max-age=31536000, immutable");
    assert_eq!((whole.header("content-type"), whole.header("accept-ranges")), ("image/jpeg", "bytes"));
    assert!(whole.header("content-disposition").starts_with("attachment; filename="));
    assert_eq!((whole.header("x-content-type-options"), whole.header("content-length")), ("nosniff", "10"));
    let etag = whole.header("etag").to_owned();

    let part = get(&server, &phone, &path, &[("range", "bytes=2-4")]).await;
    assert_eq!((part.status.as_u16(), part.body.as_slice()), (206, &BYTES[2..5]));
    assert_eq!((part.header("content-range"), part.header("content-length")), ("bytes 2-4/10", "3"));
    let tail = get(&server, &phone, &path, &[("range", "bytes=-1"), ("if-range", &etag)]).await;
    assert_eq!((tail.status.as_u16(), tail.body.as_slice()), (206, &BYTES[9..]));
    let changed = get(&server, &phone, &path, &[("range", "bytes=-1"), ("if-range", "\"x\"")]).await;
    assert_eq!((changed.status.as_u16(), changed.body.as_slice()), (200, BYTES));
    let outside = get(&server, &phone, &path, &[("range", "bytes=10-")]).await;
    assert_eq!((outside.error(), outside.header("content-range")), ((416, "range".to_owned()), "bytes */10"));
    let same = get(&server, &phone, &path, &[("if-none-match", &etag)]).await;
    assert_eq!((same.status.as_u16(), same.body.len(), same.header("etag")), (304, 0, etag.as_str()));
    let head = server.send(Call::new("HEAD", &path).signed(phone.key(), NOW)).await;
    assert_eq!((head.status.as_u16(), head.header("content-length"), head.body.len()), (200, "10", 0));
}
