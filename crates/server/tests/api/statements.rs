//! Receipts and checkpoints: what the server signs is true and verifies.

use greenshield_domain::ids::OpId;
use greenshield_domain::op::SignedOp;
use greenshield_domain::statement::{Checkpoint, Receipt, StatementError};
use greenshield_domain::tree;
use greenshield_domain::wire::{PushReply, SignedJson};
use greenshield_testkit::keys::P256Check;

use super::support::{Call, NOW, Server};

fn receipts(server: &Server, reply: &PushReply) -> Vec<Receipt> {
    reply.receipts.iter().map(|signed| signed.open(&server.key(), &P256Check).unwrap()).collect()
}

fn root(ops: &[SignedOp]) -> tree::Hash {
    tree::root(&ops.iter().map(|op| tree::leaf_hash(&op.id().0)).collect::<Vec<_>>())
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_cover_runs_and_duplicates_keep_their_first_arrival() {
    let server = Server::start().await;
    let (mut one, mut two) = (server.phone(1).await, server.phone(2).await);
    let (a, b) = (one.reports(3), two.reports(2));
    server.clock.advance(1_000);
    let reply = server.push(&[a[0].clone(), b[0].clone(), a[1].clone()]).await;
    let mut spans: Vec<(u64, u64, OpId, i64)> =
        receipts(&server, &reply).iter().map(|r| (r.from, r.upto, r.head, r.received_millis)).collect();
    spans.sort_unstable();
    assert_eq!(spans, [(1, 1, b[0].id(), NOW + 1_000), (1, 2, a[1].id(), NOW + 1_000)]);
    let checkpoint = Checkpoint::id_of(&reply.checkpoint.payload);
    assert!(receipts(&server, &reply).iter().all(|r| r.checkpoint == checkpoint && r.epoch == server.app().epoch));

    server.clock.advance(1_000);
    let again: Vec<SignedOp> = [one.genesis.clone()].into_iter().chain(a).collect();
    let spans: Vec<(u64, u64, i64)> =
        receipts(&server, &server.push(&again).await).iter().map(|r| (r.from, r.upto, r.received_millis)).collect();
    assert_eq!(spans, [(0, 0, NOW), (1, 2, NOW + 1_000), (3, 3, NOW + 2_000)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checkpoint_is_the_root_over_all_ops_in_the_order_of_the_server() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    for n in [1, 4, 2] {
        let reply = server.push(&phone.reports(n)).await;
        let checkpoint: Checkpoint = reply.checkpoint.open(&server.key(), &P256Check).unwrap();
        let ops = server.pull_all(&phone).await;
        assert_eq!((checkpoint.size, checkpoint.root), (ops.len() as u64, root(&ops)));
    }
    let newest: SignedJson = server.send(Call::get("/v1/log/checkpoint")).await.read();
    let signed = newest.to_signed().unwrap();
    let checkpoint: Checkpoint = signed.open(&server.key(), &P256Check).unwrap();
    assert_eq!(checkpoint.size, 8);
    assert_eq!(signed.open::<Receipt>(&server.key(), &P256Check), Err(StatementError::BadSignature));
}

#[tokio::test(flavor = "multi_thread")]
async fn key_epoch_tree_and_receipts_survive_a_restart() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    server.push(&phone.reports(5)).await;
    let (key, epoch) = (server.key(), server.app().epoch);
    let server = server.restart_after(async |_| {}).await;
    assert_eq!((server.key(), server.app().epoch), (key, epoch));
    let reply = server.push(&phone.reports(2)).await;
    let checkpoint: Checkpoint = reply.checkpoint.open(&key, &P256Check).unwrap();
    let ops = server.pull_all(&phone).await;
    assert_eq!((checkpoint.size, checkpoint.root), (8, root(&ops)));
}
