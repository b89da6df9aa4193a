//! Which op follows which, among the ops of one record.

use std::collections::BTreeMap;

use super::RecordOp;
use crate::ids::{LogId, OpRef};
use crate::order;

/// The transitive closure of `deps` and of each log's own order, as bit rows.
pub(super) struct Causality {
    /// Row i has bit j: op i was made with knowledge of op j.
    rows: Vec<Vec<u64>>,
}

impl Causality {
    /// Ops must be distinct. A dep that is not here yet is no edge: it may arrive later and then is one.
    pub(super) fn of(ops: &[&RecordOp]) -> Self {
        let parents = parents(ops);
        let mut closure = Self { rows: vec![vec![0; ops.len().div_ceil(64)]; ops.len()] };
        let order = topological(&parents);
        order.iter().for_each(|i| _ = closure.absorb(*i, &parents[*i]));
        // Hashes can not form a cycle, but foreign bytes could claim one: what is left of it is run to its fixed point, which
        // depends on the set alone.
        let mut placed = vec![false; ops.len()];
        order.iter().for_each(|i| placed[*i] = true);
        let rest: Vec<usize> = (0..ops.len()).filter(|i| !placed[*i]).collect();
        let mut changed = !rest.is_empty();
        while changed {
            changed = rest.iter().fold(false, |changed, i| closure.absorb(*i, &parents[*i]) | changed);
        }
        closure
    }

    /// Adds the parents of op i and all that they know to its row; whether that was news.
    fn absorb(&mut self, i: usize, parents: &[usize]) -> bool {
        let mut row = std::mem::take(&mut self.rows[i]);
        let before = row.clone();
        for &j in parents {
            row[j / 64] |= 1 << (j % 64);
            row.iter_mut().zip(&self.rows[j]).for_each(|(mine, theirs)| *mine |= theirs);
        }
        let changed = row != before;
        self.rows[i] = row;
        changed
    }

    fn knows(&self, i: usize, j: usize) -> bool {
        self.rows[i][j / 64] >> (j % 64) & 1 == 1
    }

    /// Whether op i was made with knowledge of op j and not the other way round: ops that claim to know each other count as
    /// concurrent, so that no value can be made to vanish.
    pub(super) fn follows(&self, i: usize, j: usize) -> bool {
        self.knows(i, j) && !self.knows(j, i)
    }

    /// Whether nothing follows op i.
    pub(super) fn is_head(&self, i: usize) -> bool {
        !(0..self.rows.len()).any(|j| self.follows(j, i))
    }
}

/// For each op its deps that are here, and its log's op just before it. Where a fork leaves two, or the one right before it is
/// not the one that it names, `prev` tells which branch it is on: one branch does not know the other.
fn parents(ops: &[&RecordOp]) -> Vec<Vec<usize>> {
    let by_ref: BTreeMap<OpRef, usize> = order::map_of(ops.iter().enumerate().map(|(i, op)| (op.id.short(), i)));
    let mut by_place: BTreeMap<(LogId, u64), Vec<usize>> = BTreeMap::new();
    for (i, op) in ops.iter().enumerate() {
        by_place.entry((op.log, op.seq)).or_default().push(i);
    }
    let parents = ops.iter().enumerate().map(|(i, op)| {
        let deps = op.deps.iter().filter_map(|dep| by_ref.get(dep)).copied().filter(|j| *j != i);
        deps.chain(own_parents(ops, &by_place, op)).collect()
    });
    parents.collect()
}

fn own_parents(ops: &[&RecordOp], by_place: &BTreeMap<(LogId, u64), Vec<usize>>, op: &RecordOp) -> Vec<usize> {
    let mut before = by_place.range((op.log, 0)..(op.log, op.seq)).rev();
    let Some(((_, seq), nearest)) = before.next() else { return Vec::new() };
    let (true, Some(prev)) = (seq + 1 == op.seq, op.prev) else { return nearest.clone() };
    let named: Vec<usize> = nearest.iter().copied().filter(|i| ops[*i].id == prev).collect();
    if named.is_empty() { before.next().map(|(_, common)| common.clone()).unwrap_or_default() } else { named }
}

/// Parents before children; ops on or behind a cycle are left out.
fn topological(parents: &[Vec<usize>]) -> Vec<usize> {
    let mut children = vec![Vec::new(); parents.len()];
    let mut waiting: Vec<usize> = parents.iter().map(Vec::len).collect();
    for (i, parents) in parents.iter().enumerate() {
        parents.iter().for_each(|j| children[*j].push(i));
    }
    let mut order: Vec<usize> = (0..parents.len()).filter(|i| waiting[*i] == 0).collect();
    let mut next = 0;
    while let Some(&done) = order.get(next) {
        next += 1;
        for &child in &children[done] {
            waiting[child] -= 1;
            if waiting[child] == 0 {
                order.push(child);
            }
        }
    }
    order
}
