//! What somebody is asked about reports: own ones that the desk sent back with a question, and those that were given to this person.

use greenshield_client::rows::ListRow;
use greenshield_domain::city::City;
use greenshield_domain::ids::AccountId;
use greenshield_domain::incident::{self, state};
use greenshield_domain::order;

use super::task::is_open;

/// Whether the desk asks this person something about an own report.
#[must_use]
pub fn is_asked(row: &ListRow, me: Option<AccountId>) -> bool {
    row.kind == incident::KIND && row.state.as_deref() == Some(state::RETURNED) && me.is_some() && row.reporter == me
}

/// Whether a report was given to this person.
#[must_use]
pub fn is_given(row: &ListRow, me: Option<AccountId>) -> bool {
    row.kind == incident::KIND && me.is_some_and(|me| row.assignees.contains(&me))
}

/// Questions first, then what was given and is open, the newest first.
#[must_use]
pub fn asked(rows: &[ListRow], city: &City, me: Option<AccountId>) -> Vec<ListRow> {
    let is_shown = |row: &&ListRow| is_asked(row, me) || (is_given(row, me) && is_open(row, city));
    let mut found: Vec<ListRow> = rows.iter().filter(is_shown).cloned().collect();
    order::sort_by_key(&mut found, |row| (!is_asked(row, me), -row.updated_millis));
    found
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::{city, row};
    use super::*;

    #[test]
    fn a_question_goes_to_the_reporter_only_and_what_is_closed_is_nobodys_duty() {
        let (me, other) = (AccountId([1; 16]), AccountId([2; 16]));
        let in_state = |n, word: &str| ListRow { state: Some(word.to_owned()), ..row(n) };
        let given = |n, word: &str| ListRow { assignees: vec![me], reporter: Some(other), ..in_state(n, word) };
        let rows = [
            given(1, "handling"),
            given(2, "closed"),
            in_state(3, "returned"),
            ListRow { reporter: Some(other), ..in_state(4, "returned") },
            in_state(5, "replied"),
        ];
        let found = |me| asked(&rows, &city(), me).iter().map(|row| row.record.0[0]).collect::<Vec<_>>();
        assert_eq!(found(Some(me)), [3, 1]);
        assert_eq!(found(Some(other)), [4]);
        assert!(found(None).is_empty());
    }
}
