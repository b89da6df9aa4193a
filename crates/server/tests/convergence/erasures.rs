//! What is erased leaves every phone that hears of it, comes to no new one, and stays erased when an old server comes back.

use std::collections::BTreeSet;
use std::path::Path;

use greenshield_client::engine::{NewBlob, Save};
use greenshield_client::ports::{LocalStore as _, Ports as _, Read, Table};
use greenshield_domain::cbor::Value;
use greenshield_domain::erasure::{Basis, Hold};
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident::{BlobLink, KIND, field};
use greenshield_domain::op::Entry;
use greenshield_domain::person;
use greenshield_domain::verdict::SERVER_ACCOUNT;
use greenshield_server::erasing;
use greenshield_server::sequencer::Erase;

use crate::phone::Faults;
use crate::world::World;

const NOTE: &str = "the neighbour of house 7, telephone 13900001111";
const PHOTO: &[u8] = b"\xff\xd8\xff\xe0 a photo of somebody's face, and enough of it to be found";

async fn report(world: &World, phone: usize) -> RecordId {
    let (id, mime) = (BlobId::of(PHOTO), "image/jpeg".to_owned());
    let link = BlobLink { blob: id, size_bytes: PHOTO.len() as u64, mime: mime.clone(), name: None, original: None };
    let file = NewBlob { id, bytes: PHOTO.to_vec(), mime, original: None };
    world.phone(phone).keep_draft("report", b"form".to_vec(), vec![file]).await.unwrap();
    let entries = vec![
        Entry::set(field::CATEGORY, Value::text("garbage-dumping")),
        Entry::set(field::NOTE, Value::text(NOTE)),
        link.to_entry(field::PHOTOS),
    ];
    let save = Save { record: None, kind: KIND, entries, draft: Some("report".to_owned()) };
    world.phone(phone).save(save).await.unwrap().record
}

async fn erase(world: &World, record: RecordId, fields: &[u32]) -> usize {
    let app = &world.server().app;
    let fields = fields.iter().copied().collect();
    let asked = Erase {
        record,
        fields,
        files: BTreeSet::new(),
        by: SERVER_ACCOUNT,
        basis: Basis::Withdrawn,
        note: String::new(),
    };
    let values = app.sequencer.erase(asked).await.unwrap().values;
    assert!(erasing::clean_if_due(app).await);
    values
}

/// Tables of a phone in which a row holds these bytes.
async fn tables(world: &World, phone: usize, bytes: &[u8]) -> BTreeSet<&'static str> {
    let mut found = BTreeSet::new();
    for table in Table::ALL {
        let rows = world.phone(phone).ports().store().read(vec![Read::prefix(table, &[], usize::MAX)]).await.unwrap();
        if rows.concat().iter().any(|(_, value)| value.windows(bytes.len()).any(|window| window == bytes)) {
            found.insert(table.name());
        }
    }
    found
}

fn is_in_a_file(folder: &Path, bytes: &[u8]) -> bool {
    std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).any(|path| {
        let here = || std::fs::read(&path).unwrap().windows(bytes.len()).any(|window| window == bytes);
        if path.is_dir() { is_in_a_file(&path, bytes) } else { here() }
    })
}

async fn is_nowhere(world: &World, phones: usize, bytes: &[u8]) {
    for phone in 0..phones {
        assert_eq!(tables(world, phone, bytes).await, BTreeSet::new(), "phone {phone}");
    }
    let staged = world.server().app.blobs.staged("x");
    assert!(!is_in_a_file(staged.parent().unwrap().parent().unwrap(), bytes));
}

async fn see_photo(world: &World, phone: usize, record: RecordId) {
    let link = world.record(phone, record).await.photos[0].link.clone();
    let hash = async |bytes: &[u8]| BlobId::of(bytes);
    world.phone(phone).fetch_blob(record, &link, hash).await.unwrap();
}

#[tokio::test]
async fn an_erased_value_leaves_every_phone_that_hears_of_it_and_comes_to_no_new_one() {
    let mut world = World::new(301, 2).await;
    world.heal();
    let record = report(&world, 1).await;
    world.note(1, record, &format!("{NOTE}, again")).await;
    world.drain().await;
    see_photo(&world, 0, record).await;
    for phone in 0..2 {
        assert!(tables(&world, phone, NOTE.as_bytes()).await.contains("ops"));
        assert!(tables(&world, phone, PHOTO).await.contains("blob_bytes"));
    }
    assert_eq!(erase(&world, record, &[field::NOTE, field::PHOTOS]).await, 3);
    world.drain().await;
    let new = world.newcomer().await;
    world.pull_all(new).await;
    let late = world.newcomer().await;
    world.pull_from_the_beginning(late).await;
    for bytes in [NOTE.as_bytes(), PHOTO] {
        is_nowhere(&world, 4, bytes).await;
    }
    for phone in 0..4 {
        let view = world.record(phone, record).await;
        assert_eq!((view.merged.value(field::NOTE), view.photos.len(), view.row.note.clone()), (None, 0, None));
        assert_eq!(view.gone.keys().copied().collect::<Vec<_>>(), [field::NOTE, field::PHOTOS]);
        assert_eq!(view.gone[&field::NOTE].basis, Some(Basis::Withdrawn));
        assert_eq!(view.ops.len(), 2, "the ops stay, and the word of the server is none of theirs");
        assert_eq!(view.row.category.as_deref(), Some("garbage-dumping"));
    }
    // What is said afterwards shows.
    world.note(0, record, "written anew").await;
    world.drain().await;
    assert_eq!(world.record(late, record).await.row.note.as_deref(), Some("written anew"));
    world.check().await;
}

#[tokio::test]
async fn a_photo_that_is_erased_before_it_was_sent_is_sent_no_more() {
    let mut world = World::new(302, 2).await;
    world.heal();
    let record = report(&world, 1).await;
    while world.phone(1).push_due().await.unwrap().due > 0 {}
    erase(&world, record, &[field::PHOTOS]).await;
    assert_eq!(world.phone(1).status().await.unwrap().blobs_unsent, 1);
    // The phone hears of it by the upload.
    world.drain_one(1).await;
    assert_eq!(world.phone(1).status().await.unwrap().blobs_unsent, 0);
    world.drain().await;
    is_nowhere(&world, 2, PHOTO).await;
    assert!(tables(&world, 1, NOTE.as_bytes()).await.contains("ops"), "the note was not erased");
}

#[tokio::test]
async fn a_photo_that_another_report_links_again_is_not_dropped_with_the_erased_one() {
    let mut world = World::new(306, 2).await;
    world.heal();
    let record = report(&world, 1).await;
    while world.phone(1).push_due().await.unwrap().due > 0 {}
    erase(&world, record, &[field::PHOTOS]).await;
    // The server still calls it erased: the report that links it again has not come there.
    let again = report(&world, 1).await;
    world.phone(1).upload_step().await.unwrap();
    assert_eq!(world.phone(1).status().await.unwrap().blobs_unsent, 1, "it waits with the report");
    world.drain().await;
    assert!(world.server().app.blobs.path(&BlobId::of(PHOTO)).exists());
    see_photo(&world, 0, again).await;
}

#[tokio::test]
async fn an_op_whose_receipt_was_lost_gets_it_though_it_was_erased_meanwhile() {
    let mut world = World::new(303, 2).await;
    world.heal();
    let record = report(&world, 1).await;
    world.phone(1).ports().faults.set(Faults { reply_lost: 10_000, ..Faults::default() });
    world.phone(1).push_due().await.unwrap_err();
    world.heal();
    world.pull_all(0).await;
    erase(&world, record, &[field::NOTE, field::PHOTOS]).await;
    world.pull_all(1).await;
    assert_eq!(world.phone(1).status().await.unwrap().ops_unsent, 1, "no receipt, no end of it");
    world.drain().await;
    assert_eq!(world.phone(1).status().await.unwrap().ops_unsent, 0);
    for bytes in [NOTE.as_bytes(), PHOTO] {
        is_nowhere(&world, 2, bytes).await;
    }
}

#[tokio::test]
async fn a_restored_server_of_before_the_erasure_is_refilled_without_what_is_erased() {
    let mut world = World::new(304, 3).await;
    world.heal();
    let old = report(&world, 1).await;
    world.drain().await;
    world.back_up_server().await;
    // One record the backup knows, one it does not; one phone is lost.
    let new = report(&world, 2).await;
    world.drain().await;
    for record in [old, new] {
        erase(&world, record, &[field::NOTE, field::PHOTOS]).await;
    }
    world.drain().await;
    world.restore_server().await;
    world.lose_phone(2);
    world.drain().await;
    world.drain().await;
    for bytes in [NOTE.as_bytes(), PHOTO] {
        is_nowhere(&world, 2, bytes).await;
    }
    for record in [old, new] {
        assert_eq!(world.record(0, record).await.gone.len(), 2);
    }
    let late = world.newcomer().await;
    world.pull_all(late).await;
    assert_eq!(world.record(late, new).await.row.category.as_deref(), Some("garbage-dumping"));
}

#[tokio::test]
async fn a_hold_shows_everywhere_and_the_name_of_a_person_goes_from_the_list_of_names() {
    let mut world = World::new(305, 2).await;
    world.heal();
    let record = report(&world, 1).await;
    world.drain().await;
    let hold = |is_held| Hold { is_held, by: SERVER_ACCOUNT, reason: "立案调取".to_owned() };
    world.server().app.sequencer.hold(record, hold(true)).await.unwrap();
    world.drain().await;
    assert_eq!(world.record(1, record).await.hold, Some(hold(true)));
    world.server().app.sequencer.hold(record, hold(false)).await.unwrap();
    world.drain().await;
    assert_eq!(world.record(1, record).await.hold, None);

    let account = world.phone(1).identity().unwrap().account;
    let person = person::record_of(account);
    let name = vec![Entry::set(person::field::NAME, Value::text("王小河的旧名"))];
    let save = Save { record: Some(person), kind: person::KIND, entries: name, draft: None };
    world.phone(1).save(save).await.unwrap();
    world.drain().await;
    erase(&world, person, &[person::field::NAME]).await;
    world.drain().await;
    is_nowhere(&world, 2, "王小河的旧名".as_bytes()).await;
}
