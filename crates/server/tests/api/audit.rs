//! The audit: what is noted, who reads it, and that nothing of it leaves another way.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{AccountId, LogId, RecordId};
use greenshield_domain::op::{Entry, SignedOp};
use greenshield_domain::person::{KIND as PERSON, Person, account_of, field, record_of};
use greenshield_domain::wire::{AuditPage, EnrolResponse, InclusionProof, ScopePage};
use greenshield_pg_harness::Cluster;
use greenshield_testkit::build::{Report, incident, photo};
use serde_json::json;

use super::support::{Call, Phone, Reply, Server, genesis};
use super::tus::upload;

const PHOTO: &[u8] = b"\xff\xd8\xff\xe0 a photo of a witness";

async fn person(server: &Server, seed: u64, role: &str) -> Phone {
    let code = server.invite(&format!("{role}{seed}"), role).await;
    let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
    let enrolled: EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    Phone { log, genesis, lease: enrolled.lease.clone(), enrolled }
}

async fn get(server: &Server, phone: &Phone, path: &str) -> Reply {
    server.send(Call::get(path).signed(phone.key(), server.now())).await
}

/// Deeds with who did them, the oldest first.
async fn deeds(server: &Server, auditor: &Phone) -> Vec<(String, String)> {
    let page: AuditPage = get(server, auditor, "/v1/audit").await.read();
    page.rows.into_iter().rev().map(|row| (row.deed, row.name)).collect()
}

/// Who changed whose rights, in which log, the oldest first.
async fn changed(server: &Server, auditor: &Phone) -> Vec<(AccountId, Option<AccountId>, LogId)> {
    let page: AuditPage = get(server, auditor, "/v1/audit").await.read();
    let rows = page.rows.into_iter().rev().filter(|row| row.deed == "rights_changed");
    rows.map(|row| (row.by, row.about, row.log)).collect()
}

fn set(field: u32, text: &str) -> Vec<Entry> {
    vec![Entry::set(field, Value::text(text))]
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_the_rights_of_somebody_is_told_to_auditors_and_to_that_person_once() {
    let server = Server::start().await;
    let (mut desk, mut other) = (person(&server, 1, "city-desk").await, person(&server, 2, "volunteer").await);
    let auditor = person(&server, 3, "auditor").await;
    let (record, of) = (record_of(other.log.account()), other.log.account());
    let given = desk.log.op(record, PERSON, &[], set(field::ROLE, "officer"));
    assert_eq!(server.push(std::slice::from_ref(&given)).await.results, []);
    let by_desk = (desk.log.account(), Some(of), desk.log.log());
    assert_eq!(changed(&server, &auditor).await, [by_desk]);

    // What comes again, what changes no right and what is held is no such deed.
    let deps = [given.id().short()];
    server.push(std::slice::from_ref(&given)).await;
    for entries in [set(field::PHONE, "13900000000"), set(field::NAME, "李山"), set(field::ROLE, "officer")] {
        let op = desk.log.op(record, PERSON, &deps, entries);
        assert_eq!(server.push(&[op]).await.results, []);
    }
    let asked = other.log.op(record, PERSON, &deps, set(field::UNIT, "water"));
    assert_eq!(server.push(std::slice::from_ref(&asked)).await.results[0].reason, "forbidden");
    server.push(&[other.report()]).await;
    assert_eq!(changed(&server, &auditor).await, [by_desk]);

    // A decision by which a held op begins or ends to count is one, of whoever decides.
    for verdict in ["ok", "ok", "void"] {
        let decide = json!({ "op": asked.id(), "verdict": verdict, "reason": "核实" });
        server.send(Call::post("/v1/verdicts").signed(desk.key(), server.now()).json(&decide)).await.ok();
    }
    let decided = (desk.log.account(), Some(of), server.key().log_id());
    assert_eq!(changed(&server, &auditor).await, [by_desk, decided, decided]);

    // So is the first role of somebody, and the end of a term.
    let new = desk.log.record();
    let somebody = Person { name: "王河".to_owned(), role: Some("volunteer".to_owned()), ..Person::default() };
    let first = desk.log.op(new, PERSON, &[], somebody.changes(&Person::default()));
    let until = vec![Entry::set(field::UNTIL, Value::Int(server.now()))];
    let ends = desk.log.op(new, PERSON, &[first.id().short()], until);
    assert_eq!(server.push(&[first, ends]).await.results, []);
    let newcomer = (desk.log.account(), Some(account_of(new)), desk.log.log());
    assert_eq!(changed(&server, &auditor).await, [by_desk, decided, decided, newcomer, newcomer]);

    let page: AuditPage = get(&server, &other, "/v1/me/looks").await.read();
    let mine: Vec<_> = page.rows.iter().filter(|row| row.deed == "rights_changed").collect();
    assert!(mine.len() == 3 && mine.iter().all(|row| row.about == Some(of) && row.record.is_none()), "{mine:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_the_one_that_takes_an_op_notes_whose_rights_it_changes() {
    let server = Server::start_on(Cluster::shared().database()).await;
    let beside = server.beside().await;
    let (mut desk, other) = (person(&server, 1, "city-desk").await, person(&server, 2, "volunteer").await);
    let auditor = person(&server, 3, "auditor").await;
    let record = record_of(other.log.account());
    let first = desk.log.op(record, PERSON, &[], set(field::ROLE, "officer"));
    let second = desk.log.op(record, PERSON, &[first.id().short()], set(field::ROLE, "auxiliary"));
    server.push(std::slice::from_ref(&first)).await;
    for process in [&beside, &server] {
        process.push(&[first.clone(), second.clone()]).await;
    }
    assert_eq!(changed(&server, &auditor).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_out_looks_and_decides_is_told_to_auditors_and_to_nobody_else() {
    let server = Server::start().await;
    let (mut maker, desk) = (person(&server, 1, "auxiliary").await, person(&server, 2, "desk").await);
    let auditor = person(&server, 3, "auditor").await;
    let report = Report { photos: vec![photo(PHOTO)], ..Report::default() };
    let (record, op) = incident(&mut maker.log, &report);
    server.push(std::slice::from_ref(&op)).await;
    upload(&server, &maker, PHOTO).await;
    let blob = format!("/v1/records/{record}/blobs/{}", report.photos[0].blob);
    get(&server, &maker, &blob).await.ok();
    get(&server, &desk, &blob).await.ok();
    get(&server, &desk, &blob).await.ok();
    get(&server, &desk, &format!("/v1/records/{record}/evidence")).await.ok();
    get(&server, &desk, "/v1/snapshot").await.ok();
    let decide = serde_json::json!({ "op": op.id(), "verdict": "void", "reason": "误报" });
    server.send(Call::post("/v1/verdicts").signed(desk.key(), server.now()).json(&decide)).await.ok();
    server.clock.advance(3_600_000);
    get(&server, &desk, &blob).await.ok();
    let told = deeds(&server, &auditor).await;
    let told: Vec<(&str, &str)> = told.iter().map(|(deed, name)| (deed.as_str(), name.as_str())).collect();
    let desk_did = |deed: &'static str| (deed, "desk2");
    let expected = ["files", "export", "snapshot", "decision", "files"].map(desk_did);
    let whole = [&[("began", "Greenshield")], &expected[..], &[("audit", "auditor3")]].concat();
    assert_eq!(told, whole, "one's own photos are one's own");
    for phone in [&maker, &desk] {
        assert_eq!(get(&server, phone, "/v1/audit").await.error(), (403, "forbidden".to_owned()));
    }
    assert_eq!(get(&server, &auditor, "/v1/audit?before=x").await.error(), (400, "bad_query".to_owned()));

    // Nobody gets the notes with the records, and the positions between go by.
    for phone in [&maker, &desk, &auditor] {
        for path in ["/v1/ops", "/v1/snapshot"] {
            let page = get(&server, phone, path).await.page();
            let kinds: Vec<u32> = page.ops.iter().map(|op| SignedOp::decode(&op.op).unwrap().header().kind).collect();
            assert!(!kinds.contains(&2), "{path}: {kinds:?}");
            assert!(!page.more, "{path}");
        }
    }
    let page: AuditPage = get(&server, &auditor, "/v1/audit?max=2").await.read();
    let seen: Vec<RecordId> = server.pull_all(&desk).await.iter().map(|op| op.header().record).collect();
    let scope = ScopePage::decode(&get(&server, &desk, "/v1/scope").await.ok().body).unwrap();
    assert!(scope.records.iter().all(|record| seen.contains(record)));
    // A note is a leaf of the log, as every op.
    let path = format!("/v1/log/proof/inclusion?op={}", page.rows[1].op);
    InclusionProof::decode(&get(&server, &auditor, &path).await.ok().body).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_learns_what_others_did_with_their_own_records_and_with_no_others() {
    let server = Server::start().await;
    let (mut maker, mut other) = (person(&server, 1, "auxiliary").await, person(&server, 2, "auxiliary").await);
    let desk = person(&server, 3, "desk").await;
    let (mine, op) = incident(&mut maker.log, &Report::default());
    server.push(&[op]).await;
    let (theirs, op) = incident(&mut other.log, &Report::default());
    server.push(&[op]).await;
    for phone in [&desk, &maker] {
        get(&server, phone, &format!("/v1/records/{mine}/evidence")).await.ok();
    }
    get(&server, &desk, &format!("/v1/records/{theirs}/evidence")).await.ok();
    let looks = async |phone: &Phone| -> Vec<(String, String, Option<RecordId>, Option<u32>)> {
        let page: AuditPage = get(&server, phone, "/v1/me/looks").await.read();
        assert_eq!(page.next, None);
        page.rows.into_iter().map(|row| (row.deed, row.name, row.record, row.kind)).collect()
    };
    let told = |record: Option<RecordId>, kind: Option<u32>| ("export".to_owned(), "desk3".to_owned(), record, kind);
    assert_eq!(looks(&maker).await, [told(Some(mine), None)], "one's own export is no news");
    assert_eq!(looks(&other).await, [told(Some(theirs), None)]);
    assert_eq!(looks(&desk).await, []);

    // A whole ledger is told to those who had a record of that kind by then, and to nobody else.
    let mut late = person(&server, 4, "auxiliary").await;
    for kind in ["incident", "patrol"] {
        get(&server, &desk, &format!("/v1/export?kind={kind}&format=csv")).await.ok();
    }
    server.push(&[late.report()]).await;
    let words = vec![Entry::set(greenshield_domain::incident::field::NOTE, Value::text("x"))];
    let patrol = late.log.record();
    server.push(&[late.log.op(patrol, greenshield_domain::patrol::KIND, &[], words)]).await;
    let ledger = told(None, Some(greenshield_domain::incident::KIND));
    assert_eq!(looks(&maker).await, [ledger.clone(), told(Some(mine), None)]);
    assert_eq!(looks(&other).await, [ledger, told(Some(theirs), None)]);
    assert_eq!(looks(&late).await, [], "those records were not there");
    assert_eq!(looks(&desk).await, [], "one's own ledger is no news");
    let page: AuditPage = get(&server, &maker, "/v1/me/looks?before=1").await.read();
    assert_eq!(page.rows, []);
    assert_eq!(get(&server, &maker, "/v1/me/looks?before=x").await.error(), (400, "bad_query".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lets_phones_in_and_ends_them_is_told_with_whose_they_were() {
    let server = Server::start().await;
    let (maker, admin) = (person(&server, 1, "auxiliary").await, person(&server, 2, "admin").await);
    let post = async |path: &str, body: serde_json::Value| {
        server.send(Call::post(path).signed(admin.key(), server.now()).json(&body)).await.ok();
    };
    post("/v1/invites", serde_json::json!({ "account": maker.log.account() })).await;
    let (log, reason) = (maker.log.log(), serde_json::json!({ "reason": "丢了" }));
    post(&format!("/v1/devices/{log}/revoke"), reason.clone()).await;
    post(&format!("/v1/devices/{log}/wipe"), reason).await;
    let page: AuditPage = get(&server, &admin, "/v1/audit").await.read();
    let told: Vec<_> = page.rows.iter().rev().map(|row| (row.deed.as_str(), row.about_name.as_str())).collect();
    let expected = ["invited", "revoked", "wipe_asked"].map(|deed| (deed, "auxiliary1"));
    assert_eq!(told, [&[("began", "")], &expected[..], &[("audit", "")]].concat());
    assert!(page.rows[1..4].iter().all(|row| row.by == admin.log.account() && row.about == Some(maker.log.account())));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_is_read_page_by_page_to_its_beginning() {
    let server = Server::start().await;
    let (mut maker, auditor) = (person(&server, 1, "auxiliary").await, person(&server, 2, "auditor").await);
    let (record, op) = incident(&mut maker.log, &Report::default());
    server.push(&[op]).await;
    for _ in 0..5 {
        get(&server, &maker, &format!("/v1/records/{record}/evidence")).await.ok();
    }
    let (mut below, mut all) = (None::<u64>, Vec::new());
    loop {
        let path = below.map_or_else(|| "/v1/audit?max=2".to_owned(), |seq| format!("/v1/audit?max=2&before={seq}"));
        let page: AuditPage = get(&server, &auditor, &path).await.read();
        all.extend(page.rows.into_iter().map(|row| (row.seq, row.deed)));
        below = page.next;
        if below.is_none() {
            break;
        }
    }
    let deeds: Vec<&str> = all.iter().map(|(_, deed)| deed.as_str()).collect();
    assert_eq!(deeds, ["audit", "export", "export", "export", "export", "export", "began"]);
    assert!(all.is_sorted_by(|a, b| a.0 > b.0), "{all:?}");
}
