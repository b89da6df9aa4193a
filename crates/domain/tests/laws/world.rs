//! Worlds of concurrent ops on one record, and what really follows what in them, kept apart from the code under test.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::{AccountId, LogId, OpId, sha256};
use greenshield_domain::merge::{MergeRule, RecordOp};
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::wire::Verdict;
use proptest::prelude::*;

pub(crate) const LOGS: usize = 4;

/// One save of one person.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) log: usize,
    /// For each log, how many of its newest ops the author has not seen yet; 3 = none seen.
    pub(crate) behind: [usize; LOGS],
    pub(crate) eff_millis: i64,
    pub(crate) verdict: Verdict,
    pub(crate) entries: Vec<(u32, Act, i64)>,
}

/// Ops and the truth about them.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) ops: Vec<RecordOp>,
    /// For each op the ops that its author knew, directly or not.
    pub(crate) knows: Vec<BTreeSet<usize>>,
}

/// Fields 0 to 7 go through the four rules twice.
pub(crate) fn rule(field: u32) -> MergeRule {
    [MergeRule::Lww, MergeRule::Set, MergeRule::Once, MergeRule::Review][field as usize % 4]
}

fn entry() -> impl Strategy<Value = (u32, Act, i64)> {
    let act = prop_oneof![4 => Just(Act::Set), 2 => Just(Act::Add), 2 => Just(Act::Remove), 1 => Just(Act::Link)];
    (0..8u32, act, 0..4i64)
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![8 => Just(Verdict::Ok), 1 => Just(Verdict::Held("revoked".to_owned())), 1 => Just(Verdict::Void)]
}

fn step() -> impl Strategy<Value = Step> {
    let behind = [0..4usize, 0..4, 0..4, 0..4];
    (0..LOGS, behind, 0..6i64, verdict(), prop::collection::vec(entry(), 1..4))
        .prop_map(|(log, behind, eff_millis, verdict, entries)| Step { log, behind, eff_millis, verdict, entries })
}

pub(crate) fn world() -> impl Strategy<Value = World> {
    (prop::collection::vec(step(), 1..24), any::<u64>()).prop_map(|(steps, salt)| build(&steps, salt))
}

/// A world whose ops also claim deps that do not exist yet: only forged bytes could.
pub(crate) fn forged_world() -> impl Strategy<Value = World> {
    (world(), prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..12)).prop_map(
        |(mut world, claims)| {
            for (from, to) in claims {
                let dep = world.ops[to.index(world.ops.len())].id.short();
                let from = from.index(world.ops.len());
                world.ops[from].deps.push(dep);
            }
            world
        },
    )
}

fn build(steps: &[Step], salt: u64) -> World {
    let mut world = World { ops: Vec::new(), knows: Vec::new() };
    let mut logs: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (i, step) in steps.iter().enumerate() {
        let mut knows = BTreeSet::new();
        let mut deps = Vec::new();
        for log in 0..LOGS {
            let ops = logs.get(&log).map_or(&[][..], Vec::as_slice);
            let newest_seen = if log == step.log { ops.last() } else { ops.iter().rev().nth(step.behind[log]) };
            let Some(&parent) = newest_seen else { continue };
            if log != step.log {
                deps.push(world.ops[parent].id.short());
            }
            knows.insert(parent);
            knows.extend(world.knows[parent].clone());
        }
        world.ops.push(RecordOp {
            id: OpId(sha256(&[&salt.to_be_bytes(), &i.to_be_bytes()])),
            log: LogId([u8::try_from(step.log).unwrap(); 32]),
            account: AccountId([u8::try_from(step.log).unwrap(); 16]),
            // A log has ops on other records between.
            seq: 3 * i as u64 + 1,
            prev: None,
            deps,
            eff_millis: step.eff_millis,
            verdict: step.verdict.clone(),
            entries: step.entries.iter().map(|e| Entry { field: e.0, act: e.1, value: Value::Int(e.2) }).collect(),
        });
        world.knows.push(knows);
        logs.entry(step.log).or_default().push(i);
    }
    world
}

/// One visible setting of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Set<'a> {
    pub(crate) op: usize,
    pub(crate) place: usize,
    pub(crate) entry: &'a Entry,
}

impl World {
    /// What ops with the verdict ok say about a field; removes only where the field is a set.
    pub(crate) fn settings(&self, field: u32) -> Vec<Set<'_>> {
        let ops = self.ops.iter().enumerate().filter(|(_, op)| op.verdict == Verdict::Ok);
        ops.flat_map(|(op, full)| full.entries.iter().enumerate().map(move |(place, entry)| Set { op, place, entry }))
            .filter(|set| set.entry.field == field)
            .filter(|set| set.entry.act != Act::Remove || rule(field) == MergeRule::Set)
            .collect()
    }

    pub(crate) fn follows(&self, later: &Set<'_>, earlier: &Set<'_>) -> bool {
        if later.op == earlier.op { later.place > earlier.place } else { self.knows[later.op].contains(&earlier.op) }
    }

    /// An op by a new author who knows the given ops and sets one field.
    pub(crate) fn answer(&self, knows: &[usize], field: u32, value: i64) -> RecordOp {
        RecordOp {
            id: OpId(sha256(&[b"answer", &value.to_be_bytes(), &[u8::try_from(knows.len()).unwrap()]])),
            log: LogId([0xaa; 32]),
            account: AccountId([0xaa; 16]),
            seq: 1,
            prev: None,
            deps: knows.iter().map(|i| self.ops[*i].id.short()).collect(),
            eff_millis: -1,
            verdict: Verdict::Ok,
            entries: vec![Entry::set(field, Value::Int(value))],
        }
    }
}
