//! Logs: the one decision about an arriving op.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::ids::{AccountId, LogId, OpId};
use greenshield_domain::incident;
use greenshield_domain::log::{Decision, LogView, ingest};
use greenshield_domain::op::{OpError, VerifiedOp};
use greenshield_testkit::build::{LogBuilder, Report};
use greenshield_testkit::keys::{P256Check, SeededKey};
use greenshield_testkit::rng::SplitMix;
use proptest::prelude::*;

use crate::cases;

const ACCOUNT: AccountId = AccountId([7; 16]);

/// A log of a genesis and `n` reports.
fn log_of(seed: u64, n: usize) -> (LogBuilder, Vec<VerifiedOp>) {
    let mut log = LogBuilder::new(seed, ACCOUNT);
    let mut ops = vec![log.genesis([1; 16])];
    ops.extend((0..n).map(|_| greenshield_testkit::build::incident(&mut log, &Report::default()).1));
    let verified = ops.iter().map(|op| log.verified(op)).collect();
    (log, verified)
}

#[test]
fn every_arrival_gets_the_decision_of_the_table() {
    let (mut log, ops) = log_of(1, 3);
    let head = |i: usize| Some((i as u64, ops[i].id()));
    let mut copy = LogBuilder::new(1, ACCOUNT);
    copy.genesis([2; 16]);
    let other_branch: Vec<VerifiedOp> = (0..3)
        .map(|_| {
            let op = greenshield_testkit::build::incident(&mut copy, &Report::default()).1;
            copy.verified(&op)
        })
        .collect();
    let next = greenshield_testkit::build::incident(&mut log, &Report::default()).1;
    let next = log.verified(&next);
    for (told, head, known, op, decision) in [
        ("a genesis into nothing", None, false, &ops[0], Decision::Accept),
        ("the next op", head(0), false, &ops[1], Decision::Accept),
        ("the next op of a long log", head(3), false, &next, Decision::Accept),
        ("the head again", head(1), true, &ops[1], Decision::Duplicate),
        ("an old op again", head(3), true, &ops[1], Decision::Duplicate),
        ("a waiting op again", head(0), true, &ops[3], Decision::Duplicate),
        ("an op too early", head(0), false, &ops[2], Decision::Gap { expected: 1 }),
        ("an op before its genesis", None, false, &ops[1], Decision::Gap { expected: 0 }),
        ("another op at an old place", head(3), false, &other_branch[0], Decision::Fork),
        ("another op at the head's place", head(1), false, &other_branch[0], Decision::Fork),
        ("an op on top of the other branch", head(1), false, &other_branch[1], Decision::Fork),
    ] {
        assert_eq!(ingest(&LogView { head, known, after_fork: false }, op), decision, "{told}");
    }
    for (told, head, known, decision) in [
        ("an op on top of a side branch that is as long as the main one", head(1), false, Decision::Fork),
        ("an op on top of a side branch that is longer than the main one", head(0), false, Decision::Fork),
        ("an op of a side branch again", head(3), true, Decision::Duplicate),
    ] {
        assert_eq!(ingest(&LogView { head, known, after_fork: true }, &other_branch[1]), decision, "{told}");
    }
}

#[test]
fn only_the_key_of_the_log_and_only_the_low_twin_verify() {
    let (log, ops) = log_of(1, 1);
    let stranger = SeededKey::new(2);
    let op = || (*ops[1]).clone();
    assert_eq!(op().verify(&stranger.public_key(), &P256Check), Err(OpError::WrongKey));
    let mut high = op().bytes().to_vec();
    let at = high.windows(64).position(|window| window == op().signature().0).unwrap();
    // s becomes n − s: the mathematical twin, which ECDSA alone would accept.
    let mut twin = *op().signature();
    let order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
    let order = greenshield_domain::ids::from_hex(order).unwrap();
    let mut borrow = 0i16;
    for i in (0..32).rev() {
        let diff = i16::from(order[i]) - i16::from(twin.0[32 + i]) - borrow;
        borrow = i16::from(diff < 0);
        twin.0[32 + i] = u8::try_from(diff.rem_euclid(256)).unwrap();
    }
    assert_eq!(twin.to_low_s(), *op().signature());
    high[at..at + 64].copy_from_slice(&twin.0);
    let high = greenshield_domain::op::SignedOp::decode(&high).unwrap();
    assert_eq!(high.id(), op().id());
    assert_eq!(high.verify(&log.public_key(), &P256Check), Err(OpError::BadSignature));
}

/// A store as small as it can be: the main branch, what waits for its predecessor, what forked.
#[derive(Default)]
struct Store {
    main: Vec<OpId>,
    waiting: BTreeMap<OpId, Vec<VerifiedOp>>,
    forked: Vec<OpId>,
}

impl Store {
    fn arrive(&mut self, op: VerifiedOp) {
        let head = self.main.last().map(|id| (self.main.len() as u64 - 1, *id));
        let id = op.id();
        let known = self.main.contains(&id)
            || self.forked.contains(&id)
            || self.waiting.values().flatten().any(|waiting| waiting.id() == id);
        let after_fork = op.header().prev.is_some_and(|prev| self.forked.contains(&prev));
        match ingest(&LogView { head, known, after_fork }, &op) {
            Decision::Accept => self.main.push(id),
            Decision::Fork => self.forked.push(id),
            Decision::Duplicate => return,
            Decision::Gap { expected } => {
                assert!(expected < op.header().seq);
                let prev = op.header().prev.unwrap();
                return self.waiting.entry(prev).or_default().push(op);
            }
        }
        self.waiting.remove(&id).into_iter().flatten().for_each(|next| self.arrive(next));
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_log_that_arrives_in_any_order_and_twice_is_whole_in_the_end(n in 0..6usize, order: u64) {
        let (_, ops) = log_of(3, n);
        let mut arriving: Vec<VerifiedOp> = ops.iter().chain(&ops).cloned().collect();
        SplitMix::new(order).shuffle(&mut arriving);
        let mut store = Store::default();
        arriving.into_iter().for_each(|op| store.arrive(op));
        prop_assert_eq!(store.main, ops.iter().map(|op| op.id()).collect::<Vec<_>>());
        prop_assert!(store.waiting.is_empty() && store.forked.is_empty());
    }

    #[test]
    fn a_second_branch_is_never_applied_and_never_dropped(n in 1..4usize, from in 0..3usize) {
        let (_, ops) = log_of(4, n);
        let from = from.min(n - 1);
        let (mut copy, _) = log_of(4, from);
        copy.wall_millis += 1;
        let record = copy.record();
        let branch: Vec<VerifiedOp> = (0..3)
            .map(|_| {
                let op = copy.op(record, incident::KIND, &[], Report::default().entries(0));
                copy.verified(&op)
            })
            .collect();
        let mut store = Store::default();
        ops.iter().for_each(|op| store.arrive(op.clone()));
        branch.iter().rev().for_each(|op| store.arrive(op.clone()));
        prop_assert_eq!(&store.main, &ops.iter().map(|op| op.id()).collect::<Vec<_>>());
        prop_assert!(store.waiting.is_empty());
        let ids = |ids: &mut dyn Iterator<Item = OpId>| ids.collect::<BTreeSet<_>>();
        prop_assert_eq!(ids(&mut store.forked.into_iter()), ids(&mut branch.iter().map(|op| op.id())));
    }
}

#[test]
fn the_log_of_a_key_is_the_hash_of_algorithm_and_point() {
    let key = SeededKey::new(1).public_key();
    let expected = greenshield_domain::ids::sha256(&[b"gs/log/1\0\x01", &key.0]);
    assert_eq!(key.log_id(), LogId(expected));
}
