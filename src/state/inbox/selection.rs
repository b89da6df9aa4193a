//! Lines that are chosen for something that is done with all of them.
//!
//! Invariant: what is done is done with chosen lines that are shown, in their order; a line that left the list is chosen no more.

use std::collections::BTreeSet;

use greenshield_domain::ids::RecordId;
use greenshield_domain::order;

use super::index::Mark;

/// So many are done at once: more would take minutes, in which others work with the same reports.
pub const MOST: usize = 200;

/// The chosen lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    records: BTreeSet<RecordId>,
    /// Where a stretch begins: the line that was chosen last.
    anchor: Option<RecordId>,
}

impl Selection {
    /// Whether no line is chosen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Whether a line is chosen.
    #[must_use]
    pub fn has(&self, record: RecordId) -> bool {
        self.records.contains(&record)
    }

    /// Chooses a line, or lets go of it.
    pub fn toggle(&mut self, record: RecordId) {
        if !self.records.remove(&record) {
            self.records.insert(record);
        }
        self.anchor = Some(record);
    }

    /// Chooses everything from where the stretch begins to a line. Without a beginning `from` is one.
    pub fn extend(&mut self, marks: &[Mark], from: Option<RecordId>, to: RecordId) {
        let place = |record| marks.iter().position(|mark| mark.record == record);
        let Some(last) = place(to) else { return };
        let first = self.anchor.and_then(place).or_else(|| from.and_then(place)).unwrap_or(last);
        self.anchor = Some(marks[first].record);
        let stretch = &marks[first.min(last)..=first.max(last)];
        self.records.extend(stretch.iter().map(|mark| mark.record));
    }

    /// Lets go of all.
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Chooses exactly these.
    pub fn put(&mut self, records: &[RecordId]) {
        *self = Self { records: order::set_of(records.iter().copied()), anchor: None };
    }

    /// The chosen lines among those that are shown, in their order.
    #[must_use]
    pub fn shown(&self, marks: &[Mark]) -> Vec<Mark> {
        if self.records.is_empty() {
            return Vec::new();
        }
        marks.iter().filter(|mark| self.records.contains(&mark.record)).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::InboxPart;
    use super::super::index::Index;
    use super::super::tests::{city, row};
    use super::*;

    fn marks(numbers: &[u8]) -> Vec<Mark> {
        let rows: Vec<_> = numbers.iter().map(|n| row(*n, "garbage-dumping", None, i64::from(*n))).collect();
        Index::of(&rows, &city()).part(InboxPart::Waiting).to_vec()
    }

    fn id(n: u8) -> RecordId {
        RecordId([n; 16])
    }

    fn shown(selection: &Selection, marks: &[Mark]) -> Vec<u8> {
        selection.shown(marks).iter().map(|mark| mark.record.0[0]).collect()
    }

    #[test]
    fn a_stretch_goes_from_the_line_chosen_last_in_both_directions() {
        let (marks, mut selection) = (marks(&[1, 2, 3, 4, 5]), Selection::default());
        selection.toggle(id(3));
        selection.extend(&marks, None, id(5));
        assert_eq!(shown(&selection, &marks), [3, 4, 5]);
        selection.extend(&marks, None, id(2));
        assert_eq!(shown(&selection, &marks), [2, 3, 4, 5]);
        selection.toggle(id(4));
        assert_eq!(shown(&selection, &marks), [2, 3, 5]);
    }

    #[test]
    fn a_stretch_without_a_beginning_begins_at_the_cursor_and_a_line_that_left_is_chosen_no_more() {
        let (all, mut selection) = (marks(&[1, 2, 3]), Selection::default());
        selection.extend(&all, Some(id(1)), id(2));
        assert_eq!(shown(&selection, &all), [1, 2]);
        assert_eq!(shown(&selection, &marks(&[2, 3])), [2]);
        selection.put(&[id(3)]);
        assert!(selection.has(id(3)) && !selection.has(id(1)));
        selection.clear();
        assert!(selection.is_empty() && selection.shown(&all).is_empty());
    }
}
