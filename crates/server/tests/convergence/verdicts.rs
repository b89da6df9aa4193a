//! Decisions reach every phone, also one that was away, a new one, and a server that was restored.

use greenshield_domain::cbor::Value;
use greenshield_domain::incident::field;
use greenshield_domain::op::Entry;
use greenshield_domain::wire::Verdict;

use crate::world::World;

#[tokio::test]
async fn a_phone_that_was_offline_and_a_new_one_show_what_was_decided_meanwhile() {
    let mut world = World::new(96, 3).await;
    world.heal();
    let record = world.report(0).await;
    world.drain().await;
    let name = |words: &str| Entry::set(field::PLACE_NAME, Value::text(words));
    world.set(0, record, name("right")).await;
    world.drain().await;
    let wrong = world.set(1, record, name("wrong")).await;
    world.drain().await;
    let value = async |world: &World, phone| {
        let place = world.record(phone, record).await.merged.value(field::PLACE_NAME).cloned();
        place.and_then(|value| value.as_text().map(str::to_owned)).unwrap_or_default()
    };
    for (verdict, words) in [
        (Verdict::Void, "right"),
        (Verdict::Ok, "wrong"),
        (Verdict::Held("decided".to_owned()), "right"),
        (Verdict::Ok, "wrong"),
    ] {
        world.judge(wrong, verdict.clone()).await;
        // Phone 1 is away, and writes about the record as it knows it.
        world.pull_all(0).await;
        assert_eq!(value(&world, 0).await, words);
        world.note(1, record, &format!("offline, {verdict:?}")).await;
        world.drain().await;
        let fresh = world.newcomer().await;
        world.pull_all(fresh).await;
        for phone in 0..=fresh {
            assert_eq!(value(&world, phone).await, words);
            let seen =
                world.record(phone, record).await.ops.iter().find(|row| row.op.id() == wrong).unwrap().verdict.clone();
            assert_eq!(seen, verdict);
        }
        assert_eq!(world.list_rows(fresh).await.len(), 1);
        world.pull_all(0).await;
        world.check().await;
        world.dismiss(3);
    }
}

#[tokio::test]
async fn what_a_restored_server_forgot_to_have_decided_comes_back_from_the_phones() {
    for decides_again in [false, true] {
        let mut world = World::new(97, 2).await;
        world.heal();
        let record = world.report(0).await;
        let (one, two) = (world.saved_last(), world.report(1).await);
        let other = world.saved_last();
        world.drain().await;
        world.back_up_server().await;
        world.judge(one, Verdict::Void).await;
        world.pass_time(1_000);
        world.judge(one, Verdict::Held("decided".to_owned())).await;
        world.drain().await;
        world.restore_server().await;
        if decides_again {
            // At the same place of its log as what it forgot.
            world.judge(other, Verdict::Void).await;
        }
        world.drain().await;
        let fresh = world.newcomer().await;
        world.pull_all(fresh).await;
        for phone in 0..=fresh {
            assert_eq!(world.record(phone, record).await.merged.held, 1, "phone {phone}");
            let void = world.record(phone, two).await.merged.fields.is_empty();
            assert_eq!(void, decides_again, "phone {phone}");
        }
        world.check().await;
    }
}
