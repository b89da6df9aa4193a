//! Erasure: what is erased is in no file of the server and in nothing that leaves it, and what was proven stays proven.

use std::path::Path;

use greenshield_domain::cbor::Value;
use greenshield_domain::erasure::{Basis, Erasure, Hold, nameless};
use greenshield_domain::evidence::check;
use greenshield_domain::ids::{OpId, RecordId};
use greenshield_domain::incident::{self, BlobLink, field};
use greenshield_domain::op::{Entry, Leaves, SignedOp};
use greenshield_domain::person;
use greenshield_domain::verdict::SERVER_ACCOUNT;
use greenshield_domain::wire::{EnrolResponse, ErasureResponse, HoldResponse, InclusionProof, ResultCode};
use greenshield_server::{admin, app, backup};
use greenshield_testkit::build::{Report, incident, photo};
use greenshield_testkit::keys::P256Check;
use serde_json::json;

use super::support::{Call, Phone, Reply, Server, codes, genesis};
use super::tus::{creation, upload};

const NOTE: &str = "the neighbour of house 7, telephone 13900001111";
const PHOTO: &[u8] = b"\xff\xd8\xff\xe0 a photo of somebody's face, and enough of it to be found";

async fn person(server: &Server, seed: u64, role: &str) -> Phone {
    let code = server.invite(&format!("{role}{seed}"), role).await;
    let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
    let enrolled: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    Phone { log, genesis, lease: enrolled.lease.clone(), enrolled }
}

async fn post(server: &Server, by: &Phone, path: &str, body: serde_json::Value) -> Reply {
    server.send(Call::post(path).signed(by.key(), server.now()).json(&body)).await
}

async fn erase(server: &Server, by: &Phone, record: RecordId, fields: &[u32]) -> Reply {
    let asked = json!({ "record": record, "fields": fields, "basis": "withdrawn", "note": "本人来电" });
    post(server, by, "/v1/erasures", asked).await
}

async fn hold(server: &Server, by: &Phone, record: RecordId, held: bool) -> Reply {
    post(server, by, "/v1/holds", json!({ "record": record, "held": held, "reason": "立案调取" })).await
}

/// Files below a folder that hold these bytes.
fn holding(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, bytes));
        } else if std::fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes) {
            found.push(path.display().to_string());
        }
    }
    found
}

/// A report with a note and a photo that is at the server.
async fn report(server: &Server, phone: &mut Phone) -> (RecordId, SignedOp) {
    let report = Report { photos: vec![photo(PHOTO)], note: Some(NOTE.to_owned()), ..Report::default() };
    let (record, op) = incident(&mut phone.log, &report);
    server.push(std::slice::from_ref(&op)).await;
    upload(server, phone, PHOTO).await;
    (record, op)
}

/// The op as a reader is given it.
async fn pulled(server: &Server, reader: &Phone, id: OpId) -> SignedOp {
    server.pull_all(reader).await.into_iter().find(|op| op.id() == id).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_erased_is_in_no_file_and_all_that_was_proven_still_is() {
    let server = Server::start().await;
    let (mut maker, desk) = (person(&server, 1, "volunteer").await, person(&server, 2, "city-desk").await);
    let (record, op) = report(&server, &mut maker).await;
    server.push(&maker.reports(40)).await;
    let more =
        maker.log.op(record, incident::KIND, &[], vec![Entry::set(field::NOTE, Value::text(format!("{NOTE}!")))]);
    server.push(std::slice::from_ref(&more)).await;
    // A damaged copy of it lies among what was no op.
    let mut damaged = op.bytes().to_vec();
    *damaged.last_mut().unwrap() ^= 1;
    server.send(Call::push_bytes(damaged)).await.ok();
    let link = op.body().entries().position(|entry| entry.field == field::PHOTOS).unwrap();

    let done: ErasureResponse = erase(&server, &desk, record, &[field::NOTE, field::PHOTOS]).await.read();
    assert_eq!((done.erasures.len(), done.values, done.clean), (1, 3, true));
    for bytes in [NOTE.as_bytes(), PHOTO] {
        assert_eq!(holding(server.data(), bytes), Vec::<String>::new());
    }
    assert!(!server.blob_file(&photo(PHOTO).blob).exists());

    let left = pulled(&server, &maker, op.id()).await;
    assert!(left.clone().verify(&maker.log.public_key(), &P256Check).is_ok());
    assert!(left.body().hidden().has(link) && left.body().hidden().count() == 2);
    let said = pulled(&server, &maker, done.erasures[0]).await;
    let erasure = Erasure::of(&said, SERVER_ACCOUNT).unwrap();
    assert_eq!(
        (erasure.by, erasure.basis, erasure.note.as_str()),
        (desk.log.account(), Some(Basis::Withdrawn), "本人来电")
    );
    assert_eq!(erasure.targets[&op.id()], left.body().hidden());
    assert_eq!(erasure.targets[&more.id()], Leaves(1));
    let proof = server.send(Call::get(&format!("/v1/log/proof/inclusion?op={}", op.id()))).await.ok();
    assert!(InclusionProof::decode(&proof.body).is_ok());
    let path = format!("/v1/records/{record}/evidence");
    let export = server.send(Call::get(&path).signed(desk.key(), server.now())).await.ok();
    assert_eq!(check(&export.body, Some(&server.key())).verify(&P256Check), []);
    assert!(!export.body.windows(NOTE.len()).any(|bytes| bytes == NOTE.as_bytes()));
    assert!(!export.body.windows(PHOTO.len()).any(|bytes| bytes == PHOTO));

    // Again: nothing is left, and nothing happens. What is pushed again stays a duplicate and changes nothing.
    let again: ErasureResponse = erase(&server, &desk, record, &[field::NOTE, field::PHOTOS]).await.read();
    assert_eq!((again.erasures.len(), again.values), (0, 0));
    let reply = server.push(&[op.clone(), left.clone()]).await;
    assert_eq!(
        codes(&reply.results),
        [(0, ResultCode::Duplicate, "duplicate"), (1, ResultCode::Duplicate, "duplicate")]
    );
    assert_eq!(pulled(&server, &maker, op.id()).await, left);
    // Nobody downloads the photo, nobody brings it again, until another op links it.
    let blob = photo(PHOTO).blob;
    let path = format!("/v1/records/{record}/blobs/{blob}");
    let gone = server.send(Call::get(&path).signed(maker.key(), server.now())).await;
    assert_eq!(gone.error(), (404, "not_found".to_owned()));
    assert_eq!(server.send(creation(&maker, &blob, PHOTO.len())).await.error(), (410, "erased".to_owned()));
    report(&server, &mut maker).await;
    assert_eq!(holding(server.data(), PHOTO).len(), usize::from(server.blob_file(&blob).starts_with(server.data())));
}

#[tokio::test(flavor = "multi_thread")]
async fn only_what_nobody_else_links_goes_and_only_for_those_who_may() {
    let server = Server::start().await;
    let (mut maker, desk) = (person(&server, 1, "volunteer").await, person(&server, 2, "city-desk").await);
    let (record, _) = report(&server, &mut maker).await;
    let (other, _) = report(&server, &mut maker).await;
    let refused = async |by: &Phone, record, fields: &[u32]| erase(&server, by, record, fields).await.error();
    assert_eq!(refused(&maker, record, &[field::NOTE]).await, (403, "forbidden".to_owned()));
    assert_eq!(refused(&desk, RecordId([9; 16]), &[field::NOTE]).await, (404, "not_found".to_owned()));
    for fields in [&[][..], &[field::STATE], &[field::NOTE, 1_000_010]] {
        assert_eq!(refused(&desk, record, fields).await, (400, "bad_fields".to_owned()));
    }
    let long = json!({ "record": record, "fields": [6], "basis": "order", "note": "x".repeat(2_001) });
    assert_eq!(post(&server, &desk, "/v1/erasures", long).await.error(), (400, "bad_reason".to_owned()));
    let foreign = json!({ "record": record, "fields": [6], "basis": "because" });
    assert_eq!(post(&server, &desk, "/v1/erasures", foreign).await.error(), (400, "bad_json".to_owned()));
    erase(&server, &desk, record, &[field::PHOTOS]).await.ok();
    let file = server.blob_file(&photo(PHOTO).blob);
    assert!(file.exists(), "the other report links it");
    let path = |record: RecordId| format!("/v1/records/{record}/blobs/{}", photo(PHOTO).blob);
    let get =
        async |record| server.send(Call::get(&path(record)).signed(maker.key(), server.now())).await.status.as_u16();
    assert_eq!((get(record).await, get(other).await), (404, 200));
    erase(&server, &desk, other, &[field::PHOTOS]).await.ok();
    assert!(!file.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_photo_goes_with_its_copy_and_the_others_stay() {
    let server = Server::start().await;
    let (mut maker, desk) = (person(&server, 1, "volunteer").await, person(&server, 2, "city-desk").await);
    let (copy, other) = (b"\xff\xd8\xffa small copy of it".as_slice(), b"\xff\xd8\xffanother one".as_slice());
    let of_copy = BlobLink { original: Some(photo(PHOTO).blob), ..photo(copy) };
    let photos = vec![photo(PHOTO), of_copy, photo(other)];
    let (record, op) = incident(&mut maker.log, &Report { photos, ..Report::default() });
    server.push(std::slice::from_ref(&op)).await;
    for bytes in [PHOTO, copy, other] {
        upload(&server, &maker, bytes).await;
    }
    let asked = json!({ "record": record, "fields": [], "files": [photo(PHOTO).blob], "basis": "wrong_person" });
    let done: ErasureResponse = post(&server, &desk, "/v1/erasures", asked).await.ok().read();
    assert_eq!((done.values, done.clean), (2, true));
    let left = pulled(&server, &desk, op.id()).await;
    let links: Vec<BlobLink> =
        greenshield_domain::incident::links(&left.body().entries().cloned().collect::<Vec<_>>()).collect();
    assert_eq!(links, [photo(other)]);
    let there = [PHOTO, copy, other].map(|bytes| server.blob_file(&photo(bytes).blob).exists());
    assert_eq!(there, [false, false, true]);
    let unknown = json!({ "record": record, "fields": [], "files": [photo(b"never seen").blob], "basis": "order" });
    let nothing: ErasureResponse = post(&server, &desk, "/v1/erasures", unknown).await.ok().read();
    assert_eq!((nothing.values, nothing.erasures.len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_legal_hold_forbids_erasing_until_it_ends() {
    let server = Server::start().await;
    let (mut maker, desk) = (person(&server, 1, "volunteer").await, person(&server, 2, "city-desk").await);
    let (record, _) = report(&server, &mut maker).await;
    assert_eq!(hold(&server, &maker, record, true).await.error(), (403, "forbidden".to_owned()));
    assert_eq!(hold(&server, &desk, RecordId([9; 16]), true).await.error(), (404, "not_found".to_owned()));
    let blank = json!({ "record": record, "held": true, "reason": " " });
    assert_eq!(post(&server, &desk, "/v1/holds", blank).await.error(), (400, "bad_reason".to_owned()));
    let nothing: HoldResponse = hold(&server, &desk, record, false).await.read();
    assert_eq!(nothing.decision, None, "there is none to end");
    let begun: HoldResponse = hold(&server, &desk, record, true).await.read();
    let said = pulled(&server, &maker, begun.decision.unwrap()).await;
    assert!(Hold::of(&said, SERVER_ACCOUNT).unwrap().is_held);
    let again: HoldResponse = hold(&server, &desk, record, true).await.read();
    assert_eq!(again.decision, None);
    let refused = erase(&server, &desk, record, &[field::NOTE]).await;
    assert_eq!(refused.error(), (409, "on_hold".to_owned()));
    server.clock.advance(-7_200_000);
    hold(&server, &desk, record, false).await.ok();
    let done: ErasureResponse = erase(&server, &desk, record, &[field::NOTE]).await.read();
    assert_eq!(done.values, 1, "a clock that was set back lets no older word count");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_for_its_predecessor_is_erased_too() {
    let server = Server::start_on_file().await;
    let (mut maker, desk) = (person(&server, 1, "volunteer").await, person(&server, 2, "city-desk").await);
    let (record, _) = report(&server, &mut maker).await;
    let between = maker.report();
    let word = format!("{NOTE} and 13900002222");
    let late = maker.log.op(record, incident::KIND, &[], vec![Entry::set(field::NOTE, Value::text(&word))]);
    server.push(std::slice::from_ref(&late)).await;
    assert!(!holding(server.data(), word.as_bytes()).is_empty());
    let done: ErasureResponse = erase(&server, &desk, record, &[field::NOTE]).await.read();
    assert_eq!((done.values, holding(server.data(), NOTE.as_bytes())), (2, Vec::new()));
    server.push(&[between]).await;
    assert_eq!(pulled(&server, &maker, late.id()).await.body().hidden(), Leaves(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_name_of_a_person_goes_wherever_it_was_put_down() {
    let server = Server::start_on_file().await;
    let desk = person(&server, 2, "city-desk").await;
    let code = server.invite("王小河", "volunteer").await;
    let (log, genesis) = genesis(1, &server.begin(&code).await.read());
    let enrolled: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    let mut desk = desk;
    let record = person::record_of(log.account());
    let words =
        vec![Entry::set(person::field::NAME, Value::text("王小河")), Entry::set(29, Value::text("13900003333"))];
    server.push(&[desk.log.op(record, person::KIND, &[], words)]).await;
    assert!(!holding(server.data(), "王小河".as_bytes()).is_empty());
    assert_eq!(erase(&server, &desk, record, &[person::field::ROLE]).await.error(), (400, "bad_fields".to_owned()));
    erase(&server, &desk, record, &[person::field::NAME, person::field::PHONE]).await.ok();
    for word in ["王小河", "13900003333"] {
        assert_eq!(holding(server.data(), word.as_bytes()), Vec::<String>::new());
    }
    let phone = Phone { log, genesis, lease: enrolled.lease.clone(), enrolled };
    let page = server.pull(&phone, "").await.page();
    let me = page.people.iter().find(|person| person.account == phone.log.account()).unwrap();
    assert_eq!((me.name.clone(), me.role.as_str()), (nameless(phone.log.account()), "volunteer"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_from_an_old_backup_erases_again_by_what_phones_bring_back_in_either_order() {
    let mut server = Server::start_on_file().await;
    let (mut maker, desk) = (person(&server, 1, "volunteer").await, person(&server, 2, "city-desk").await);
    let (record, op) = report(&server, &mut maker).await;
    let (lost, second) =
        (maker.report(), maker.log.op(record, incident::KIND, &[], vec![Entry::set(field::NOTE, Value::text(NOTE))]));
    let old = tempfile::tempdir().unwrap();
    backup::make(&server.place(), old.path(), server.now()).await.unwrap();
    server.push(&[lost.clone(), second.clone()]).await;
    erase(&server, &desk, record, &[field::NOTE, field::PHOTOS]).await.ok();
    let all = server.pull_all(&desk).await;
    let own: Vec<SignedOp> = all.iter().filter(|op| op.header().log == server.key().log_id()).cloned().collect();
    let left = all.iter().find(|known| known.id() == second.id()).unwrap().clone();
    assert!(!left.body().is_full());

    // A backup that is renewed holds nothing of it any more; an older one does.
    let renewed = tempfile::tempdir().unwrap();
    backup::make(&server.place(), renewed.path(), server.now()).await.unwrap();
    assert_eq!(holding(renewed.path(), NOTE.as_bytes()), Vec::<String>::new());
    server = server
        .restart_after(async |place| {
            for name in ["greenshield.db", "greenshield.db-wal", "greenshield.db-shm"] {
                drop(std::fs::remove_file(place.data.join(name)));
            }
            let copy = std::fs::read_dir(old.path()).unwrap().map(|entry| entry.unwrap().path());
            let copy = copy.into_iter().find(|path| path.extension().is_some_and(|end| end == "db")).unwrap();
            std::fs::copy(copy, place.data.join("greenshield.db")).unwrap();
            let store = app::open_store(place.clone()).await.unwrap();
            admin::new_epoch(&store).await.unwrap();
        })
        .await;
    assert!(!holding(server.data(), NOTE.as_bytes()).is_empty(), "the backup knew it");

    // The redacted op comes first: nobody here knows that it may hide something, and its bearer asks again.
    let early = server.push(&[lost.clone(), left.clone()]).await;
    assert_eq!(codes(&early.results), [(1, ResultCode::Malformed, "redacted")]);
    server.push(&own).await;
    assert_eq!(holding(server.data(), NOTE.as_bytes()), Vec::<String>::new());
    assert_eq!(pulled(&server, &desk, op.id()).await.body().hidden().count(), 2);
    // One that hides more than was erased is none of ours.
    let cut = second.hide(Leaves(1)).redact(|_| false);
    assert_eq!(server.push(&[cut]).await.results, []);
    assert_eq!(pulled(&server, &desk, second.id()).await, left);
    // The whole one, from a phone that heard of nothing, is stored as what is left of it.
    let (_, third) = incident(&mut maker.log, &Report::default());
    let hides_more = third.redact(|entry| entry.field == field::NOTE);
    assert_eq!(codes(&server.push(&[hides_more]).await.results), [(0, ResultCode::Malformed, "redacted")]);
    assert_eq!(server.push(&[third]).await.results, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_op_that_comes_whole_after_its_erasure_is_stored_without_what_is_erased() {
    let mut server = Server::start_on_file().await;
    let (mut maker, desk) = (person(&server, 1, "volunteer").await, person(&server, 2, "city-desk").await);
    let old = tempfile::tempdir().unwrap();
    backup::make(&server.place(), old.path(), server.now()).await.unwrap();
    let (record, op) = report(&server, &mut maker).await;
    erase(&server, &desk, record, &[field::NOTE, field::PHOTOS]).await.ok();
    let all = server.pull_all(&desk).await;
    let own: Vec<SignedOp> = all.into_iter().filter(|op| op.header().log == server.key().log_id()).collect();
    server = server
        .restart_after(async |place| {
            let fresh = tempfile::tempdir().unwrap();
            std::fs::remove_dir_all(&place.data).unwrap();
            drop(fresh);
            backup::restore(place, old.path()).await.unwrap();
        })
        .await;
    // A phone that heard of nothing brings the photo first; the op that linked it comes cut or whole.
    upload(&server, &maker, PHOTO).await;
    let file = server.blob_file(&photo(PHOTO).blob);
    assert!(file.exists());
    server.push(&own).await;
    assert!(!file.exists(), "the erasure names what it takes, though no op that is here links it");
    assert_eq!(
        server.send(creation(&maker, &photo(PHOTO).blob, PHOTO.len())).await.error(),
        (410, "erased".to_owned())
    );
    server.push(std::slice::from_ref(&op)).await;
    assert_eq!(holding(server.data(), NOTE.as_bytes()), Vec::<String>::new());
    assert_eq!(pulled(&server, &desk, op.id()).await.body().hidden().count(), 2);
    let path = format!("/v1/records/{record}/blobs/{}", photo(PHOTO).blob);
    assert_eq!(server.send(Call::get(&path).signed(desk.key(), server.now())).await.error().0, 404);
}
