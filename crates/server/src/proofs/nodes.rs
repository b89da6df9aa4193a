//! All complete subtrees of a growing tree.

use std::ops::Range;

use greenshield_domain::ids::OpId;
use greenshield_domain::tree::proof::{join, subtrees};
use greenshield_domain::tree::{Hash, leaf_hash, node_hash};

/// The hashes, by height and then by place.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    levels: Vec<Vec<Hash>>,
}

impl Nodes {
    /// Number of leaves.
    pub(super) fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Appends an op, and every subtree that it completes.
    pub(super) fn push(&mut self, op: &OpId) {
        let (mut hash, mut level) = (leaf_hash(&op.0), 0);
        loop {
            if self.levels.len() == level {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            let [.., left, right] = row.as_slice() else { return };
            if row.len() % 2 == 1 {
                return;
            }
            (hash, level) = (node_hash(left, right), level + 1);
        }
    }

    /// The hash of a part of a path; `None` outside of the tree.
    pub(super) fn hash(&self, part: Range<u64>) -> Option<Hash> {
        let found = subtrees(part).into_iter().map(|subtree| {
            let level = self.levels.get(usize::try_from(subtree.level).ok()?)?;
            level.get(usize::try_from(subtree.index).ok()?).copied()
        });
        join(&found.collect::<Option<Vec<_>>>()?)
    }
}

#[cfg(test)]
mod tests {
    use greenshield_domain::tree::root;

    use super::*;

    #[test]
    fn every_complete_subtree_of_every_size_is_there() {
        let ids: Vec<OpId> = (0..70).map(|i| OpId([i; 32])).collect();
        let leaves: Vec<Hash> = ids.iter().map(|id| leaf_hash(&id.0)).collect();
        let mut nodes = Nodes::default();
        for (at, id) in ids.iter().enumerate() {
            nodes.push(id);
            assert_eq!(nodes.size(), at as u64 + 1);
            assert_eq!(nodes.hash(0..nodes.size()), Some(root(&leaves[..=at])));
        }
        assert_eq!(nodes.hash(64..70), Some(root(&leaves[64..70])));
        assert_eq!(nodes.hash(64..71), None);
        assert_eq!(nodes.hash(0..0), None);
    }
}
