//! What arrived since the desk was opened: said aloud once, without moving anything.
//!
//! Invariant: while the list is still being read from the disk nothing is news, however late it arrived.

use greenshield_client::rows::ListRow;
use greenshield_domain::city::City;
use greenshield_domain::ids::RecordId;

use super::decide::is_critical;
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
    /// The newest arrival of the highest urgency: a report, or a call for help.
    pub urgent: Option<Urgent>,
}

/// Something of the highest urgency that arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Urgent {
    /// The record.
    pub record: RecordId,
    /// What and where.
    pub title: String,
}

impl News {
    /// What there is to say after the rows changed.
    #[must_use]
    pub fn next(&self, rows: &[ListRow], is_complete: bool, city: &City, people: &People) -> Self {
        let newest_millis =
            rows.iter().filter_map(|row| row.arrived_millis).max().unwrap_or_default().max(self.newest_millis);
        let is_listening = self.is_listening || is_complete;
        let new = if self.is_listening { self.new_of(rows, city) } else { Vec::new() };
        let words = words_of(&new, city, people).unwrap_or_else(|| self.words.clone());
        let urgent = new.iter().filter(|row| is_critical(row, city)).max_by_key(|row| row.arrived_millis);
        let urgent = urgent.map(|row| Urgent { record: row.record, title: item::title(row, city) });
        Self { newest_millis, is_listening, words, urgent: urgent.or_else(|| self.urgent.clone()) }
    }

    fn new_of<'a>(&self, rows: &'a [ListRow], city: &City) -> Vec<&'a ListRow> {
        let is_new = |row: &&ListRow| {
            row.arrived_millis.is_some_and(|millis| millis > self.newest_millis)
                && part_of(row, city) == Some(InboxPart::Waiting)
        };
        rows.iter().filter(is_new).collect()
    }
}

fn words_of(new: &[&ListRow], city: &City, people: &People) -> Option<String> {
    match new {
        [] => None,
        [row] => {
            let person = row.reporter.map(|account| person_name(people, account)).unwrap_or_default();
            Some(tr("desk.new_arrived", &[("what", &item::title(row, city)), ("person", &person)]))
        }
        many => Some(tr("desk.new_arrived_many", &[("n", &many.len().to_string())])),
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
    fn what_is_of_the_highest_urgency_is_told_apart_and_stays_until_the_next() {
        let open = next(&News::default(), &[], true);
        let calm = next(&open, &[row(1, "garbage-dumping", None, 10)], true);
        assert_eq!(calm.urgent, None);
        let fire = next(&calm, &[row(2, "forest-grassland-fire", None, 20)], true);
        assert_eq!(fire.urgent.as_ref().map(|urgent| urgent.record), Some(RecordId([2; 16])));
        assert_eq!(next(&fire, &[row(3, "garbage-dumping", None, 30)], true).urgent, fire.urgent);
    }

    #[test]
    fn a_report_that_was_signed_before_it_came_here_is_no_news() {
        let open = next(&News::default(), &[], true);
        assert_eq!(next(&open, &[row(2, "garbage-dumping", Some("signed"), 30)], true).words, "");
    }
}
