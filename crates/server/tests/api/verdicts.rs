//! Held ops: what makes one, who may decide, and that everybody learns of it.

use greenshield_domain::cbor::Value;
use greenshield_domain::evidence::check;
use greenshield_domain::ids::{OpId, OpRef, RecordId};
use greenshield_domain::incident::{KIND, field};
use greenshield_domain::op::{Entry, Genesis, SignedOp};
use greenshield_domain::policy::Seat;
use greenshield_domain::verdict::{Decision, Ruling, SERVER_ACCOUNT};
use greenshield_domain::wire::{HeldResponse, PullPage, ResultCode, Verdict, VerdictResponse, VerdictWord};
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::keys::P256Check;
use serde_json::json;

use super::support::{Call, NOW, Phone, Reply, Server, codes, genesis};

async fn desk(server: &Server, seed: u64) -> Phone {
    let code = server.invite("值班", "desk").await;
    let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
    let enrolled: greenshield_domain::wire::EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    Phone { log, genesis, lease: enrolled.lease.clone(), enrolled }
}

async fn judge(server: &Server, phone: &Phone, op: OpId, verdict: VerdictWord, reason: &str) -> Reply {
    let asked = json!({ "op": op, "verdict": verdict, "reason": reason });
    server.send(Call::post("/v1/verdicts").signed(phone.key(), server.now()).json(&asked)).await
}

async fn held(server: &Server, phone: &Phone, query: &str) -> HeldResponse {
    server.send(Call::get(&format!("/v1/held{query}")).signed(phone.key(), server.now())).await.read()
}

/// What a reader counts for an op.
fn counted(page: &PullPage, op: OpId) -> Verdict {
    let ops: Vec<_> = page.ops.iter().map(|pulled| (SignedOp::decode(&pulled.op).unwrap(), pulled)).collect();
    let decisions = ops.iter().filter_map(|(op, pulled)| Decision::of(op, pulled.account, pulled.eff_millis));
    let newest = decisions.filter(|decision| decision.ruling.target == op).max_by_key(Decision::rank);
    let arrived = ops.iter().find(|(found, _)| found.id() == op).map(|(_, pulled)| pulled.verdict.clone());
    newest.map_or(arrived.unwrap(), |decision| decision.ruling.verdict)
}

fn edit(phone: &mut Phone, record: RecordId, deps: &[OpRef]) -> SignedOp {
    phone.log.op(record, KIND, deps, vec![Entry::set(field::NOTE, Value::text("words"))])
}

#[tokio::test(flavor = "multi_thread")]
async fn the_desk_releases_voids_and_holds_and_every_reader_learns_of_it_in_order() {
    let server = Server::start().await;
    let (mut gone, desk) = (server.phone(1).await, desk(&server, 2).await);
    server.revoke(&gone).await;
    let ops = gone.reports(3);
    server.push(&ops).await;
    let op = ops[0].id();
    let waiting = held(&server, &desk, "?max=2").await;
    assert_eq!(waiting.held.iter().map(|row| row.op).collect::<Vec<_>>(), [op, ops[1].id()]);
    let row = &waiting.held[0];
    assert_eq!((row.record, row.log, row.reason.as_str()), (ops[0].header().record, gone.log.log(), "revoked"));
    let rest = held(&server, &desk, &format!("?after={}", waiting.next.unwrap())).await;
    assert_eq!((rest.held.len(), rest.next), (1, None));

    let before = server.pull(&desk, "").await.page();
    let mut decided = Vec::new();
    for (word, verdict) in [
        (VerdictWord::Ok, Verdict::Ok),
        (VerdictWord::Void, Verdict::Void),
        (VerdictWord::Held, Verdict::Held("decided".to_owned())),
        (VerdictWord::Ok, Verdict::Ok),
    ] {
        let done: VerdictResponse = judge(&server, &desk, op, word, "看过了").await.read();
        decided.push(done.decision.unwrap());
        let again: VerdictResponse = judge(&server, &desk, op, word, "看过了").await.read();
        assert_eq!(again.decision, None, "a repeated request decides nothing twice");
        assert_eq!(counted(&server.pull(&desk, "").await.page(), op), verdict);
        let waits = held(&server, &desk, "").await.held.iter().any(|row| row.op == op);
        assert_eq!(waits, word == VerdictWord::Held);
    }
    let page = server.pull(&desk, &format!("?cursor={}", before.next)).await.page();
    let new: Vec<SignedOp> = page.ops.iter().map(|pulled| SignedOp::decode(&pulled.op).unwrap()).collect();
    assert_eq!(Genesis::read(&new[0]).unwrap().account, SERVER_ACCOUNT);
    assert_eq!(new[1..].iter().map(SignedOp::id).collect::<Vec<_>>(), decided);
    assert!(page.ops.iter().all(|pulled| pulled.account == SERVER_ACCOUNT && pulled.verdict == Verdict::Ok));
    assert!(new.iter().all(|op| op.clone().verify(&server.key(), &P256Check).is_ok()));
    let said = Ruling::read(&new[1]).unwrap();
    assert_eq!((said.by, said.reason.as_str()), (desk.log.account(), "看过了"));
    assert!(
        page.ops.is_sorted_by(|a, b| a.eff_millis < b.eff_millis || a.pos == page.ops[0].pos),
        "equal clocks, other times"
    );

    // The export of the record holds the decisions, and passes the check of a stranger.
    let path = format!("/v1/records/{}/evidence", ops[0].header().record);
    let export = server.send(Call::get(&path).signed(desk.key(), NOW)).await.ok();
    assert_eq!(check(&export.body, Some(&server.key())).verify(&P256Check), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_desk_decides_and_only_about_ops_of_records() {
    let server = Server::start().await;
    let (mut phone, desk) = (server.phone(1).await, desk(&server, 2).await);
    let op = phone.report();
    server.push(std::slice::from_ref(&op)).await;
    let ask =
        async |phone: &Phone, op, reason: &str| judge(&server, phone, op, VerdictWord::Void, reason).await.error();
    assert_eq!(ask(&phone, op.id(), "x").await, (403, "forbidden".to_owned()));
    let list = server.send(Call::get("/v1/held").signed(phone.key(), NOW)).await;
    assert_eq!(list.error(), (403, "forbidden".to_owned()));
    assert_eq!(ask(&desk, OpId([1; 32]), "x").await, (404, "not_found".to_owned()));
    assert_eq!(ask(&desk, phone.genesis.id(), "x").await, (404, "not_found".to_owned()));
    assert_eq!(ask(&desk, op.id(), "  ").await, (400, "bad_reason".to_owned()));
    assert_eq!(ask(&desk, op.id(), &"x".repeat(2_001)).await, (400, "bad_reason".to_owned()));
    let unsigned = server.send(Call::post("/v1/verdicts").json(&json!({}))).await;
    assert_eq!(unsigned.error(), (401, "unauthorized".to_owned()));
    let broken = Call::post("/v1/verdicts").signed(desk.key(), NOW).json(&json!({ "op": op.id(), "verdict": "maybe" }));
    assert_eq!(server.send(broken).await.error(), (400, "bad_json".to_owned()));
    let before = server.pull(&phone, "").await.page();
    assert_eq!(before.ops.len(), 3, "nothing was decided");
    server.revoke(&desk).await;
    assert_eq!(ask(&desk, op.id(), "x").await, (403, "revoked".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_made_anew_by_somebody_else_is_held_with_all_that_follows_it_alone() {
    let server = Server::start().await;
    let (mut one, mut two, desk) = (server.phone(1).await, server.phone(2).await, desk(&server, 3).await);
    let made = one.report();
    let record = made.header().record;
    server.push(std::slice::from_ref(&made)).await;
    let (again, more) = (edit(&mut two, record, &[]), edit(&mut two, record, &[]));
    let reply = server.push(&[again.clone(), more.clone()]).await;
    let expected = [(0, ResultCode::Held, "recreated"), (1, ResultCode::Held, "recreated")];
    assert_eq!(codes(&reply.results), expected);
    assert_eq!(reply.receipts.len(), 1, "stored and receipted all the same");
    let repeated = server.push(&[again.clone(), more]).await;
    assert!(repeated.results.iter().all(|result| result.code == ResultCode::Duplicate));
    // Who names what was seen edits; who was released goes on.
    let seen = edit(&mut two, record, &[made.id().short()]);
    assert_eq!(server.push(&[seen]).await.results, []);
    let mut three = server.phone(4).await;
    let anew = edit(&mut three, record, &[]);
    server.push(std::slice::from_ref(&anew)).await;
    judge(&server, &desk, anew.id(), VerdictWord::Ok, "同一件事").await.ok();
    let next = edit(&mut three, record, &[]);
    assert_eq!(server.push(&[next]).await.results, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn honest_edits_duplicates_gaps_and_late_beginnings_are_not_held() {
    let server = Server::start().await;
    let (mut one, mut two) = (server.phone(1).await, server.phone(2).await);
    let made = one.report();
    let record = made.header().record;
    // The edit of who saw it arrives before the report itself, and its own followers name nothing.
    let first = edit(&mut two, record, &[made.id().short()]);
    let rest = [edit(&mut two, record, &[]), edit(&mut two, record, &[])];
    let reply = server.push(&[rest[1].clone(), rest[0].clone(), first]).await;
    assert!(reply.results.iter().all(|result| result.code == ResultCode::Gap));
    let own = edit(&mut one, record, &[]);
    assert_eq!(server.push(&[made, own.clone()]).await.results, [], "the report itself comes late");
    assert_eq!(codes(&server.push(&[own]).await.results), [(0, ResultCode::Duplicate, "duplicate")]);
    let page = server.pull(&one, "").await.page();
    assert!(page.ops.iter().all(|op| op.verdict == Verdict::Ok));

    // A copied profile is the same person, and so is a second phone.
    let mut copy = one.log.clone();
    copy.wall_millis += 1;
    let mut second = {
        let account =
            greenshield_server::store::Store::log(&server.app().store, one.log.log()).await.unwrap().unwrap().account;
        let code = server.invite_account(account).await;
        let (log, genesis) = genesis(9, &server.begin(&code).await.read());
        server.enrol_with(&code, &genesis).await.ok();
        log
    };
    let words = || vec![Entry::set(field::NOTE, Value::text("again"))];
    let ops = [copy.op(record, KIND, &[], words()), second.op(record, KIND, &[], words())];
    server.push(&ops).await;
    let page = server.pull(&one, "").await.page();
    assert!(page.ops.iter().all(|op| op.verdict == Verdict::Ok));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_whose_beginning_comes_behind_an_edit_is_still_its_maker_s_and_nobody_else_s() {
    let server = Server::start().await;
    let seated = async |seed, role: &str, area: &str| {
        let code = server.invite(&format!("{role}{seed}"), role).await;
        let (log, genesis) = genesis(seed, &server.begin(&code).await.read());
        let enrolled: greenshield_domain::wire::EnrolResponse = server.enrol_with(&code, &genesis).await.read();
        let mut tx = server.app().store.begin().await.unwrap();
        let seat = Seat { areas: vec![area.to_owned()], unit: None };
        assert!(tx.set_seat(log.account(), role, &seat).await.unwrap());
        tx.commit().await.unwrap();
        Phone { log, genesis, lease: enrolled.lease.clone(), enrolled }
    };
    let (mut maker, mut chief) = (seated(11, "volunteer", "620723").await, seated(12, "chief", "620702").await);
    let mut thief = seated(13, "volunteer", "620724").await;
    let made = maker.report();
    let record = made.header().record;
    // A restored server may be given the edit first.
    let first = edit(&mut chief, record, &[made.id().short()]);
    assert_eq!(server.push(&[first]).await.results, []);
    assert_eq!(server.push(std::slice::from_ref(&made)).await.results, [], "it is no stranger's word");
    let follow = edit(&mut maker, record, &[]);
    assert_eq!(server.push(&[follow]).await.results, []);
    let reads = async |phone: &Phone| {
        server
            .pull_all(phone)
            .await
            .iter()
            .filter(|op| op.header().record == record && op.header().kind == KIND)
            .count()
    };
    assert_eq!(reads(&maker).await, 3);
    // Once it has its maker, nobody takes it over by the same way.
    let anew = edit(&mut thief, record, &[]);
    let reply = server.push(&[anew]).await;
    assert_eq!(reply.results.iter().map(|result| result.code).collect::<Vec<_>>(), [ResultCode::Held]);
    assert_eq!((reads(&maker).await, reads(&thief).await), (4, 0));
}
