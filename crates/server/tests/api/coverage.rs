//! Coverage over HTTP: visits are those that the caller may read, of real tracks, and nothing else is one.

use greenshield_domain::cbor::Value;
use greenshield_domain::geo::Position;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::incident::{BlobLink, Place, PlaceSource, field};
use greenshield_domain::land::{self, NewArea, Outline};
use greenshield_domain::op::Entry;
use greenshield_domain::patrol::{self, CheckIn};
use greenshield_domain::policy::{AREA, Seat};
use greenshield_domain::register::field::DAY;
use greenshield_domain::track::{self, Cause, Fix, Item, Mode, Segment};
use greenshield_domain::wire::{CoverageReport, CoverageRow};
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::build::{Report, START_MILLIS, incident};
use serde_json::json;

use super::exports::person;
use super::support::{Call, Phone, Reply, Server};
use super::tus::upload;

const LAT: i64 = 389_000_000;
const LON: i64 = 1_004_000_000;
const DAY_MILLIS: i64 = 24 * 3_600_000;
/// The kind of flights.
const FLIGHT: u32 = 72;

/// In tenths of a cell from the corner of the first area.
fn at(rows: i64, cols: i64) -> Position {
    Position { lat_e7: LAT + rows * 10_000, lon_e7: LON + cols * 12_500 }
}

fn place(at: Position, source: PlaceSource, accuracy_m: i64) -> Place {
    let accuracy_cm = accuracy_m * 100;
    Place { lat_e7: at.lat_e7, lon_e7: at.lon_e7, accuracy_cm, fixed_millis: START_MILLIS, source }
}

/// Five by six cells, so many rows to the north.
fn area(name: &str, code: &str, north: i64, element: &str) -> (NewArea, Entry) {
    let ring = [(0, 0), (0, 60), (50, 60), (50, 0)].map(|(row, col)| at(north + row, col)).to_vec();
    let new = NewArea {
        name: name.to_owned(),
        code: Some(code.to_owned()),
        element: Some(element.to_owned()),
        keeper: Some("李四".to_owned()),
        need_days: Some(3),
        outline: Outline(vec![ring]),
    };
    (new, Entry::set(AREA, Value::text(code)))
}

async fn make_areas(server: &Server, desk: &mut Phone) -> Vec<RecordId> {
    let all = [area("黑河东岸", "620702", 0, "water"), area("北滩", "620723", 100, "grass")];
    let mut records = Vec::new();
    for (new, code) in all {
        let record = desk.log.record();
        let entries = new.to_entries(START_MILLIS).into_iter().chain([code]).collect();
        let op = desk.log.op(record, land::KIND, &[], entries);
        assert!(server.push(&[op]).await.results.is_empty());
        records.push(record);
    }
    records
}

/// Fixes half a cell apart, every 30 s from a moment on.
fn ride(from_millis: i64, row: i64, cols: std::ops::Range<i64>) -> Vec<Item> {
    let fix = |n: i64| {
        let Position { lat_e7, lon_e7 } = at(row, n * 5);
        Item::Fix(Fix { at_millis: from_millis + n * 30_000, lat_e7, lon_e7, accuracy_cm: 500, altitude_cm: None })
    };
    cols.map(fix).collect()
}

/// A patrol with a track whose file has arrived.
async fn patrol(server: &Server, phone: &mut Phone, mode: Mode, items: Vec<Item>, more: Vec<Entry>) -> RecordId {
    let track = Segment { mode, items }.encode();
    let link = BlobLink {
        blob: BlobId::of(&track),
        size_bytes: track.len() as u64,
        mime: track::MIME.to_owned(),
        name: None,
        original: None,
    };
    let record = phone.log.record();
    let said = [
        Entry::set(patrol::field::STARTED_AT, Value::Int(START_MILLIS)),
        Entry::set(patrol::field::MODE, Value::text(mode.word())),
        link.to_entry(patrol::field::TRACK),
    ];
    let op = phone.log.op(record, patrol::KIND, &[], said.into_iter().chain(more).collect());
    server.push(&[op]).await;
    upload(server, phone, &track).await;
    record
}

async fn get(server: &Server, phone: &Phone, query: &str) -> Reply {
    server.send(Call::get(&format!("/v1/coverage{query}")).signed(phone.key(), server.now())).await
}

async fn report(server: &Server, phone: &Phone, query: &str) -> CoverageReport {
    get(server, phone, query).await.read()
}

fn counts(row: &CoverageRow) -> [u32; 4] {
    [row.cells, row.ground, row.air, row.seen]
}

async fn world() -> (Server, Phone, Phone, Vec<RecordId>) {
    let server = Server::start().await;
    let (maker, mut desk) = (person(&server, 1, "auxiliary").await, person(&server, 2, "city-desk").await);
    let areas = make_areas(&server, &mut desk).await;
    (server, maker, desk, areas)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_track_visits_what_it_passes_and_its_gap_stays_unvisited() {
    let (server, mut maker, desk, areas) = world().await;
    let gap =
        Item::Gap { cause: Cause::Hidden, from_millis: START_MILLIS + 90_000, until_millis: START_MILLIS + 240_000 };
    let items = ride(START_MILLIS, 25, 0..4).into_iter().chain([gap]).chain(ride(START_MILLIS, 25, 8..12)).collect();
    patrol(&server, &mut maker, Mode::Motorbike, items, Vec::new()).await;
    patrol(&server, &mut maker, Mode::Drone, ride(START_MILLIS, 25, 2..6), Vec::new()).await;
    server.clock.advance(2 * DAY_MILLIS);
    let told = report(&server, &desk, "?days=7").await;
    assert_eq!((told.days, told.looked_days, told.tracks, told.tracks_left, told.areas_left), (7, 90, 2, 0, 0));
    let [north, river] = told.areas.as_slice() else { panic!("{told:?}") };
    assert_eq!((north.record, north.last_ground_millis), (areas[1], None), "what nobody visited comes first");
    assert_eq!(counts(river), [30, 4, 2, 5], "two cells of the gap, one of them seen from the air");
    assert_eq!((river.name.as_str(), river.element.as_deref()), ("黑河东岸", Some("water")));
    assert_eq!((river.keeper.as_deref(), river.need_days), (Some("李四"), Some(3)));
    assert!(river.last_ground_millis.is_some_and(|last| (START_MILLIS..START_MILLIS + 600_000).contains(&last)));
    assert_eq!(river.gaps.iter().map(|(_, first, last)| last - first + 1).sum::<i64>(), 25);
    let yesterday = report(&server, &desk, "?days=1").await;
    let river = yesterday.areas.iter().find(|row| row.record == areas[0]).unwrap();
    assert_eq!(counts(river), [30, 0, 0, 0]);
    assert!(river.last_ground_millis.is_some() && river.last_air_millis.is_some(), "the last visit is told anyway");
    let grass = report(&server, &desk, "?days=7&element=grass").await;
    assert_eq!(grass.areas.iter().map(|row| row.record).collect::<Vec<_>>(), [areas[1]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn check_ins_and_measured_places_are_visits_and_pins_and_plans_are_not() {
    let (server, mut maker, mut desk, areas) = world().await;
    let check_in = |at, accuracy| {
        CheckIn { at_millis: START_MILLIS, place: Some(place(at, PlaceSource::Device, accuracy)), is_well: true }
            .to_entry()
    };
    let walk = maker.log.record();
    let said = [
        Entry::set(patrol::field::STARTED_AT, Value::Int(START_MILLIS)),
        check_in(at(5, 5), 10),
        check_in(at(15, 5), 2_000),
    ];
    let mut ops = vec![maker.log.op(walk, patrol::KIND, &[], said.to_vec())];
    for place in [place(at(25, 5), PlaceSource::Device, 20), place(at(35, 5), PlaceSource::Pin, 20)] {
        ops.push(incident(&mut maker.log, &Report { place: Some(place), ..Report::default() }).1);
    }
    assert!(server.push(&ops).await.results.is_empty());
    for (state, row) in [("flown", 5), ("planned", 15)] {
        let record = desk.log.record();
        let said = vec![
            Entry::set(field::STATE, Value::text(state)),
            Entry::set(DAY, Value::Int(START_MILLIS)),
            Entry::set(field::PLACE, place(at(row, 25), PlaceSource::Pin, 100).to_value()),
        ];
        let op = desk.log.op(record, FLIGHT, &[], said);
        assert!(server.push(&[op]).await.results.is_empty());
    }
    let told = report(&server, &desk, "?days=7").await;
    let river = told.areas.iter().find(|row| row.record == areas[0]).unwrap();
    assert_eq!(counts(river), [30, 2, 1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn void_and_erased_visits_and_withdrawn_areas_are_none() {
    let (server, mut maker, mut desk, areas) = world().await;
    let walk = patrol(&server, &mut maker, Mode::Motorbike, ride(START_MILLIS, 25, 0..6), Vec::new()).await;
    let report_op =
        incident(&mut maker.log, &Report { place: Some(place(at(5, 5), PlaceSource::Device, 9)), ..Report::default() })
            .1;
    server.push(std::slice::from_ref(&report_op)).await;
    let seen = async |record: RecordId| {
        let told = report(&server, &desk, "?days=7").await;
        told.areas.iter().find(|row| row.record == record).map(counts)
    };
    assert_eq!(seen(areas[0]).await, Some([30, 4, 0, 4]));
    let void = json!({ "op": report_op.id(), "verdict": "void", "reason": "误报" });
    server.send(Call::post("/v1/verdicts").signed(desk.key(), server.now()).json(&void)).await.ok();
    assert_eq!(seen(areas[0]).await, Some([30, 3, 0, 3]));
    let erase = json!({ "record": walk, "fields": [patrol::field::TRACK], "basis": "withdrawn", "note": "本人来电" });
    server.send(Call::post("/v1/erasures").signed(desk.key(), server.now()).json(&erase)).await.ok();
    assert_eq!(seen(areas[0]).await, Some([30, 0, 0, 0]));
    let withdrawn = Entry::set(field::STATE, Value::text(land::WITHDRAWN));
    let op = desk.log.op(areas[0], land::KIND, &[], vec![withdrawn]);
    server.push(&[op]).await;
    assert_eq!(report(&server, &desk, "?days=7").await.areas.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_areas_and_visits_of_the_own_scope_only() {
    let (server, mut maker, _, areas) = world().await;
    patrol(&server, &mut maker, Mode::Motorbike, ride(START_MILLIS, 25, 0..6), Vec::new()).await;
    let seated = async |seed: u64, role: &str, codes: &[&str]| {
        let phone = person(&server, seed, role).await;
        let mut tx = server.app().store.begin().await.unwrap();
        let seat = Seat { areas: codes.iter().map(|code| (*code).to_owned()).collect(), unit: None };
        assert!(tx.set_seat(phone.log.account(), role, &seat).await.unwrap());
        tx.commit().await.unwrap();
        phone
    };
    let told = async |phone: &Phone| {
        let told = report(&server, phone, "?days=7").await;
        (told.areas.iter().map(|row| (row.record, row.seen)).collect::<Vec<_>>(), told.tracks)
    };
    // Who made the patrol sits nowhere in particular, so nobody of one county reads it.
    let here = seated(11, "volunteer", &["620702"]).await;
    assert_eq!(told(&here).await, (vec![(areas[0], 0)], 0));
    let elsewhere = seated(12, "desk", &["620725"]).await;
    assert_eq!(told(&elsewhere).await, (vec![], 0));
    let auditor = person(&server, 13, "auditor").await;
    assert_eq!(told(&auditor).await, (vec![], 0), "an auditor reads neither borders nor tracks");
    let mut tx = server.app().store.begin().await.unwrap();
    let seat = Seat { areas: vec!["620702".to_owned()], unit: None };
    assert!(tx.set_seat(maker.log.account(), "auxiliary", &seat).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(told(&maker).await, (vec![(areas[0], 3)], 1), "an own track in an own area");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_read_is_refused() {
    let (server, _, desk, _) = world().await;
    for bad in ["", "?days=0", "?days=367", "?days=-1", "?days=week", "?days=7&sort=name"] {
        assert_eq!(get(&server, &desk, bad).await.error(), (400, "bad_query".to_owned()), "{bad}");
    }
    assert_eq!(report(&server, &desk, "?days=366&element=nothing").await.areas, []);
}
