//! What a person's record says arrives at that person's phone; and a phone that shall wipe itself delivers everything first,
//! however often it dies on the way.

use greenshield_client::engine::{Save, WipeStep};
use greenshield_client::ports::{LocalStore as _, Ports as _, Read, Table};
use greenshield_client::rows::meta;
use greenshield_domain::cbor::Value;
use greenshield_domain::ids::LogId;
use greenshield_domain::op::Entry;
use greenshield_domain::person::{self, field};
use greenshield_domain::policy::{AREA, Seat};
use greenshield_domain::wire::WipeState;
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::build::START_MILLIS;

use crate::world::World;

async fn seat(world: &World, phone: usize, role: &str, areas: &[&str]) {
    let account = world.phone(phone).identity().unwrap().account;
    let mut tx = world.server().app.store.begin().await.unwrap();
    let areas = areas.iter().map(|area| (*area).to_owned()).collect();
    tx.set_seat(account, role, &Seat { areas, unit: None }).await.unwrap();
    tx.commit().await.unwrap();
}

async fn make_desk(world: &World, phone: usize) {
    seat(world, phone, "city-desk", &[]).await;
}

#[tokio::test]
async fn a_phone_says_which_records_left_it_with_an_area() {
    let mut world = World::new(203, 2).await;
    world.heal();
    let record = world.report(0).await;
    world.set(0, record, Entry::set(AREA, Value::text("620724"))).await;
    seat(&world, 1, "auxiliary", &["620724"]).await;
    world.drain().await;
    assert_eq!(world.phone(1).list_rows(&[record]).await.unwrap().len(), 1);
    seat(&world, 1, "auxiliary", &["620723"]).await;
    let mut left = Vec::new();
    while !left.contains(&record) {
        left = world.phone(1).pull(0).await.unwrap().changed;
    }
    assert_eq!(world.phone(1).list_rows(&[record]).await.unwrap(), []);
}

#[tokio::test]
async fn a_phone_learns_its_own_new_role_and_name() {
    let mut world = World::new(201, 2).await;
    world.heal();
    make_desk(&world, 0).await;
    world.drain().await;
    let account = world.phone(1).identity().unwrap().account;
    let say = |entries| Save { record: Some(person::record_of(account)), kind: person::KIND, entries, draft: None };
    let text = |field, text: &str| Entry::set(field, Value::text(text));
    // The same rights to read: no change of scope tells of it.
    world.phone(0).save(say(vec![text(field::ROLE, "volunteer"), text(field::NAME, "new")])).await.unwrap();
    world.drain().await;
    let identity = world.phone(1).identity().unwrap();
    assert_eq!((identity.name.as_str(), identity.role.as_str()), ("new", "volunteer"));
    // Other rights: the scope changes.
    world.phone(0).save(say(vec![text(field::ROLE, "officer")])).await.unwrap();
    world.drain().await;
    world.restart(1).await;
    assert_eq!(world.phone(1).identity().unwrap().role, "officer");
}

async fn ask(world: &World, log: LogId) {
    let by = world.phone(0).identity().unwrap().account;
    let mut tx = world.server().app.store.begin().await.unwrap();
    assert!(tx.ask_wipe(log, by, "lost", START_MILLIS).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_phone_that_shall_wipe_itself_delivers_first_however_often_it_dies() {
    let mut died = 0;
    for steps in (1..80).step_by(6) {
        let mut world = World::new(202, 2).await;
        world.heal();
        let record = world.report(1).await;
        let log = world.phone(1).identity().unwrap().log;
        ask(&world, log).await;
        world.phone(1).note_wipe(WipeState { asked_millis: START_MILLIS, wiped_millis: None }).await.unwrap();
        assert_eq!(world.phone(1).wipe_step().await, Ok(WipeStep::Delivering), "nothing is lost by it");
        world.drain_one(1).await;
        world.phone(1).ports().steps_left.set(Some(steps));
        if world.phone(1).wipe_step().await != Ok(WipeStep::Done) {
            died += 1;
            world.restart(1).await;
            assert_eq!(world.phone(1).wipe_step().await, Ok(WipeStep::Done), "killed after {steps} steps");
        }
        world.phone(1).ports().steps_left.set(None);
        assert_eq!(world.phone(1).identity(), None);
        for table in Table::ALL {
            let rows = world.phone(1).ports().store().read(vec![Read::prefix(table, &[], 9)]).await.unwrap();
            let keys: Vec<_> = rows.into_iter().flatten().map(|(key, _)| key).collect();
            let expected = if table == Table::Meta { vec![meta::NEXT_KEY.to_vec()] } else { Vec::new() };
            assert_eq!(keys, expected, "{}", table.name());
        }
        let row = world.server().app.store.log(log).await.unwrap().unwrap();
        assert!(row.wipe.is_some_and(|wipe| wipe.wiped_millis.is_some()), "the server has its word");
        let store = &world.server().app.store;
        assert_eq!(store.histories(&[record]).await.unwrap().len(), 1, "what it held was delivered");
    }
    assert!(died > 3, "a phone must have died on the way, {died} did");
}
