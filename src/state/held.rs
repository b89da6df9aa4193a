//! What waits for a decision, in words: what it says, of whom, about what, and why it waits.

use greenshield_client::engine::RecordView;
use greenshield_domain::city::City;
use greenshield_domain::ids::{OpId, RecordId};
use greenshield_domain::person;
use greenshield_domain::wire::HeldRow;

use super::item::{self, People, person_name};
use super::story::{StepView, steps_of};
use super::time::Now;
use super::words::{t, tr};

/// An op that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldView {
    /// The op.
    pub op: OpId,
    /// Its record.
    pub record: RecordId,
    /// Where its record is shown.
    pub href: String,
    /// The record in words.
    pub title: String,
    /// Who, and when it arrived.
    pub facts: String,
    /// Why it waits.
    pub why: &'static str,
    /// What it says, as far as that is on this phone.
    pub said: Option<StepView>,
}

impl HeldView {
    /// Of a row and its record.
    #[must_use]
    pub fn of(row: &HeldRow, view: Option<&RecordView>, city: &City, people: &People, now: Now) -> Self {
        let title = view.map_or_else(|| t("held.absent").to_owned(), |view| item::title(&view.row, city));
        let said = view.and_then(|view| {
            let at = view.ops.iter().position(|op| op.op.id() == row.op)?;
            steps_of(view, city, people, now).into_iter().nth(at)
        });
        let is_person = view.is_some_and(|view| view.row.kind == person::KIND);
        let place = if is_person { "desk/people" } else { "records" };
        let who = person_name(people, row.account);
        Self {
            op: row.op,
            record: row.record,
            href: format!("/{place}/{}", row.record),
            title,
            facts: tr("held.facts", &[("who", &who), ("time", &now.moment(row.received_millis))]),
            why: t(match row.reason.as_str() {
                "revoked" => "held.revoked",
                "recreated" => "held.recreated",
                "decided" => "held.decided",
                _ => "held.forbidden",
            }),
            said,
        }
    }
}

#[cfg(test)]
mod tests {
    use greenshield_domain::ids::{AccountId, LogId};

    use super::super::item::tests::city;
    use super::*;

    #[test]
    fn every_reason_has_words_and_a_record_that_is_not_here_is_told() {
        let row = |reason: &str| HeldRow {
            pos: 1,
            op: OpId([1; 32]),
            record: RecordId([2; 16]),
            log: LogId([3; 32]),
            account: AccountId([0xab; 16]),
            received_millis: 0,
            reason: reason.to_owned(),
        };
        let now = Now { millis: 0, zone_minutes: 480 };
        let view = |reason| HeldView::of(&row(reason), None, &city(), &People::new(), now);
        let words: std::collections::BTreeSet<_> =
            ["revoked", "recreated", "decided", "forbidden"].map(|reason| view(reason).why).into();
        assert_eq!(words.len(), 4);
        let shown = view("forbidden");
        assert!(shown.facts.contains("ababab") && shown.said.is_none() && !shown.title.is_empty());
    }
}
