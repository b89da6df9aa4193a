//! Webhooks: told in order, at least once, under one id; signed; never of what the key may not take out; nothing is left out.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::{self, field};
use greenshield_domain::op::{Act, Entry, SignedOp};
use greenshield_domain::policy::{AREA, ASSIGNED, Seat};
use greenshield_domain::wire::AccessKeyResponse;
use greenshield_pg_harness::Cluster;
use greenshield_server::store::{Store as _, StoreTx as _, WebhookRow, WebhookStore as _};
use greenshield_server::webhooks::sender::{Next, Sender, TURN_MILLIS};
use greenshield_server::webhooks::{Webhooks, operator};
use greenshield_testkit::build::{Report, incident};
use serde_json::json;

use super::exports::person;
use super::hook::{Does, Got, Hook, SECRET, authority, open, sender, settle, written};
use super::support::{Call, HOUR, Phone, Server};

const CHANGED: &str = "record.changed";

async fn key_of(server: &Server, by: &Phone) -> AccessKeyResponse {
    let asked = json!({ "name": "hook", "days": 300 });
    server.send(Call::post("/v1/access-keys").signed(by.key(), server.now()).json(&asked)).await.read()
}

async fn row(server: &Server, name: &str) -> WebhookRow {
    server.app().store.webhooks().await.unwrap().into_iter().find(|row| row.name == name).unwrap()
}

async fn report(server: &Server, by: &mut Phone) -> RecordId {
    let (record, op) = incident(&mut by.log, &Report::default());
    server.push(&[op]).await;
    record
}

/// Says one more thing about a record, having seen how it began.
async fn say(server: &Server, by: &mut Phone, record: RecordId, entry: Entry) {
    let ops = server.app().store.ops_of_records(&[record], 1..=1_000_000, 1, usize::MAX).await.unwrap();
    let first = SignedOp::decode(&ops[0].op).unwrap().id().short();
    server.push(&[by.log.op(record, incident::KIND, &[first], vec![entry])]).await;
}

fn state(word: &str) -> Entry {
    Entry::set(field::STATE, Value::text(word))
}

/// (type, record) of what came.
fn told(got: &[Got]) -> Vec<(String, RecordId)> {
    got.iter().map(Got::told).map(|(word, record, ..)| (word, RecordId::from_hex(&record).unwrap())).collect()
}

/// A server, somebody who reports and has a key, the desk of the city, and a receiver of incidents that was asked once.
struct World {
    server: Server,
    maker: Phone,
    desk: Phone,
    hook: Hook,
    webhooks: Webhooks,
    sender: Sender,
    key: AccessKeyResponse,
}

impl World {
    async fn of(server: Server) -> Self {
        let (maker, desk) = (person(&server, 1, "officer").await, person(&server, 2, "city-desk").await);
        let (hook, key) = (Hook::start().await, key_of(&server, &maker).await);
        let webhooks = open(&server, &hook.table("gis", key.id, "[\"incident\"]"));
        let mut sender = sender(&server, &webhooks, "gis");
        assert!(matches!(settle(&mut sender).await, Next::Op { .. }));
        Self { server, maker, desk, hook, webhooks, sender, key }
    }

    async fn new() -> Self {
        Self::of(Server::start().await).await
    }

    /// What comes when the receiver is served.
    async fn heard(&mut self) -> Vec<Got> {
        settle(&mut self.sender).await;
        self.hook.taken()
    }

    /// Serves it, expects that it has to be tried again, and lets that moment come.
    async fn fails(&mut self) -> i64 {
        let next = settle(&mut self.sender).await;
        let Next::At(at) = next else { unreachable!("it waits for a moment: {next:?}") };
        let wait = at - self.server.now();
        self.server.clock.advance(wait);
        wait
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_arrive_in_order_signed_and_say_nothing_but_which_record() {
    let mut world = World::new().await;
    let mut expected = Vec::new();
    for _ in 0..40 {
        expected.push((CHANGED.to_owned(), report(&world.server, &mut world.maker).await));
    }
    say(&world.server, &mut world.maker, expected[0].1, state("signed")).await;
    expected.push(expected[0].clone());
    let got = world.heard().await;
    assert_eq!(told(&got), expected);
    let positions: Vec<u64> = got.iter().map(|got| got.told().2).collect();
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    let mut ids: Vec<String> = got.iter().map(Got::id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 41);
    let last = got.last().unwrap();
    let op = world.server.pull_all(&world.desk).await.pop().unwrap();
    assert_eq!(
        last.json()["data"],
        json!({
            "record": expected[0].1, "kind": "incident", "op": op.id(), "position": last.told().2, "state": "signed",
            "item": format!("/ogc/collections/incident/items/{}", expected[0].1),
        })
    );
    for got in &got {
        assert_eq!((got.path.as_str(), got.header("content-type")), ("/hook/of-theirs", "application/json"));
        assert!(got.is_signed_by(&SECRET) && !got.is_signed_by(&[1; 32]), "{got:?}");
        assert_eq!(got.header("webhook-timestamp"), (world.server.now() / 1_000).to_string());
        let text = String::from_utf8(got.body.clone()).unwrap();
        let account = world.maker.log.account().to_hex();
        for word in ["河边", "officer1", "389712340", "100.45", "garbage", &account] {
            assert!(!text.contains(word), "{word} in {text}");
        }
    }
    // What was told is read by the API, with the key of the receiver.
    let item = last.json()["data"]["item"].as_str().unwrap().to_owned();
    let bearer = Call::get(&item).header("authorization", format!("Bearer {}", world.key.secret));
    world.server.send(bearer).await.ok();
    assert!(world.heard().await.is_empty(), "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_fails_is_tried_again_later_and_later_and_nothing_is_left_out() {
    let mut world = World::new().await;
    let (first, second) =
        (report(&world.server, &mut world.maker).await, report(&world.server, &mut world.maker).await);
    world.hook.will(&[Does::Status(500), Does::Status(503), Does::Status(404), Does::Redirect]);
    let mut waits = Vec::new();
    for failures in 1..=4 {
        waits.push(world.fails().await);
        assert_eq!(row(&world.server, "gis").await.failures, failures);
    }
    let longest = [5_000, 10_000, 20_000, 40_000];
    assert!(waits.iter().zip(longest).all(|(wait, longest)| (longest / 2..=longest).contains(wait)), "{waits:?}");
    let failed = row(&world.server, "gis").await;
    assert_eq!(failed.error.as_deref(), Some("status 307: redirects are not followed"));
    let got = world.heard().await;
    assert!(got.iter().all(|got| got.path == "/hook/of-theirs"), "nobody was led elsewhere");
    let expected = [[first; 5].as_slice(), &[second]].concat();
    assert_eq!(told(&got).into_iter().map(|(_, record)| record).collect::<Vec<_>>(), expected);
    assert!(got[..5].iter().all(|other| (other.id(), &other.body) == (got[0].id(), &got[0].body)), "one id");
    let done = row(&world.server, "gis").await;
    assert_eq!((done.failures, done.error, done.next_millis), (0, None, None));
    assert_eq!(done.delivered_millis, Some(world.server.now()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_busy_says_when_it_is_asked_again_up_to_a_day() {
    const DAY: i64 = 24 * HOUR;
    let mut world = World::new().await;
    let record = report(&world.server, &mut world.maker).await;
    world.hook.will(&[Does::Later(503, 600)]);
    assert_eq!(world.fails().await, 600_000);
    // Never sooner than the own wait, and only of those who say that they are busy.
    world.hook.will(&[Does::Later(429, 1), Does::Later(500, 600)]);
    let own = [world.fails().await, world.fails().await];
    assert!((5_000..=10_000).contains(&own[0]) && (10_000..=20_000).contains(&own[1]), "{own:?}");
    world.hook.will(&[Does::Until(world.server.now() + 2 * HOUR)]);
    let until = world.fails().await;
    assert!((2 * HOUR - 1_000..=2 * HOUR).contains(&until), "{until}");
    world.hook.will(&[Does::Later(429, 1_000_000)]);
    world.hook.taken();
    let next = settle(&mut world.sender).await;
    assert_eq!(next, Next::At(world.server.now() + DAY));
    world.server.clock.advance(DAY - 1);
    assert_eq!(settle(&mut world.sender).await, next, "it is left alone until then");
    assert_eq!((world.hook.taken().len(), row(&world.server, "gis").await.failures), (1, 5));
    world.server.clock.advance(1);
    assert_eq!(told(&world.heard().await), [(CHANGED.to_owned(), record)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_of_an_intranet_is_trusted_by_the_authority_that_its_table_names_and_by_no_other() {
    let mut world = World::new().await;
    let record = report(&world.server, &mut world.maker).await;
    let folder = world.server.data().to_owned();
    let (mut hook, ours) = Hook::start_in_an_intranet(&folder).await;
    let (other, _) = authority(&folder, "neighbour");
    let table = hook.table("gis", world.key.id, "[\"incident\"]").replace("http://", "https://");
    let trusting = |file: &str| format!("{table}ca_file = \"{file}\"\n");
    world.sender.leave().await.unwrap();
    for table in [table.clone(), trusting(&other)] {
        world.sender = sender(&world.server, &open(&world.server, &table), "gis");
        world.fails().await;
        let error = row(&world.server, "gis").await.error.unwrap();
        assert!(error.starts_with("no ") && !error.contains("of-theirs"), "{error}");
    }
    assert!(hook.taken().is_empty());
    world.sender = sender(&world.server, &open(&world.server, &trusting(&ours)), "gis");
    settle(&mut world.sender).await;
    let got = hook.taken();
    assert_eq!(told(&got), [(CHANGED.to_owned(), record)]);
    assert!(got[0].is_signed_by(&SECRET));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_not_there_is_waited_for_at_most_an_hour_each_time() {
    let mut world = World::new().await;
    let record = report(&world.server, &mut world.maker).await;
    // Nobody listens at this port any more.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let table = world.hook.table("gis", world.key.id, "[10]").replace(&world.hook.address, &gone);
    world.sender.leave().await.unwrap();
    world.sender = sender(&world.server, &open(&world.server, &table), "gis");
    let mut wait = 0;
    for _ in 0..14 {
        wait = world.fails().await;
    }
    assert!((HOUR / 2..=HOUR).contains(&wait), "{wait}");
    let error = row(&world.server, "gis").await.error.unwrap();
    assert!(error.starts_with("no connection: ") && !error.contains("of-theirs"), "{error}");
    world.sender = sender(&world.server, &world.webhooks, "gis");
    assert_eq!(told(&world.heard().await), [(CHANGED.to_owned(), record)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_delivered_before_a_crash_is_delivered_again_under_the_same_id() {
    let mut world = World::new().await;
    let (first, second) =
        (report(&world.server, &mut world.maker).await, report(&world.server, &mut world.maker).await);
    world.hook.will(&[Does::Status(200), Does::Hangs]);
    // The process ends while the second delivery is on its way: the first was taken, and that was not kept yet.
    let before = {
        let mut dying = world.sender;
        tokio::select! {
            _ = dying.step() => unreachable!("the receiver hangs"),
            got = async { [world.hook.next().await, world.hook.next().await] } => got,
        }
    };
    let mut again = sender(&world.server, &world.webhooks, "gis");
    if world.server.app().store.is_shared() {
        assert!(matches!(settle(&mut again).await, Next::At(_)), "whether it died, nobody knows before its turn ends");
        world.server.clock.advance(TURN_MILLIS + 1);
    }
    settle(&mut again).await;
    let got = world.hook.taken();
    assert_eq!(told(&got), [(CHANGED.to_owned(), first), (CHANGED.to_owned(), second)]);
    for (got, before) in got.iter().zip(&before) {
        assert_eq!((got.id(), &got.body), (before.id(), &before.body));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_over_one_database_one_sends_and_the_other_follows_when_it_ends() {
    let mut world = World::of(Server::start_on(Cluster::shared().database()).await).await;
    let beside = world.server.beside().await;
    let mut other = sender(&beside, &world.webhooks, "gis");
    for _ in 0..5 {
        report(&world.server, &mut world.maker).await;
        beside.app().live.advance(world.server.app().store.newest_pos().await.unwrap());
        let (one, two) = tokio::join!(world.sender.step(), other.step());
        one.unwrap();
        assert_ne!(two.unwrap(), Next::Now, "it is not its turn");
    }
    settle(&mut world.sender).await;
    let got = world.hook.taken();
    assert_eq!(got.len(), 5, "{:?}", told(&got));
    // One that goes down gives its turn back; one that dies is followed after a minute.
    world.sender.leave().await.unwrap();
    let next = report(&world.server, &mut world.maker).await;
    beside.app().live.advance(world.server.app().store.newest_pos().await.unwrap());
    settle(&mut other).await;
    assert_eq!(told(&world.hook.taken()), [(CHANGED.to_owned(), next)]);
    drop(other);
    let last = report(&world.server, &mut world.maker).await;
    assert!(matches!(settle(&mut world.sender).await, Next::At(_)));
    world.server.clock.advance(TURN_MILLIS + 1);
    assert_eq!(told(&world.heard().await), [(CHANGED.to_owned(), last)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_what_its_key_may_not_take_out_a_receiver_hears_nothing() {
    let mut world = World::new().await;
    let (mut other, auditor) = (person(&world.server, 3, "officer").await, person(&world.server, 4, "auditor").await);
    let seat = |area: &str| Seat { areas: vec![area.to_owned()], unit: None };
    let mut tx = world.server.app().store.begin().await.unwrap();
    assert!(tx.set_seat(world.maker.log.account(), "officer", &seat("620723101001")).await.unwrap());
    assert!(tx.set_seat(other.log.account(), "officer", &seat("620724101001")).await.unwrap());
    tx.commit().await.unwrap();
    let mine = report(&world.server, &mut world.maker).await;
    let foreign = report(&world.server, &mut other).await;
    say(&world.server, &mut other, foreign, state("signed")).await;
    // A patrol is of a kind that the receiver did not ask for.
    let patrol = world.maker.log.record();
    let words = vec![Entry::set(field::NOTE, Value::text("x"))];
    world.server.push(&[world.maker.log.op(patrol, greenshield_domain::patrol::KIND, &[], words)]).await;
    // Somebody reads the audit: the notes of the audit are ops, too.
    world.server.send(Call::get("/v1/audit").signed(auditor.key(), world.server.now())).await.ok();
    assert_eq!(told(&world.heard().await), [(CHANGED.to_owned(), mine)]);

    // Whom a record was given to stands in no ledger, so nobody hears that it was given to somebody.
    let assign = Entry { field: ASSIGNED, act: Act::Add, value: other.log.account().to_value() };
    say(&world.server, &mut world.desk, mine, assign).await;
    assert!(world.heard().await.is_empty());
    // A record that comes into the area is told, and so is one that leaves it, to whoever could see it before.
    let area = |code: &str| Entry::set(AREA, Value::text(code));
    say(&world.server, &mut world.desk, foreign, area("620723101001")).await;
    assert_eq!(told(&world.heard().await), [(CHANGED.to_owned(), foreign)]);
    say(&world.server, &mut world.desk, foreign, area("620724101001")).await;
    assert_eq!(told(&world.heard().await), [("record.gone".to_owned(), foreign)]);
    say(&world.server, &mut world.desk, foreign, state("handling")).await;
    assert!(world.heard().await.is_empty());

    // A key that ended sends nothing, and what came meanwhile is told when there is a good one again.
    let late = report(&world.server, &mut world.maker).await;
    let path = format!("/v1/access-keys/{}/revoke", world.key.id);
    world.server.send(Call::post(&path).signed(world.maker.key(), world.server.now())).await.ok();
    world.fails().await;
    assert!(world.hook.taken().is_empty());
    assert!(row(&world.server, "gis").await.error.unwrap().contains("access key"));
    let key = key_of(&world.server, &world.maker).await;
    world.sender = sender(&world.server, &open(&world.server, &world.hook.table("gis", key.id, "[\"*\"]")), "gis");
    assert_eq!(told(&world.heard().await), [(CHANGED.to_owned(), late)]);
    // So does one whose person may take nothing out any more.
    let mut tx = world.server.app().store.begin().await.unwrap();
    assert!(tx.set_seat(world.maker.log.account(), "auditor", &Seat::default()).await.unwrap());
    tx.commit().await.unwrap();
    report(&world.server, &mut world.desk).await;
    world.fails().await;
    assert!(world.hook.taken().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn erasures_and_decisions_are_told_to_those_who_could_take_the_record_out() {
    let mut world = World::new().await;
    let (mine, hidden) = (report(&world.server, &mut world.maker).await, report(&world.server, &mut world.maker).await);
    let op = world.server.pull_all(&world.desk).await.into_iter().find(|op| op.header().record == hidden).unwrap();
    world.heard().await;
    let post = async |world: &World, path: &str, body: serde_json::Value| {
        world.server.send(Call::post(path).signed(world.desk.key(), world.server.now()).json(&body)).await.ok()
    };
    let erase =
        |record: RecordId| json!({ "record": record, "fields": [field::NOTE], "basis": "withdrawn", "note": "x" });
    post(&world, "/v1/erasures", erase(mine)).await;
    let judge = |verdict: &str| json!({ "op": op.id(), "verdict": verdict, "reason": "核实" });
    post(&world, "/v1/verdicts", judge("void")).await;
    let got = world.heard().await;
    assert_eq!(told(&got), [("record.erased".to_owned(), mine), ("record.gone".to_owned(), hidden)]);
    assert!(got[0].json()["data"]["item"].is_string() && got[1].json()["data"]["item"].is_null());
    post(&world, "/v1/verdicts", judge("ok")).await;
    assert_eq!(told(&world.heard().await), [(CHANGED.to_owned(), hidden)]);

    // What is held is not told; neither is its erasure: the receiver never heard of it.
    let mut left = person(&world.server, 5, "volunteer").await;
    world.server.revoke(&left).await;
    let held = report(&world.server, &mut left).await;
    post(&world, "/v1/erasures", erase(held)).await;
    assert!(world.heard().await.is_empty());
    // A record that moved away is erased: whoever had it hears that copies have to go.
    let mut tx = world.server.app().store.begin().await.unwrap();
    let seat = Seat { areas: vec!["620723101001".to_owned()], unit: None };
    assert!(tx.set_seat(world.maker.log.account(), "officer", &seat).await.unwrap());
    tx.commit().await.unwrap();
    let away = report(&world.server, &mut world.desk).await;
    for code in ["620723101001", "620724101001"] {
        say(&world.server, &mut world.desk, away, Entry::set(AREA, Value::text(code))).await;
    }
    post(&world, "/v1/erasures", erase(away)).await;
    assert_eq!(told(&world.heard().await).last(), Some(&("record.erased".to_owned(), away)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_that_is_gone_is_paused_until_somebody_resumes_it_and_a_ping_tries_it() {
    let mut world = World::new().await;
    let record = report(&world.server, &mut world.maker).await;
    world.hook.will(&[Does::Status(410)]);
    world.fails().await;
    world.hook.taken();
    let facts = operator::list(&world.server.app().store, &world.webhooks, world.server.now()).await.unwrap();
    assert!(facts[0]["paused"].is_string() && facts[0]["behind"] == 1 && facts[0]["key_is_good"] == true, "{facts:?}");
    world.server.clock.advance(2 * HOUR);
    world.fails().await;
    assert!(world.hook.taken().is_empty(), "paused");
    let (fact, is_there) = operator::test(&world.webhooks, "gis", world.server.now()).await.unwrap();
    assert!(is_there && fact["answer"] == "status 204", "{fact}");
    let ping = world.hook.next().await;
    assert!(ping.is_signed_by(&SECRET) && ping.id().starts_with("msg_ping_"));
    assert_eq!((&ping.json()["type"], &ping.json()["data"]), (&json!("ping"), &json!({ "receiver": "gis" })));
    world.hook.will(&[Does::Status(500)]);
    assert!(!operator::test(&world.webhooks, "gis", world.server.now()).await.unwrap().1);
    assert!(operator::test(&world.webhooks, "nobody", 0).await.is_none());
    world.hook.taken();
    assert!(!operator::resume(&world.server.app().store, "nobody").await.unwrap());
    assert!(operator::resume(&world.server.app().store, "gis").await.unwrap());
    assert_eq!(told(&world.heard().await), [(CHANGED.to_owned(), record)]);
    let keys = operator::keys(&world.server.app().store, world.server.now()).await.unwrap();
    assert_eq!((&keys[0]["key"], &keys[0]["name"]), (&json!(world.key.id), &json!("hook")));
    for told in [format!("{facts:?}"), format!("{keys:?}"), format!("{:?}", world.webhooks)] {
        for secret in [written(&SECRET).as_str(), &world.key.secret, "of-theirs"] {
            assert!(!told.contains(secret), "{secret} in {told}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_receiver_begins_now_or_where_it_wants_and_two_secrets_both_sign() {
    let mut world = World::new().await;
    let first = report(&world.server, &mut world.maker).await;
    let both = format!("{}\n{}\n", written(&[9; 24]), written(&SECRET));
    std::fs::write(world.server.data().join("two.secret"), both).unwrap();
    let file = world.server.data().join("two.secret");
    let secret = format!("secret = \"{}\"", written(&SECRET));
    let two = world.hook.table("from-zero", world.key.id, "[\"incident\"]");
    let two = two.replace(&secret, &format!("secret_file = \"{}\"\nfrom = 0", file.display()));
    let webhooks = open(&world.server, &format!("{two}\n{}", world.hook.table("now", world.key.id, "[\"incident\"]")));
    let (mut zero, mut now) = (sender(&world.server, &webhooks, "from-zero"), sender(&world.server, &webhooks, "now"));
    settle(&mut now).await;
    assert!(world.hook.taken().is_empty());
    settle(&mut zero).await;
    let got = world.hook.taken();
    assert_eq!(told(&got), [(CHANGED.to_owned(), first)]);
    assert!(got[0].is_signed_by(&SECRET) && got[0].is_signed_by(&[9; 24]), "{got:?}");
    let second = report(&world.server, &mut world.maker).await;
    settle(&mut now).await;
    assert_eq!(told(&world.hook.taken()), [(CHANGED.to_owned(), second)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_for_a_receiver_moves_its_position_now_and_then_and_costs_no_delivery() {
    let mut world = World::new().await;
    let begun = row(&world.server, "gis").await.pos;
    let patrol = world.maker.log.record();
    let words = vec![Entry::set(field::NOTE, Value::text("x"))];
    world.server.push(&[world.maker.log.op(patrol, greenshield_domain::patrol::KIND, &[], words)]).await;
    let Next::Op { after, within: Some(within) } = settle(&mut world.sender).await else {
        unreachable!("it is not kept yet")
    };
    assert_eq!((after, row(&world.server, "gis").await.pos), (begun + 1, begun));
    world.server.clock.advance(within);
    assert_eq!(settle(&mut world.sender).await, Next::Op { after, within: None });
    assert_eq!(row(&world.server, "gis").await.pos, begun + 1);
    assert!(world.hook.taken().is_empty());
}
