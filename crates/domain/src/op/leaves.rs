//! A set of leaves of one op, told by their indexes.

use std::ops::BitOr;

use super::MAX_LEAVES;

/// Leaves of one op: bit i stands for the entry at index i. An op has at most 64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Leaves(pub u64);

impl Leaves {
    /// The leaf at an index; no leaf where there can be none.
    #[must_use]
    pub fn at(index: usize) -> Self {
        Self(if index < MAX_LEAVES { 1 << index } else { 0 })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the leaf at an index is one of them.
    #[must_use]
    pub fn has(self, index: usize) -> bool {
        !(Self::at(index).is_empty() || self.0 & Self::at(index).0 == 0)
    }

    /// Whether all of them are among others.
    #[must_use]
    pub fn are_among(self, others: Self) -> bool {
        self.0 & !others.0 == 0
    }

    /// How many.
    #[must_use]
    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Their indexes, ascending.
    pub fn indexes(self) -> impl Iterator<Item = usize> {
        (0..MAX_LEAVES).filter(move |index| self.has(*index))
    }
}

impl BitOr for Leaves {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl FromIterator<usize> for Leaves {
    fn from_iter<I: IntoIterator<Item = usize>>(indexes: I) -> Self {
        indexes.into_iter().fold(Self::default(), |leaves, index| leaves | Self::at(index))
    }
}
