//! A new phone begins with a snapshot, whatever happens meanwhile, and shows what one shows that pulled everything.

use crate::world::World;

/// Enough words that a page of a snapshot holds few ops.
fn long(words: &str) -> String {
    format!("{words} {}", "很长".repeat(2_400))
}

#[tokio::test]
async fn cut_killed_and_with_a_server_that_starts_again_a_new_phone_shows_what_a_full_pull_shows() {
    let mut world = World::new(94, 2).await;
    world.heal();
    let mut records = Vec::new();
    for i in 0..24 {
        let record = world.report(i % 2).await;
        world.note(i % 2, record, &long("first")).await;
        records.push(record);
    }
    world.drain().await;
    // One record alone is over the limit of a page; others have edits of both phones that nobody has seen yet.
    for i in 0..90 {
        world.note(0, records[3], &long(&format!("edit {i}"))).await;
    }
    for record in &records {
        world.note(1, *record, "of the second").await;
    }
    world.drain().await;

    let mut died = 0;
    for steps in (1..60).step_by(4) {
        let fresh = world.newcomer().await;
        world.phone(fresh).ports().steps_left.set(Some(steps));
        while world.phone(fresh).pull(0).await.is_ok_and(|pulled| pulled.more) {}
        died += u32::from(world.is_in_a_snapshot(fresh).await);
        world.restart(fresh).await;
        world.note(1, records[3], &format!("while it reads, {steps}")).await;
        world.drain_one(1).await;
        if steps % 3 == 0 {
            world.restart_server().await;
        }
        world.pull_all(fresh).await;
        let full = world.newcomer().await;
        world.pull_from_the_beginning(full).await;
        assert_eq!(world.list_rows(fresh).await, world.list_rows(full).await, "killed after {steps} steps");
        world.pull_all(0).await;
        world.pull_all(1).await;
        world.check().await;
        world.dismiss(2);
    }
    assert!(died > 2, "a phone must have died inside a snapshot, {died} did");
}

#[tokio::test]
async fn a_new_phone_on_a_bad_network_ends_with_the_same_records() {
    let mut world = World::new(95, 2).await;
    world.heal();
    for i in 0..80 {
        let record = world.report(i % 2).await;
        world.note(i % 2, record, &long("words")).await;
    }
    world.drain().await;
    for _ in 0..6 {
        let fresh = world.newcomer().await;
        world.shake(fresh);
        for _ in 0..30 {
            drop(world.phone(fresh).pull(0).await);
            world.pass_time(1_000);
        }
    }
    world.heal();
    world.drain().await;
    world.check().await;
}
