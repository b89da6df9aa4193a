//! Units that help: their liaisons see the record itself, add what they did, and close nothing; the unit that leads does.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{OpRef, RecordId};
use greenshield_domain::incident::field;
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::policy::{HELPERS, Seat, UNIT};
use greenshield_domain::register::field::DOCUMENTS;
use greenshield_domain::task::field::TITLE;
use greenshield_domain::wire::PullPage;
use greenshield_server::store::{Store as _, StoreTx as _};
use greenshield_testkit::build::photo;

use super::people::somebody;
use super::support::{Phone, Server};

/// Joint treatments, and the field of them with what was done.
const TREATMENT: u32 = 64;
const MEASURES: u32 = 37;

async fn liaison(server: &Server, seed: u64, unit: &str) -> Phone {
    let phone = somebody(server, seed, "liaison", &[]).await;
    let mut tx = server.app().store.begin().await.unwrap();
    let seat = Seat { areas: Vec::new(), unit: Some(unit.to_owned()) };
    assert!(tx.set_seat(phone.log.account(), "liaison", &seat).await.unwrap());
    tx.commit().await.unwrap();
    phone
}

fn help(act: Act, unit: &str) -> Entry {
    Entry { field: HELPERS, act, value: Value::text(unit) }
}

async fn sees(server: &Server, phone: &Phone, record: RecordId) -> bool {
    server.pull_all(phone).await.iter().any(|op| op.header().record == record)
}

/// Says something about the treatment: the reason why it is held, or nothing.
async fn say(server: &Server, by: &mut Phone, record: RecordId, seen: OpRef, entries: Vec<Entry>) -> String {
    let op = by.log.op(record, TREATMENT, &[seen], entries);
    server.push(&[op]).await.results.into_iter().next().map_or_else(String::new, |result| result.reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_liaison_of_a_unit_that_helps_sees_the_treatment_adds_to_it_and_closes_nothing() {
    let server = Server::start().await;
    let mut desk = somebody(&server, 1, "city-desk", &[]).await;
    let mut leads = liaison(&server, 2, "eco-env").await;
    let mut helps = liaison(&server, 3, "water").await;
    let stranger = liaison(&server, 4, "wetland").await;
    let record = desk.log.record();
    let entries = vec![
        Entry::set(field::FOUND_AT, Value::Int(1)),
        Entry::set(field::STATE, Value::text("open")),
        Entry::set(TITLE, Value::text("河道堆放垃圾")),
        Entry::set(UNIT, Value::text("eco-env")),
        help(Act::Add, "water"),
    ];
    let made = desk.log.op(record, TREATMENT, &[], entries);
    let seen = made.id().short();
    server.push(&[made]).await;
    assert!(sees(&server, &leads, record).await && sees(&server, &helps, record).await);
    assert!(!sees(&server, &stranger, record).await);

    for (entry, held) in [
        (photo(b"what was done").to_entry(field::PHOTOS), ""),
        (photo(b"a paper").to_entry(DOCUMENTS), ""),
        (Entry::set(field::STATE, Value::text("treated")), "forbidden"),
        (Entry::set(MEASURES, Value::text("清运三车")), "forbidden"),
        (help(Act::Add, "wetland"), "forbidden"),
    ] {
        let number = entry.field;
        assert_eq!(say(&server, &mut helps, record, seen, vec![entry]).await, held, "{number}");
    }
    let done = vec![Entry::set(field::STATE, Value::text("treated")), Entry::set(MEASURES, Value::text("清运三车"))];
    assert_eq!(say(&server, &mut leads, record, seen, done).await, "", "whoever leads closes it");

    // Whoever helps no more is told once that the record left, and is given nothing of it any more.
    let before = server.pull(&helps, "").await.page().next;
    assert_eq!(say(&server, &mut desk, record, seen, vec![help(Act::Remove, "water")]).await, "");
    let page: PullPage = server.pull(&helps, &format!("?cursor={before}")).await.page();
    assert_eq!((page.left, page.ops.len()), (vec![record], 0));
    assert!(!sees(&server, &helps, record).await && sees(&server, &leads, record).await);
}
