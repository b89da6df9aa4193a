//! The demo city: it is made once, all of it is taken, and its numbers are those that the city tells of itself.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::field::STATE;
use greenshield_domain::op::SignedOp;
use greenshield_domain::policy::{ASSIGNED, HELPERS};
use greenshield_domain::register::field::{SIGNED_FOR, SIGNED_IN};
use greenshield_domain::task::field::{ABOUT, DUE, DUE_REASON, REVIEWED, REVIEWS, TITLE};
use greenshield_domain::wire::CoverageReport;
use greenshield_domain::{attempt, land, patrol, person};
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
    let value = |op: &SignedOp, field: u32| {
        op.body().entries().find(|entry| entry.field == field).map(|entry| entry.value.clone())
    };

    // Units that share a treatment each have a task with a deadline of its own.
    let about = |op: &SignedOp| value(op, ABOUT).and_then(|about| about.as_array_of().map(RecordId));
    let part = |op: &&&SignedOp| about(op).is_some_and(|whole| firsts[&whole].header().kind == 64);
    let parts: Vec<_> = of_kind(20).filter(part).collect();
    let wholes: BTreeSet<_> = parts.iter().filter_map(|op| about(op)).collect();
    let deadlines: BTreeSet<_> = parts.iter().filter_map(|op| value(op, DUE)?.as_int()).collect();
    assert_eq!((parts.len(), wholes.len(), deadlines.len()), (5, 3, 5));
    let done = parts.iter().filter(|op| states[&op.header().record] == "accepted");
    assert_eq!(done.count(), 3, "one treatment is done by all, one by some, one by nobody");

    // Long-term tasks have no deadline but days of review, one of them over and kept; one deadline moved, and says why.
    let told = |op: &SignedOp, field: u32| op.body().entries().filter(|entry| entry.field == field).count();
    let long_term: Vec<_> = of_kind(20).filter(|op| told(op, REVIEWS) > 0).collect();
    assert!(long_term.iter().all(|op| told(op, REVIEWS) == 2 && value(op, DUE).is_none()));
    let of_tasks = |field: u32| all.iter().filter(|op| op.header().kind == 20 && told(op, field) > 0).count();
    assert_eq!((long_term.len(), of_tasks(REVIEWED), of_tasks(DUE_REASON)), (5, 5, 1));
    let mut moved = all.iter().filter(|op| op.header().kind == 20 && told(op, DUE_REASON) > 0);
    assert!(moved.all(|op| value(op, DUE).is_some()), "in one op");

    // Units that help with a treatment see it.
    assert!(of_kind(64).all(|op| told(op, HELPERS) == 2));

    // Whoever serves in two fields walks once, with the own phone, and it counts for both.
    let words = |op: &SignedOp, field: u32| value(op, field).and_then(|words| words.as_array().map(<[Value]>::len));
    assert_eq!(of_kind(person::KIND).filter(|op| words(op, person::field::ALSO) == Some(1)).count(), 18);
    let worn: Vec<_> = of_kind(patrol::KIND).filter_map(|op| words(op, patrol::field::HATS)).collect();
    assert_eq!((worn.len(), worn.iter().filter(|n| **n == 2).count()), (5, 4));
    let clerk = of_kind(person::KIND).next().unwrap().header().log;
    let is_own = |op: &&&SignedOp| op.header().log != clerk;
    assert_eq!(of_kind(patrol::KIND).filter(is_own).count(), worn.len());

    // Who was asked, who signed in with the own phone, for whom the clerk did; and how they did in the quiz.
    let said = |kind: u32, field: u32| {
        let own = all.iter().filter(move |op| op.header().kind == kind);
        own.flat_map(|op| op.body().entries()).filter(|entry| entry.field == field).count()
    };
    assert_eq!([ASSIGNED, SIGNED_IN, SIGNED_FOR].map(|field| said(68, field)), [60, 6, 51]);
    assert_eq!([ASSIGNED, SIGNED_IN, SIGNED_FOR].map(|field| said(62, field)), [28, 4, 22]);
    let mut signing = all.iter().filter(|op| value(op, SIGNED_IN).is_some());
    assert!(signing.all(|op| op.header().log != clerk && !op.header().deps.is_empty()), "nobody signs in for others");
    let passed = of_kind(attempt::KIND).filter(|op| value(op, attempt::field::PASSED) == Some(Value::Int(1)));
    assert_eq!((of_kind(attempt::KIND).count(), passed.count()), (6, 4));
    assert!(of_kind(attempt::KIND).all(|op| about(op).is_some_and(|training| firsts[&training].header().kind == 68)));

    let asked = Call::get("/v1/coverage?days=14").signed(desk.key(), server.now());
    let coverage: CoverageReport = server.send(asked).await.read();
    let tracks = of_kind(patrol::KIND).count() as u64 - 1;
    assert_eq!((coverage.areas.len(), coverage.tracks, coverage.tracks_left), (of_kind(land::KIND).count(), tracks, 0));
    let (seen, never) = coverage.areas.iter().partition::<Vec<_>, _>(|area| area.seen > 0);
    assert!(seen.len() > 4 && never.len() > 1, "some are visited and some are not");
    assert!(coverage.areas.iter().any(|area| area.air > 0) && coverage.areas.iter().all(|area| !area.gaps.is_empty()));
}
