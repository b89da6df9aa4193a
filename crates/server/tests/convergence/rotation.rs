//! A phone of which there are two, or that woke up in its past: it goes on with a new log, and nothing of either is lost.

use greenshield_client::rows::Cause;

use crate::phone::Faults;
use crate::world::World;

/// Two phones, of which the first has a report that everybody knows.
async fn world(seed: u64) -> (World, greenshield_domain::ids::RecordId) {
    let mut world = World::new(seed, 2).await;
    world.heal();
    let record = world.report(0).await;
    world.drain().await;
    (world, record)
}

#[tokio::test]
async fn a_copied_phone_and_its_original_both_go_on_and_lose_nothing() {
    let (mut world, record) = world(80).await;
    let copy = world.copy(0).await;
    for round in 0..3 {
        for phone in [0, copy] {
            world.report(phone).await;
            world.note(phone, record, &format!("round {round} on {phone}")).await;
        }
        world.drain().await;
    }
    world.check().await;
    let rotations = [world.rotations(0), world.rotations(copy)];
    assert!(rotations.iter().sum::<usize>() >= 1 && rotations.iter().all(|n| *n <= 1), "{rotations:?}");
    let logs = [0, copy].map(|phone| world.phone(phone).identity().unwrap().log);
    assert_ne!(logs[0], logs[1], "each device writes a log of its own now");
}

#[tokio::test]
async fn a_phone_that_was_put_back_to_yesterday_sees_that_its_log_went_on() {
    let (mut world, record) = world(81).await;
    let yesterday = world.copy(0).await;
    world.note(0, record, "today").await;
    world.drain_one(0).await;
    world.restore_phone(0, yesterday).await;
    world.note(0, record, "made after the restore").await;

    world.phone(0).reconcile().await.unwrap();
    assert_eq!(world.phone(0).log_state().await.unwrap().rotating, Some(Cause::Fork));
    world.drain().await;
    world.check().await;
    assert_eq!(world.rotations(0), 1);
    world.report(0).await;
    world.phone(0).reconcile().await.unwrap();
    world.drain().await;
    world.check().await;
    assert_eq!(world.rotations(0), 1, "one cause, one new log");
}

#[tokio::test]
async fn a_phone_from_yesterday_with_nothing_to_say_finds_out_at_its_first_contact() {
    let (mut world, record) = world(82).await;
    let yesterday = world.copy(0).await;
    world.note(0, record, "today").await;
    world.drain_one(0).await;
    world.restore_phone(0, yesterday).await;
    world.phone(0).reconcile().await.unwrap();
    assert_eq!(world.phone(0).log_state().await.unwrap().rotating, Some(Cause::Behind));
    world.drain().await;
    assert_eq!(world.phone(0).log_state().await.unwrap().rotated.unwrap().cause, Cause::Behind);
    world.check().await;
}

#[tokio::test]
async fn without_a_network_saving_goes_on_and_the_new_log_begins_at_the_next_contact() {
    let (mut world, record) = world(83).await;
    let copy = world.copy(0).await;
    world.note(copy, record, "the copy").await;
    world.drain_one(copy).await;
    world.phone(0).reconcile().await.unwrap();
    world.phone(0).ports().faults.set(Faults { dropped: 10_000, ..Faults::default() });
    for round in 0..3 {
        world.note(0, record, &format!("offline {round}")).await;
        world.pass_time(600_000);
        assert!(world.phone(0).push_due().await.is_err());
        world.restart(0).await;
    }
    assert_eq!(world.phone(0).status().await.unwrap().ops_unsent, 3);
    world.heal();
    world.drain().await;
    world.check().await;
    assert_eq!(world.rotations(0), 1);
}

#[tokio::test]
async fn a_phone_that_is_killed_at_any_step_of_the_change_begins_one_new_log_and_keeps_every_op() {
    let mut died = 0;
    for steps in 0.. {
        let (mut world, record) = world(84).await;
        let copy = world.copy(0).await;
        world.note(copy, record, "the copy").await;
        world.drain_one(copy).await;
        world.note(0, record, "the original").await;

        world.phone(0).ports().steps_left.set(Some(steps));
        let survived = change(&world).await;
        world.restart(0).await;
        world.note(0, record, "after the death").await;
        world.drain().await;
        world.check().await;
        assert_eq!(world.rotations(0), 1, "killed after {steps} steps");
        assert_eq!(world.forks(0).await, 0, "killed after {steps} steps: two ops at one place of the new log");
        if survived {
            break;
        }
        died += 1;
    }
    assert!(died > 20, "the change has more steps than {died}");
}

/// Goes on until the new log has begun, or the phone died.
async fn change(world: &World) -> bool {
    for _ in 0..10 {
        match world.phone(0).push_due().await {
            Ok(pushed) if pushed.rotated => return true,
            Ok(_) => world.pass_time(1_000),
            Err(_) => return false,
        }
    }
    false
}

#[tokio::test]
async fn two_tabs_that_change_the_log_at_once_and_save_meanwhile_agree_on_one() {
    let (mut world, record) = world(85).await;
    let copy = world.copy(0).await;
    world.note(copy, record, "the copy").await;
    world.drain_one(copy).await;
    world.phone(0).reconcile().await.unwrap();
    let (one, two, saved) = tokio::join!(
        world.phone(0).push_due(),
        world.phone(0).push_due(),
        world.phone(0).save(crate::world::note_save(record, "meanwhile"))
    );
    saved.unwrap();
    assert_eq!([one.unwrap(), two.unwrap()].iter().filter(|pushed| pushed.rotated).count(), 1);
    world.drain().await;
    world.check().await;
    assert_eq!((world.rotations(0), world.forks(0).await), (1, 0));
}
