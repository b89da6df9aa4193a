//! Push: what becomes of each op, whatever the network does to it.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::GzEncoder;
use greenshield_domain::cbor::{self, Value};
use greenshield_domain::op::{Entry, SignedOp};
use greenshield_domain::wire::{MAX_PUSH_BYTES, PushReply, ResultCode, Verdict};
use greenshield_testkit::build::LogBuilder;

use super::support::{Call, NOW, Phone, Server, codes, lease_of};

use ResultCode::{Duplicate, Fork, Gap, Held, Malformed, OverLimit, UnknownLog};

#[tokio::test(flavor = "multi_thread")]
async fn ops_are_stored_once_and_a_repeated_request_changes_nothing() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let ops = phone.reports(3);
    let reply = server.push(&ops).await;
    assert_eq!(reply.results, []);
    assert_eq!((reply.heads[0].log, reply.heads[0].seq, reply.heads[0].id), (phone.log.log(), 3, ops[2].id()));
    server.clock.advance(5_000);
    let again = server.push(&ops).await;
    let expected: Vec<_> = (0..3).map(|i| (i, Duplicate, "duplicate")).collect();
    assert_eq!(codes(&again.results), expected);
    assert_eq!(again.checkpoint, reply.checkpoint);
    assert_eq!(server.pull_all(&phone).await.len(), 4);
    let twice = phone.report();
    let reply = server.push(&[twice.clone(), twice]).await;
    assert_eq!(codes(&reply.results), [(1, Duplicate, "duplicate")]);
    assert_eq!(reply.receipts.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_waits_and_is_applied_when_it_is_filled() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let ops = phone.reports(4);
    let reply = server.push(&[ops[3].clone(), ops[1].clone()]).await;
    assert_eq!(codes(&reply.results), [(0, Gap, "expected:1"), (1, Gap, "expected:1")]);
    assert!(reply.receipts.is_empty());
    assert_eq!(codes(&server.push(&ops[1..2]).await.results), [(0, Gap, "expected:1")]);
    assert_eq!(server.pull_all(&phone).await.len(), 1);
    server.clock.advance(1_000);
    assert_eq!(server.push(&ops[..1]).await.heads[0].seq, 2);
    let reply = server.push(&ops[2..3]).await;
    assert_eq!((reply.results.len(), reply.heads[0].seq), (0, 4));
    let expected: Vec<SignedOp> = [phone.genesis.clone()].into_iter().chain(ops.clone()).collect();
    assert_eq!(server.pull_all(&phone).await, expected);
    let reply = server.push(&ops).await;
    assert_eq!(reply.results.len(), 4);
    assert!(reply.results.iter().all(|result| result.code == Duplicate));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gap_inside_one_push_is_closed_at_once_and_receipted() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let mut ops = phone.reports(3);
    ops.reverse();
    let reply = server.push(&ops).await;
    assert_eq!(codes(&reply.results), [(0, Gap, "expected:1"), (1, Gap, "expected:1")]);
    assert_eq!((reply.receipts.len(), reply.heads[0].seq), (1, 3));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_branches_of_a_fork_are_kept_with_all_their_followers() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let mut copy = Phone {
        log: phone.log.clone(),
        genesis: phone.genesis.clone(),
        lease: String::new(),
        enrolled: phone.enrolled.clone(),
    };
    copy.log.wall_millis += 1;
    let (main, side) = (phone.reports(2), copy.reports(4));
    assert_eq!(server.push(&main).await.results, []);
    // The last of the side branch comes first: it waits, and is found again by its predecessor.
    assert_eq!(codes(&server.push(&side[3..]).await.results), [(0, Gap, "expected:3")]);
    let reply = server.push(&side[..3]).await;
    assert_eq!(codes(&reply.results), [(0, Fork, "fork"), (1, Fork, "fork"), (2, Fork, "fork")]);
    assert_eq!((reply.heads[0].seq, reply.heads[0].id), (2, main[1].id()));
    assert_eq!(reply.receipts.len(), 1, "the side branch gets a receipt of its own");
    assert_eq!(codes(&server.push(&side[3..]).await.results), [(0, Fork, "fork")]);
    let more = phone.report();
    assert_eq!(server.push(&[more]).await.results, []);
    assert_eq!(server.pull_all(&phone).await.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_of_a_side_branch_longer_than_the_main_one_is_no_gap() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let mut copy = Phone {
        log: phone.log.clone(),
        genesis: phone.genesis.clone(),
        lease: String::new(),
        enrolled: phone.enrolled.clone(),
    };
    copy.log.wall_millis += 1;
    server.push(&phone.reports(1)).await;
    for op in copy.reports(3) {
        assert_eq!(codes(&server.push(&[op]).await.results), [(0, Fork, "fork")]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_op_does_not_keep_the_others_out() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let ops = phone.reports(2);
    let mut stranger = LogBuilder::new(9, phone.log.account());
    let unknown = stranger.genesis([0; 16]);
    let forged = with_signature_of(&ops[0], &unknown);
    let large = {
        let record = phone.log.record();
        let mut draft = phone.log.draft(record, 10, &[], vec![Entry::set(6, Value::text("水"))]);
        draft.seq = 3;
        let op = phone.log.clone().seal(draft);
        let entry = Value::Array(vec![Value::Int(6), Value::Int(0), Value::bytes(vec![0; 17_000])]);
        rebuilt(&op, |parts| parts[2] = Value::Array(vec![Value::bytes([0; 16]), Value::Array(vec![entry])]))
    };
    let redacted = ops[0].redact(|_| true);
    let body = [
        cbor::encode(&Value::text("no op")),
        forged,
        unknown.bytes().to_vec(),
        large,
        redacted.bytes().to_vec(),
        rebuilt(&ops[0], |parts| parts[2] = Value::Array(vec![Value::bytes([1; 16]), Value::Array(vec![])])),
        cbor::encode(&Value::bytes(vec![0; 100_000])),
        ops[0].bytes().to_vec(),
        ops[1].bytes().to_vec(),
    ];
    let reply = server.send(Call::push_bytes(body.concat())).await.push_reply();
    let expected = [
        (0, Malformed, "shape"),
        (1, Malformed, "bad_signature"),
        (2, UnknownLog, "unknown_log"),
        (3, OverLimit, "too_large"),
        (4, Malformed, "redacted"),
        (5, Malformed, "root_mismatch"),
        (6, OverLimit, "too_large"),
    ];
    assert_eq!(codes(&reply.results), expected);
    assert_eq!((reply.results[1].id, reply.results[0].id), (Some(ops[0].id()), None));
    assert_eq!((reply.heads.len(), reply.heads[0].seq, reply.receipts.len()), (1, 2, 1));
}

fn rebuilt(op: &SignedOp, change: impl FnOnce(&mut Vec<Value>)) -> Vec<u8> {
    let mut parts = cbor::decode(op.bytes()).unwrap().as_array().unwrap().to_vec();
    change(&mut parts);
    cbor::encode(&Value::Array(parts))
}

fn with_signature_of(op: &SignedOp, other: &SignedOp) -> Vec<u8> {
    rebuilt(op, |parts| parts[1] = Value::bytes(other.signature().0))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_cut_at_any_byte_stores_its_whole_ops_and_nothing_else() {
    let server = Server::start().await;
    let mut reader = server.phone(1).await;
    let mut stored = 1 + reader_baseline(&server, &mut reader).await;
    for (seed, cut_step) in [(2, 1), (3, 7)] {
        let mut phone = server.phone(seed).await;
        stored += 1;
        let ops = phone.reports(2);
        let body: Vec<u8> = ops.iter().flat_map(|op| op.bytes()).copied().collect();
        let first = ops[0].bytes().len();
        let near_edges = (0..4).chain(first - 2..first + 3).chain(body.len() - 3..body.len());
        let cuts: std::collections::BTreeSet<usize> =
            (0..body.len()).step_by(cut_step * 13).chain(near_edges).collect();
        for cut in cuts {
            let reply = server.send(Call::push_bytes(body[..cut].to_vec())).await;
            if cut == 0 || cut == first {
                assert_eq!(reply.status, 200);
            } else {
                let error = reply.error_body();
                assert_eq!((reply.status.as_u16(), error.code.as_str()), (400, "broken_frame"));
                let inner = URL_SAFE_NO_PAD.decode(error.detail["reply"].as_str().unwrap()).unwrap();
                let inner = PushReply::decode(&inner).unwrap();
                assert_eq!(inner.receipts.len(), usize::from(cut > first));
                assert_eq!(error.detail["whole"], usize::from(cut > first));
            }
        }
        stored += 1;
        assert_eq!(server.pull_all(&reader).await.len(), stored, "only the whole first op was ever stored");
        assert_eq!(codes(&server.push(&ops).await.results), [(0, Duplicate, "duplicate")]);
        stored += 1;
    }
}

async fn reader_baseline(server: &Server, reader: &mut Phone) -> usize {
    server.push(&reader.reports(1)).await;
    1
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_ops_and_too_many_bytes_are_refused_as_a_whole() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let ops = phone.reports(501);
    assert_eq!(server.send(Call::push(&ops)).await.error(), (413, "too_many_ops".to_owned()));
    assert_eq!(server.push(&ops[..500]).await.heads[0].seq, 500);
    let large = Call::push_bytes(vec![0; MAX_PUSH_BYTES + 1]);
    assert_eq!(server.send(large).await.error(), (413, "too_large".to_owned()));
    let text = Call::post("/v1/ops").header("content-type", "application/cbor").body(ops[500].bytes().to_vec());
    assert_eq!(server.send(text).await.error(), (415, "media_type".to_owned()));
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_push_is_read_and_a_bomb_is_not() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let ops = phone.reports(3);
    let body: Vec<u8> = ops.iter().flat_map(|op| op.bytes()).copied().collect();
    let zipped = |bytes: Vec<u8>| Call::push_bytes(bytes).header("content-encoding", "gzip");
    let whole = gzip(&body);
    let cut = server.send(zipped(whole[..whole.len() - 30].to_vec())).await;
    assert_eq!(cut.error(), (400, "broken_frame".to_owned()));
    assert_eq!(server.send(zipped(whole)).await.push_reply().heads[0].seq, 3);
    let bomb = gzip(&vec![0; 100 * 1024 * 1024]);
    assert!(bomb.len() < 200_000);
    assert_eq!(server.send(zipped(bomb)).await.error(), (413, "too_large".to_owned()));
    let steep = gzip(&vec![0; 1024 * 1024]);
    assert_eq!(server.send(zipped(steep)).await.error(), (413, "too_large".to_owned()));
    let brotli = Call::push_bytes(Vec::new()).header("content-encoding", "br");
    assert_eq!(server.send(brotli).await.error(), (415, "media_type".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_a_profile_is_told_and_its_ops_still_come_in_by_any_carrier() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let push = |phone: &Phone, ops: &[SignedOp], lease: &str| Call::push(ops).lease(lease).signed(phone.key(), NOW);
    let first = phone.report();
    let first_lease = phone.lease.clone();
    let reply = server.send(push(&phone, std::slice::from_ref(&first), &first_lease)).await.push_reply();
    let second_lease = lease_of(&reply);
    assert_ne!(first_lease, second_lease);
    // The reply was lost: the lease before is still good, as often as it takes.
    for _ in 0..3 {
        server.send(push(&phone, std::slice::from_ref(&first), &first_lease)).await.push_reply();
    }
    let third_lease = lease_of(&server.send(push(&phone, &[], &first_lease)).await.push_reply());
    let fourth_lease = lease_of(&server.send(push(&phone, &[], &third_lease)).await.push_reply());
    let late = phone.report();
    let stale = server.send(push(&phone, std::slice::from_ref(&late), &first_lease)).await;
    assert_eq!(stale.error(), (409, "stale_copy".to_owned()));
    assert_eq!(server.pull_all(&phone).await.len(), 2, "nothing of a stale push is stored");
    server.send(push(&phone, &[], &fourth_lease)).await.push_reply();
    let carried = server.push(std::slice::from_ref(&late)).await;
    assert_eq!((carried.results.len(), carried.lease), (0, None));
    let bad = push(&phone, &[], "xyz");
    assert_eq!(server.send(bad).await.error(), (400, "lease".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn ops_that_arrive_after_a_revocation_are_held_whatever_time_they_claim() {
    let server = Server::start().await;
    let (mut phone, reader) = (server.phone(1).await, server.phone(2).await);
    let before = phone.report();
    server.push(std::slice::from_ref(&before)).await;
    let (early_gap, filler) = {
        let ops = phone.reports(2);
        (ops[1].clone(), ops[0].clone())
    };
    server.push(&[early_gap]).await;
    server.clock.advance(1);
    server.revoke(&phone).await;
    let reply = server.push(&[filler]).await;
    assert_eq!(codes(&reply.results), [(0, Held, "revoked")]);
    assert_eq!(reply.receipts.len(), 1, "held is stored, and stored is receipted");
    let verdicts: Vec<Verdict> = server.pull(&reader, "").await.page().ops.into_iter().map(|op| op.verdict).collect();
    let held = Verdict::Held("revoked".to_owned());
    // The last one had arrived before and only waited.
    assert_eq!(verdicts, [Verdict::Ok, Verdict::Ok, Verdict::Ok, held, Verdict::Ok]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_pushes_at_once_get_their_own_answers() {
    let server = std::sync::Arc::new(Server::start().await);
    let mut tasks = Vec::new();
    for seed in 1..=8 {
        let mut phone = server.phone(seed).await;
        let server = server.clone();
        tasks.push(tokio::spawn(async move {
            for _ in 0..5 {
                let ops = phone.reports(7);
                let reply = server.push(&ops).await;
                assert_eq!((reply.results.len(), reply.heads[0].id), (0, ops[6].id()));
                assert_eq!(reply.receipts.len(), 1);
            }
            phone
        }));
    }
    let mut last = None;
    for task in tasks {
        last = Some(task.await.unwrap());
    }
    assert_eq!(server.pull_all(&last.unwrap()).await.len(), 8 + 8 * 35);
}
