//! What somebody tries who is inside with little right, or outside with much patience. Each test fails without its guard;
//! `SECURITY.md` lists them beside those that other files hold.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::policy::{AREA, ASSIGNED, HELPERS, Seat, UNIT};
use greenshield_domain::verdict::{KIND_VERDICT, Ruling};
use greenshield_domain::wire::{Cursor, EnrolResponse, PullPage, ResultCode, Verdict};
use greenshield_server::clock::{Clock as _, SystemClock};
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::build::{Report, incident, photo};

use super::running::{self, Machine, code_of};
use super::support::{Call, NOW, Phone, Reply, Server, codes, genesis};
use super::tus::{creation, metadata, patch, tus, upload};

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0 a photo that is nobody else's business";

/// Somebody who stands in one area only.
async fn person(server: &Server, seed: u64, role: &str, area: &str) -> Phone {
    let code = server.invite(&format!("{role}{seed}"), role).await;
    let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
    let enrolled: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    let phone = Phone { log, genesis, lease: enrolled.lease.clone(), enrolled };
    let mut tx = server.app().store.begin().await.unwrap();
    let seat = Seat { areas: vec![area.to_owned()], unit: None };
    assert!(tx.set_seat(phone.log.account(), role, &seat).await.unwrap());
    tx.commit().await.unwrap();
    phone
}

/// A victim with a record and a photo in one area, and a thief in another.
async fn victim_and_thief() -> (Server, Phone, RecordId, Phone) {
    let server = Server::start().await;
    let mut victim = person(&server, 1, "auxiliary", "620723").await;
    let thief = person(&server, 2, "auxiliary", "620724").await;
    let report = Report { photos: vec![photo(PHOTO)], ..Report::default() };
    let (record, op) = incident(&mut victim.log, &report);
    server.push(&[op]).await;
    upload(&server, &victim, PHOTO).await;
    (server, victim, record, thief)
}

async fn get(server: &Server, phone: &Phone, path: &str) -> Reply {
    server.send(Call::get(path).signed(phone.key(), server.now())).await
}

/// Everything of a reply that a thief can compare.
fn told(reply: &Reply) -> (u16, Vec<(String, String)>, Vec<u8>) {
    let header = |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    let mut headers: Vec<_> = reply.headers.iter().map(header).collect();
    headers.sort();
    (reply.status.as_u16(), headers, reply.body.clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guessed_record_looks_exactly_like_one_that_does_not_exist() {
    let (server, victim, record, thief) = victim_and_thief().await;
    let absent = RecordId([7; 16]);
    for tail in [format!("blobs/{}", BlobId::of(PHOTO)), "evidence".to_owned()] {
        let path = |record: RecordId| format!("/v1/records/{record}/{tail}");
        let (real, none) = (get(&server, &thief, &path(record)).await, get(&server, &thief, &path(absent)).await);
        assert_eq!(real.status.as_u16(), 404);
        assert_eq!(told(&real), told(&none), "{tail}");
        get(&server, &victim, &path(record)).await.ok();
    }
    let page = server.pull(&thief, "").await.page();
    assert!(page.ops.iter().all(|op| !op.op.windows(16).any(|window| window == record.0)), "not a trace in the pages");
    let snapshot = get(&server, &thief, "/v1/snapshot").await.ok();
    assert!(!snapshot.body.windows(16).any(|window| window == record.0), "nor in the snapshot");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_size_of_a_page_does_not_tell_that_others_work() {
    let (server, mut victim, _, thief) = victim_and_thief().await;
    let sizes = async || {
        let page = PullPage::decode(&server.pull(&thief, "").await.ok().body).unwrap();
        (page.ops.len(), page.left.len(), page.more)
    };
    let before = sizes().await;
    server.push(&victim.reports(40)).await;
    assert_eq!(sizes().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_a_wider_scope_opens_nothing() {
    let (server, _, record, thief) = victim_and_thief().await;
    let code = server.invite("台", "city-desk").await;
    let (log, genesis) = genesis(9, &server.begin(&code).await.read());
    let enrolled: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    let desk = Phone { log, genesis, lease: enrolled.lease.clone(), enrolled };
    let wide = server.pull(&desk, "").await.page().next;
    let reply = server.pull(&thief, &format!("?cursor={wide}")).await;
    assert_eq!(reply.error(), (409, "scope".to_owned()));
    // Its own scope at any position, made up: still only what it may read.
    let own = Cursor::from_text(&server.pull(&thief, "").await.page().next).unwrap();
    for pos in 0..=own.pos {
        let page = server.pull(&thief, &format!("?cursor={}", Cursor { pos, ..own }.to_text())).await.page();
        assert!(page.ops.iter().all(|op| !op.op.windows(16).any(|window| window == record.0)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_of_somebody_else_can_be_neither_seen_nor_continued_nor_ended() {
    let (server, victim, _, thief) = victim_and_thief().await;
    let bytes = b"\xff\xd8\xff the second photo";
    let place = server.send(creation(&victim, &BlobId::of(bytes), bytes.len())).await.header("location").to_owned();
    let nowhere = format!("/v1/blobs/{}", "0".repeat(32));
    for (method, with) in [("HEAD", false), ("PATCH", true), ("DELETE", false)] {
        let call = |path: &str| if with { patch(&thief, path, 0, &b"poison"[..]) } else { tus(&thief, method, path) };
        let (real, none) = (server.send(call(&place)).await, server.send(call(&nowhere)).await);
        assert_eq!(real.status.as_u16(), 404, "{method}");
        assert_eq!(told(&real), told(&none), "{method}");
    }
    let head = server.send(tus(&victim, "HEAD", &place)).await.ok();
    assert_eq!(head.header("upload-offset"), "0", "nothing of the thief is in it");
    server.send(patch(&victim, &place, 0, &bytes[..])).await.ok();
    // The bytes under a name: who knows the hash does not get the photo by uploading it.
    let same = server.send(creation(&thief, &BlobId::of(bytes), bytes.len())).await;
    assert!(!same.body.windows(4).any(|window| window == b"phot"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_that_is_a_page_never_runs() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let evil: [(&str, &[u8]); 3] = [
        ("image/svg+xml", b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        ("image/jpeg", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("text/html", b"<script>alert(1)</script>"),
    ];
    for (mime, bytes) in evil {
        let blob = BlobId::of(bytes);
        let call = tus(&phone, "POST", "/v1/blobs")
            .header("upload-length", bytes.len().to_string())
            .header("upload-metadata", metadata(&blob, mime))
            .header("content-type", super::tus::OFFSET_STREAM);
        server.send(call.body(bytes)).await.ok();
        let link = greenshield_domain::incident::BlobLink { mime: mime.to_owned(), ..photo(bytes) };
        let (record, op) = incident(&mut phone.log, &Report { photos: vec![link], ..Report::default() });
        server.push(&[op]).await;
        let reply = get(&server, &phone, &format!("/v1/records/{record}/blobs/{blob}")).await.ok();
        assert_eq!(reply.body, bytes, "kept as it is: it may be evidence");
        assert_eq!(reply.header("content-type"), "application/octet-stream", "{mime}");
        assert!(reply.header("content-disposition").starts_with("attachment"));
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert!(reply.header("content-security-policy").starts_with("default-src 'none'"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_site_can_make_a_browser_do_nothing() {
    let (server, victim, record, _) = victim_and_thief().await;
    let foreign = |call: Call| call.header("origin", "https://evil.example").header("sec-fetch-site", "cross-site");
    // What a form can send: no signature, a simple content type, and whatever cookies a browser has.
    for path in ["/v1/verdicts", "/v1/blobs", "/v1/health", "/v1/enrol/begin", "/v1/enrol", "/v1/ops"] {
        let call = Call::post(path).header("content-type", "text/plain").header("cookie", "session=stolen");
        let reply = server.send(foreign(call.body("{}"))).await;
        assert!(reply.status.is_client_error(), "{path}: {}", reply.status);
        assert!(!reply.headers.contains_key("set-cookie"));
    }
    // What it reads, it can not see: no reply lets another origin in.
    let path = format!("/v1/records/{record}/evidence");
    for call in [
        foreign(Call::new("OPTIONS", "/v1/ops")).header("access-control-request-method", "GET"),
        foreign(Call::get(&path).signed(victim.key(), NOW)),
        foreign(Call::get("/v1/health")),
    ] {
        let reply = server.send(call).await;
        assert!(reply.headers.keys().all(|name| !name.as_str().starts_with("access-control-")), "{:?}", reply.headers);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_leads_out_of_the_app_or_the_packs() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let secret = std::fs::read_dir(server.data()).unwrap().flatten().map(|entry| entry.file_name()).next().unwrap();
    let secret = secret.to_string_lossy();
    for path in [
        format!("/../{secret}"),
        format!("/..%2f{secret}"),
        format!("/%2e%2e/{secret}"),
        format!("/assets/..%5c{secret}"),
        "/%2e%2e%2f%2e%2e%2fetc%2fpasswd".to_owned(),
        "//etc/passwd".to_owned(),
        "/v1/packs/..%2f..%2fetc/0".to_owned(),
        format!("/v1/packs/{}/..%2f0", "0".repeat(64)),
        format!("/v1/blobs/..%2f{secret}"),
        format!("/v1/bundles/..%2f{secret}/receipts"),
    ] {
        let reply = get(&server, &phone, &path).await;
        assert!(matches!(reply.status.as_u16(), 400 | 404 | 405), "{path}: {}", reply.status);
        assert!(!reply.body.windows(5).any(|window| window == b"root:"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gives_himself_a_record_an_area_or_a_verdict() {
    let (server, victim, record, mut thief) = victim_and_thief().await;
    let seen: Vec<_> = server.pull(&victim, "").await.page().ops.iter().map(|op| op.op.clone()).collect();
    let made = greenshield_domain::op::SignedOp::decode(seen.last().unwrap()).unwrap();
    let kind = made.header().kind;
    let account = Value::Bytes(thief.log.account().0.to_vec());
    let entries = [
        Entry::set(ASSIGNED, account),
        Entry::set(AREA, Value::text("620724")),
        Entry::set(UNIT, Value::text("forest")),
        Entry { field: HELPERS, act: Act::Add, value: Value::text("forest") },
    ];
    for entry in entries {
        let op = thief.log.op(record, kind, &[made.id().short()], vec![entry]);
        let reply = server.push(&[op]).await;
        assert_eq!(reply.results[0].code, ResultCode::Held, "{:?}", codes(&reply.results));
    }
    let ruling =
        Ruling { target: made.id(), verdict: Verdict::Void, reason: "不要".to_owned(), by: thief.log.account() };
    let op = thief.log.op(record, KIND_VERDICT, &[], ruling.entries());
    // Stored, as everything authentic is; only the server's own log decides.
    server.push(&[op]).await;
    let judged = server.app().store.begin().await.unwrap().judged(made.id()).await.unwrap().unwrap();
    assert_eq!(judged.verdict, Verdict::Ok);
    let path = format!("/v1/records/{record}/evidence");
    assert_eq!(get(&server, &thief, &path).await.status.as_u16(), 404, "and nothing moved");
    get(&server, &victim, &path).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signed_request_that_was_overheard_is_worth_little_and_not_for_long() {
    let (server, victim, ..) = victim_and_thief().await;
    let overheard = victim.key().authorization("GET", "/v1/me", NOW);
    let again = async |method, path: &str| {
        server.send(Call::new(method, path).header("authorization", overheard.clone())).await.status.as_u16()
    };
    assert_eq!(again("GET", "/v1/ops").await, 401);
    assert_eq!(again("DELETE", "/v1/me").await, 405);
    assert_eq!(again("GET", "/v1/me?x").await, 401);
    server.clock.advance(11 * 60 * 1000);
    assert_eq!(again("GET", "/v1/me").await, 401);
}

#[test]
fn two_lengths_in_one_request_are_no_second_request() {
    let machine = Machine::new();
    let server = machine.serve(&[], 1);
    for headers in [
        &[("transfer-encoding", "chunked")][..],
        &[("content-length", "3")][..],
        &[("transfer-encoding", "chunked, identity")][..],
    ] {
        let smuggled = b"0\r\n\r\nGET /v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n";
        let Ok((status, reply)) = running::http(&server.address, "POST", "/v1/enrol/begin", headers, smuggled) else {
            continue;
        };
        assert!((400..500).contains(&status), "{status}");
        assert!(!String::from_utf8_lossy(&reply).contains("openapi"), "one request, one reply");
    }
    server.terminate();
}

#[test]
fn the_log_holds_no_code_no_name_no_place_and_no_key() {
    let machine = Machine::new();
    let mut command = machine.command(&["serve", "--listen", "127.0.0.1:0", "--log", "trace,hyper=off,sqlx=debug"]);
    let file = machine.dir.path().join("log.txt");
    command.stdout(std::process::Stdio::piped()).stderr(std::fs::File::create(&file).unwrap());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    let fact: serde_json::Value = serde_json::from_str(&line).unwrap();
    let address = fact["listening"].as_str().unwrap().strip_prefix("http://").unwrap().to_owned();
    let invite = machine.invite("volunteer");
    let code = code_of(&invite);
    let (mut log, _) = running::enrol(&address, &code, 1);
    let report = Report { note: Some("盗伐者姓马".to_owned()), ..Report::default() };
    let (record, op) = incident(&mut log, &report);
    running::push(&address, &[op]).unwrap();
    let path = format!("/v1/records/{record}/evidence");
    let authorization = log.key.authorization("GET", &path, SystemClock.now_millis());
    assert_eq!(running::http(&address, "GET", &path, &[("authorization", &authorization)], b"").unwrap().0, 200);
    let signature = authorization.rsplit('"').nth(1).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.contains("/v1/enrol"), "requests are logged by their route");
    let place = format!("{}", report.place.map_or(0, |place| place.lat_e7));
    for secret in [code.as_str(), "盗伐者姓马", "义警", signature, &record.to_hex(), &place] {
        assert!(!written.contains(secret), "{secret}");
    }
}
