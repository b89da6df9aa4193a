//! Ledgers: every format tells the same records, what may not leave does not, and no program is fooled by what people wrote.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use greenshield_domain::cbor::Value;
use greenshield_domain::geo::Position;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::{BlobLink, KIND, field};
use greenshield_domain::land::{self, NewArea, Outline};
use greenshield_domain::op::Entry;
use greenshield_domain::patrol;
use greenshield_domain::policy::Seat;
use greenshield_domain::track::{self, Cause, Fix, Item, Mode, Segment};
use greenshield_domain::wire::{AuditPage, EnrolResponse};
use greenshield_server::ledger::asked::Asked;
use greenshield_server::ledger::{Lang, LedgerError, Sources};
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::build::{Report, START_MILLIS, incident};
use serde_json::{Value as Json, json};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::support::{Call, Phone, Reply, Server, genesis};
use super::tus::upload;

const FORMULA: &str = "=HYPERLINK(\"http://x\",\"<b>两车&土</b>\")";

pub async fn person(server: &Server, seed: u64, role: &str) -> Phone {
    let code = server.invite(&format!("{role}{seed}"), role).await;
    let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
    let enrolled: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    Phone { log, genesis, lease: enrolled.lease.clone(), enrolled }
}

async fn get(server: &Server, phone: &Phone, path: &str) -> Reply {
    server.send(Call::get(path).signed(phone.key(), server.now())).await
}

async fn export(server: &Server, phone: &Phone, query: &str) -> Vec<u8> {
    get(server, phone, &format!("/v1/export?{query}")).await.ok().body
}

async fn features(server: &Server, phone: &Phone, query: &str) -> Vec<Json> {
    let body = export(server, phone, &format!("format=geojson&{query}")).await;
    let collection: Json = serde_json::from_slice(&body).unwrap();
    collection["features"].as_array().unwrap().clone()
}

/// Three incidents: one that would like to be a formula, one without a place, one whose note is erased.
async fn three() -> (Server, Phone, Phone, Vec<RecordId>) {
    let server = Server::start().await;
    let (mut maker, desk) = (person(&server, 1, "auxiliary").await, person(&server, 2, "city-desk").await);
    let reports = [
        Report { note: Some(FORMULA.to_owned()), ..Report::default() },
        Report { place: None, note: None, ..Report::default() },
        Report { note: Some("邻居电话 13900001111".to_owned()), ..Report::default() },
    ];
    let made: Vec<_> = reports.iter().map(|report| incident(&mut maker.log, report)).collect();
    server.push(&made.iter().map(|(_, op)| op.clone()).collect::<Vec<_>>()).await;
    let records: Vec<RecordId> = made.iter().map(|(record, _)| *record).collect();
    let asked = json!({ "record": records[2], "fields": [field::NOTE], "basis": "withdrawn", "note": "本人来电" });
    server.send(Call::post("/v1/erasures").signed(desk.key(), server.now()).json(&asked)).await.ok();
    (server, maker, desk, records)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_format_tells_all_records_and_what_is_erased() {
    let (server, _, desk, records) = three().await;
    let reply = get(&server, &desk, "/v1/export?kind=incident&format=csv").await.ok();
    assert_eq!(reply.header("content-type"), "text/csv; charset=utf-8");
    assert!(reply.header("content-disposition").starts_with("attachment; filename=\"greenshield-incident-20"));
    let text = String::from_utf8(reply.body).unwrap();
    assert!(text.starts_with('\u{feff}') && text.ends_with("\r\n"));
    assert!(text.contains("\"'=HYPERLINK(\"\"http://x\"\",\"\"<b>两车&土</b>\"\")\""), "{text}");
    assert!(text.contains("（已删除）") && !text.contains("13900001111"));
    assert!(text.contains("乱倒生活建筑垃圾") && text.contains("100.4503210") && text.contains("auxiliary1"), "{text}");
    assert_eq!(text.matches("\r\n").count(), 4);

    let body = export(&server, &desk, "kind=10&format=xlsx&lang=en").await;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(body)).unwrap();
    let sheet = book.worksheet_range("Incident").unwrap();
    assert_eq!(sheet.height(), 4);
    let note = sheet.rows().next().unwrap().iter().position(|cell| *cell == Data::String("Note".to_owned())).unwrap();
    let notes: Vec<String> = sheet.rows().skip(1).map(|row| row[note].to_string()).collect();
    assert!(notes.contains(&FORMULA.to_owned()) && notes.contains(&"(erased)".to_owned()), "{notes:?}");
    assert!(matches!(sheet.get((1, 1)), Some(Data::DateTime(_))), "{:?}", sheet.get((1, 1)));

    let found = features(&server, &desk, "kind=incident").await;
    let placed = found.iter().filter(|feature| !feature["geometry"].is_null()).count();
    assert_eq!((found.len(), placed), (3, 2));
    let erased = found.iter().find(|feature| feature["id"] == records[2].to_hex()).unwrap();
    assert_eq!((&erased["properties"]["_erased"], &erased["properties"]["note"]), (&json!("note"), &Json::Null));
    assert_eq!(erased["geometry"]["coordinates"], json!([100.450_321, 38.971_234]));
    assert_eq!(erased["properties"]["foundAt"].as_str().unwrap().len(), "2026-11-23T17:00:00+08:00".len());

    let gpx = String::from_utf8(export(&server, &desk, "kind=incident&format=gpx").await).unwrap();
    assert_eq!(gpx.matches("<wpt ").count(), 2);
    assert!(
        gpx.contains("共 3 条记录，其中 1 条没有位置") && gpx.contains("&lt;b&gt;两车&amp;土") && !gpx.contains("<b>")
    );
    let kml = String::from_utf8(export(&server, &desk, "kind=incident&format=kml&lang=en").await).unwrap();
    assert_eq!(kml.matches("<Placemark ").count(), 2);
    assert!(kml.contains("3 records, 1 of them without a position") && kml.contains("(erased)"));

    let package = export(&server, &desk, "kind=incident&format=gpkg").await;
    let rows =
        of_package(&package, "SELECT count(*) || ' ' || count(geom) || ' ' || count(_erased) FROM incident").await;
    assert_eq!(rows, "3 2 1");
    let head = "SELECT geometry_type_name || ' ' || c.description FROM gpkg_geometry_columns g JOIN gpkg_contents c USING (table_name)";
    assert_eq!(of_package(&package, head).await, "POINT 共 3 条记录，其中 1 条没有位置");
    assert_eq!(package[68..72], *b"GPKG");
}

async fn of_package(bytes: &[u8], query: &'static str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.gpkg");
    std::fs::write(&path, bytes).unwrap();
    let mut file = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.unwrap();
    let whole: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut file).await.unwrap();
    assert_eq!(whole, "ok");
    sqlx::query_scalar(query).fetch_one(&mut file).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_held_or_void_is_in_no_file() {
    let (server, mut maker, desk, records) = three().await;
    let mut gone = person(&server, 3, "auxiliary").await;
    server.revoke(&gone).await;
    let edit = gone.log.op(records[0], KIND, &[], vec![Entry::set(field::ANSWER, Value::text("held words"))]);
    let (held, alone) = incident(&mut gone.log, &Report::default());
    let (void, op) = incident(&mut maker.log, &Report { note: Some("void words".to_owned()), ..Report::default() });
    server.push(&[edit, alone]).await;
    server.push(std::slice::from_ref(&op)).await;
    let decide = json!({ "op": op.id(), "verdict": "void", "reason": "误报" });
    server.send(Call::post("/v1/verdicts").signed(desk.key(), server.now()).json(&decide)).await.ok();
    for format in ["csv", "geojson", "kml", "gpx"] {
        let text = export(&server, &desk, &format!("kind=incident&format={format}")).await;
        let text = String::from_utf8(text).unwrap();
        for word in ["held words", "void words", &held.to_hex(), &void.to_hex()] {
            assert!(!text.contains(word), "{format} {word}");
        }
        assert!(text.contains(&records[0].to_hex()), "{format}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_patrol_is_a_track_with_a_segment_between_its_gaps() {
    let server = Server::start().await;
    let (mut maker, desk) = (person(&server, 1, "auxiliary").await, person(&server, 2, "city-desk").await);
    let fix = |n: i64| {
        Item::Fix(Fix {
            at_millis: START_MILLIS + n * 10_000,
            lat_e7: 389_000_000 + n * 1_500,
            lon_e7: 1_004_000_000,
            accuracy_cm: 500,
            altitude_cm: Some(148_000),
        })
    };
    let gap =
        Item::Gap { cause: Cause::Hidden, from_millis: START_MILLIS + 20_000, until_millis: START_MILLIS + 90_000 };
    let track = Segment { mode: Mode::Foot, items: vec![fix(0), fix(1), fix(2), gap, fix(9), fix(10)] }.encode();
    let link = BlobLink {
        blob: greenshield_domain::ids::BlobId::of(&track),
        size_bytes: track.len() as u64,
        mime: track::MIME.to_owned(),
        name: None,
        original: None,
    };
    let (walked, stayed) = (maker.log.record(), maker.log.record());
    let started = || Entry::set(patrol::field::STARTED_AT, Value::Int(START_MILLIS));
    let ops = [
        maker.log.op(walked, patrol::KIND, &[], vec![started(), link.to_entry(patrol::field::TRACK)]),
        maker.log.op(stayed, patrol::KIND, &[], vec![started(), Entry::set(patrol::field::MODE, Value::text("horse"))]),
    ];
    server.push(&ops).await;
    upload(&server, &maker, &track).await;
    let gpx = String::from_utf8(export(&server, &desk, "kind=patrol&format=gpx").await).unwrap();
    let counts = ["<trk>", "<trkseg>", "<trkpt ", "<wpt "].map(|tag| gpx.matches(tag).count());
    assert_eq!(counts, [1, 2, 5, 0], "{gpx}");
    assert!(gpx.contains("其中 1 条没有位置") && gpx.contains("<ele>1480.00</ele>"));
    let found = features(&server, &desk, "kind=patrol").await;
    let geometry = &found.iter().find(|feature| feature["id"] == walked.to_hex()).unwrap()["geometry"];
    assert_eq!((&geometry["type"], geometry["coordinates"].as_array().unwrap().len()), (&json!("MultiLineString"), 2));
    assert_eq!(features(&server, &desk, "kind=patrol&bbox=100.3,38.9001,100.5,38.9002").await.len(), 1);
    assert_eq!(features(&server, &desk, "kind=patrol&bbox=100.5,38.9001,100.6,38.9002").await.len(), 0);
    let package = export(&server, &desk, "kind=patrol&format=gpkg").await;
    let head = "SELECT geometry_type_name || ' ' || (SELECT count(*) FROM patrol) FROM gpkg_geometry_columns";
    assert_eq!(of_package(&package, head).await, "MULTILINESTRING 2");
    let kml = String::from_utf8(export(&server, &desk, "kind=patrol&format=kml").await).unwrap();
    assert_eq!(kml.matches("<LineString>").count(), 2);
    assert!(String::from_utf8(export(&server, &desk, "kind=patrol&format=csv").await).unwrap().contains("骑马"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_area_is_a_polygon_with_its_hole_and_one_without_borders_is_nowhere() {
    let server = Server::start().await;
    let mut desk = person(&server, 1, "city-desk").await;
    let square = |low: i64, high: i64| {
        let corner = |(lat, lon): (i64, i64)| Position { lat_e7: 389_000_000 + lat, lon_e7: 1_004_000_000 + lon };
        [(low, low), (low, high), (high, high), (high, low)].map(corner).to_vec()
    };
    let outline = Outline(vec![square(0, 1_000_000), square(400_000, 600_000)]);
    let reserve = NewArea { name: "保护区".to_owned(), outline, ..NewArea::default() };
    let (mut lost, (whole, bare)) = (reserve.to_entries(START_MILLIS), (desk.log.record(), desk.log.record()));
    lost.retain(|entry| entry.field != land::field::OUTLINE);
    let ops = [(whole, reserve.to_entries(START_MILLIS)), (bare, lost)];
    let ops = ops.map(|(record, entries)| desk.log.op(record, land::KIND, &[], entries));
    server.push(&ops).await;
    let found = features(&server, &desk, "kind=area").await;
    let geometry =
        |record: RecordId| &found.iter().find(|feature| feature["id"] == record.to_hex()).unwrap()["geometry"];
    assert_eq!(geometry(bare), &Json::Null);
    assert_eq!(geometry(whole)["type"], "MultiPolygon");
    let rings = geometry(whole)["coordinates"][0].as_array().unwrap();
    assert_eq!((rings.len(), &rings[0][0], &rings[0][1]), (2, &json!([100.4, 38.9]), &json!([100.5, 38.9])));
    // Over the border, around it, inside of it, in its hole, beside it.
    for (bbox, count) in [
        ("100.3,38.95,100.42,38.96", 1),
        ("100,38,101,39.5", 1),
        ("100.41,38.91,100.42,38.92", 1),
        ("100.445,38.945,100.455,38.955", 0),
        ("100.6,38.9,100.7,39", 0),
    ] {
        assert_eq!(features(&server, &desk, &format!("kind=area&bbox={bbox}")).await.len(), count, "{bbox}");
    }
    let kml = String::from_utf8(export(&server, &desk, "kind=area&format=kml").await).unwrap();
    assert_eq!(["<outerBoundaryIs>", "<innerBoundaryIs>"].map(|tag| kml.matches(tag).count()), [1, 1]);
    let gpx = String::from_utf8(export(&server, &desk, "kind=area&format=gpx").await).unwrap();
    assert_eq!(["<trk>", "<trkseg>", "<trkpt "].map(|tag| gpx.matches(tag).count()), [1, 2, 10]);
    let package = export(&server, &desk, "kind=area&format=gpkg").await;
    let head = "SELECT geometry_type_name || ' ' || (SELECT count(geom) FROM area) FROM gpkg_geometry_columns";
    assert_eq!(of_package(&package, head).await, "MULTIPOLYGON 1");
    let widths = "SELECT length(geom) || '' FROM area WHERE geom IS NOT NULL";
    assert_eq!(of_package(&package, widths).await, (40 + 9 + 9 + 2 * (4 + 5 * 16)).to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn days_and_boxes_narrow_it_and_what_does_not_read_is_refused() {
    let (server, maker, desk, _) = three().await;
    let count = async |query: &str| features(&server, &desk, &format!("kind=incident&{query}")).await.len();
    assert_eq!(count("from=2000-01-01&until=2100-01-01").await, 3);
    assert_eq!(count("until=2000-01-01").await, 0);
    assert_eq!(count("from=2100-01-01T00:00:00%2B08:00").await, 0);
    assert_eq!(count("bbox=100.4,38.9,100.5,39").await, 2);
    assert_eq!(count("bbox=170,-10,-170,10").await, 0);
    for bad in [
        "",
        "kind=incident",
        "kind=incident&format=pdf",
        "kind=nothing&format=csv",
        "kind=incident&format=csv&from=soon",
        "kind=incident&format=csv&bbox=1,2,3",
        "kind=incident&format=csv&lang=fr",
        "kind=incident&format=csv&fields=note",
    ] {
        let reply = get(&server, &maker, &format!("/v1/export?{bad}")).await;
        assert_eq!(reply.error(), (400, "bad_query".to_owned()), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn others_get_their_own_part_and_auditors_learn_the_kind() {
    let (server, maker, desk, _) = three().await;
    let stranger = person(&server, 5, "auxiliary").await;
    let mut tx = server.app().store.begin().await.unwrap();
    let elsewhere = Seat { areas: vec!["620724101001".to_owned()], unit: None };
    assert!(tx.set_seat(stranger.log.account(), "auxiliary", &elsewhere).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(features(&server, &maker, "kind=incident").await.len(), 3);
    assert_eq!(features(&server, &stranger, "kind=incident").await.len(), 0);
    let auditor = person(&server, 6, "auditor").await;
    let closed = get(&server, &auditor, "/v1/export?kind=incident&format=csv").await;
    assert_eq!(closed.error(), (403, "forbidden".to_owned()));
    features(&server, &desk, "kind=patrol").await;
    let page: AuditPage = get(&server, &auditor, "/v1/audit?max=2").await.read();
    let told: Vec<_> = page.rows.iter().map(|row| (row.deed.as_str(), row.name.as_str(), row.kind)).collect();
    assert_eq!(told, [("audit", "auditor6", None), ("export", "city-desk2", Some(patrol::KIND))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_over_its_limit_is_refused_and_one_that_is_narrowed_is_not() {
    let (server, _, desk, _) = three().await;
    let app = server.app();
    let rules = app.rules();
    let standing = app.store.log(desk.log.log()).await.unwrap().unwrap().standing(server.now());
    let scope = greenshield_server::scope::Scope { rules: &rules, who: &standing, notes: desk.log.log() };
    let city = app.city();
    let sources = Sources { store: &app.store, blobs: &app.blobs, city: &city, scope, most: 2 };
    let kind = city.kind(KIND).unwrap();
    let all = Asked { kind, from_millis: None, until_millis: None, bbox: None, lang: Lang::En, tracks: false };
    assert!(matches!(sources.ledger(&all).await, Err(LedgerError::TooMany)));
    let wide = Asked { from_millis: Some(0), ..all };
    assert!(matches!(sources.ledger(&wide).await, Err(LedgerError::TooMany)));
    let narrow = Asked { until_millis: Some(0), ..all };
    assert_eq!(sources.ledger(&narrow).await.unwrap().rows, []);
}
