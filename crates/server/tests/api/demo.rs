//! The demo city: it is made once, all of it is taken, and its numbers are those that the city tells of itself.

use std::collections::BTreeMap;

use greenshield_domain::incident::field::STATE;
use greenshield_domain::op::SignedOp;
use greenshield_domain::task::field::TITLE;
use greenshield_domain::wire::CoverageReport;
use greenshield_domain::{land, patrol, person};
use greenshield_server::demo;

use super::support::{Call, NOW, Phone, Server, genesis};

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_city_is_made_once_and_has_the_numbers_of_its_script() {
    let server = Server::start().await;
    let ops = demo::city::fill(server.app(), NOW).await.unwrap();
    assert!(ops > 1_000, "{ops}");
    assert_eq!(demo::city::fill(server.app(), NOW).await.unwrap(), 0, "once");
    let code = server.invite("指挥台", "city-desk").await;
    let (log, genesis) = genesis(7, &server.begin(&code).await.read());
    let enrolled: greenshield_domain::wire::EnrolResponse = server.enrol_with(&code, &genesis).await.read();
    let desk = Phone { log, genesis, lease: enrolled.lease.clone(), enrolled };
    let all = server.pull_all(&desk).await;
    let text = |op: &SignedOp, field: u32| {
        op.body()
            .entries()
            .find(|entry| entry.field == field)
            .and_then(|entry| entry.value.as_text().map(str::to_owned))
    };
    let mut firsts: BTreeMap<_, &SignedOp> = BTreeMap::new();
    let mut states: BTreeMap<_, String> = BTreeMap::new();
    for op in &all {
        firsts.entry(op.header().record).or_insert(op);
        if let Some(state) = text(op, STATE) {
            states.insert(op.header().record, state);
        }
    }
    let of_kind = |kind: u32| firsts.values().filter(move |op| op.header().kind == kind);
    let people = |field: u32, words: &[&str]| {
        of_kind(person::KIND).filter(|op| text(op, field).is_some_and(|word| words.contains(&word.as_str()))).count()
    };
    assert_eq!(people(person::field::LEVEL, &["county", "station"]), 25);
    assert_eq!(people(person::field::ROLE, &["officer", "auxiliary"]), 188);
    assert_eq!(people(person::field::ROLE, &["volunteer"]), 355);
    assert_eq!((of_kind(20).count(), of_kind(40).count()), (34, 52));
    let in_state = |kind: u32, state: &str| {
        of_kind(kind).filter(|op| states.get(&op.header().record).is_some_and(|is| is == state)).count()
    };
    assert_eq!((in_state(71, "candidate"), in_state(71, "open")), (12, 6));
    assert_eq!((in_state(62, "minuted"), in_state(66, "published")), (14, 24));
    assert_eq!(in_state(40, "accepted"), 52);
    assert!(of_kind(20).all(|op| text(op, TITLE).is_some()));
    let asked = Call::get("/v1/coverage?days=14").signed(desk.key(), server.now());
    let coverage: CoverageReport = server.send(asked).await.read();
    let tracks = of_kind(patrol::KIND).count() as u64 - 1;
    assert_eq!((coverage.areas.len(), coverage.tracks, coverage.tracks_left), (of_kind(land::KIND).count(), tracks, 0));
    let (seen, never) = coverage.areas.iter().partition::<Vec<_>, _>(|area| area.seen > 0);
    assert!(seen.len() > 4 && never.len() > 1, "some are visited and some are not");
    assert!(coverage.areas.iter().any(|area| area.air > 0) && coverage.areas.iter().all(|area| !area.gaps.is_empty()));
}
