//! Who may change whom: what a person's record says becomes the rights of the account, and only if its author answers for that.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{AccountId, OpId, OpRef, RecordId};
use greenshield_domain::op::{Act, Entry, SignedOp};
use greenshield_domain::person::{self, Person, field, record_of};
use greenshield_domain::policy::{Seat, Term};
use greenshield_domain::statement::{Statement as _, Wiped};
use greenshield_domain::wire::{
    CBOR_MIME, DevicesResponse, EnrolResponse, HealthReport, HealthResponse, HeldResponse, InviteResponse, SignedJson,
};
use greenshield_server::store::{AccountState, Store as _, StoreTx as _};
use serde_json::json;

use super::support::{Call, HOUR, NOW, Phone, Reply, Server, genesis};

fn seat(areas: &[&str]) -> Seat {
    Seat { areas: areas.iter().map(|code| (*code).to_owned()).collect(), unit: None }
}

/// A phone of somebody with a role in some areas.
pub async fn somebody(server: &Server, seed: u64, role: &str, areas: &[&str]) -> Phone {
    let code = server.invite(&format!("{role}{seed}"), role).await;
    let phone = enrolled(server, seed, &code).await;
    let mut tx = server.app().store.begin().await.unwrap();
    assert!(tx.set_seat(phone.log.account(), role, &seat(areas)).await.unwrap());
    tx.commit().await.unwrap();
    phone
}

async fn enrolled(server: &Server, seed: u64, code: &str) -> Phone {
    let (log, genesis) = genesis(seed, &server.begin(code).await.read());
    let enrolled: EnrolResponse = server.enrol_with(code, &genesis).await.read();
    Phone { log, genesis, lease: enrolled.lease.clone(), enrolled }
}

async fn account(server: &Server, id: AccountId) -> Option<AccountState> {
    server.app().store.account(id).await.unwrap()
}

fn of_role(role: &str, areas: &[&str]) -> Person {
    let areas = areas.iter().map(|code| (*code).to_owned()).collect();
    Person { name: "王河".to_owned(), role: Some(role.to_owned()), areas, ..Person::default() }
}

/// Pushes one op about a person: the reason why it is held, or nothing; and the op.
async fn say(server: &Server, by: &mut Phone, record: RecordId, deps: &[OpRef], entries: Vec<Entry>) -> (String, OpId) {
    let op = by.log.op(record, person::KIND, deps, entries);
    let id = op.id();
    (push(server, op).await, id)
}

async fn push(server: &Server, op: SignedOp) -> String {
    let reply = server.push(&[op]).await;
    reply.results.into_iter().next().map_or_else(String::new, |result| result.reason)
}

async fn post(server: &Server, by: &Phone, path: &str, body: serde_json::Value) -> Reply {
    server.send(Call::post(path).signed(by.key(), server.now()).json(&body)).await
}

async fn invite(server: &Server, by: &Phone, account: AccountId) -> Reply {
    post(server, by, "/v1/invites", json!({ "account": account })).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chief_gives_the_lower_roles_of_the_own_area_and_nothing_else() {
    let server = Server::start().await;
    let mut chief = somebody(&server, 1, "chief", &["620723"]).await;
    for (role, areas, may) in [
        ("volunteer", &["620723101"][..], true),
        ("auxiliary", &["620723"], true),
        ("officer", &["620723101", "620723102"], true),
        ("volunteer", &["620724"], false),
        ("volunteer", &["620723101", "620724"], false),
        ("volunteer", &[], false),
        ("chief", &["620723"], false),
        ("desk", &["620723"], false),
        ("admin", &["620723"], false),
    ] {
        let record = chief.log.record();
        let entries = of_role(role, areas).changes(&Person::default());
        let (held, _) = say(&server, &mut chief, record, &[], entries).await;
        let known = account(&server, person::account_of(record)).await;
        assert_eq!((held.as_str(), known.is_some()), (if may { "" } else { "forbidden" }, may), "{role} {areas:?}");
        if let Some(state) = known {
            assert_eq!((state.now.name.as_str(), state.now.office.role.as_str()), ("王河", role));
            assert_eq!(state.now.office.seat, seat(areas));
        }
    }
    // Who answers for nobody says nothing about anybody.
    for (seed, role) in [(2, "volunteer"), (3, "auxiliary"), (4, "officer"), (5, "liaison"), (6, "auditor")] {
        let mut other = somebody(&server, seed, role, &["620723"]).await;
        let record = other.log.record();
        let entries = of_role("volunteer", &["620723101"]).changes(&Person::default());
        assert_eq!(say(&server, &mut other, record, &[], entries).await.0, "forbidden", "{role}");
        assert_eq!(account(&server, person::account_of(record)).await, None);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_raises_themselves_or_takes_over_somebody_elses_people() {
    let server = Server::start().await;
    let mut chief = somebody(&server, 1, "chief", &["620723"]).await;
    let mut volunteer = somebody(&server, 2, "volunteer", &["620723101"]).await;
    let foreign = somebody(&server, 3, "volunteer", &["620724"]).await;
    let role = |role: &str| vec![Entry::set(field::ROLE, Value::text(role))];
    let area = |code: &str| vec![Entry { field: field::AREAS, act: Act::Add, value: Value::text(code) }];
    for (by, of, entries) in [
        (1, chief.log.account(), role("desk")),
        (1, chief.log.account(), area("620724")),
        (1, foreign.log.account(), area("620723")),
        (1, foreign.log.account(), role("auxiliary")),
        (1, volunteer.log.account(), role("chief")),
        (1, volunteer.log.account(), area("620724")),
        (2, volunteer.log.account(), role("officer")),
        (2, volunteer.log.account(), vec![Entry::set(field::UNTIL, Value::Int(i64::MAX))]),
    ] {
        let before = account(&server, of).await.unwrap();
        let by = if by == 1 { &mut chief } else { &mut volunteer };
        let (held, _) = say(&server, by, record_of(of), &[], entries.clone()).await;
        assert_eq!(held, "forbidden", "{entries:?}");
        assert_eq!(account(&server, of).await.unwrap(), before);
    }
    // One's own number is one's own to say, and says nothing about rights.
    let phone = vec![Entry::set(field::PHONE, Value::text("13900000000"))];
    let of = volunteer.log.account();
    let before = account(&server, of).await.unwrap();
    assert_eq!(say(&server, &mut volunteer, record_of(of), &[], phone).await.0, "");
    assert_eq!(account(&server, of).await.unwrap(), before);
    assert_eq!(say(&server, &mut chief, record_of(of), &[], role("auxiliary")).await.0, "");
    let after = account(&server, of).await.unwrap();
    assert_eq!((after.now.office.role.as_str(), after.now.office.seat), ("auxiliary", seat(&["620723101"])));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_kind_is_no_way_around() {
    let server = Server::start().await;
    let mut volunteer = somebody(&server, 1, "volunteer", &["620723"]).await;
    let mut desk = somebody(&server, 2, "desk", &["620723"]).await;
    let raise = || vec![Entry::set(field::ROLE, Value::text("admin"))];
    let own = record_of(volunteer.log.account());
    // A record of somebody who has an account is that person's, whatever an op calls it.
    let op = volunteer.log.op(own, 10, &[], raise());
    assert_eq!(push(&server, op).await, "forbidden");
    // Kinds of the protocol are stored, and say nothing about people.
    let op = volunteer.log.op(own, 5, &[], raise());
    assert_eq!(push(&server, op).await, "");
    let entries = vec![Entry::set(field::NAME, Value::text("李山"))];
    assert_eq!(say(&server, &mut desk, own, &[], entries).await.0, "");
    let state = account(&server, volunteer.log.account()).await.unwrap();
    assert_eq!((state.now.name.as_str(), state.now.office.role.as_str()), ("李山", "volunteer"));
    // An incident does not become a person.
    let report = volunteer.report();
    let record = report.header().record;
    server.push(&[report]).await;
    let entries = of_role("volunteer", &["620723"]).changes(&Person::default());
    assert_eq!(say(&server, &mut desk, record, &[], entries).await.0, "recreated");
    assert_eq!(account(&server, person::account_of(record)).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_role_holds_at_once_for_every_phone_of_the_person() {
    let server = Server::start().await;
    let mut desk = somebody(&server, 1, "city-desk", &[]).await;
    let phone = somebody(&server, 2, "volunteer", &["620723"]).await;
    let of = phone.log.account();
    let me = async || -> serde_json::Value {
        server.send(Call::get("/v1/me").signed(phone.key(), server.now())).await.read()
    };
    let cursor = server.pull(&phone, "").await.page().next;
    let (_, first) =
        say(&server, &mut desk, record_of(of), &[], vec![Entry::set(field::ROLE, Value::text("officer"))]).await;
    assert_eq!(me().await["role"], "officer");
    let page = server.pull(&phone, &format!("?cursor={cursor}")).await;
    assert_eq!(page.error(), (409, "scope".to_owned()), "other rights, other records");
    // What was said is taken back by a decision, and the account is as before.
    let void = json!({ "op": first, "verdict": "void", "reason": "typed wrong" });
    post(&server, &desk, "/v1/verdicts", void).await.ok();
    assert_eq!(me().await["role"], "volunteer");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_term_that_does_not_run_gives_no_rights() {
    let server = Server::start().await;
    let mut desk = somebody(&server, 1, "city-desk", &[]).await;
    let mut phone = somebody(&server, 2, "volunteer", &["620723"]).await;
    let of = phone.log.account();
    let term = |from: i64, until: i64| {
        vec![Entry::set(field::FROM, Value::Int(from)), Entry::set(field::UNTIL, Value::Int(until))]
    };
    assert_eq!(say(&server, &mut desk, record_of(of), &[], term(NOW, NOW + HOUR)).await.0, "");
    let state = account(&server, of).await.unwrap();
    assert_eq!(state.now.office.term, Term { from_millis: Some(NOW), until_millis: Some(NOW + HOUR) });
    server.pull(&phone, "").await.ok();
    assert_eq!(server.push(&[phone.report()]).await.results, []);
    server.clock.advance(HOUR);
    assert_eq!(server.pull(&phone, "").await.error(), (403, "revoked".to_owned()));
    let late = phone.report();
    assert_eq!(server.push(&[late]).await.results[0].reason, "revoked", "it is kept, and waits");
    let longer = vec![Entry::set(field::UNTIL, Value::Null)];
    assert_eq!(say(&server, &mut desk, record_of(of), &[], longer).await.0, "");
    server.pull(&phone, "").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_decision_gives_nobody_what_its_author_could_not_give() {
    let server = Server::start().await;
    let mut chief = somebody(&server, 1, "chief", &["620723"]).await;
    let desk = somebody(&server, 2, "city-desk", &[]).await;
    let mut volunteer = somebody(&server, 3, "volunteer", &["620723101"]).await;
    let of = volunteer.log.account();
    let mut said = Vec::new();
    for role in ["officer", "desk", "admin"] {
        let entries = vec![Entry::set(field::ROLE, Value::text(role))];
        let (held, op) = say(&server, &mut volunteer, record_of(of), &[], entries).await;
        assert_eq!(held, "forbidden");
        said.push(op);
    }
    let held: HeldResponse = server.send(Call::get("/v1/held").signed(chief.key(), server.now())).await.read();
    assert_eq!(held.held.iter().map(|row| row.op).collect::<Vec<_>>(), said);
    let judge = async |by: &Phone, op: OpId| {
        post(&server, by, "/v1/verdicts", json!({ "op": op, "verdict": "ok", "reason": "x" })).await
    };
    assert_eq!(judge(&chief, said[1]).await.error(), (403, "forbidden".to_owned()));
    assert_eq!(
        judge(&desk, said[2]).await.error(),
        (403, "forbidden".to_owned()),
        "a city desk makes no administrator"
    );
    judge(&chief, said[0]).await.ok();
    assert_eq!(account(&server, of).await.unwrap().now.office.role, "officer");
    judge(&desk, said[1]).await.ok();
    assert_eq!(account(&server, of).await.unwrap().now.office.role, "desk");
    // From here on the chief does not answer for that person any more.
    let entries = vec![Entry::set(field::NAME, Value::text("x"))];
    assert_eq!(say(&server, &mut chief, record_of(of), &[], entries).await.0, "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn records_move_in_and_out_with_the_areas_of_a_person() {
    let server = Server::start().await;
    let mut desk = somebody(&server, 1, "city-desk", &[]).await;
    let mut maker = somebody(&server, 2, "auxiliary", &["620724"]).await;
    let phone = somebody(&server, 3, "volunteer", &["620723"]).await;
    let record = maker.report();
    let id = record.header().record;
    server.push(&[record]).await;
    let sees = async || {
        let ops = server.pull_all(&phone).await;
        ops.iter().any(|op| op.header().record == id)
    };
    assert!(!sees().await);
    let area = |act, code: &str| Entry { field: field::AREAS, act, value: Value::text(code) };
    let of = record_of(phone.log.account());
    // The account came from the command line: its record begins with all that the person shall have.
    let (held, first) = say(&server, &mut desk, of, &[], vec![area(Act::Add, "620724")]).await;
    assert_eq!((held.as_str(), sees().await), ("", true));
    let back = vec![area(Act::Remove, "620724"), area(Act::Add, "620725")];
    assert_eq!(say(&server, &mut desk, of, &[first.short()], back).await.0, "");
    assert!(!sees().await);
    assert_eq!(account(&server, phone.log.account()).await.unwrap().now.office.seat, seat(&["620725"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_answers_for_a_person_invites_every_phone_of_theirs() {
    let server = Server::start().await;
    let mut chief = somebody(&server, 1, "chief", &["620723"]).await;
    let record = chief.log.record();
    let of = person::account_of(record);
    assert_eq!(invite(&server, &chief, of).await.error(), (404, "not_found".to_owned()), "nobody yet");
    say(&server, &mut chief, record, &[], of_role("auxiliary", &["620723101"]).changes(&Person::default())).await;
    let made: InviteResponse = invite(&server, &chief, of).await.read();
    assert_eq!((made.account, made.name.as_str(), made.role.as_str()), (of, "王河", "auxiliary"));
    assert_eq!(made.expires_millis, NOW + 72 * HOUR);
    let first = enrolled(&server, 11, &made.code).await;
    let again: InviteResponse = invite(&server, &chief, of).await.read();
    assert_ne!(made.code, again.code);
    let second = enrolled(&server, 12, &again.code).await;
    for phone in [&first, &second] {
        let me: serde_json::Value = server.send(Call::get("/v1/me").signed(phone.key(), NOW)).await.read();
        assert_eq!((me["account"].as_str().unwrap(), &me["role"]), (of.to_hex().as_str(), &json!("auxiliary")));
    }
    // A code is good once and for a while.
    assert_eq!(server.begin(&made.code).await.error().1, "used_code");
    let hours = json!({ "account": of, "hours": 1 });
    let short: InviteResponse = post(&server, &chief, "/v1/invites", hours).await.read();
    server.clock.advance(HOUR);
    assert_eq!(server.begin(&short.code).await.error().1, "expired_code");
    for hours in [0, 745] {
        let asked = json!({ "account": of, "hours": hours });
        assert_eq!(post(&server, &chief, "/v1/invites", asked).await.error().1, "bad_hours");
    }
    // Nobody learns from an answer who is there.
    let other = somebody(&server, 2, "chief", &["620724"]).await;
    let absent = invite(&server, &other, AccountId([9; 16])).await;
    let foreign = invite(&server, &other, of).await;
    assert_eq!((foreign.status, foreign.body), (absent.status, absent.body));
    for (seed, role) in [(3, "volunteer"), (4, "officer"), (5, "auditor")] {
        let nobody = somebody(&server, seed, role, &["620723"]).await;
        let (there, absent) = (invite(&server, &nobody, of).await, invite(&server, &nobody, AccountId([9; 16])).await);
        assert_eq!(there.error(), (403, "forbidden".to_owned()));
        assert_eq!(there.body, absent.body);
    }
    server.revoke(&chief).await;
    assert_eq!(invite(&server, &chief, of).await.error(), (403, "revoked".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_phone_reads_nothing_any_more_and_still_delivers() {
    let server = Server::start().await;
    let chief = somebody(&server, 1, "chief", &["620723"]).await;
    let mut phone = somebody(&server, 2, "volunteer", &["620723"]).await;
    let foreign = somebody(&server, 3, "volunteer", &["620724"]).await;
    let path = |phone: &Phone, what: &str| format!("/v1/devices/{}/{what}", phone.log.log());
    let lost = || json!({ "reason": "lost at the river" });
    for what in ["revoke", "wipe"] {
        let absent = post(&server, &chief, &format!("/v1/devices/{}/{what}", "0".repeat(64)), lost()).await;
        let not_theirs = post(&server, &chief, &path(&foreign, what), lost()).await;
        assert_eq!((not_theirs.error(), not_theirs.body), ((404, "not_found".to_owned()), absent.body));
        assert_eq!(post(&server, &phone, &path(&foreign, what), lost()).await.error(), (403, "forbidden".to_owned()));
        let silent = post(&server, &chief, &path(&phone, what), json!({ "reason": " " })).await;
        assert_eq!(silent.error(), (400, "bad_reason".to_owned()));
    }
    post(&server, &chief, &path(&phone, "revoke"), lost()).await.ok();
    assert_eq!(server.pull(&phone, "").await.error(), (403, "revoked".to_owned()));
    assert_eq!(server.push(&[phone.report()]).await.results[0].reason, "revoked");
    let shown: DevicesResponse = server.send(Call::get("/v1/devices").signed(chief.key(), NOW)).await.read();
    let row = shown.devices.iter().find(|row| row.log == phone.log.log()).unwrap();
    assert_eq!((row.revoked, row.revoke_reason.as_deref()), (true, Some("lost at the river")));
    assert!(shown.devices.iter().all(|row| row.log != foreign.log.log()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_asked_to_wipe_itself_and_signs_that_it_did() {
    let server = Server::start().await;
    let desk = somebody(&server, 1, "desk", &[]).await;
    let phone = somebody(&server, 2, "volunteer", &[]).await;
    let path = |what: &str| format!("/v1/devices/{}/{what}", phone.log.log());
    let (wipe, wiped) = (path("wipe"), path("wiped"));
    let tell = async || {
        let body = HealthReport::default().encode();
        let call = Call::post("/v1/health").header("content-type", CBOR_MIME).body(body);
        server.send(call.signed(phone.key(), server.now())).await
    };
    assert_eq!(tell().await.status.as_u16(), 204);
    post(&server, &desk, &wipe, json!({ "reason": "stolen" })).await.ok();
    let told: HealthResponse = tell().await.read();
    assert_eq!((told.wipe.asked_millis, told.wipe.wiped_millis), (NOW, None));
    let word = |log, asked_millis| {
        let said = Wiped { log, asked_millis, wiped_millis: NOW + 5 };
        let payload = said.payload();
        let signature = phone.key().sign(&Wiped::message(&payload));
        SignedJson::from(&greenshield_domain::statement::Signed { payload, signature })
    };
    let send = async |word: SignedJson| post(&server, &phone, &wiped, serde_json::to_value(&word).unwrap()).await;
    assert_eq!(send(word(phone.log.log(), NOW - 1)).await.error().1, "bad_word");
    assert_eq!(send(word(desk.log.log(), NOW)).await.error().1, "bad_word");
    for _ in 0..2 {
        assert_eq!(send(word(phone.log.log(), NOW)).await.status.as_u16(), 204);
    }
    assert_eq!(tell().await.status.as_u16(), 204, "it is done");
    let shown: DevicesResponse = server.send(Call::get("/v1/devices").signed(desk.key(), NOW)).await.read();
    let row = shown.devices.iter().find(|row| row.log == phone.log.log()).unwrap();
    assert_eq!(row.wipe.map(|wipe| (wipe.asked_millis, wipe.wiped_millis)), Some((NOW, Some(NOW))));
    // Nobody says it for another phone, and nobody who was not asked.
    let own = format!("/v1/devices/{}/wiped", desk.log.log());
    assert_eq!(post(&server, &desk, &wiped, json!(word(phone.log.log(), NOW))).await.error().0, 404);
    assert_eq!(post(&server, &desk, &own, json!(word(desk.log.log(), NOW))).await.error().0, 404);
}

/// The file of a spreadsheet with one sheet of these rows of XML.
fn xlsx(sheet: &str, strings: &str) -> Vec<u8> {
    use std::io::Write as _;
    let kinds = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>"#;
    let of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let parts = [
        ("[Content_Types].xml", kinds.to_owned()),
        ("_rels/.rels", rels(of, "officeDocument", "xl/workbook.xml")),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{main}" xmlns:r="{of}"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        ("xl/_rels/workbook.xml.rels", rels(of, "worksheet", "worksheets/sheet1.xml")),
        ("xl/sharedStrings.xml", strings.to_owned()),
        (
            "xl/worksheets/sheet1.xml",
            format!(r#"<worksheet xmlns="{main}"><sheetData>{sheet}</sheetData></worksheet>"#),
        ),
    ];
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in parts.into_iter().filter(|(_, text)| !text.is_empty()) {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn rels(of: &str, kind: &str, target: &str) -> String {
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    format!(
        r#"<Relationships xmlns="{package}"><Relationship Id="rId1" Type="{of}/{kind}" Target="{target}"/></Relationships>"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spreadsheet_is_read_within_bounds_for_those_who_answer_for_people() {
    use greenshield_domain::roster::Table;
    use greenshield_domain::wire::XLSX_MIME;
    let server = Server::start().await;
    let chief = somebody(&server, 1, "chief", &["620723"]).await;
    let volunteer = somebody(&server, 2, "volunteer", &["620723"]).await;
    let send = async |by: &Phone, file: Vec<u8>| {
        let call = Call::post("/v1/roster/preview").header("content-type", XLSX_MIME).body(file);
        server.send(call.signed(by.key(), NOW)).await
    };
    let cell = |at: &str, text: &str| format!(r#"<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>"#);
    let rows = format!(
        r#"<row r="1">{}{}</row><row r="3">{}<c r="B3"><v>13900000000</v></c></row>"#,
        cell("A1", "姓名"),
        cell("B1", "电话"),
        cell("A3", " 李山 ")
    );
    let table: Table = send(&chief, xlsx(&rows, "")).await.read();
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    assert_eq!(table.rows, [row(&["姓名", "电话"]), row(&[]), row(&["李山", "13900000000"])]);
    assert_eq!(send(&volunteer, xlsx(&rows, "")).await.error(), (403, "forbidden".to_owned()));
    let bad = (400, "bad_roster".to_owned());
    assert_eq!(send(&chief, b"PK\x03\x04 no file".to_vec()).await.error(), bad);
    let far = format!(r#"<row r="1048576">{}</row>"#, cell("XFD1048576", "x"));
    assert_eq!(send(&chief, xlsx(&far, "")).await.error(), bad, "one cell far away makes no table of gigabytes");
    let bomb = format!("{rows}{}", " ".repeat(60 * 1024 * 1024));
    let bomb = xlsx(&bomb, "");
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    assert_eq!(send(&chief, bomb).await.error(), bad);
    assert_eq!(send(&chief, vec![0; 2 * 1024 * 1024 + 1]).await.error(), (413, "too_large".to_owned()));
    let text = Call::post("/v1/roster/preview").header("content-type", "text/csv").body("a");
    assert_eq!(server.send(text.signed(chief.key(), NOW)).await.error().0, 415);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_of_text_become_a_spreadsheet_that_reads_back_within_bounds() {
    use greenshield_domain::roster::Table;
    use greenshield_domain::wire::XLSX_MIME;
    let server = Server::start().await;
    let volunteer = somebody(&server, 1, "volunteer", &["620723"]).await;
    let make = async |table: &Table| {
        let body = serde_json::to_vec(table).unwrap();
        let call = Call::post("/v1/workbook").header("content-type", "application/json").body(body);
        server.send(call.signed(volunteer.key(), NOW)).await
    };
    let row = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>();
    let table = Table { rows: vec![row(&["数字"]), row(&["甲", "乙"]), row(&["=1+1", "52"]), row(&["007", ""])] };
    let reply = make(&table).await;
    assert_eq!(reply.header("content-type"), XLSX_MIME);
    let back = greenshield_server::roster::read_xlsx(&reply.body).unwrap();
    assert_eq!(back.rows, [row(&["数字"]), row(&["甲", "乙"]), row(&["=1+1", "52"]), row(&["007"])]);
    let bad = (400, "bad_table".to_owned());
    assert_eq!(make(&Table::default()).await.error(), bad);
    assert_eq!(make(&Table { rows: vec![row(&["x"; 41])] }).await.error(), bad);
    assert_eq!(make(&Table { rows: vec![row(&["x"]); 2_001] }).await.error(), bad);
    let other = Call::post("/v1/workbook").header("content-type", "text/csv").body("a");
    assert_eq!(server.send(other.signed(volunteer.key(), NOW)).await.error().0, 415);
}
