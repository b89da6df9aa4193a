//! Versions of the city package: brought in the browser, checked, and holding from their day on, for every process at once.

use greenshield_domain::wire::{
    AuditPage, CityCheckResponse, CitySource, CityVersionState, CityVersionsResponse, EnrolResponse,
};
use greenshield_pg_harness::Cluster;
use serde_json::{Value, json};

use super::support::{Call, HOUR, NOW, Phone, Reply, Server, genesis};

const DAY: i64 = 24 * HOUR;

async fn person(server: &Server, seed: u64, role: &str) -> Phone {
    let code = server.invite(&format!("{role}{seed}"), role).await;
    let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
    let enrolled: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    Phone { log, genesis, lease: enrolled.lease.clone(), enrolled }
}

async fn get(server: &Server, by: &Phone, path: &str) -> Reply {
    server.send(Call::get(path).signed(by.key(), server.now())).await
}

async fn post(server: &Server, by: &Phone, path: &str, body: &Value) -> Reply {
    server.send(Call::post(path).signed(by.key(), server.now()).json(body)).await
}

async fn list(server: &Server, by: &Phone) -> CityVersionsResponse {
    get(server, by, "/v1/city/versions").await.read()
}

fn states(list: &CityVersionsResponse) -> Vec<(u32, CityVersionState)> {
    list.versions.iter().map(|row| (row.version, row.state)).collect()
}

/// The package that phones get now.
async fn served(server: &Server) -> Value {
    serde_json::from_slice(&server.send(Call::get("/city.json")).await.ok().body).unwrap()
}

fn name_of(city: &Value) -> &str {
    city["catalog.json"]["categories"][0]["name"]["zh"].as_str().unwrap()
}

/// The package that holds with another number and another name of the first category.
async fn changed(server: &Server, version: u32, name: &str) -> Value {
    let mut city = served(server).await;
    city["city.json"]["version"] = json!(version);
    city["catalog.json"]["categories"][0]["name"]["zh"] = json!(name);
    city
}

fn bring(city: &Value, after: u32, from: Option<&str>) -> Value {
    json!({ "package": city.to_string(), "after": after, "from": from, "note": "改了名字" })
}

/// The day in the city, `n` days from now.
fn day(server: &Server, n: i64) -> String {
    greenshield_domain::calendar::utc(server.now() + 8 * HOUR + n * DAY)[..10].to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_holds_from_its_day_on_and_a_phone_sees_it_by_the_build_of_the_worker() {
    let server = Server::start().await;
    let admin = person(&server, 1, "admin").await;
    let first = list(&server, &admin).await;
    assert_eq!((states(&first), first.versions[0].source), (vec![(1, CityVersionState::Holds)], CitySource::Build));
    let before = served(&server).await;
    let city = changed(&server, 2, "云雾").await;
    let kept = post(&server, &admin, "/v1/city/versions", &bring(&city, 1, Some(&day(&server, 2)))).await;
    let kept: CityVersionsResponse = kept.read();
    assert_eq!(states(&kept), [(2, CityVersionState::Coming), (1, CityVersionState::Holds)]);
    let row = &kept.versions[0];
    assert_eq!((row.name.as_str(), row.note.as_str(), row.kept_millis), ("admin1", "改了名字", Some(NOW)));
    let begins = row.from_millis.unwrap();
    assert_eq!((begins + 8 * HOUR) % DAY, 0, "a day begins on the clock of the city");
    assert_eq!(served(&server).await, before, "its day is to come");

    server.clock.advance(begins - 1 - server.now());
    assert_eq!(served(&server).await, before);
    server.clock.advance(1);
    assert_eq!(served(&server).await, city, "nobody did anything");
    assert_eq!(server.app().city().info.version, 2);
    assert_eq!(states(&list(&server, &admin).await), [(2, CityVersionState::Holds), (1, CityVersionState::Over)]);
    let file = get(&server, &admin, "/v1/city/versions/2").await.ok();
    assert_eq!(file.body, city.to_string().as_bytes(), "byte for byte");
    assert!(file.header("content-disposition").contains("city-2.json"));
    let built: Value = serde_json::from_slice(&get(&server, &admin, "/v1/city/versions/1").await.ok().body).unwrap();
    assert_eq!(built, before);

    // It still holds after a restart, and the clock of the rows is the only one.
    let server = server.restart_after(async |_| {}).await;
    assert_eq!(name_of(&served(&server).await), "云雾");
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_of_a_version_hold_for_the_next_request_without_a_restart() {
    let server = Server::start().await;
    let (admin, auditor) = (person(&server, 1, "admin").await, person(&server, 2, "auditor").await);
    get(&server, &auditor, "/v1/audit").await.ok();
    let mut city = changed(&server, 2, "云雾").await;
    for role in city["policy.json"]["roles"].as_array_mut().unwrap() {
        if role["role"] == "auditor" {
            role["grants"].as_array_mut().unwrap().retain(|grant| grant["actions"][0] != "audit");
        }
    }
    post(&server, &admin, "/v1/city/versions", &bring(&city, 1, None)).await.ok();
    assert_eq!(get(&server, &auditor, "/v1/audit").await.error(), (403, "forbidden".to_owned()));
    assert_eq!(states(&list(&server, &admin).await)[0], (2, CityVersionState::Holds));
    let audit: AuditPage = get(&server, &admin, "/v1/audit").await.read();
    assert!(audit.rows.iter().any(|row| row.deed == "package_kept" && row.by == admin.log.account()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_a_fault_breaks_records_or_has_no_new_number_is_refused_with_its_path() {
    let server = Server::start().await;
    let admin = person(&server, 1, "admin").await;
    let refused = async |city: &Value| -> CityCheckResponse {
        let reply = post(&server, &admin, "/v1/city/versions", &bring(city, 1, None)).await;
        assert_eq!(reply.error(), (422, "city_faults".to_owned()));
        let told: CityCheckResponse = serde_json::from_value(reply.error_body().detail).unwrap();
        let asked = json!({ "package": city.to_string() });
        let checked: CityCheckResponse = post(&server, &admin, "/v1/city/check", &asked).await.read();
        assert_eq!(checked, told, "the check tells the same before");
        assert!(!told.is_good());
        told
    };
    let paths = |told: &CityCheckResponse| -> Vec<(String, String)> {
        told.faults.iter().map(|fault| (fault.file.clone(), fault.path.clone())).collect()
    };
    let pair = |file: &str, path: &str| (file.to_owned(), path.to_owned());
    let good = changed(&server, 2, "云雾").await;
    let mut city = good.clone();
    city["catalog.json"]["categories"][3]["groupId"] = json!("ships");
    city["calendar.json"]["zone_minutes"] = json!("eight");
    assert_eq!(paths(&refused(&city).await), [pair("calendar.json", "zone_minutes")]);
    city["calendar.json"] = good["calendar.json"].clone();
    let told = refused(&city).await;
    assert_eq!(paths(&told), [pair("catalog.json", "categories[3].groupId")]);
    let fault = &told.faults[0];
    let said = (fault.code.as_str(), fault.thing.as_str(), fault.word.as_str(), fault.problem.as_str());
    assert_eq!(said, ("unknown", "group", "ships", "there is no group \"ships\""));
    assert_eq!(paths(&refused(&changed(&server, 1, "云雾").await).await), [pair("city.json", "version")]);
    let mut city = good.clone();
    city["city.json"]["id"] = json!("elsewhere");
    assert_eq!(paths(&refused(&city).await), [pair("city.json", "id")]);
    let mut city = good.clone();
    let kinds = city["kinds.json"]["kinds"].as_array_mut().unwrap();
    kinds.iter_mut().find(|kind| kind["name"] == "sos").unwrap()["name"] = json!("mayday");
    assert!(!paths(&refused(&city).await).is_empty());
    // Nobody takes the right to change packages from the own role.
    let mut city = good.clone();
    for role in city["policy.json"]["roles"].as_array_mut().unwrap() {
        for grant in role["grants"].as_array_mut().unwrap() {
            grant["actions"].as_array_mut().unwrap().retain(|action| action != "package");
        }
    }
    assert_eq!(paths(&refused(&city).await), [pair("policy.json", "roles")]);
    // A word that records were written with stays.
    let mut city = good.clone();
    let gone = city["catalog.json"]["categories"].as_array_mut().unwrap().remove(5);
    let told = refused(&city).await;
    assert_eq!(told.faults, []);
    assert!(told.changes.iter().any(|change| change.breaks && change.path == gone["id"].as_str().unwrap()));

    let over = json!({ "package": "x".repeat(2 * 1024 * 1024 + 1), "after": 1 });
    assert_eq!(post(&server, &admin, "/v1/city/versions", &over).await.error(), (413, "too_large".to_owned()));
    for (from, code) in [(Some(day(&server, -1)), "bad_day"), (Some("2026-02-30".to_owned()), "bad_json")] {
        let reply = post(&server, &admin, "/v1/city/versions", &bring(&good, 1, from.as_deref())).await;
        assert_eq!(reply.error(), (400, code.to_owned()));
    }
    let note = json!({ "package": good.to_string(), "after": 1, "note": "a\u{0}b" });
    assert_eq!(post(&server, &admin, "/v1/city/versions", &note).await.error(), (400, "bad_note".to_owned()));
    assert_eq!(states(&list(&server, &admin).await), [(1, CityVersionState::Holds)], "nothing of all that is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_follow_each_other_and_one_whose_day_is_to_come_can_be_withdrawn() {
    let server = Server::start().await;
    let admin = person(&server, 1, "admin").await;
    let keep = async |version, after, from: Option<String>| {
        let city = changed(&server, version, &format!("第{version}版")).await;
        post(&server, &admin, "/v1/city/versions", &bring(&city, after, from.as_deref())).await
    };
    keep(2, 1, Some(day(&server, 5))).await.ok();
    assert_eq!(keep(3, 1, Some(day(&server, 6))).await.error(), (409, "city_moved".to_owned()));
    assert_eq!(keep(3, 2, Some(day(&server, 4))).await.error(), (400, "bad_day".to_owned()), "the second was skipped");
    keep(3, 2, Some(day(&server, 5))).await.ok();
    let withdraw =
        async |version: u32| post(&server, &admin, &format!("/v1/city/versions/{version}/withdraw"), &json!({})).await;
    assert_eq!(withdraw(1).await.error(), (404, "not_found".to_owned()), "nobody brought it");
    let left: CityVersionsResponse = withdraw(3).await.read();
    assert_eq!(states(&left)[0], (3, CityVersionState::Withdrawn));
    assert_eq!(withdraw(3).await.error(), (409, "city_past".to_owned()));
    assert_eq!(keep(3, 2, None).await.error(), (422, "city_faults".to_owned()), "a number is given once");
    server.clock.advance(6 * DAY);
    assert_eq!(name_of(&served(&server).await), "第2版");
    assert_eq!(withdraw(2).await.error(), (409, "city_past".to_owned()), "it holds");
    keep(4, 2, None).await.ok();
    assert_eq!(name_of(&served(&server).await), "第4版");
    let audit: AuditPage = get(&server, &admin, "/v1/audit").await.read();
    let deeds = |word: &str| audit.rows.iter().filter(|row| row.deed == word).count();
    assert_eq!((deeds("package_kept"), deeds("package_withdrawn")), (3, 1), "what was refused is no deed");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_has_not_the_right_learns_nothing_of_versions() {
    let server = Server::start().await;
    let (admin, desk) = (person(&server, 1, "admin").await, person(&server, 2, "city-desk").await);
    let city = changed(&server, 2, "云雾").await;
    post(&server, &admin, "/v1/city/versions", &bring(&city, 1, Some(&day(&server, 3)))).await.ok();
    let [there, absent] = ["/v1/city/versions/2", "/v1/city/versions/99"].map(|path| get(&server, &desk, path));
    let (there, absent) = (there.await, absent.await);
    assert_eq!((there.error(), &there.body), ((403, "forbidden".to_owned()), &absent.body));
    for (path, body) in [
        ("/v1/city/versions", bring(&city, 2, None)),
        ("/v1/city/check", json!({ "package": city.to_string() })),
        ("/v1/city/versions/2/withdraw", json!({})),
    ] {
        assert_eq!(post(&server, &desk, path, &body).await.error(), (403, "forbidden".to_owned()), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_process_over_one_database_goes_by_the_same_version() {
    let a = Server::start_on(Cluster::shared().database()).await;
    let b = a.beside().await;
    let admin = person(&a, 1, "admin").await;
    let city = changed(&a, 2, "云雾").await;
    post(&a, &admin, "/v1/city/versions", &bring(&city, 1, None)).await.ok();
    // Nothing runs in the background here: the file itself is asked for by a phone, and by the loop of the program.
    assert_eq!(name_of(&served(&b).await), "云雾");
    let next = changed(&b, 3, "云海").await;
    post(&b, &admin, "/v1/city/versions", &bring(&next, 2, Some(&day(&b, 1)))).await.ok();
    for server in [&a, &b] {
        server.clock.advance(DAY);
        server.app().follow_city().await.unwrap();
        assert_eq!(server.app().city().info.version, 3);
    }
    let (one, other) = (changed(&a, 4, "甲").await, changed(&b, 4, "乙").await);
    let [one, other] = [(&a, one), (&b, other)].map(|(server, city)| {
        let admin = &admin;
        async move { post(server, admin, "/v1/city/versions", &bring(&city, 3, None)).await.status.as_u16() }
    });
    let (one, other) = tokio::join!(one, other);
    assert!(matches!((one, other), (200, 409 | 422) | (409 | 422, 200)), "one of two: {one} {other}");
    assert_eq!(served(&a).await, served(&b).await);
}
