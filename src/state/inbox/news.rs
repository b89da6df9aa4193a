//! What arrived since the desk was opened: said aloud once, without moving anything.
//!
//! Invariant: while the list is still being read from the disk nothing is news, however late it arrived.

use greenshield_client::rows::ListRow;
use greenshield_domain::city::City;

use super::{InboxPart, part_of};
use crate::state::item::{self, People, person_name};
use crate::state::words::tr;

/// What was said last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct News {
    /// The newest arrival that is known, ms since 1970.
    newest_millis: i64,
    /// Whether the whole list was read once.
    is_listening: bool,
    /// What to say; empty = nothing yet.
    pub words: String,
}

impl News {
    /// What there is to say after the rows changed.
    #[must_use]
    pub fn next(&self, rows: &[ListRow], is_complete: bool, city: &City, people: &People) -> Self {
        let newest_millis =
            rows.iter().filter_map(|row| row.arrived_millis).max().unwrap_or_default().max(self.newest_millis);
        let is_listening = self.is_listening || is_complete;
        let words = if self.is_listening { self.words_of(rows, city, people) } else { None };
        Self { newest_millis, is_listening, words: words.unwrap_or_else(|| self.words.clone()) }
    }

    fn words_of(&self, rows: &[ListRow], city: &City, people: &People) -> Option<String> {
        let is_new = |row: &&ListRow| {
            row.arrived_millis.is_some_and(|millis| millis > self.newest_millis)
                && part_of(row, city) == Some(InboxPart::Waiting)
        };
        let new: Vec<_> = rows.iter().filter(is_new).collect();
        match new.as_slice() {
            [] => None,
            [row] => {
                let person = row.reporter.map(|account| person_name(people, account)).unwrap_or_default();
                Some(tr("desk.new_arrived", &[("what", &item::title(row, city)), ("person", &person)]))
            }
            many => Some(tr("desk.new_arrived_many", &[("n", &many.len().to_string())])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{city, row};
    use super::*;

    fn next(news: &News, rows: &[ListRow], is_complete: bool) -> News {
        news.next(rows, is_complete, &city(), &People::new())
    }

    #[test]
    fn what_is_read_from_the_disk_is_no_news() {
        let (first, second) = (row(1, "garbage-dumping", None, 10), row(2, "garbage-dumping", None, 20));
        let half = next(&News::default(), std::slice::from_ref(&first), false);
        let whole = next(&half, &[first, second], true);
        assert_eq!(whole.words, "");
    }

    #[test]
    fn an_arrival_is_said_once_and_stays_to_be_read() {
        let old = row(1, "garbage-dumping", None, 10);
        let open = next(&News::default(), std::slice::from_ref(&old), true);
        let rows = [old, row(2, "forest-grassland-fire", None, 30)];
        let heard = next(&open, &rows, true);
        assert!(heard.words.contains("火"), "{}", heard.words);
        assert_eq!(next(&heard, &rows, true), heard);
        let more =
            [rows.as_slice(), &[row(3, "garbage-dumping", None, 40), row(4, "garbage-dumping", None, 41)]].concat();
        assert!(next(&heard, &more, true).words.contains('2'));
    }

    #[test]
    fn a_report_that_was_signed_before_it_came_here_is_no_news() {
        let open = next(&News::default(), &[], true);
        assert_eq!(next(&open, &[row(2, "garbage-dumping", Some("signed"), 30)], true).words, "");
    }
}
