//! Proofs of the Merkle log over HTTP, checked as an auditor does who trusts nothing but the server's key.

use greenshield_domain::op::SignedOp;
use greenshield_domain::statement::{Checkpoint, Signed};
use greenshield_domain::wire::{ConsistencyProof, InclusionProof};
use greenshield_server::keys::NativeCheck;
use greenshield_server::store::{Store as _, StoreTx as _};

use super::support::{Call, Reply, Server};

async fn ask(server: &Server, query: &str) -> Reply {
    server.send(Call::get(&format!("/v1/log/proof/{query}"))).await
}

fn open(server: &Server, signed: &Signed) -> Checkpoint {
    signed.open(&server.key(), &NativeCheck).unwrap()
}

/// A log of some hundred ops in commits of all sizes; gives the ops in their order and every checkpoint.
async fn grown(server: &Server) -> (Vec<SignedOp>, Vec<Checkpoint>) {
    let mut phone = server.phone(1).await;
    let (mut ops, mut checkpoints) = (vec![phone.genesis.clone()], Vec::new());
    for commit in 0..40 {
        let new = phone.reports(1 + commit % 13);
        server.clock.advance(1_000);
        let reply = server.push(&new).await;
        ops.extend(new);
        checkpoints.push(open(server, &reply.checkpoint));
    }
    (ops, checkpoints)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_op_is_proved_in_the_newest_tree_and_in_every_one_that_holds_it() {
    let server = Server::start().await;
    let (ops, checkpoints) = grown(&server).await;
    let newest = checkpoints.last().unwrap();
    assert!(ops.len() > 250 && newest.size == ops.len() as u64);
    for (at, op) in ops.iter().enumerate() {
        let reply = ask(&server, &format!("inclusion?op={}", op.id().to_hex())).await.ok();
        assert_eq!(reply.header("content-type"), "application/cbor");
        let proof = InclusionProof::decode(&reply.body).unwrap();
        assert_eq!((proof.pos, &open(&server, &proof.checkpoint)), (at as u64 + 1, newest));
        assert!(proof.shows(op.id(), newest), "op {at}");
        let other = ops[(at + 1) % ops.len()].id();
        assert!(!proof.shows(other, newest), "and nothing else");
        let Some(older) = checkpoints.iter().filter(|older| older.size > at as u64).nth(at % 3) else { continue };
        let reply = ask(&server, &format!("inclusion?op={}&size={}", op.id().to_hex(), older.size)).await.ok();
        let proof = InclusionProof::decode(&reply.body).unwrap();
        assert!(proof.shows(op.id(), older) && &open(&server, &proof.checkpoint) == older);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_checkpoint_is_the_beginning_of_every_later_one() {
    let server = Server::start().await;
    let (_, checkpoints) = grown(&server).await;
    for old in &checkpoints {
        for new in checkpoints.iter().filter(|new| new.size >= old.size) {
            let query = format!("consistency?from={}&to={}", old.size, new.size);
            let proof = ConsistencyProof::decode(&ask(&server, &query).await.ok().body).unwrap();
            assert!(proof.shows(old, new) && &open(&server, &proof.checkpoint) == new, "{query}");
            assert!(old.size == new.size || !proof.shows(new, old));
        }
    }
    let newest = checkpoints.last().unwrap();
    let empty = ConsistencyProof::decode(&ask(&server, "consistency?from=0").await.ok().body).unwrap();
    assert_eq!((empty.to, empty.path.len()), (newest.size, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_that_nobody_signed_and_an_op_that_is_not_in_it_are_told_apart() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let ops = phone.reports(5);
    server.push(&ops[..3]).await;
    server.push(&ops[3..]).await;
    let (first, last) = (phone.genesis.id().to_hex(), ops[4].id().to_hex());
    for (query, error) in [
        (format!("inclusion?op={}", "ab".repeat(32)), (404, "unknown_op")),
        (format!("inclusion?op={first}&size=3"), (404, "unknown_size")),
        (format!("inclusion?op={first}&size=99"), (404, "unknown_size")),
        (format!("inclusion?op={last}&size=4"), (404, "not_in_tree")),
        (format!("inclusion?op={first}&size=0"), (404, "not_in_tree")),
        ("inclusion".to_owned(), (400, "bad_query")),
        ("inclusion?op=xyz".to_owned(), (400, "bad_query")),
        (format!("inclusion?op={first}&size=-1"), (400, "bad_query")),
        ("consistency".to_owned(), (400, "bad_query")),
        ("consistency?from=6&to=4".to_owned(), (400, "bad_query")),
        ("consistency?from=2".to_owned(), (404, "unknown_size")),
        ("consistency?from=4&to=5".to_owned(), (404, "unknown_size")),
        (format!("consistency?from={}&to=6", u64::MAX), (400, "bad_query")),
    ] {
        assert_eq!(ask(&server, &query).await.error(), (error.0, error.1.to_owned()), "{query}");
    }
    ask(&server, "consistency?from=4").await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_asked_before_a_commit_is_right_after_it_and_a_changed_log_proves_nothing() {
    let server = Server::start_on_file().await;
    let mut phone = server.phone(1).await;
    for _ in 0..20 {
        let op = phone.report();
        server.push(std::slice::from_ref(&op)).await;
        let reply = ask(&server, &format!("inclusion?op={}", op.id().to_hex())).await.ok();
        let proof = InclusionProof::decode(&reply.body).unwrap();
        assert!(proof.shows(op.id(), &open(&server, &proof.checkpoint)));
    }
    // A root that is not that of the stored ops: as after a change in the database.
    let mut tx = server.app().store.begin().await.unwrap();
    let mut frontier = tx.frontier().await.unwrap();
    let forged = Checkpoint { epoch: server.app().epoch, size: 22, root: [7; 32], time_millis: 1 };
    let row = greenshield_server::store::CheckpointRow {
        id: greenshield_domain::ids::CheckpointId([9; 16]),
        size: 21,
        time_millis: 1,
        signed: server.app().key.sign(&Checkpoint { size: 21, ..forged }).unwrap(),
    };
    frontier.push([1; 32]);
    tx.put_checkpoint(&frontier, &row).await.unwrap();
    tx.commit().await.unwrap();
    let reply = ask(&server, &format!("inclusion?op={}", phone.genesis.id().to_hex())).await;
    assert_eq!(reply.error(), (500, "internal".to_owned()));
}
