//! A server that comes back from an old backup is filled up again by the phones, whoever made what it misses.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::field;
use greenshield_domain::op::Entry;

use crate::world::World;

/// A backup, then a copy of phone 0, then words of both about one record, so that one of them went on in a new log.
async fn copied_after_the_backup(seed: u64) -> (World, RecordId, usize) {
    let mut world = World::new(seed, 2).await;
    world.heal();
    let record = world.report(0).await;
    world.drain().await;
    world.back_up_server().await;
    let copy = world.copy(0).await;
    for phone in [0, copy] {
        world.note(phone, record, &format!("on {phone}")).await;
    }
    world.drain().await;
    (world, record, copy)
}

#[tokio::test]
async fn a_server_from_yesterdays_backup_gets_ops_and_photos_back_and_no_phone_takes_itself_for_a_copy() {
    let mut world = World::new(90, 3).await;
    world.heal();
    let record = world.report(0).await;
    world.drain().await;
    world.back_up_server().await;
    for phone in 0..3 {
        world.report(phone).await;
        world.note(phone, record, &format!("lost by the server, {phone}")).await;
        world.drain().await;
    }
    world.restore_server().await;
    world.note(1, record, "made after the restore").await;
    world.drain().await;
    world.check().await;
    assert_eq!([0, 1, 2].map(|phone| world.rotations(phone)), [0; 3]);
}

#[tokio::test]
async fn what_a_lost_phone_had_delivered_comes_back_from_those_who_read_it() {
    let mut world = World::new(91, 3).await;
    world.heal();
    let record = world.report(0).await;
    world.drain().await;
    world.back_up_server().await;
    world.set(2, record, Entry::set(field::PLACE_NAME, Value::text("from the lost phone"))).await;
    world.drain().await;
    world.restore_server().await;
    world.lose_phone(2);
    world.drain().await;
    world.check().await;
    for phone in 0..2 {
        let merged = world.record(phone, record).await.merged;
        assert_eq!(merged.value(field::PLACE_NAME), Some(&Value::text("from the lost phone")));
    }
    assert!(world.server_has_all().await);
}

#[tokio::test]
async fn a_log_that_began_after_the_backup_is_shown_again_by_the_log_before_it() {
    let (mut world, record, copy) = copied_after_the_backup(92).await;
    world.note(0, record, "in the new log").await;
    world.drain().await;
    world.restore_server().await;
    world.note(copy, record, "after the restore").await;
    for phone in [0, 1, copy] {
        world.phone(phone).reconcile().await.unwrap();
    }
    world.drain().await;
    world.check().await;
    assert!(world.server_has_all().await);
}

#[tokio::test]
async fn a_phone_with_nothing_to_bring_shows_its_new_log_when_it_only_asks() {
    let (mut world, _, copy) = copied_after_the_backup(96).await;
    let rotated = if world.rotations(0) == 1 { 0 } else { copy };
    world.restore_server().await;
    let refused = world.phone(rotated).pull(0).await.unwrap_err();
    assert_eq!(refused.refusal_code(), Some("unknown_log"));
    world.drain().await;
    world.check().await;
    assert!(world.server_has_all().await);
}

#[tokio::test]
async fn a_phone_that_is_killed_while_it_fills_the_server_up_does_it_again() {
    let mut died = 0;
    for steps in 0.. {
        let mut world = World::new(93, 2).await;
        world.heal();
        let record = world.report(0).await;
        world.drain().await;
        world.back_up_server().await;
        world.report(0).await;
        world.note(0, record, "lost by the server").await;
        world.drain().await;
        world.restore_server().await;
        world.phone(0).ports().steps_left.set(Some(steps));
        let is_done = world.phone(0).reconcile().await.is_ok();
        world.restart(0).await;
        world.drain().await;
        world.check().await;
        assert!(world.server_has_all().await, "killed after {steps} steps");
        assert_eq!(world.rotations(0), 0);
        if is_done {
            break;
        }
        died += 1;
    }
    assert!(died > 5, "the comparison has more steps than {died}");
}

#[tokio::test]
async fn a_reader_whose_clock_is_years_ahead_brings_back_what_a_lost_phone_had_delivered() {
    let mut world = World::new(94, 2).await;
    world.heal();
    let record = world.report(0).await;
    world.drain().await;
    world.back_up_server().await;
    world.set(1, record, Entry::set(field::PLACE_NAME, Value::text("from the lost phone"))).await;
    world.drain().await;
    world.shift_clock(0, 5 * 365 * 86_400_000);
    world.restore_server().await;
    world.lose_phone(1);
    world.drain().await;
    world.check().await;
    let merged = world.record(0, record).await.merged;
    assert_eq!(merged.value(field::PLACE_NAME), Some(&Value::text("from the lost phone")));
    assert!(world.server_has_all().await);
}

#[tokio::test]
async fn both_branches_of_a_copied_phone_come_back_from_one_who_read_them() {
    let (mut world, _, copy) = copied_after_the_backup(95).await;
    world.restore_server().await;
    world.lose_phone(copy);
    world.lose_phone(0);
    world.drain().await;
    world.check().await;
    assert!(world.server_has_all().await);
}
