//! The list of records as far as it is loaded, newest first.
//!
//! Invariant: the rows are a gapless beginning of the list on disk, less people, units, consents and requests, which have pages of their own; `next`
//! is where the rest starts.

use greenshield_client::engine::ListPage;
use greenshield_client::ports::Key;
use greenshield_client::rows::{ListRow, list_key};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::{consent, order, person, unit, wish};

/// So many changed rows are put into a long list one by one; more of them are merged with it.
const FEW: usize = 8;

/// The loaded part of the list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RecordList {
    /// Newest first.
    pub rows: Vec<ListRow>,
    /// Where the next page starts; `None` = all is loaded, if anything was.
    pub next: Option<Key>,
    /// Whether the first page was read.
    pub is_loaded: bool,
}

fn key(row: &ListRow) -> Key {
    list_key(row.sort_millis, &row.record)
}

/// Whether a row stands among what people found, did and were given.
#[must_use]
pub fn is_listed(row: &ListRow) -> bool {
    ![person::KIND, unit::KIND, consent::KIND, wish::KIND].contains(&row.kind)
}

impl RecordList {
    /// Adds the next page at the end.
    pub fn append(&mut self, page: ListPage) {
        let last = self.rows.last().map(key);
        let is_new = |row: &ListRow| last.as_ref().is_none_or(|last| key(row) > *last);
        self.rows.extend(page.rows.into_iter().filter(|row| is_listed(row) && is_new(row)));
        self.next = page.next;
        self.is_loaded = true;
    }

    /// Takes over rows that changed: each moves to its place, or waits beyond the end until it is loaded. Of two rows of one record
    /// the last counts.
    pub fn fold(&mut self, changed: Vec<ListRow>) {
        let changed = order::map_of(changed.into_iter().filter(is_listed).map(|row| (row.record, row)));
        self.rows.retain(|old| !changed.contains_key(&old.record));
        let is_within = |row: &ListRow| self.next.as_ref().is_none_or(|next| key(row) < *next);
        let mut changed: Vec<ListRow> = changed.into_values().filter(is_within).collect();
        if changed.len() <= FEW {
            for row in changed {
                let at = self.rows.partition_point(|old| key(old) < key(&row));
                self.rows.insert(at, row);
            }
            return;
        }
        order::sort_by_key(&mut changed, key);
        let mut merged = Vec::with_capacity(self.rows.len() + changed.len());
        let mut changed = changed.into_iter().peekable();
        for old in self.rows.drain(..) {
            while let Some(row) = changed.next_if(|row| key(row) < key(&old)) {
                merged.push(row);
            }
            merged.push(old);
        }
        merged.extend(changed);
        self.rows = merged;
    }

    /// Lets go of records that this phone does not hold any more.
    pub fn forget(&mut self, gone: &[RecordId]) {
        self.rows.retain(|row| !gone.contains(&row.record));
    }

    /// A loaded row.
    #[must_use]
    pub fn row(&self, record: RecordId) -> Option<&ListRow> {
        self.rows.iter().find(|row| row.record == record)
    }
}

/// Which records the list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Those with something that is on this phone only.
    Unsent,
    /// Those that I reported.
    Mine,
}

impl Filter {
    /// Whether a row belongs.
    #[must_use]
    pub fn takes(self, row: &ListRow, me: Option<AccountId>) -> bool {
        match self {
            Filter::All => true,
            Filter::Unsent => row.ops_unsent > 0 || row.photos_delivered < row.photos || row.voices_unsent > 0,
            Filter::Mine => me.is_some() && row.reporter == me,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::row;
    use super::*;

    fn list(numbers: &[u8], next: Option<u8>) -> RecordList {
        let rows = numbers.iter().map(|n| row(*n)).collect();
        RecordList { rows, next: next.map(|n| key(&row(n))), is_loaded: true }
    }

    fn numbers(list: &RecordList) -> Vec<u8> {
        list.rows.iter().map(|row| row.record.0[0]).collect()
    }

    #[test]
    fn a_changed_row_takes_its_place() {
        let mut list = list(&[9, 7, 5], Some(3));
        list.fold(vec![row(8), row(9)]);
        assert_eq!(numbers(&list), [9, 8, 7, 5]);
        let mut moved = row(9);
        moved.sort_millis = 6;
        list.fold(vec![moved]);
        assert_eq!(numbers(&list), [8, 7, 9, 5]);
    }

    #[test]
    fn many_changed_rows_take_their_places_as_one_by_one() {
        let (mut at_once, mut one_by_one) = (list(&[90, 70, 50, 30], Some(20)), list(&[90, 70, 50, 30], Some(20)));
        let changed: Vec<ListRow> = (10..100).step_by(7).map(row).chain([row(50), row(90), row(50)]).collect();
        assert!(changed.len() > FEW);
        at_once.fold(changed.clone());
        for row in changed {
            one_by_one.fold(vec![row]);
        }
        assert_eq!(at_once, one_by_one);
        assert_eq!(numbers(&at_once)[..3], [94, 90, 87]);
    }

    #[test]
    fn a_record_that_left_the_phone_leaves_the_list() {
        let mut list = list(&[9, 7, 5], Some(3));
        list.forget(&[row(7).record, row(2).record]);
        assert_eq!(numbers(&list), [9, 5]);
    }

    #[test]
    fn a_row_beyond_the_loaded_part_waits_for_its_page() {
        let mut list = list(&[9, 7, 5], Some(3));
        list.fold(vec![row(2)]);
        assert_eq!(numbers(&list), [9, 7, 5]);
        list.append(ListPage { rows: vec![row(5), row(3), row(2)], next: None });
        assert_eq!(numbers(&list), [9, 7, 5, 3, 2]);
    }

    #[test]
    fn filters_tell_unsent_and_mine() {
        let mut unsent = row(1);
        (unsent.photos, unsent.photos_delivered) = (2, 1);
        assert!(Filter::Unsent.takes(&unsent, None) && !Filter::Unsent.takes(&row(1), None));
        assert!(Filter::Mine.takes(&row(1), Some(AccountId([1; 16]))) && !Filter::Mine.takes(&row(1), None));
    }
}
