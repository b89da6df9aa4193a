//! Access keys and OGC API – Features: a key reads what its person may take out, and nothing else, as long as both are good.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use greenshield_domain::ids::{AccessKeyId, RecordId};
use greenshield_domain::policy::Seat;
use greenshield_domain::wire::{AccessKeyResponse, AccessKeysResponse, AuditPage};
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::build::{Report, incident};
use serde_json::{Value as Json, json};

use super::exports::person;
use super::support::{Call, Phone, Reply, Server};

const DAY: i64 = 24 * 3_600_000;

async fn make(server: &Server, by: &Phone, name: &str, days: u32) -> Reply {
    let asked = json!({ "name": name, "days": days });
    server.send(Call::post("/v1/access-keys").signed(by.key(), server.now()).json(&asked)).await
}

async fn list(server: &Server, by: &Phone) -> AccessKeysResponse {
    server.send(Call::get("/v1/access-keys").signed(by.key(), server.now())).await.read()
}

async fn revoke(server: &Server, by: &Phone, id: AccessKeyId) -> Reply {
    server.send(Call::post(&format!("/v1/access-keys/{id}/revoke")).signed(by.key(), server.now())).await
}

async fn ask(server: &Server, secret: &str, path: &str) -> Reply {
    let basic = format!("Basic {}", STANDARD.encode(format!("qgis:{secret}")));
    server.send(Call::get(path).header("authorization", basic).header("host", "gs.example:8080")).await
}

async fn items(server: &Server, secret: &str, query: &str) -> Json {
    ask(server, secret, &format!("/ogc/collections/incident/items{query}")).await.read()
}

/// Five incidents of one person, who has a key.
async fn with_key() -> (Server, Phone, AccessKeyResponse, Vec<RecordId>) {
    let server = Server::start().await;
    let mut maker = person(&server, 1, "auxiliary").await;
    let mut made = Vec::new();
    for n in 0..5 {
        let place = Report::default().place.filter(|_| n > 0);
        made.push(incident(&mut maker.log, &Report { place, ..Report::default() }));
    }
    server.push(&made.iter().map(|(_, op)| op.clone()).collect::<Vec<_>>()).await;
    let key: AccessKeyResponse = make(&server, &maker, " QGIS ", 30).await.read();
    let mut records: Vec<RecordId> = made.into_iter().map(|(record, _)| record).collect();
    records.sort_unstable();
    (server, maker, key, records)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_told_once_and_ends_with_its_days_its_revocation_and_its_person() {
    let (server, maker, key, _) = with_key().await;
    let keys = list(&server, &maker).await.keys;
    let told: Vec<_> = keys.iter().map(|key| (key.name.as_str(), key.owner.as_str(), key.used_millis)).collect();
    assert_eq!(told, [("QGIS", "auxiliary1", None)]);
    assert!(!serde_json::to_string(&keys).unwrap().contains(&key.secret));
    ask(&server, &key.secret, "/ogc").await.ok();
    let bearer = Call::get("/ogc").header("authorization", format!("Bearer {}", key.secret));
    server.send(bearer).await.ok();
    for (secret, path) in [("gsk_wrong", "/ogc"), ("", "/ogc"), (key.id.to_hex().as_str(), "/ogc")] {
        let reply = ask(&server, secret, path).await;
        assert_eq!(reply.error(), (401, "access_key".to_owned()));
        assert!(reply.header("www-authenticate").starts_with("Basic realm="));
    }
    // Nothing but /ogc takes a key.
    for path in ["/v1/me", "/v1/ops", "/v1/export?kind=incident&format=csv", "/v1/access-keys"] {
        assert_eq!(ask(&server, &key.secret, path).await.status.as_u16(), 401, "{path}");
    }
    assert_eq!(revoke(&server, &maker, AccessKeyId([9; 16])).await.error(), (404, "not_found".to_owned()));
    revoke(&server, &maker, key.id).await.ok();
    revoke(&server, &maker, key.id).await.ok();
    assert_eq!(ask(&server, &key.secret, "/ogc").await.error(), (401, "access_key".to_owned()));
    assert!(list(&server, &maker).await.keys[0].revoked_millis.is_some());

    let short: AccessKeyResponse = make(&server, &maker, "a day", 1).await.read();
    let long: AccessKeyResponse = make(&server, &maker, "a year", 366).await.read();
    server.clock.advance(DAY);
    assert_eq!(ask(&server, &short.secret, "/ogc").await.status.as_u16(), 401);
    ask(&server, &long.secret, "/ogc").await.ok();
    let mut tx = server.app().store.begin().await.unwrap();
    assert!(tx.revoke_account(maker.log.account(), server.now()).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(ask(&server, &long.secret, "/ogc").await.status.as_u16(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_take_nothing_out_makes_no_key_and_whoever_answers_for_a_person_ends_theirs() {
    let (server, maker, key, _) = with_key().await;
    let (auditor, admin) = (person(&server, 2, "auditor").await, person(&server, 3, "admin").await);
    let other = person(&server, 4, "auxiliary").await;
    assert_eq!(make(&server, &auditor, "x", 1).await.error(), (403, "forbidden".to_owned()));
    for (name, days) in [("", 1), ("x", 0), ("x", 367), ("a\nb", 1)] {
        assert_eq!(make(&server, &maker, name, days).await.error(), (400, "bad_key".to_owned()), "{name} {days}");
    }
    assert_eq!(list(&server, &other).await.keys, []);
    assert_eq!(list(&server, &admin).await.keys.len(), 1);
    assert_eq!(revoke(&server, &other, key.id).await.error(), (404, "not_found".to_owned()));
    ask(&server, &key.secret, "/ogc").await.ok();
    items(&server, &key.secret, "").await;
    server.clock.advance(DAY);
    let _: AccessKeyResponse = make(&server, &maker, "new", 1).await.read();
    items(&server, &key.secret, "").await;
    revoke(&server, &admin, key.id).await.ok();
    let signed = Call::get("/v1/audit").signed(auditor.key(), server.now());
    let page: AuditPage = server.send(signed).await.read();
    let deeds: Vec<_> = page.rows.iter().map(|row| (row.deed.as_str(), row.name.as_str(), row.about)).collect();
    let by_maker = |deed| (deed, "auxiliary1", None);
    let ended = ("key_ended", "admin3", Some(maker.log.account()));
    let expected = [by_maker("key_used"), by_maker("key_made"), by_maker("key_used"), by_maker("key_made")];
    assert_eq!(deeds[1..6], [&[ended], &expected[..]].concat(), "once a day");
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_are_those_of_the_moment() {
    let (server, maker, key, records) = with_key().await;
    assert_eq!(items(&server, &key.secret, "").await["numberMatched"], 5);
    let mut tx = server.app().store.begin().await.unwrap();
    assert!(tx.set_seat(maker.log.account(), "auditor", &Seat::default()).await.unwrap());
    tx.commit().await.unwrap();
    let path = format!("/ogc/collections/incident/items/{}", records[0]);
    for path in ["/ogc", "/ogc/collections/incident/items", &path] {
        assert_eq!(ask(&server, &key.secret, path).await.error(), (403, "forbidden".to_owned()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_and_items_are_those_of_the_standard() {
    let (server, _, key, records) = with_key().await;
    let get = async |path: &str| -> Json { ask(&server, &key.secret, path).await.read() };
    let rel = |body: &Json, rel: &str| -> Option<String> {
        let links = body["links"].as_array().unwrap();
        Some(links.iter().find(|link| link["rel"] == rel)?["href"].as_str().unwrap().to_owned())
    };
    let landing = get("/ogc").await;
    for (name, path) in [("service-desc", "api"), ("conformance", "conformance"), ("data", "collections")] {
        assert_eq!(rel(&landing, name).unwrap(), format!("http://gs.example:8080/ogc/{path}"));
    }
    assert_eq!(get("/ogc/").await, landing, "some programs put a slash behind every address");
    assert_eq!(get("/ogc/conformance").await["conformsTo"].as_array().unwrap().len(), 3);
    let api = get("/ogc/api").await;
    assert_eq!((&api["openapi"], api["paths"].as_object().unwrap().len()), (&json!("3.0.3"), 7));
    let collections = get("/ogc/collections?lang=en").await;
    let kinds = server.app().city().kinds.len();
    assert_eq!(collections["collections"].as_array().unwrap().len(), kinds);
    let collection = get("/ogc/collections/incident?lang=en").await;
    assert_eq!((&collection["id"], &collection["title"]), (&json!("incident"), &json!("Incident")));

    let reply = ask(&server, &key.secret, "/ogc/collections/incident/items?limit=2&lang=en").await.ok();
    assert_eq!(reply.header("content-type"), "application/geo+json");
    let (mut page, mut seen): (Json, Vec<String>) = (reply.read(), Vec::new());
    loop {
        assert_eq!(page["numberMatched"], 5);
        let features = page["features"].as_array().unwrap();
        assert_eq!(page["numberReturned"], features.len());
        seen.extend(features.iter().map(|feature| feature["id"].as_str().unwrap().to_owned()));
        let Some(next) = rel(&page, "next") else { break };
        assert!(next.contains("limit=2") && next.contains("lang=en"), "{next}");
        page = get(next.strip_prefix("http://gs.example:8080").unwrap()).await;
    }
    assert_eq!(seen, records.iter().map(RecordId::to_hex).collect::<Vec<_>>());
    let one = get(&format!("/ogc/collections/incident/items/{}?lang=en", records[1])).await;
    assert_eq!(one["properties"]["_author"], "auxiliary1");
    assert_eq!(one["properties"]["category"], "Dumping of household or building rubbish");
    assert!(rel(&one, "collection").is_some());

    let count = async |query: &str| items(&server, &key.secret, query).await["numberMatched"].clone();
    assert_eq!(count("?limit=100000").await, 5);
    assert_eq!(count("?bbox=100.4,38.9,100.5,39").await, 4);
    assert_eq!(count("?bbox=100.4,38.9,0,100.5,39,3000").await, 4);
    assert_eq!(count("?bbox=170,-10,-170,10").await, 0);
    for all in ["2000-01-01T00:00:00Z/..", "../2100-01-01T00:00:00Z", "../..", "2000-01-01/2100-01-01"] {
        assert_eq!(count(&format!("?datetime={all}")).await, 5, "{all}");
    }
    assert_eq!(count("?datetime=2000-01-01T00:00:00Z").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_standard_calls_an_error_is_one_and_what_is_not_there_looks_like_what_is_not_yours() {
    let (server, _, key, records) = with_key().await;
    let mut other = person(&server, 2, "auxiliary").await;
    let mut tx = server.app().store.begin().await.unwrap();
    let elsewhere = Seat { areas: vec!["620724101001".to_owned()], unit: None };
    for (phone, seat) in [(&other, &elsewhere)] {
        assert!(tx.set_seat(phone.log.account(), "auxiliary", seat).await.unwrap());
    }
    tx.commit().await.unwrap();
    let (foreign, op) = incident(&mut other.log, &Report::default());
    server.push(&[op]).await;
    let theirs: AccessKeyResponse = make(&server, &other, "theirs", 1).await.read();
    for bad in [
        "?limit=0",
        "?limit=-1",
        "?limit=x",
        "?bbox=1,2,3",
        "?bbox=0,50,1,40",
        "?datetime=soon",
        "?datetime=2027-01-01T00:00:00Z/2026-01-01T00:00:00Z",
        "?cursor=x",
        "?category=garbage-dumping",
        "?f=html",
        "?lang=fr",
    ] {
        let reply = ask(&server, &key.secret, &format!("/ogc/collections/incident/items{bad}")).await;
        assert_eq!(reply.error(), (400, "bad_query".to_owned()), "{bad}");
    }
    for path in ["/ogc", "/ogc/conformance", "/ogc/api", "/ogc/collections", "/ogc/collections/incident"] {
        let reply = ask(&server, &key.secret, &format!("{path}?unknown=1")).await;
        assert_eq!(reply.error(), (400, "bad_query".to_owned()), "{path}");
    }
    let absent = ask(&server, &theirs.secret, &format!("/ogc/collections/incident/items/{}", "0".repeat(32))).await;
    assert_eq!(absent.error(), (404, "not_found".to_owned()));
    for path in [
        format!("/ogc/collections/incident/items/{}", records[0]),
        "/ogc/collections/incident/items/x".to_owned(),
        format!("/ogc/collections/patrol/items/{foreign}"),
        "/ogc/collections/nothing".to_owned(),
        "/ogc/collections/nothing/items".to_owned(),
        "/ogc/nothing".to_owned(),
    ] {
        let reply = ask(&server, &theirs.secret, &path).await;
        assert_eq!((reply.status, &reply.body), (absent.status, &absent.body), "{path}");
    }
    assert_eq!(items(&server, &theirs.secret, "").await["numberMatched"], 1);
}
