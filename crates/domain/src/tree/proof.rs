//! Inclusion and consistency proofs of RFC 9162 §2.1.3 and §2.1.4.
//!
//! Owns: which parts of a tree a proof consists of, and its verification. Refuses: to know where hashes are stored. A prover
//! asks for the [`Subtree`]s of each part, whatever it keeps them in, and joins them with [`join`].
//! Invariant: a path that verifies proves its claim; everything else is refused, whatever its length.

use std::ops::Range;

use super::{Hash, node_hash};

/// A complete subtree: the leaves `index << level .. (index + 1) << level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subtree {
    /// Its height: 0 is a leaf.
    pub level: u32,
    /// Its place among the subtrees of that height, from 0.
    pub index: u64,
}

/// The complete subtrees that make up a range whose start is a multiple of the power of two that covers it, largest first.
#[must_use]
pub fn subtrees(range: Range<u64>) -> Vec<Subtree> {
    let (mut start, mut parts) = (range.start, Vec::new());
    while start < range.end {
        let level = (range.end - start).ilog2();
        parts.push(Subtree { level, index: start >> level });
        start += 1 << level;
    }
    parts
}

/// The hash of a range from the hashes of its [`subtrees`]; `None` for no hashes.
#[must_use]
pub fn join(hashes: &[Hash]) -> Option<Hash> {
    let (last, rest) = hashes.split_last()?;
    Some(rest.iter().rev().fold(*last, |right, left| node_hash(left, &right)))
}

/// The ranges of leaves whose hashes prove that a leaf is in a tree, lowest first; empty when it is not.
#[must_use]
pub fn inclusion_parts(leaf: u64, size: u64) -> Vec<Range<u64>> {
    let mut parts = Vec::new();
    if leaf >= size {
        return parts;
    }
    let (mut start, mut end) = (0, size);
    while end - start > 1 {
        let middle = start + split(end - start);
        if leaf < middle {
            parts.push(middle..end);
            end = middle;
        } else {
            parts.push(start..middle);
            start = middle;
        }
    }
    parts.reverse();
    parts
}

/// The ranges of leaves whose hashes prove that the tree of `from` leaves is the beginning of the tree of `to`; empty for
/// equal trees and for an empty old one, where there is nothing to prove.
#[must_use]
pub fn consistency_parts(from: u64, to: u64) -> Vec<Range<u64>> {
    let mut parts = Vec::new();
    if from == 0 || from >= to {
        return parts;
    }
    let (mut start, mut end) = (0, to);
    // Down to the subtree that both trees share at the old tree's edge.
    while end != from {
        let middle = start + split(end - start);
        if from <= middle {
            parts.push(middle..end);
            end = middle;
        } else {
            parts.push(start..middle);
            start = middle;
        }
    }
    // A whole old tree needs no naming: its root is known.
    if start > 0 {
        parts.push(start..end);
    }
    parts.reverse();
    parts
}

/// The largest power of two below the size.
fn split(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

/// Whether the path leads from a leaf hash to the root of a tree of that size.
#[must_use]
pub fn is_included(leaf_hash: &Hash, leaf: u64, size: u64, path: &[Hash], root: &Hash) -> bool {
    let parts = inclusion_parts(leaf, size);
    if leaf >= size || parts.len() != path.len() {
        return false;
    }
    let reached = parts.iter().zip(path).fold(*leaf_hash, |hash, (part, sibling)| {
        if part.start > leaf { node_hash(&hash, sibling) } else { node_hash(sibling, &hash) }
    });
    reached == *root
}

/// Whether the path shows that the old tree is the beginning of the new one.
#[must_use]
pub fn is_consistent(from: u64, old_root: &Hash, to: u64, new_root: &Hash, path: &[Hash]) -> bool {
    if from > to {
        return false;
    }
    if from == to {
        return path.is_empty() && old_root == new_root;
    }
    if from == 0 {
        return path.is_empty() && *old_root == super::root(&[]);
    }
    let parts = consistency_parts(from, to);
    if parts.len() != path.len() {
        return false;
    }
    let steps: Vec<_> = parts.iter().zip(path).collect();
    // The shared subtree: named in the path, or the whole old tree.
    let (shared, steps) = match steps.split_first() {
        Some(((part, hash), rest)) if part.end == from => (**hash, rest),
        _ => (*old_root, steps.as_slice()),
    };
    let (old, new) = steps.iter().fold((shared, shared), |(old, new), (part, sibling)| {
        if part.start >= from {
            (old, node_hash(&new, sibling))
        } else {
            (node_hash(sibling, &old), node_hash(sibling, &new))
        }
    });
    old == *old_root && new == *new_root
}

#[cfg(test)]
mod tests {
    use super::super::{leaf_hash, root};
    use super::*;

    fn leaves(n: u8) -> Vec<Hash> {
        (0..n).map(|i| leaf_hash(&[i])).collect()
    }

    /// The hash of a range, as a prover finds it: from complete subtrees.
    fn hash_of(leaves: &[Hash], range: &Range<u64>) -> Hash {
        let part = |subtree: Subtree| {
            let start = usize::try_from(subtree.index << subtree.level).unwrap_or_default();
            root(&leaves[start..start + (1 << subtree.level)])
        };
        join(&subtrees(range.clone()).into_iter().map(part).collect::<Vec<_>>()).unwrap_or_default()
    }

    fn path(leaves: &[Hash], parts: Vec<Range<u64>>) -> Vec<Hash> {
        parts.iter().map(|part| hash_of(leaves, part)).collect()
    }

    #[test]
    fn every_leaf_of_every_tree_is_proved_and_no_other_leaf_or_place_is() {
        for size in 1..=66_u8 {
            let leaves = leaves(size);
            let root = root(&leaves);
            for leaf in 0..size {
                let (at, n) = (u64::from(leaf), u64::from(size));
                let path = path(&leaves, inclusion_parts(at, n));
                let hash = leaves[usize::from(leaf)];
                assert!(is_included(&hash, at, n, &path, &root), "leaf {leaf} of {size}");
                assert!(!is_included(&leaf_hash(b"other"), at, n, &path, &root));
                for other in (0..n).filter(|other| *other != at) {
                    assert!(!is_included(&hash, other, n, &path, &root), "{leaf} shown as {other} of {size}");
                }
                for bad in damaged(&path) {
                    assert!(!is_included(&hash, at, n, &bad, &root));
                }
            }
        }
    }

    #[test]
    fn every_tree_is_the_beginning_of_every_later_one_and_of_no_forged_one() {
        let leaves = leaves(66);
        for to in 0..=66_u64 {
            let new = root(&leaves[..usize::try_from(to).unwrap_or_default()]);
            for from in 0..=to {
                let old = root(&leaves[..usize::try_from(from).unwrap_or_default()]);
                let path = path(&leaves, consistency_parts(from, to));
                assert!(is_consistent(from, &old, to, &new, &path), "{from} in {to}");
                assert!(!is_consistent(from, &leaf_hash(b"forged"), to, &new, &path));
                assert!(from == 0 || !is_consistent(from, &old, to, &leaf_hash(b"forged"), &path));
                for bad in damaged(&path) {
                    assert!(!is_consistent(from, &old, to, &new, &bad), "{from} in {to}, damaged path");
                }
            }
        }
    }

    #[test]
    fn the_paths_are_those_of_the_example_in_rfc_9162() {
        // §2.1.5, seven leaves: d0 needs [b, h, l]; d3 [c, g, l]; d4 [f, j, k]; d6 [i, k]; sizes 3, 4 and 6 in 7.
        assert_eq!(inclusion_parts(0, 7), [1..2, 2..4, 4..7]);
        assert_eq!(inclusion_parts(3, 7), [2..3, 0..2, 4..7]);
        assert_eq!(inclusion_parts(4, 7), [5..6, 6..7, 0..4]);
        assert_eq!(inclusion_parts(6, 7), [4..6, 0..4]);
        assert_eq!(consistency_parts(3, 7), [2..3, 3..4, 0..2, 4..7]);
        assert_eq!(consistency_parts(4, 7), [4..7; 1]);
        assert_eq!(consistency_parts(6, 7), [4..6, 6..7, 0..4]);
    }

    #[test]
    fn sizes_from_a_stranger_do_no_harm() {
        let hash = leaf_hash(b"x");
        assert!(!is_included(&hash, u64::MAX - 1, u64::MAX, &[], &hash));
        assert!(!is_included(&hash, 5, 5, &[], &hash));
        assert!(!is_consistent(u64::MAX - 1, &hash, u64::MAX, &hash, &[]));
        assert!(!is_consistent(2, &hash, 1, &hash, &[]));
    }

    /// The path with one element changed, dropped, doubled or added.
    fn damaged(path: &[Hash]) -> Vec<Vec<Hash>> {
        let mut all = vec![[path, &[leaf_hash(b"more")]].concat()];
        for i in 0..path.len() {
            let (mut changed, mut dropped, mut doubled) = (path.to_vec(), path.to_vec(), path.to_vec());
            changed[i][31] ^= 1;
            dropped.remove(i);
            doubled.insert(i, path[i]);
            all.extend([changed, dropped, doubled]);
        }
        all
    }
}
