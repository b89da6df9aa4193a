//! Evidence: what the server exports passes the check of a stranger, and nothing else does.

use greenshield_domain::cbor::Value;
use greenshield_domain::evidence::{archive, check, file};
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::{KIND, field};
use greenshield_domain::op::Entry;
use greenshield_server::verify::verify;
use greenshield_testkit::build::{Report, incident, photo};
use greenshield_testkit::keys::P256Check;

use super::support::{Call, NOW, Phone, Reply, Server};
use super::tus::upload;

const PHOTO: &[u8] = b"not really a photo";

/// A record of two people among other people's records, with a photo that arrived and one that did not.
async fn with_record() -> (Server, Phone, RecordId) {
    let server = Server::start().await;
    let (mut phone, mut other) = (server.phone(1).await, server.phone(2).await);
    let report = Report { photos: vec![photo(PHOTO), photo(b"still on the phone")], ..Report::default() };
    let (record, op) = incident(&mut phone.log, &report);
    let (_, elsewhere) = incident(&mut other.log, &Report::default());
    let note = vec![Entry::set(field::NOTE, Value::text("<b>两车</b> {{files}}"))];
    let edit = other.log.op(record, KIND, &[op.id().short()], note);
    server.push(&[op]).await;
    server.push(&[elsewhere, edit]).await;
    upload(&server, &phone, PHOTO).await;
    (server, phone, record)
}

async fn export(server: &Server, phone: &Phone, record: &str) -> Reply {
    server.send(Call::get(&format!("/v1/records/{record}/evidence")).signed(phone.key(), NOW)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_passes_the_check_of_a_stranger_and_tells_all_of_the_record() {
    let (server, phone, record) = with_record().await;
    let reply = export(&server, &phone, &record.to_hex()).await.ok();
    assert_eq!(reply.header("content-type"), "application/zip");
    // Another library than the server's.
    let checked = check(&reply.body, None);
    let facts = checked.facts.clone().unwrap();
    assert_eq!(checked.verify(&P256Check), []);
    assert_eq!((facts.ops, facts.files, facts.manifest.missing.len(), facts.signers.len()), (2, 1, 1, 2));
    assert_eq!(facts.manifest.records, [record]);
    let files = archive::read(&reply.body).unwrap();
    let report = files.iter().find(|found| found.name == file::REPORT).unwrap();
    let report = std::str::from_utf8(&reply.body[report.range.clone()]).unwrap();
    assert!(report.contains("&lt;b&gt;两车&lt;/b&gt; {{files}}"), "what people wrote is shown as they wrote it");
    assert!(report.contains("尚未送达") && !report.contains("{{facts}}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_checked_from_disk_and_the_key_that_was_asked_for_counts() {
    let (server, phone, record) = with_record().await;
    let mut bytes = export(&server, &phone, &record.to_hex()).await.ok().body;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.zip");
    std::fs::write(&path, &bytes).unwrap();
    let good = verify(&path, None).unwrap();
    assert!(good.verified && !good.server_key_was_given);
    let said = good.export.unwrap();
    for server in [said.server_key, said.server_fingerprint] {
        let known = verify(&path, Some(&server)).unwrap();
        assert!(known.verified && known.server_key_was_given);
    }
    let other = greenshield_domain::ids::to_hex(&phone.key().public_key().0);
    let outcome = verify(&path, Some(&other)).unwrap();
    assert_eq!(outcome.findings[0].code, "other_server");
    assert!(verify(&path, Some("04")).is_err());
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&path, &bytes).unwrap();
    assert!(!verify(&path, None).unwrap().verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_not_there_and_a_caller_who_is_nobody_get_nothing() {
    let (server, phone, _) = with_record().await;
    for record in ["0".repeat(32), "nonsense".to_owned()] {
        assert_eq!(export(&server, &phone, &record).await.error(), (404, "not_found".to_owned()));
    }
    let path = format!("/v1/records/{}/evidence", "0".repeat(32));
    assert_eq!(server.send(Call::get(&path)).await.status.as_u16(), 401);
}
