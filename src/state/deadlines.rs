//! How the deadline of a record moved: from which day to which, who said so, and why.
//!
//! Owns: reading that from the ops that count. Refuses: what is the case while nobody moved it: one deadline is no history.

use greenshield_client::engine::RecordView;
use greenshield_client::rows::OpRow;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::City;
use greenshield_domain::ids::AccountId;
use greenshield_domain::op::Act;
use greenshield_domain::wire::Verdict;

use super::item::{People, person_name};
use super::record::Fact;
use super::time::Now;
use super::words::{t, tr};

/// The word of the field with the deadline, in any kind that has one.
pub const DUE: &str = "due";
/// The word of the field that says why it moved.
pub const REASON: &str = "dueReason";

/// A deadline that somebody said.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    /// Until when, ms since 1970; `None` = without one.
    due_millis: Option<i64>,
    /// When it was said, ms since 1970.
    at_millis: i64,
    by: AccountId,
    /// Why, said in the same op.
    reason: Option<String>,
}

impl Said {
    /// What an op says of it.
    fn of(row: &OpRow, due: u32, reason: Option<u32>) -> Option<Self> {
        let set = |field: u32| {
            let mut said = row.op.body().entries().filter(|entry| entry.act == Act::Set);
            said.find(|entry| entry.field == field).map(|entry| &entry.value)
        };
        Some(Self {
            due_millis: set(due)?.as_int(),
            at_millis: row.eff_millis,
            by: row.account,
            reason: reason.and_then(set).and_then(Value::as_text).filter(|why| !why.is_empty()).map(str::to_owned),
        })
    }
}

/// Every time the deadline of a record moved, the last one first.
#[must_use]
pub fn moves_of(view: &RecordView, city: &City, people: &People, now: Now) -> Vec<Fact> {
    let kind = city.kind(view.row.kind);
    let field = |name: &str| kind.and_then(|kind| kind.field_named(name)).map(|def| def.id);
    let Some(due) = field(DUE) else { return Vec::new() };
    let counted = view.ops.iter().filter(|op| op.verdict == Verdict::Ok);
    let said: Vec<Said> = counted.filter_map(|op| Said::of(op, due, field(REASON))).collect();
    moves(&said, people, now)
}

/// From what was said, the oldest first, to the moves.
fn moves(said: &[Said], people: &People, now: Now) -> Vec<Fact> {
    let moved = said.iter().zip(said.iter().skip(1)).filter(|(before, after)| before.due_millis != after.due_millis);
    let fact = |(before, after): (&Said, &Said)| {
        // Within a day it is the hour that moved.
        let day = |said: &Said| said.due_millis.map(|due| now.day_of(due));
        let is_same_day = day(before) == day(after);
        let words = |said: &Said| match said.due_millis {
            None => t("deadline.none").to_owned(),
            Some(due) if is_same_day => now.moment(due),
            Some(due) => now.day(due),
        };
        let name = person_name(people, after.by);
        Fact {
            label: now.moment(after.at_millis),
            value: tr("deadline.moved", &[("before", &words(before)), ("after", &words(after))]),
            note: Some(match &after.reason {
                Some(why) => tr("deadline.why", &[("person", &name), ("why", why)]),
                None => name,
            }),
        }
    };
    let mut all: Vec<Fact> = moved.map(fact).collect();
    all.reverse();
    all
}

#[cfg(test)]
mod tests {
    use greenshield_client::rows::PersonRow;

    use super::*;

    const DAY: i64 = 24 * 3_600_000;
    /// 2026-11-26 09:00 in China.
    const NOW: Now = Now { millis: 1_795_654_800_000, zone_minutes: 480 };

    fn said(days: Option<i64>, days_ago: i64, reason: Option<&str>) -> Said {
        Said {
            due_millis: days.map(|days| NOW.millis + days * DAY),
            at_millis: NOW.millis - days_ago * DAY,
            by: AccountId([1; 16]),
            reason: reason.map(str::to_owned),
        }
    }

    fn told(said: &[Said]) -> Vec<(String, Option<String>)> {
        let person = PersonRow { name: "指挥台".to_owned(), role: "desk".to_owned() };
        let people = People::from([(AccountId([1; 16]), person)]);
        moves(said, &people, NOW).into_iter().map(|fact| (fact.value, fact.note)).collect()
    }

    #[test]
    fn a_deadline_that_stands_has_no_history() {
        assert_eq!(told(&[]), []);
        assert_eq!(told(&[said(Some(4), 9, None)]), []);
        assert_eq!(told(&[said(Some(4), 9, None), said(Some(4), 8, None)]), [], "the same was said again");
    }

    #[test]
    fn each_move_tells_from_when_to_when_who_said_so_and_why_the_last_one_first() {
        let all = [
            said(Some(4), 9, None),
            said(Some(19), 8, Some("道路中断")),
            said(None, 5, Some("改为长期任务")),
            said(Some(30), 2, None),
        ];
        let who = |why: &str| Some(format!("指挥台 · {why}"));
        assert_eq!(
            told(&all),
            [
                ("没有期限 → 12 月 26 日".to_owned(), Some("指挥台".to_owned())),
                ("12 月 15 日 → 没有期限".to_owned(), who("改为长期任务")),
                ("11 月 30 日 → 12 月 15 日".to_owned(), who("道路中断")),
            ]
        );
    }

    #[test]
    fn within_a_day_the_hours_are_told() {
        let later = Said { due_millis: Some(NOW.millis + 4 * DAY + 3_600_000), ..said(Some(4), 1, None) };
        let told = told(&[said(Some(4), 9, None), later]);
        assert_eq!(told[0].0, "11 月 30 日 09:00 → 11 月 30 日 10:00");
    }
}
