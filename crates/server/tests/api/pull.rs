//! Pull: pages, cursors, long polls, heads.

use greenshield_domain::ids::{Epoch, LogId};
use greenshield_domain::wire::{Cursor, HeadsReply};
use greenshield_server::store::{Store as _, StoreTx as _};

use super::support::{Call, NOW, Server};

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_without_a_hole_and_name_their_authors() {
    let server = Server::start().await;
    let (mut one, mut two) = (server.phone(1).await, server.phone(2).await);
    let mut expected = vec![one.genesis.clone(), two.genesis.clone()];
    for _ in 0..4 {
        for phone in [&mut one, &mut two] {
            let op = phone.report();
            server.push(std::slice::from_ref(&op)).await;
            expected.push(op);
        }
    }
    let (mut cursor, mut pulled) = (String::new(), Vec::new());
    loop {
        let page = server.pull(&one, &format!("?cursor={cursor}&max=3")).await.page();
        assert!(page.ops.len() <= 3);
        let positions: Vec<u64> = page.ops.iter().map(|op| op.pos).collect();
        let start = pulled.len() as u64 + 1;
        assert_eq!(positions, (start..start + page.ops.len() as u64).collect::<Vec<_>>());
        let mut authors: Vec<_> = page.ops.iter().map(|op| op.account).collect();
        authors.sort_unstable();
        authors.dedup();
        assert_eq!(page.people.iter().map(|person| person.account).collect::<Vec<_>>(), authors);
        assert!(page.people.iter().all(|person| person.name.starts_with("义警")));
        pulled.extend(page.ops.iter().map(|op| op.op.clone()));
        cursor = page.next;
        if !page.more {
            break;
        }
    }
    assert_eq!(pulled, expected.iter().map(|op| op.bytes().to_vec()).collect::<Vec<_>>());
    let after = server.pull(&one, &format!("?cursor={cursor}")).await.page();
    assert_eq!((after.ops.len(), after.next, after.more), (0, cursor, false));
}

#[tokio::test(flavor = "multi_thread")]
async fn effective_time_stays_between_the_checkpoint_seen_and_the_arrival() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    server.clock.advance(100_000);
    let early = phone.report();
    let reply = server.push(std::slice::from_ref(&early)).await;
    phone.log.seen = greenshield_domain::statement::Checkpoint::id_of(&reply.checkpoint.payload);
    phone.log.wall_millis = 5;
    let slow_clock = phone.report();
    phone.log.wall_millis = NOW * 2;
    let fast_clock = phone.report();
    server.clock.advance(7_000);
    server.push(&[slow_clock, fast_clock]).await;
    let page = server.pull(&phone, "").await.page();
    let eff: Vec<i64> = page.ops[1..].iter().map(|op| op.eff_millis).collect();
    assert_eq!(eff, [early.header().wall_millis, NOW + 100_000, NOW + 107_000]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_of_another_epoch_or_scope_is_answered_with_a_fresh_one() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let good = Cursor::from_text(&server.pull(&phone, "").await.page().next).unwrap();
    for (cursor, code) in [
        (Cursor { epoch: Epoch([9; 8]), ..good }, "epoch"),
        (Cursor { pos: 99, ..good }, "epoch"),
        (Cursor { scope: [9; 8], ..good }, "scope"),
    ] {
        let reply = server.pull(&phone, &format!("?cursor={}", cursor.to_text())).await;
        let error = reply.error_body();
        assert_eq!((reply.status.as_u16(), error.code.as_str()), (409, code));
        let fresh = error.detail["cursor"].as_str().unwrap();
        assert_eq!(server.pull(&phone, &format!("?cursor={fresh}")).await.page().ops.len(), 1);
    }
    assert_eq!(server.pull(&phone, "?cursor=no").await.error(), (400, "bad_cursor".to_owned()));
    assert_eq!(server.pull(&phone, "?max=many").await.error(), (400, "bad_query".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restore_the_epoch_changes_and_phones_are_told() {
    let server = Server::start().await;
    let phone = server.phone(1).await;
    let cursor = server.pull(&phone, "").await.page().next;
    let server = server
        .restart_after(async |data| {
            let store = greenshield_server::app::open_store(data).await.unwrap();
            let mut tx = store.begin().await.unwrap();
            tx.set_epoch(Epoch([7; 8])).await.unwrap();
            tx.commit().await.unwrap();
            store.close().await;
        })
        .await;
    assert_eq!(server.pull(&phone, &format!("?cursor={cursor}")).await.error(), (409, "epoch".to_owned()));
    let page = server.pull(&phone, "").await.page();
    let checkpoint: greenshield_domain::statement::Checkpoint = page.checkpoint.read_unchecked().unwrap();
    assert_eq!((checkpoint.epoch, checkpoint.size), (Epoch([7; 8]), 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_wakes_with_the_next_op_and_ends_with_the_server() {
    let server = std::sync::Arc::new(Server::start().await);
    let mut phone = server.phone(1).await;
    let cursor = server.pull(&phone, "").await.page().next;
    let key = phone.key().clone();
    let poll = |cursor: String| {
        let server = server.clone();
        let call = Call::get(&format!("/v1/ops?wait=25&cursor={cursor}")).signed(&key, NOW);
        tokio::spawn(async move { server.send(call).await.page() })
    };
    let waiting = poll(cursor);
    let op = phone.report();
    server.push(std::slice::from_ref(&op)).await;
    let page = waiting.await.unwrap();
    assert_eq!(page.ops.iter().map(|op| op.op.as_slice()).collect::<Vec<_>>(), [op.bytes()]);

    let waiting = poll(page.next.clone());
    server.app().live.stop();
    let empty = waiting.await.unwrap();
    assert_eq!((empty.ops.len(), empty.next), (0, page.next));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_poll_of_a_phone_revoked_meanwhile_shows_nothing() {
    let server = std::sync::Arc::new(Server::start().await);
    let (phone, mut other) = (server.phone(1).await, server.phone(2).await);
    let cursor = server.pull(&phone, "").await.page().next;
    let call = Call::get(&format!("/v1/ops?wait=25&cursor={cursor}")).signed(phone.key(), NOW);
    let waiting = tokio::spawn({
        let server = server.clone();
        async move { server.send(call).await }
    });
    server.revoke(&phone).await;
    let op = other.report();
    server.push(&[op]).await;
    assert_eq!(waiting.await.unwrap().error(), (403, "revoked".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_tell_how_far_the_server_has_each_log() {
    let server = Server::start().await;
    let mut phone = server.phone(1).await;
    let ops = phone.reports(2);
    server.push(&ops).await;
    let path = format!("/v1/heads?logs={},{}", phone.log.log(), LogId([5; 32]));
    let reply = server.send(Call::get(&path).signed(phone.key(), NOW)).await.ok();
    let reply = HeadsReply::decode(&reply.body).unwrap();
    assert_eq!((reply.heads.len(), reply.heads[0].seq, reply.heads[0].id), (1, 2, ops[1].id()));
    assert_eq!((reply.epoch, reply.time_millis), (server.app().epoch, NOW));
    for bad in ["/v1/heads", "/v1/heads?logs=xyz"] {
        assert_eq!(server.send(Call::get(bad).signed(phone.key(), NOW)).await.error(), (400, "bad_query".to_owned()));
    }
}
