//! Places that not everybody may know: where a rare animal was, and the way of a colleague.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident::{BlobLink, Place, PlaceSource, field};
use greenshield_domain::op::{Act, Entry, SignedOp};
use greenshield_domain::patrol;
use greenshield_domain::rough::{cells_entry, is_rough, place_entries, rough};
use greenshield_domain::track::{self, Fix, Item, Mode, Segment};
use greenshield_domain::{incident, sms};
use greenshield_testkit::build::photo;

use super::people::somebody;
use super::support::{Call, Phone, Server};
use super::tus::upload;

const ORIGINAL: &[u8] = b"\xff\xd8\xff with the place in it";
const COPY: &[u8] = b"\xff\xd8\xff";
const AREA: &str = "620723";

fn nest() -> Place {
    let (lat_e7, lon_e7) = (388_412_345, 996_812_345);
    Place { lat_e7, lon_e7, accuracy_cm: 600, fixed_millis: 1, source: PlaceSource::Device }
}

/// The entries of a record as a phone is given them.
async fn seen(server: &Server, phone: &Phone, record: RecordId) -> Vec<Entry> {
    let ops: Vec<SignedOp> = server.pull_all(phone).await;
    let of_record = ops.iter().filter(|op| op.header().record == record);
    of_record.flat_map(|op| op.body().entries().cloned().collect::<Vec<_>>()).collect()
}

fn place(entries: &[Entry], wanted: u32) -> Option<Place> {
    entries.iter().find(|entry| entry.field == wanted).and_then(|entry| Place::from_value(&entry.value))
}

async fn status(server: &Server, phone: &Phone, record: RecordId, blob: &BlobId) -> u16 {
    let call = Call::get(&format!("/v1/records/{record}/blobs/{blob}")).signed(phone.key(), server.now());
    server.send(call).await.status.as_u16()
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_rare_animal_was_is_exact_for_its_reporter_the_chief_and_the_desk_and_a_cell_for_others() {
    let server = Server::start().await;
    let mut reporter = somebody(&server, 1, "volunteer", &[AREA]).await;
    let record = reporter.log.record();
    let copy = BlobLink { original: Some(BlobId::of(ORIGINAL)), ..photo(COPY) };
    let mut entries = place_entries(nest(), true);
    entries.extend([
        Entry::set(field::FOUND_AT, Value::Int(1)),
        Entry::set(field::CATEGORY, Value::text("wildlife-sighting")),
        Entry::set(field::EXACT_CAPTURE, Value::text("what the photo says of its place")),
        photo(ORIGINAL).to_entry(field::PHOTOS),
        copy.to_entry(field::PHOTOS),
    ]);
    server.push(&[reporter.log.op(record, incident::KIND, &[], entries)]).await;
    for bytes in [ORIGINAL, COPY] {
        upload(&server, &reporter, bytes).await;
    }
    let colleague = somebody(&server, 2, "volunteer", &[AREA]).await;
    let pilot = somebody(&server, 3, "pilot", &[AREA]).await;
    for phone in [&colleague, &pilot] {
        let entries = seen(&server, phone, record).await;
        assert_eq!(place(&entries, field::PLACE), Some(rough(&nest())));
        assert!(entries.iter().all(|entry| ![field::EXACT_PLACE, field::EXACT_CAPTURE].contains(&entry.field)));
        assert_eq!(status(&server, phone, record, &BlobId::of(COPY)).await, 200);
        assert_eq!(status(&server, phone, record, &BlobId::of(ORIGINAL)).await, 404, "its EXIF tells the place");
    }
    let chief = somebody(&server, 4, "chief", &[AREA]).await;
    let desk = somebody(&server, 5, "desk", &[]).await;
    for phone in [&reporter, &chief, &desk] {
        assert_eq!(place(&seen(&server, phone, record).await, field::EXACT_PLACE), Some(nest()));
        assert_eq!(status(&server, phone, record, &BlobId::of(ORIGINAL)).await, 200);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_as_it_came_is_judged_by_the_record_that_linked_it_first() {
    let server = Server::start().await;
    let mut reporter = somebody(&server, 1, "volunteer", &[AREA]).await;
    let mut colleague = somebody(&server, 2, "volunteer", &[AREA]).await;
    // Without a position, and written before there was a field for the exact place: the category says enough.
    let nest = reporter.log.record();
    let said = vec![
        Entry::set(field::FOUND_AT, Value::Int(1)),
        Entry::set(field::CATEGORY, Value::text("wildlife-sighting")),
        photo(ORIGINAL).to_entry(field::PHOTOS),
    ];
    server.push(&[reporter.log.op(nest, incident::KIND, &[], said)]).await;
    upload(&server, &reporter, ORIGINAL).await;
    let blob = BlobId::of(ORIGINAL);
    assert_eq!(status(&server, &colleague, nest, &blob).await, 404);
    // Naming it in a report of one's own opens nothing; a photo that was there first is not taken away from its own report.
    let mine = colleague.log.record();
    let (found, linked) = (Entry::set(field::FOUND_AT, Value::Int(1)), photo(ORIGINAL).to_entry(field::PHOTOS));
    server.push(&[colleague.log.op(mine, incident::KIND, &[], vec![found, linked])]).await;
    assert_eq!(status(&server, &colleague, mine, &blob).await, 404);
    assert_eq!(status(&server, &reporter, nest, &blob).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_sent_there_sees_the_exact_place() {
    let server = Server::start().await;
    let mut desk = somebody(&server, 1, "city-desk", &[]).await;
    let mut reporter = somebody(&server, 2, "volunteer", &[AREA]).await;
    let sent = somebody(&server, 3, "volunteer", &[AREA]).await;
    let record = reporter.log.record();
    let mut entries = place_entries(nest(), true);
    entries.push(Entry::set(field::FOUND_AT, Value::Int(1)));
    let op = reporter.log.op(record, incident::KIND, &[], entries);
    let dep = op.id().short();
    server.push(&[op]).await;
    assert_eq!(place(&seen(&server, &sent, record).await, field::EXACT_PLACE), None);
    let who =
        Entry { field: greenshield_domain::policy::ASSIGNED, act: Act::Add, value: sent.log.account().to_value() };
    server.push(&[desk.log.op(record, incident::KIND, &[dep], vec![who])]).await;
    assert_eq!(place(&seen(&server, &sent, record).await, field::EXACT_PLACE), Some(nest()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_sees_the_cells_of_a_patrol_and_not_its_way() {
    let server = Server::start().await;
    let mut walker = somebody(&server, 1, "auxiliary", &[AREA]).await;
    let fix =
        |n: i64| Fix { at_millis: n, lat_e7: 388_400_000, lon_e7: 996_800_000, accuracy_cm: 500, altitude_cm: None };
    let way = Segment { mode: Mode::Foot, items: (0..9).map(|n| Item::Fix(fix(n * 5_000))).collect() };
    let file = way.encode();
    let link = BlobLink { mime: track::MIME.to_owned(), ..photo(&file) };
    let record = walker.log.record();
    let mut entries = vec![link.to_entry(patrol::field::TRACK), Entry::set(patrol::field::STARTED_AT, Value::Int(1))];
    entries.extend(cells_entry(patrol::field::CELLS, std::slice::from_ref(&way)));
    let check_in = patrol::CheckIn { at_millis: 2, place: Some(nest()), is_well: true };
    entries.push(check_in.to_entry());
    server.push(&[walker.log.op(record, patrol::KIND, &[], entries)]).await;
    upload(&server, &walker, &file).await;
    let colleague = somebody(&server, 2, "volunteer", &[AREA]).await;
    let chief = somebody(&server, 3, "chief", &[AREA]).await;
    let fields = async |phone: &Phone| {
        let entries = seen(&server, phone, record).await;
        let has = |field| entries.iter().any(|entry| entry.field == field);
        (has(patrol::field::CELLS), has(patrol::field::TRACK), has(patrol::field::CHECK_INS))
    };
    assert_eq!(fields(&colleague).await, (true, false, false));
    assert_eq!(status(&server, &colleague, record, &link.blob).await, 404);
    assert_eq!(fields(&chief).await, (true, true, true));
    assert_eq!(status(&server, &chief, record, &link.blob).await, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_code_of_a_text_message_is_not_read_by_those_who_may_not_know_the_place_in_it() {
    let server = Server::start().await;
    let mut desk = somebody(&server, 1, "city-desk", &[]).await;
    let colleague = somebody(&server, 2, "volunteer", &[AREA]).await;
    let record = desk.log.record();
    let (minute, spot) = (sms::minute_of(server.now()), Some(sms::Spot::of(&nest())));
    let message = sms::SmsReport { record, category: 1, urgency: 0, spot, minute };
    let mut entries = message.to_entries(Some("poaching"), None, true);
    entries.push(Entry::set(greenshield_domain::policy::AREA, Value::text(AREA)));
    server.push(&[desk.log.op(record, sms::KIND, &[], entries)]).await;
    let entries = seen(&server, &colleague, record).await;
    assert!(place(&entries, field::PLACE).is_some_and(|place| is_rough(&place)));
    assert!(entries.iter().all(|entry| ![field::EXACT_PLACE, sms::FIELD_CODE].contains(&entry.field)));
}
