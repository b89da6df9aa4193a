//! Phones and server, the real ones, over a network that drops, repeats, cuts and forgets: in the end all hold the same.
//!
//! The engine of the phone, the router, the sequencer and SQLite are what people use; only the network, the clocks, the disk
//! quota and the randomness are the test's, from one seed that a failure prints.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod bundles;
mod erasures;
mod people;
mod phone;
mod restore;
mod rotation;
mod snapshot;
mod verdicts;
mod world;

use greenshield_domain::cbor::Value;
use greenshield_domain::incident::field;
use greenshield_domain::op::Entry;

use crate::world::World;

/// Runs worlds of a seed until all queues are drained, and checks the promises.
async fn run(seed: u64, phones: u64, steps: usize) {
    let mut world = World::new(seed, phones).await;
    for _ in 0..steps {
        world.step().await;
    }
    world.heal();
    world.drain().await;
    world.check().await;
}

#[tokio::test]
async fn any_delivery_ends_in_the_same_records_on_every_phone_and_loses_nothing() {
    for seed in 0..24 {
        run(seed, 3, 120).await;
    }
}

#[tokio::test]
async fn two_people_who_edit_the_same_incident_offline_agree_and_see_the_losing_value() {
    let mut world = World::new(77, 2).await;
    world.heal();
    let record = world.report(0).await;
    world.drain().await;
    world.set(0, record, Entry::set(field::PLACE_NAME, Value::text("from the first"))).await;
    world.set(1, record, Entry::set(field::PLACE_NAME, Value::text("from the second"))).await;
    world.drain().await;
    let views = [world.record(0, record).await, world.record(1, record).await];
    assert_eq!(views[0].merged, views[1].merged);
    let state = &views[0].merged.fields[&field::PLACE_NAME];
    assert_eq!((state.shown.len(), state.conflicts.len()), (1, 1));

    // Who saw both decides, and the conflict is gone everywhere.
    world.set(1, record, Entry::set(field::PLACE_NAME, Value::text("decided"))).await;
    world.drain().await;
    for phone in 0..2 {
        let merged = world.record(phone, record).await.merged;
        assert_eq!(merged.value(field::PLACE_NAME), Some(&Value::text("decided")));
        assert!(merged.fields[&field::PLACE_NAME].conflicts.is_empty());
    }
}

#[tokio::test]
async fn a_clock_ten_years_off_neither_refuses_nor_wins_for_ever() {
    let mut world = World::new(78, 2).await;
    world.heal();
    let record = world.report(0).await;
    world.drain().await;
    world.shift_clock(0, 10 * 365 * 86_400_000);
    world.set(0, record, Entry::set(field::NOTE, Value::text("from the future"))).await;
    world.drain().await;
    world.pass_time(60_000);
    world.set(1, record, Entry::set(field::NOTE, Value::text("later, by a good clock"))).await;
    world.drain().await;
    let merged = world.record(0, record).await.merged;
    assert_eq!(merged.value(field::NOTE), Some(&Value::text("later, by a good clock")));
    assert!(merged.fields[&field::NOTE].conflicts.is_empty(), "it was made with knowledge of the other");
}

#[test]
fn all_of_it_holds_on_postgresql() {
    // A server is restored there by the tools of PostgreSQL, not by copying a folder.
    greenshield_pg_harness::again(&[], &["on_postgresql", "restore::", "restored_server"]);
}
