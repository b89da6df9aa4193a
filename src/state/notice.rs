//! Notices of the desk as pages show them: which hold now for whom.

use greenshield_client::rows::ListRow;
use greenshield_domain::notice::{self, WITHDRAWN};
use greenshield_domain::order;

use super::time::Now;
use super::words::tr;

/// Whether a notice was not taken back and is not over.
#[must_use]
pub fn is_current(row: &ListRow, now_millis: i64) -> bool {
    row.kind == notice::KIND
        && row.state.as_deref() != Some(WITHDRAWN)
        && row.due_millis.is_none_or(|until| now_millis <= until)
}

/// The notices that hold now for a role, newest first.
#[must_use]
pub fn holding(rows: &[ListRow], role: &str, now_millis: i64) -> Vec<ListRow> {
    let holds = |row: &&ListRow| {
        let is_for = row.audience.is_empty() || row.audience.iter().any(|known| known == role);
        is_current(row, now_millis) && is_for && row.from_millis.is_none_or(|from| from <= now_millis)
    };
    let mut found: Vec<ListRow> = rows.iter().filter(holds).cloned().collect();
    order::sort_by_key(&mut found, |row| std::cmp::Reverse(row.sort_millis));
    found
}

/// From when until when, in words; `None` when neither was said.
#[must_use]
pub fn span_words(row: &ListRow, now: Now) -> Option<String> {
    let day = |at: i64| now.day(at);
    match (row.from_millis, row.due_millis) {
        (None, None) => None,
        (Some(from), None) => Some(tr("notice.from", &[("day", &day(from))])),
        (None, Some(until)) => Some(tr("notice.until", &[("day", &day(until))])),
        (Some(from), Some(until)) => Some(tr("notice.span", &[("from", &day(from)), ("until", &day(until))])),
    }
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::row;
    use super::*;

    #[test]
    fn a_notice_holds_in_its_days_for_its_people_until_it_is_taken_back() {
        let told = |n| ListRow { kind: notice::KIND, category: None, ..row(n) };
        let rows = [
            told(1),
            ListRow { due_millis: Some(50), ..told(2) },
            ListRow { from_millis: Some(90), ..told(3) },
            ListRow { audience: vec!["officer".to_owned()], ..told(4) },
            ListRow { state: Some(WITHDRAWN.to_owned()), ..told(5) },
            row(6),
        ];
        let at = |role, now| holding(&rows, role, now).iter().map(|row| row.record.0[0]).collect::<Vec<_>>();
        assert_eq!(at("volunteer", 50), [2, 1]);
        assert_eq!(at("volunteer", 51), [1]);
        assert_eq!(at("officer", 95), [4, 3, 1]);
    }
}
