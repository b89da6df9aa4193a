//! The inbox as an index: part, order and clock of every row, without a copy of any. Made anew when rows change; what is shown
//! of it, and how near the clocks are, is asked of it.
//!
//! Invariant: a mark's place is that of its row in the list that the index was made of; rows that come behind them move none.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_client::rows::ListRow;
use greenshield_domain::city::City;
use greenshield_domain::ids::RecordId;
use greenshield_domain::{order, sms, sos};

use super::{Clock, InboxCounts, InboxPart, clock, deadline_of, due_millis, part_of, start_millis, urgency, workflow};

/// What the inbox knows of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// The record.
    pub record: RecordId,
    /// The place of its row in the list.
    pub at: usize,
    /// The place of its urgency in the catalogue.
    pub urgency: Option<usize>,
    /// Whether it is of the highest urgency.
    is_critical: bool,
    start_millis: i64,
    due_millis: Option<i64>,
    /// Calls for help first, then what these say.
    rank: (bool, i64, i64),
}

impl Mark {
    /// Whether its clock is nearly or already over.
    #[must_use]
    pub fn is_pressing(&self, now_millis: i64) -> bool {
        matches!(clock(self.start_millis, self.due_millis, now_millis), Clock::Soon(_) | Clock::Overdue(_))
    }
}

/// What kind, state, urgency and category decide together: of thousands of rows a few hundred times.
#[derive(Debug, Clone, Copy)]
struct Rule {
    part: InboxPart,
    minutes: Option<u32>,
    urgency: Option<usize>,
    is_critical: bool,
}

impl Rule {
    fn of(row: &ListRow, city: &City) -> Option<Self> {
        let urgency = urgency(row, city);
        let place = |id: &str| city.catalog.urgencies.iter().position(|known| known.id == id);
        Some(Self {
            part: part_of(row, city)?,
            minutes: deadline_of(row, workflow(row.kind, city)?, urgency).map(|(_, minutes)| minutes),
            urgency: urgency.and_then(|urgency| place(&urgency.id)),
            is_critical: urgency.is_some_and(|urgency| urgency.id == "critical"),
        })
    }
}

/// The marks of all parts, in the order of their lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Index([Vec<Mark>; InboxPart::ALL.len()]);

impl Index {
    /// The index of a list: calls for help, then clocks that end first; closed ones newest first.
    #[must_use]
    pub fn of(rows: &[ListRow], city: &City) -> Self {
        let (told, mut rules, mut index) = (told(rows), BTreeMap::new(), Self::default());
        for (at, row) in rows.iter().enumerate() {
            let like = (row.kind, row.state.as_deref(), row.urgency.as_deref(), row.category.as_deref());
            let rule = *rules.entry(like).or_insert_with(|| Rule::of(row, city));
            let Some(rule) = rule.filter(|_| !told.contains(&row.record)) else { continue };
            let due_millis = due_millis(row, rule.minutes);
            let rank = match rule.part {
                InboxPart::Closed => (false, -row.updated_millis, 0),
                _ => (row.kind != sos::KIND, due_millis.unwrap_or(i64::MAX), row.sort_millis),
            };
            index.0[rule.part as usize].push(Mark {
                record: row.record,
                at,
                urgency: rule.urgency,
                is_critical: rule.is_critical,
                start_millis: start_millis(row),
                due_millis,
                rank,
            });
        }
        for marks in &mut index.0 {
            order::sort_by_key(marks, |mark| mark.rank);
        }
        index
    }

    /// The marks of one part.
    #[must_use]
    pub fn part(&self, part: InboxPart) -> &[Mark] {
        &self.0[part as usize]
    }

    /// The numbers of the header.
    #[must_use]
    pub fn counts(&self, now_millis: i64) -> InboxCounts {
        let [waiting, open, closed] = &self.0;
        let going_on = || waiting.iter().chain(open);
        InboxCounts {
            waiting: waiting.len(),
            open: open.len(),
            closed: closed.len(),
            critical: going_on().filter(|mark| mark.is_critical).count(),
            pressing: going_on().filter(|mark| mark.is_pressing(now_millis)).count(),
        }
    }
}

/// Text messages whose report came after them: these are no lines of their own.
fn told(rows: &[ListRow]) -> BTreeSet<RecordId> {
    let messages = rows.iter().filter(|row| row.kind == sms::KIND);
    let by_report = order::map_of(messages.map(|row| (sms::twin(row.record), row.record)));
    if by_report.is_empty() {
        return BTreeSet::new();
    }
    order::set_of(rows.iter().filter_map(|row| by_report.get(&row.record).copied()))
}
