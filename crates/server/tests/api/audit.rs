//! The audit: what is noted, who reads it, and that nothing of it leaves another way.

use greenshield_domain::ids::RecordId;
use greenshield_domain::op::SignedOp;
use greenshield_domain::wire::{AuditPage, EnrolResponse, InclusionProof, ScopePage};
use greenshield_testkit::build::{Report, incident, photo};

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
    get(&server, &desk, "/v1/export?kind=incident&format=csv").await.ok();
    let looks = async |phone: &Phone| -> Vec<(String, String, Option<RecordId>)> {
        let page: AuditPage = get(&server, phone, "/v1/me/looks").await.read();
        assert_eq!(page.next, None);
        page.rows.into_iter().map(|row| (row.deed, row.name, row.record)).collect()
    };
    let told = |record| vec![("export".to_owned(), "desk3".to_owned(), Some(record))];
    assert_eq!(looks(&maker).await, told(mine), "one's own export is no news");
    assert_eq!(looks(&other).await, told(theirs));
    assert_eq!(looks(&desk).await, []);
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
