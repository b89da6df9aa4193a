//! Decisions: whoever holds the same ops counts the same verdicts, in whatever order they came.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{AccountId, OpId};
use greenshield_domain::incident::{KIND, field};
use greenshield_domain::merge::{MergeRule, Merged, RecordOp, merge};
use greenshield_domain::op::{Entry, SignedOp};
use greenshield_domain::verdict::{KIND_VERDICT, Ruling, SERVER_ACCOUNT, decisions, judged};
use greenshield_domain::wire::Verdict;
use greenshield_testkit::build::LogBuilder;
use proptest::prelude::*;

use crate::cases;

/// An op as a reader holds it.
#[derive(Debug, Clone)]
struct Held {
    op: SignedOp,
    account: AccountId,
    eff_millis: i64,
    verdict: Verdict,
}

fn shown(ops: &[Held]) -> Merged {
    let taken = |held: &Held| RecordOp::new(&held.op, held.account, held.eff_millis, held.verdict.clone());
    merge(&judged(ops.iter().map(|held| (&held.op, taken(held)))), |_| MergeRule::Lww)
}

fn verdict(number: u8) -> Verdict {
    [Verdict::Ok, Verdict::Void, Verdict::Held("decided".to_owned())][usize::from(number % 3)].clone()
}

/// Three people write a note, one of them is held; the server, and one of the people, decide this and that.
fn world(rulings: &[(u8, u8, i64)]) -> Vec<Held> {
    let mut server = LogBuilder::new(99, SERVER_ACCOUNT);
    server.genesis([0; 16]);
    let (mut record, mut ops) = (None, Vec::<Held>::new());
    for person in 1..=3_u8 {
        let account = AccountId([person; 16]);
        let mut log = LogBuilder::new(u64::from(person), account);
        log.genesis([person; 16]);
        let record = *record.get_or_insert_with(|| log.record());
        let deps: Vec<_> = ops.last().map(|held| held.op.id().short()).into_iter().collect();
        let op = log.op(record, KIND, &deps, vec![Entry::set(field::NOTE, Value::Int(i64::from(person)))]);
        let verdict = if person == 2 { Verdict::Held("revoked".to_owned()) } else { Verdict::Ok };
        ops.push(Held { op, account, eff_millis: i64::from(person), verdict });
    }
    for (target, number, eff_millis) in rulings {
        let target = ops[usize::from(target % 3)].op.id();
        let ruling = Ruling { target, verdict: verdict(*number), by: AccountId([7; 16]), reason: "因为".to_owned() };
        let draft = server.draft(record.unwrap(), KIND_VERDICT, &[], ruling.entries());
        let op = server.seal(draft);
        assert_eq!(Ruling::read(&op), Some(ruling));
        ops.push(Held { op, account: SERVER_ACCOUNT, eff_millis: *eff_millis, verdict: Verdict::Ok });
    }
    ops
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn order_duplicates_and_batches_of_decisions_do_not_matter(
        rulings in prop::collection::vec((0..3_u8, 0..3_u8, 100..104_i64), 0..6),
        seed in any::<u64>(),
        cut in any::<prop::sample::Index>(),
    ) {
        let ops = world(&rulings);
        let expected = shown(&ops);
        let mut again = ops.clone();
        again.sort_by_key(|held| held.op.id().0.map(|byte| byte.wrapping_mul(seed.to_le_bytes()[0] | 1)));
        again.rotate_left(cut.index(ops.len()));
        again.extend(ops.iter().take(cut.index(ops.len())).cloned());
        prop_assert_eq!(&shown(&again), &expected);
    }

    #[test]
    fn the_latest_decision_about_an_op_counts_and_the_arrival_where_there_is_none(
        rulings in prop::collection::vec((0..3_u8, 0..3_u8, 100..104_i64), 0..6),
    ) {
        let ops = world(&rulings);
        let merged = shown(&ops);
        for (person, held) in ops[..3].iter().enumerate() {
            let about = rulings.iter().enumerate().filter(|(_, ruling)| usize::from(ruling.0 % 3) == person);
            let counts = about.max_by_key(|(at, ruling)| (ruling.2, *at)).map_or(held.verdict.clone(), |(_, r)| verdict(r.1));
            let value = Value::Int(person as i64 + 1);
            let is_shown = merged.value(field::NOTE) == Some(&value);
            // They follow each other, so the last one that may show does.
            let later = ops[person + 1..3].iter().any(|later| {
                let taken = judged(ops.iter().map(|h| (&h.op, RecordOp::new(&h.op, h.account, h.eff_millis, h.verdict.clone()))));
                taken.iter().any(|op| op.id == later.op.id() && op.verdict == Verdict::Ok)
            });
            prop_assert_eq!(is_shown, counts == Verdict::Ok && !later);
        }
        prop_assert_eq!(merged.heads, [ops[2].op.id().short()], "decisions are no heads");
    }
}

#[test]
fn a_decision_of_a_person_decides_nothing_and_one_that_comes_first_waits_for_its_op() {
    let ops = world(&[(1, 0, 100), (2, 1, 101)]);
    let expected = shown(&ops);
    assert_eq!((expected.value(field::NOTE), expected.held), (Some(&Value::Int(2)), 0));
    let (decided, rest): (Vec<Held>, Vec<Held>) = ops.iter().cloned().partition(|held| held.account == SERVER_ACCOUNT);
    assert_eq!(shown(&decided), Merged::default());
    assert_eq!(shown(&rest).held, 1);
    assert_eq!(shown(&[decided.clone(), rest.clone()].concat()), expected);

    let forged: Vec<Held> = decided.into_iter().map(|held| Held { account: AccountId([3; 16]), ..held }).collect();
    let counted = decisions(forged.iter().map(|held| (&held.op, held.account, held.eff_millis)));
    assert!(counted.is_empty());
    assert_eq!(shown(&[rest, forged].concat()).value(field::NOTE), Some(&Value::Int(3)));
}

#[test]
fn a_decision_of_a_later_version_is_carried_and_shows_nothing() {
    let mut ops = world(&[]);
    let expected = shown(&ops);
    let mut server = LogBuilder::new(98, SERVER_ACCOUNT);
    server.genesis([0; 16]);
    let record = ops[0].op.header().record;
    let op = server.op(record, KIND_VERDICT, &[], vec![Entry::set(field::NOTE, Value::text("of tomorrow"))]);
    ops.push(Held { op, account: SERVER_ACCOUNT, eff_millis: 200, verdict: Verdict::Ok });
    assert_eq!(shown(&ops), expected);
}

#[test]
fn the_id_of_a_decision_stands_behind_that_of_its_op() {
    let mut server = LogBuilder::new(97, SERVER_ACCOUNT);
    server.genesis([0; 16]);
    let record = server.record();
    for first in [0x00, 0x7f, 0xc0, 0xfe] {
        let target = OpId([first; 32]);
        let ruling = Ruling { target, verdict: Verdict::Void, by: SERVER_ACCOUNT, reason: "x".to_owned() };
        let draft = server.draft(record, KIND_VERDICT, &[], ruling.entries());
        let op = ruling.freeze(&draft).unwrap();
        assert!(op.id() > target);
        assert_eq!(op.id(), ruling.freeze(&draft).unwrap().id(), "the same draft is the same op");
    }
}
