//! Nothing leaves the outbox without a verified receipt.

use greenshield_client::engine::{Engine, EngineError, Save};
use greenshield_client::ports::{Durability, HttpResponse, LocalStore, Table, TransportError, Write};
use greenshield_client::rows::op_key;
use greenshield_domain::ids::{CheckpointId, Epoch};
use greenshield_domain::incident::KIND;
use greenshield_domain::statement::{Checkpoint, Receipt, Signed, Statement};
use greenshield_domain::wire::{HeadsReply, OpResult, PushReply, ResultCode};
use greenshield_testkit::keys::SeededKey;

use crate::device::{Parts, open, phone, report, server_key};

pub(crate) fn signed(statement: &impl Statement, key: &SeededKey) -> Signed {
    fn of<S: Statement>(statement: &S, key: &SeededKey) -> Signed {
        let payload = statement.payload();
        Signed { signature: key.sign(&S::message(&payload)), payload }
    }
    of(statement, key)
}

pub(crate) const EPOCH: Epoch = Epoch([1; 8]);

fn reply(results: Vec<OpResult>, receipts: Vec<Signed>, key: &SeededKey) -> HttpResponse {
    let checkpoint = Checkpoint { epoch: EPOCH, size: 1, root: [0; 32], time_millis: 1 };
    let reply = PushReply {
        results,
        heads: Vec::new(),
        receipts,
        lease: Some([3; 16]),
        time_millis: 1_000,
        epoch: EPOCH,
        checkpoint: signed(&checkpoint, key),
    };
    HttpResponse { status: 200, headers: Vec::new(), body: reply.encode() }
}

async fn receipt(engine: &Engine<Parts>, from: u64, key: &SeededKey) -> Signed {
    let head = engine.head().await.unwrap();
    let receipt = Receipt {
        epoch: EPOCH,
        log: head.log,
        from,
        upto: head.seq,
        head: head.id,
        received_millis: 777,
        checkpoint: CheckpointId::NONE,
    };
    signed(&receipt, key)
}

async fn with_reports(n: i64) -> Engine<Parts> {
    let engine = phone(1).await;
    for found in 0..n {
        let save = Save { record: None, kind: KIND, entries: report(found), draft: None };
        engine.save(save).await.unwrap();
    }
    engine
}

fn answer(engine: &Engine<Parts>, response: Result<HttpResponse, TransportError>) {
    engine.ports().script.borrow_mut().push_back(response);
}

#[tokio::test]
async fn a_verified_receipt_delivers_and_nothing_else_does() {
    let engine = with_reports(3).await;
    answer(&engine, Err(TransportError::Timeout));
    assert_eq!(engine.push_due().await, Err(EngineError::Transport(TransportError::Timeout)));
    assert_eq!(engine.status().await.unwrap().ops_unsent, 3);

    let forged = receipt(&engine, 1, &SeededKey::new(99)).await;
    answer(&engine, Ok(reply(Vec::new(), vec![forged], &server_key())));
    assert_eq!(engine.push_due().await, Err(EngineError::ForeignServer));
    assert_eq!(engine.status().await.unwrap().ops_unsent, 3);

    let genuine = receipt(&engine, 1, &server_key()).await;
    answer(&engine, Ok(reply(Vec::new(), vec![genuine], &server_key())));
    let pushed = engine.push_due().await.unwrap();
    assert_eq!((pushed.sent, pushed.delivered, pushed.changed.len()), (3, 3, 3));
    assert_eq!(engine.status().await.unwrap().ops_unsent, 0);
    let rows = engine.list(None, 9).await.unwrap().rows;
    assert!(rows.iter().all(|row| row.ops_unsent == 0 && row.delivered_millis == Some(777)));
}

#[tokio::test]
async fn a_success_without_receipt_keeps_the_ops_and_waits() {
    let engine = with_reports(1).await;
    answer(&engine, Ok(reply(Vec::new(), Vec::new(), &server_key())));
    let pushed = engine.push_due().await.unwrap();
    assert_eq!((pushed.sent, pushed.delivered), (1, 0));
    assert!(pushed.next_due_millis.is_some());
    assert_eq!(engine.unsent().await.unwrap()[0].ops[0].reason, "no_receipt");
    assert_eq!(engine.push_due().await.unwrap().sent, 0, "not before its time");
    engine.retry_now().await.unwrap();
    answer(&engine, Ok(reply(Vec::new(), vec![receipt(&engine, 1, &server_key()).await], &server_key())));
    assert_eq!(engine.push_due().await.unwrap().delivered, 1);
}

#[tokio::test]
async fn a_refused_op_does_not_block_the_next() {
    let engine = with_reports(2).await;
    let refused = OpResult { index: 0, id: None, code: ResultCode::Malformed, reason: "bad_signature".to_owned() };
    let second = receipt(&engine, 2, &server_key()).await;
    answer(&engine, Ok(reply(vec![refused], vec![second], &server_key())));
    let pushed = engine.push_due().await.unwrap();
    assert_eq!((pushed.sent, pushed.delivered), (2, 1));
    let unsent = engine.unsent().await.unwrap();
    assert_eq!((unsent.len(), unsent[0].ops[0].reason.as_str()), (1, "bad_signature"));
}

#[tokio::test]
async fn a_receipt_for_other_ops_at_the_same_place_delivers_nothing() {
    let engine = with_reports(2).await;
    let head = engine.head().await.unwrap();
    let mut other = head;
    other.id.0[0] ^= 1;
    let receipt = Receipt {
        epoch: EPOCH,
        log: head.log,
        from: 1,
        upto: 2,
        head: other.id,
        received_millis: 1,
        checkpoint: CheckpointId::NONE,
    };
    answer(&engine, Ok(reply(Vec::new(), vec![signed(&receipt, &server_key())], &server_key())));
    assert_eq!(engine.push_due().await.unwrap().delivered, 0);
    assert_eq!(engine.status().await.unwrap().ops_unsent, 2);
}

#[tokio::test]
async fn a_captive_portal_is_no_server() {
    let engine = with_reports(1).await;
    let portal = HttpResponse { status: 200, headers: Vec::new(), body: b"<html>please log in".to_vec() };
    answer(&engine, Ok(portal.clone()));
    assert!(matches!(engine.push_due().await, Err(EngineError::ForeignReply(_))));
    answer(&engine, Ok(portal));
    assert!(matches!(engine.pull(0).await, Err(EngineError::ForeignReply(_))));
    assert_eq!(engine.status().await.unwrap().ops_unsent, 1);
}

#[tokio::test]
async fn a_wrong_clock_is_corrected_once_and_nothing_is_refused() {
    let engine = with_reports(1).await;
    let body = br#"{"code":"clock","message":"","detail":{"now":5000000}}"#.to_vec();
    answer(&engine, Ok(HttpResponse { status: 401, headers: Vec::new(), body }));
    answer(&engine, Ok(reply(Vec::new(), vec![receipt(&engine, 1, &server_key()).await], &server_key())));
    assert_eq!(engine.push_due().await.unwrap().delivered, 1);
    let sent = engine.ports().sent.borrow();
    let authorization = |i: usize| sent[i].headers.iter().find(|(name, _)| *name == "authorization").unwrap().1.clone();
    assert!(!authorization(0).contains("5000000") && authorization(1).contains("at=\"5000000\""));
}

#[tokio::test]
async fn a_copied_phone_still_delivers_without_the_lease_even_after_its_app_was_killed() {
    let engine = with_reports(1).await;
    let body = br#"{"code":"stale_copy","message":""}"#.to_vec();
    answer(&engine, Ok(HttpResponse { status: 409, headers: Vec::new(), body }));
    // Before it believes that, the phone asks whether the server is another one now.
    let heads = HeadsReply { heads: Vec::new(), epoch: EPOCH, time_millis: 1_000, began: None };
    answer(&engine, Ok(HttpResponse { status: 200, headers: Vec::new(), body: heads.encode() }));
    let pushed = engine.push_due().await.unwrap();
    assert!(pushed.stale_copy && pushed.next_due_millis.is_some());
    let engine = open(engine.ports().store.clone(), 1).await;
    answer(&engine, Ok(reply(Vec::new(), vec![receipt(&engine, 1, &server_key()).await], &server_key())));
    assert_eq!(engine.push_due().await.unwrap().delivered, 1);
    let sent = engine.ports().sent.borrow();
    assert!(sent[0].headers.iter().all(|(name, _)| *name != "authorization"));
}

#[tokio::test]
async fn where_several_tabs_push_at_once_no_lease_is_presented() {
    let engine = with_reports(1).await;
    for is_shared in [false, false, true] {
        if is_shared {
            engine.share_log();
        }
        engine.retry_now().await.unwrap();
        answer(&engine, Ok(reply(Vec::new(), Vec::new(), &server_key())));
        engine.push_due().await.unwrap();
    }
    let sent = engine.ports().sent.borrow();
    let has = |at: usize, name: &str| sent[at].headers.iter().any(|(found, _)| *found == name);
    assert!(has(1, "greenshield-lease") && !has(2, "greenshield-lease"), "the lease of the reply before");
    assert!(has(1, "authorization") && has(2, "authorization"));
}

#[tokio::test]
async fn batches_grow_with_success_and_shrink_with_failure() {
    let engine = with_reports(90).await;
    answer(&engine, Err(TransportError::Offline));
    assert!(engine.push_due().await.is_err());
    answer(&engine, Ok(reply(Vec::new(), Vec::new(), &server_key())));
    let first = engine.push_due().await.unwrap();
    answer(&engine, Ok(reply(Vec::new(), Vec::new(), &server_key())));
    let second = engine.push_due().await.unwrap();
    assert_eq!((first.sent, first.due, second.sent), (16, 74, 64));
}

#[tokio::test]
async fn a_damaged_op_row_does_not_keep_the_others_on_the_phone() {
    let engine = with_reports(3).await;
    let first = engine.list(None, 9).await.unwrap().rows.pop().unwrap().record;
    let op = engine.record(first).await.unwrap().unwrap().ops.remove(0);
    let mut damage = Write::new(Durability::Strict);
    damage.put(Table::Ops, op_key(&first, &op.op.id()), b"torn".to_vec());
    engine.ports().store.write(damage).await.unwrap();
    answer(&engine, Ok(reply(Vec::new(), vec![receipt(&engine, 2, &server_key()).await], &server_key())));
    let pushed = engine.push_due().await.unwrap();
    assert_eq!((pushed.sent, pushed.delivered, pushed.due), (2, 2, 0));
    assert_eq!(engine.status().await.unwrap().ops_unsent, 1, "what can not be sent is still counted");
    assert_eq!(engine.push_due().await.unwrap().sent, 0);
}
