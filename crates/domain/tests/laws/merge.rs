//! The merge: a function of the set of ops, by the four rules.

use std::collections::BTreeSet;

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{AccountId, LogId, OpId, sha256};
use greenshield_domain::merge::{Candidate, MergeRule, Merged, RecordOp, effective_millis, merge};
use greenshield_domain::op::{Act, Entry, MAX_DEPS};
use greenshield_domain::wire::Verdict;
use proptest::prelude::*;

use crate::cases;
use crate::world::{World, forged_world, rule, world};

fn fields_by(wanted: MergeRule) -> impl Iterator<Item = u32> {
    (0..8).filter(move |field| rule(*field) == wanted)
}

fn place_of(world: &World, candidate: &Candidate) -> usize {
    world.ops.iter().position(|op| op.id == candidate.op).unwrap()
}

/// Every set value of an ok op is shown, is in conflicts, or is followed by another setting.
fn nothing_vanishes(ops: &[RecordOp], merged: &Merged, follows: impl Fn(usize, usize) -> bool) {
    for (i, op) in ops.iter().enumerate().filter(|(_, op)| op.verdict == Verdict::Ok) {
        for (place, entry) in op.entries.iter().enumerate().filter(|(_, entry)| entry.act != Act::Remove) {
            let settings = |op: &RecordOp, from: usize| {
                let mut later = op.entries.iter().skip(from);
                later.any(|e| e.field == entry.field && (e.act != Act::Remove || rule(e.field) == MergeRule::Set))
            };
            let state = merged.fields.get(&entry.field);
            let visible = state.is_some_and(|s| s.shown.iter().chain(&s.conflicts).any(|c| c.value == entry.value));
            let followed = settings(op, place + 1)
                || ops
                    .iter()
                    .enumerate()
                    .any(|(j, other)| j != i && other.verdict == Verdict::Ok && settings(other, 0) && follows(j, i));
            assert!(visible || followed, "op {i} entry {place} vanished: {entry:?}\n{state:?}");
        }
    }
}

proptest! {
    #![proptest_config(cases(1500))]

    #[test]
    fn order_duplicates_and_batches_do_not_matter(world in world(), order in any::<Vec<prop::sample::Index>>()) {
        let expected = merge(&world.ops, rule);
        let mut ops = world.ops;
        for (i, to) in order.iter().enumerate() {
            let (from, to) = (i % ops.len(), to.index(ops.len()));
            ops.swap(from, to);
        }
        prop_assert_eq!(&merge(&ops, rule), &expected);
        let again: Vec<RecordOp> = ops.iter().chain(ops.iter().rev()).cloned().collect();
        prop_assert_eq!(&merge(&again, rule), &expected);
    }

    #[test]
    fn any_part_and_then_the_rest_is_the_whole(world in world(), first in any::<u32>()) {
        let (part, rest): (Vec<_>, Vec<_>) =
            world.ops.iter().cloned().enumerate().partition(|(i, _)| first >> (i % 32) & 1 == 1);
        let part: Vec<RecordOp> = part.into_iter().map(|(_, op)| op).collect();
        // What a part shows never decides what the whole shows.
        _ = merge(&part, rule);
        let joined: Vec<RecordOp> = part.into_iter().chain(rest.into_iter().map(|(_, op)| op)).collect();
        prop_assert_eq!(merge(&joined, rule), merge(&world.ops, rule));
    }

    #[test]
    fn no_value_of_an_ok_op_vanishes(world in world()) {
        let merged = merge(&world.ops, rule);
        nothing_vanishes(&world.ops, &merged, |later, earlier| world.knows[later].contains(&earlier));
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn two_versions_of_one_op_give_the_same_in_either_order(
        world in world(), which in any::<prop::sample::Index>(), eff in prop::option::of(0..6i64), hide: bool, void: bool,
    ) {
        let mut other = world.ops[which.index(world.ops.len())].clone();
        other.eff_millis = eff.unwrap_or(other.eff_millis);
        if hide { other.entries.pop(); } else { other.entries[0].value = Value::Int(99); }
        if void { other.verdict = Verdict::Void; }
        let first: Vec<RecordOp> = std::iter::once(&other).chain(&world.ops).cloned().collect();
        let last: Vec<RecordOp> = world.ops.iter().chain([&other]).cloned().collect();
        prop_assert_eq!(merge(&first, rule), merge(&last, rule));
    }

    #[test]
    fn effective_time_lies_between_its_anchors(wall: i64, a: i64, b: i64, seen: bool, received: bool) {
        let (low, high) = (a.min(b), a.max(b));
        let eff = effective_millis(wall, seen.then_some(low), received.then_some(high));
        prop_assert!(!seen || eff >= low);
        prop_assert!(!received || eff <= high);
        prop_assert!(eff == wall || (seen && eff == low) || (received && eff == high));
    }

    #[test]
    fn the_winner_of_lww_is_the_newest_that_nobody_followed(world in world()) {
        let merged = merge(&world.ops, rule);
        for field in fields_by(MergeRule::Lww) {
            let settings = world.settings(field);
            let open: Vec<_> = settings.iter().filter(|s| !settings.iter().any(|o| world.follows(o, s))).collect();
            let newest = open.iter().max_by_key(|s| (world.ops[s.op].eff_millis, world.ops[s.op].id));
            prop_assert_eq!(merged.value(field), newest.map(|s| &s.entry.value));
            let losing: BTreeSet<_> = open.iter().map(|s| &s.entry.value).filter(|v| Some(*v) != merged.value(field))
                .map(|value| value.as_int()).collect();
            let conflicts = merged.fields.get(&field).map_or(&[][..], |state| &state.conflicts);
            prop_assert_eq!(conflicts.iter().map(|c| c.value.as_int()).collect::<BTreeSet<_>>(), losing);
        }
    }

    #[test]
    fn an_element_shows_while_an_add_is_followed_by_no_remove(world in world()) {
        let merged = merge(&world.ops, rule);
        for field in fields_by(MergeRule::Set) {
            let settings = world.settings(field);
            for element in (0..4).map(Value::Int) {
                let of_it = || settings.iter().filter(|s| s.entry.value == element);
                let expected = of_it().filter(|s| s.entry.act != Act::Remove).any(|add| {
                    !of_it().any(|remove| remove.entry.act == Act::Remove && world.follows(remove, add))
                });
                prop_assert_eq!(merged.elements(field).any(|c| c.value == element), expected);
            }
        }
    }

    #[test]
    fn once_keeps_the_first_whatever_comes_later(world in world()) {
        let merged = merge(&world.ops, rule);
        for field in fields_by(MergeRule::Once) {
            let Some(first) = merged.candidate(field) else { continue };
            let op = place_of(&world, first);
            prop_assert!(world.settings(field).iter().all(|other| !world.knows[op].contains(&other.op)));
            let mut ops = world.ops.clone();
            ops.push(world.answer(&[op], field, 99));
            let later = merge(&ops, rule);
            prop_assert_eq!(later.candidate(field), Some(first));
            prop_assert!(later.fields[&field].conflicts.iter().any(|c| c.value == Value::Int(99)));
        }
    }

    #[test]
    fn review_is_resolved_only_by_an_op_that_saw_all_candidates(world in world()) {
        let merged = merge(&world.ops, rule);
        for field in fields_by(MergeRule::Review) {
            let Some(state) = merged.fields.get(&field) else { continue };
            let all: Vec<usize> = state.shown.iter().chain(&state.conflicts).map(|c| place_of(&world, c)).collect();
            let decided = |knows: &[usize]| {
                let mut ops = world.ops.clone();
                ops.push(world.answer(knows, field, 99));
                merge(&ops, rule)
            };
            let is_head = |i: &usize| !world.knows.iter().any(|knows| knows.contains(i));
            let heads: Vec<usize> = (0..world.ops.len()).filter(is_head).collect();
            let resolved = decided(&heads);
            prop_assert_eq!(resolved.value(field), Some(&Value::Int(99)));
            prop_assert!(resolved.fields[&field].conflicts.is_empty());
            for unseen in &all {
                let seen: Vec<usize> = all.iter().copied()
                    .filter(|i| i != unseen && !world.knows[*i].contains(unseen)).collect();
                let still_open = decided(&seen);
                prop_assert!(!still_open.fields[&field].conflicts.is_empty(), "{unseen} was not seen");
            }
        }
    }

    #[test]
    fn ops_that_may_not_show_show_nothing_and_still_are_heads(world in world()) {
        let mut emptied = world.ops.clone();
        emptied.iter_mut().filter(|op| op.verdict != Verdict::Ok).for_each(|op| op.entries.clear());
        let merged = merge(&world.ops, rule);
        prop_assert_eq!(&merge(&emptied, rule), &merged);
        let heads: BTreeSet<_> = (0..world.ops.len()).filter(|i| !world.knows.iter().any(|knows| knows.contains(i)))
            .map(|i| world.ops[i].id.short()).collect();
        prop_assert!(heads.len() <= MAX_DEPS);
        prop_assert_eq!(merged.heads.iter().copied().collect::<BTreeSet<_>>(), heads);
        prop_assert_eq!(merged.held, world.ops.iter().filter(|op| matches!(op.verdict, Verdict::Held(_))).count());
    }

    #[test]
    fn forged_cycles_end_and_hide_nothing(world in forged_world(), order in any::<u64>()) {
        let expected = merge(&world.ops, rule);
        let mut ops = world.ops.clone();
        greenshield_testkit::rng::SplitMix::new(order).shuffle(&mut ops);
        prop_assert_eq!(&merge(&ops, rule), &expected);
        // Whoever claims to know what knows him follows nothing.
        let claims = closure(&world.ops);
        nothing_vanishes(&world.ops, &expected, |later, earlier| claims[later][earlier] && !claims[earlier][later]);
        for (field, state) in &expected.fields {
            prop_assert!(rule(*field) == MergeRule::Set || state.shown.len() == 1, "{field} shows {:?}", state.shown);
        }
        prop_assert!(!expected.heads.is_empty());
    }
}

#[test]
fn a_conversation_of_two_thousand_ops_merges_to_its_last_word() {
    let ids: Vec<OpId> = (0..2_000u32).map(|i| OpId(sha256(&[&i.to_be_bytes()]))).collect();
    let ops: Vec<RecordOp> = (0..2_000usize)
        .map(|i| RecordOp {
            id: ids[i],
            log: LogId([u8::try_from(i % 2).unwrap(); 32]),
            account: AccountId([0; 16]),
            seq: i as u64,
            prev: None,
            deps: i.checked_sub(1).map(|before| ids[before].short()).into_iter().collect(),
            // Clocks run backwards; knowledge does not.
            eff_millis: -i64::try_from(i).unwrap(),
            verdict: Verdict::Ok,
            entries: vec![Entry::set(0, Value::Int(i64::try_from(i).unwrap()))],
        })
        .collect();
    let merged = merge(&ops, rule);
    assert_eq!(merged.value(0), Some(&Value::Int(1_999)));
    assert!(merged.fields[&0].conflicts.is_empty());
    assert_eq!(merged.heads, [ids[1_999].short()]);
}

#[test]
fn the_branches_of_a_forked_log_do_not_follow_each_other() {
    let op = |id: u8, seq: u64, prev: u8, value: &str| RecordOp {
        id: OpId([id; 32]),
        log: LogId([1; 32]),
        account: AccountId([1; 16]),
        seq,
        prev: Some(OpId([prev; 32])),
        deps: Vec::new(),
        eff_millis: i64::from(id),
        verdict: Verdict::Ok,
        entries: vec![Entry::set(0, Value::text(value))],
    };
    // A copy of the profile wrote 4 after 2 while the phone wrote 3 after 2; 5 goes on from 4, 6 from 3.
    let ops = [op(2, 2, 1, "common"), op(3, 3, 2, "phone"), op(4, 3, 2, "copy"), op(5, 4, 4, "copy later")];
    let merged = merge(&ops, |_| MergeRule::Lww);
    let texts = |candidates: &[Candidate]| candidates.iter().map(|c| c.value.clone()).collect::<Vec<_>>();
    assert_eq!(texts(&merged.fields[&0].shown), [Value::text("copy later")]);
    assert_eq!(texts(&merged.fields[&0].conflicts), [Value::text("phone")], "the other branch stays visible");

    // One step behind the fork, with the branch's own op on another record: what lies before both is still followed.
    let behind = [op(2, 2, 1, "common"), op(3, 3, 2, "phone"), op(6, 4, 9, "copy elsewhere first")];
    let merged = merge(&behind, |_| MergeRule::Lww);
    assert_eq!(texts(&merged.fields[&0].conflicts), [Value::text("phone")]);
}

/// Transitive closure of what ops claim, the slow way.
fn closure(ops: &[RecordOp]) -> Vec<Vec<bool>> {
    let direct = |i: usize, j: usize| {
        (ops[i].log == ops[j].log && ops[j].seq < ops[i].seq) || (i != j && ops[i].deps.contains(&ops[j].id.short()))
    };
    let mut claims: Vec<Vec<bool>> = (0..ops.len()).map(|i| (0..ops.len()).map(|j| direct(i, j)).collect()).collect();
    for via in 0..ops.len() {
        for i in 0..ops.len() {
            for j in 0..ops.len() {
                claims[i][j] |= claims[i][via] && claims[via][j];
            }
        }
    }
    claims
}
