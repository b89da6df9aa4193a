//! Laws of the proofs, in trees far larger than those that unit tests walk through.

use std::ops::Range;

use greenshield_domain::tree::proof::{
    Subtree, consistency_parts, inclusion_parts, is_consistent, is_included, join, subtrees,
};
use greenshield_domain::tree::{Frontier, Hash, leaf_hash, root};
use proptest::prelude::*;

use super::cases;

fn leaves(size: u64) -> Vec<Hash> {
    (0..size).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

fn at(n: u64) -> usize {
    usize::try_from(n).unwrap()
}

fn path(leaves: &[Hash], parts: Vec<Range<u64>>) -> Vec<Hash> {
    let part = |Subtree { level, index }| root(&leaves[at(index << level)..at((index + 1) << level)]);
    parts.into_iter().map(|range| join(&subtrees(range).into_iter().map(part).collect::<Vec<_>>()).unwrap()).collect()
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn a_path_proves_its_leaf_at_its_place_and_is_short(size in 1..3_000_u64, pick: prop::sample::Index, bit in 0..256_usize) {
        let (leaves, leaf) = (leaves(size), pick.index(at(size)) as u64);
        let (root, mut path) = (root(&leaves), path(&leaves, inclusion_parts(leaf, size)));
        prop_assert!(path.len() <= at(u64::from(size.next_power_of_two().ilog2())));
        prop_assert!(is_included(&leaves[at(leaf)], leaf, size, &path, &root));
        prop_assert!(!is_included(&leaves[at(leaf)], (leaf + 1) % size.max(2), size, &path, &root));
        if let Some(hash) = path.last_mut() {
            hash[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!is_included(&leaves[at(leaf)], leaf, size, &path, &root));
        }
    }

    #[test]
    fn a_log_that_only_grew_is_consistent_and_a_rewritten_one_is_not(
        size in 2..3_000_u64, old: prop::sample::Index, changed: prop::sample::Index,
    ) {
        let (leaves, from) = (leaves(size), 1 + old.index(at(size) - 1) as u64);
        let (before, path) = (root(&leaves[..at(from)]), path(&leaves, consistency_parts(from, size)));
        prop_assert!(is_consistent(from, &before, size, &root(&leaves), &path));
        // The server rewrites one op of the past and proves honestly over what it now has.
        let mut rewritten = leaves;
        rewritten[changed.index(at(from))] = leaf_hash(b"rewritten");
        let path = self::path(&rewritten, consistency_parts(from, size));
        prop_assert!(!is_consistent(from, &before, size, &root(&rewritten), &path));
    }

    #[test]
    fn any_range_that_a_proof_names_joins_from_at_most_one_subtree_for_each_bit(size in 1..1_u64 << 40, pick: u64) {
        let from = 1 + pick % size;
        let parts = inclusion_parts(from - 1, size).into_iter().chain(consistency_parts(from, size));
        for part in parts {
            let trees = subtrees(part.clone());
            prop_assert!(trees.len() <= 40);
            prop_assert_eq!(trees.iter().map(|tree| 1 << tree.level).sum::<u64>(), part.end - part.start);
        }
    }

    #[test]
    fn a_frontier_joins_like_the_subtrees_of_the_whole(size in 1..2_000_u64) {
        let mut frontier = Frontier::default();
        leaves(size).into_iter().for_each(|leaf| frontier.push(leaf));
        prop_assert_eq!(subtrees(0..size).len(), frontier.hashes().len());
        prop_assert_eq!(join(frontier.hashes()), Some(frontier.root()));
    }
}
