//! The inbox of the desk as data: which reports wait, for what, and how long they still may.
//!
//! Owns: the urgency clock; below it order and counts, filters, the words of a line, what is new, the page of a record, what a
//! key does and what is done with many at once. Pure; `now` is an argument, and it is the server's clock, because a report's
//! clock starts when it arrives there.

pub mod decide;
pub mod filter;
pub mod index;
pub mod keys;
pub mod line;
pub mod many;
pub mod news;
pub mod on_map;
pub mod page;
pub mod saved;
pub mod selection;
pub mod window;

use greenshield_client::rows::ListRow;
use greenshield_domain::city::{City, Transition, Urgency, Workflow};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::incident;
use greenshield_domain::order;
use greenshield_domain::sms;
use greenshield_domain::sos::{self, CallState};

/// The clock of states in which somebody has to sign.
const ACK_CLOCK: &str = "ackMinutes";
/// The role of a unit's person.
pub(crate) const LIAISON: &str = "liaison";

/// Which part of the inbox is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InboxPart {
    /// Nobody signed for it yet, or for what was said since.
    #[default]
    Waiting,
    /// Signed for, not closed.
    Open,
    /// Closed.
    Closed,
}

impl InboxPart {
    /// All parts in the order of their tabs.
    pub const ALL: [InboxPart; 3] = [InboxPart::Waiting, InboxPart::Open, InboxPart::Closed];
}

/// How near the clock is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// No clock runs.
    None,
    /// Time is left, in minutes, more than a third of it.
    Running(i64),
    /// Less than a third is left, in minutes.
    Soon(i64),
    /// Over since so many minutes.
    Overdue(i64),
}

/// What a clock counts down to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    /// Somebody signs for it.
    Sign,
    /// Somebody starts to handle it.
    Start,
    /// It is closed.
    Close,
    /// The unit that it was passed on to answers.
    Reply,
}

/// A line of the inbox.
#[derive(Debug, Clone, PartialEq)]
pub struct InboxItem {
    /// The list row.
    pub row: ListRow,
    /// Its part.
    pub part: InboxPart,
    /// Id of its urgency.
    pub urgency: String,
    /// What it waits for.
    pub deadline: Option<Deadline>,
    /// Its clock.
    pub clock: Clock,
    /// When the clock ends, ms since 1970.
    pub due_millis: Option<i64>,
}

/// Numbers of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct InboxCounts {
    /// Reports that nobody signed for.
    pub waiting: usize,
    /// Reports that are signed for and not closed.
    pub open: usize,
    /// Closed reports.
    pub closed: usize,
    /// Open reports of the highest urgency.
    pub critical: usize,
    /// Open reports whose clock is nearly or already over.
    pub pressing: usize,
}

/// The workflow of a kind that the desk handles: reports, reports by text message, calls for help. `None` for the others.
#[must_use]
pub fn workflow(kind: u32, city: &City) -> Option<&Workflow> {
    let is_handled = [incident::KIND, sms::KIND, sos::KIND].contains(&kind);
    let kind = city.kind(kind).filter(|_| is_handled)?;
    city.workflow(kind.workflow.as_deref()?)
}

/// How a call for help stands; `None` for a row of another kind.
#[must_use]
pub fn call_of(row: &ListRow) -> Option<CallState> {
    (row.kind == sos::KIND).then(|| CallState::of(row.state.as_deref()))
}

/// Calls for help of others that somebody must look at, those that nobody answered first, then newest first.
#[must_use]
pub fn calls(rows: &[ListRow], me: Option<AccountId>) -> Vec<&ListRow> {
    let is_running = |row: &&ListRow| {
        call_of(row).is_some_and(CallState::is_running) && (row.reporter.is_none() || row.reporter != me)
    };
    let mut calls: Vec<_> = rows.iter().filter(is_running).collect();
    order::sort_by_key(&mut calls, |row| (call_of(row) != Some(CallState::Open), std::cmp::Reverse(row.sort_millis)));
    calls
}

/// The state that a row is in.
#[must_use]
pub fn state_of<'a>(row: &'a ListRow, workflow: &'a Workflow) -> &'a str {
    row.state.as_deref().unwrap_or(&workflow.initial)
}

/// Steps that a role may take with a row: those whose words this kind of record has a field for.
#[must_use]
pub fn steps<'a>(row: &'a ListRow, city: &'a City, role: &'a str) -> Vec<&'a Transition> {
    let Some((workflow, kind)) = workflow(row.kind, city).zip(city.kind(row.kind)) else { return Vec::new() };
    let has = |need: &String| kind.fields.iter().any(|field| field.name == *need);
    workflow.steps(state_of(row, workflow), role).filter(|step| step.needs.iter().all(has)).collect()
}

/// The steps of the desk and of units among them: not those of whoever reported it.
#[must_use]
pub fn desk_steps<'a>(row: &'a ListRow, city: &'a City, role: &'a str) -> Vec<&'a Transition> {
    let mut steps = steps(row, city, role);
    steps.retain(|step| step.to != incident::state::REPLIED || role == LIAISON);
    // Giving it to people or units, and finding the same report, is for reports only.
    steps.retain(|step| row.kind == incident::KIND || !["assign", "forward"].contains(&step.id.as_str()));
    steps
}

/// The reports that tell the same as this one.
#[must_use]
pub fn duplicates_of(rows: &[ListRow], record: RecordId) -> Vec<RecordId> {
    let is_same = |row: &&ListRow| {
        row.about == Some(record)
            && row.kind == incident::KIND
            && row.state.as_deref() == Some(incident::state::DUPLICATE)
    };
    rows.iter().filter(is_same).map(|row| row.record).collect()
}

/// The urgency of a row: what a person chose, else what its category says. Nothing is above a call for help.
#[must_use]
pub fn urgency<'a>(row: &'a ListRow, city: &'a City) -> Option<&'a Urgency> {
    if row.kind == sos::KIND {
        return city.catalog.urgency("critical");
    }
    let by_category = || Some(city.catalog.category(row.category.as_deref()?)?.urgency.as_str());
    city.catalog.urgency(row.urgency.as_deref().or_else(by_category)?)
}

/// The part of a row; `None` when it is no report or in a state that this city does not know.
fn part_of(row: &ListRow, city: &City) -> Option<InboxPart> {
    let workflow = workflow(row.kind, city)?;
    let state = workflow.state(state_of(row, workflow))?;
    let is_waiting = state.id == workflow.initial || state.clock.as_deref() == Some(ACK_CLOCK);
    Some(match (state.open, is_waiting) {
        (false, _) => InboxPart::Closed,
        (true, true) => InboxPart::Waiting,
        (true, false) => InboxPart::Open,
    })
}

/// What a row waits for, and how many minutes it may.
fn deadline_of(row: &ListRow, workflow: &Workflow, urgency: Option<&Urgency>) -> Option<(Deadline, u32)> {
    let urgency = urgency?;
    match workflow.state(state_of(row, workflow))?.clock.as_deref()? {
        ACK_CLOCK => Some((Deadline::Sign, urgency.ack_minutes)),
        "firstActionMinutes" => Some((Deadline::Start, urgency.first_action_minutes)),
        "closeMinutes" => Some((Deadline::Close, urgency.close_minutes)),
        _ => None,
    }
}

/// A row as a line of the inbox.
#[must_use]
pub fn item(row: &ListRow, city: &City, now_millis: i64) -> Option<InboxItem> {
    let workflow = workflow(row.kind, city)?;
    let part = part_of(row, city)?;
    let urgency = urgency(row, city);
    let deadline = deadline_of(row, workflow, urgency);
    let due_millis = due_millis(row, deadline.map(|(_, minutes)| minutes));
    let reply = reply_by(row).map(|_| Deadline::Reply);
    Some(InboxItem {
        row: row.clone(),
        part,
        urgency: urgency.map(|urgency| urgency.id.clone()).unwrap_or_default(),
        deadline: deadline.map(|(deadline, _)| deadline).or(reply),
        clock: clock(start_millis(row), due_millis, now_millis),
        due_millis,
    })
}

/// Until when the unit that it was passed on to was asked to answer.
fn reply_by(row: &ListRow) -> Option<i64> {
    row.due_millis.filter(|_| row.state.as_deref() == Some(incident::state::FORWARDED))
}

/// When the clock of a row ends, ms since 1970: so many minutes after its start, else when a unit should answer.
fn due_millis(row: &ListRow, minutes: Option<u32>) -> Option<i64> {
    minutes.map(|minutes| start_millis(row) + i64::from(minutes) * 60_000).or_else(|| reply_by(row))
}

/// Where the clock of a row starts, ms since 1970: when it arrived; after a new word of the reporter or of a unit, and at a unit,
/// when that arrived.
#[must_use]
pub fn start_millis(row: &ListRow) -> i64 {
    let is_anew = matches!(row.state.as_deref(), Some(incident::state::REPLIED | incident::state::FORWARDED));
    row.state_millis.filter(|_| is_anew).or(row.arrived_millis).unwrap_or(row.sort_millis)
}

fn clock(start: i64, due: Option<i64>, now: i64) -> Clock {
    let Some(due) = due else { return Clock::None };
    let left = due - now;
    match left {
        _ if left < 0 => Clock::Overdue(-left / 60_000),
        _ if left * 3 < due - start => Clock::Soon(left / 60_000),
        _ => Clock::Running(left / 60_000),
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeMap;

    use super::index::Index;
    use super::*;
    use greenshield_domain::city::FILES;

    const MINUTE: i64 = 60_000;

    /// The lines of one part, as the desk draws them.
    pub(super) fn lines(rows: &[ListRow], city: &City, part: InboxPart, now_millis: i64) -> Vec<InboxItem> {
        let index = Index::of(rows, city);
        index.part(part).iter().filter_map(|mark| item(&rows[mark.at], city, now_millis)).collect()
    }

    fn counts(rows: &[ListRow], city: &City, now_millis: i64) -> InboxCounts {
        Index::of(rows, city).counts(now_millis)
    }

    /// The demo city.
    pub(super) fn city() -> City {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/city/");
        let files: BTreeMap<_, _> =
            FILES.iter().map(|f| ((*f).to_owned(), std::fs::read_to_string(format!("{folder}{f}")).unwrap())).collect();
        City::from_files(&files).unwrap()
    }

    /// A report that arrived then.
    pub(super) fn row(n: u8, category: &str, state: Option<&str>, arrived_millis: i64) -> ListRow {
        ListRow {
            record: RecordId([n; 16]),
            kind: incident::KIND,
            sort_millis: 0,
            category: Some(category.to_owned()),
            state: state.map(str::to_owned),
            urgency: None,
            place_name: None,
            place: Default::default(),
            note: None,
            answered: false,
            reporter: None,
            photos: 0,
            photos_delivered: 0,
            files_waiting: 0,
            patrol: None,
            due_millis: None,
            review_millis: None,
            from_millis: None,
            title: None,
            assignees: Vec::new(),
            about: None,
            unit: None,
            state_millis: None,
            referral: None,
            audience: Vec::new(),
            person: None,
            unit_facts: None,
            values: Default::default(),
            voices_unsent: 0,
            thumb: None,
            ops_unsent: 0,
            conflicts: 0,
            held: 0,
            delivered_millis: None,
            arrived_millis: Some(arrived_millis),
            updated_millis: arrived_millis,
        }
    }

    #[test]
    fn the_clock_starts_when_the_report_arrives_not_when_it_was_found() {
        let city = city();
        let ack = i64::from(city.catalog.urgency("critical").unwrap().ack_minutes);
        let fire = row(1, "forest-grassland-fire", None, 1_000 * MINUTE);
        let at = |now| item(&fire, &city, now * MINUTE).unwrap().clock;
        assert_eq!(at(1_000), Clock::Running(ack));
        assert_eq!(at(1_000 + ack - 1), Clock::Soon(1));
        assert_eq!(at(1_000 + ack + 7), Clock::Overdue(7));
    }

    #[test]
    fn the_fire_comes_before_the_garbage_and_closed_reports_leave() {
        let city = city();
        let rows = [
            row(1, "garbage-dumping", None, 0),
            row(2, "forest-grassland-fire", None, 0),
            row(3, "garbage-dumping", Some("handling"), 0),
            row(4, "garbage-dumping", Some("closed"), 0),
        ];
        let records = |part| lines(&rows, &city, part, 0).iter().map(|i| i.row.record.0[0]).collect::<Vec<_>>();
        assert_eq!(records(InboxPart::Waiting), [2, 1]);
        assert_eq!(records(InboxPart::Open), [3]);
        assert_eq!(records(InboxPart::Closed), [4]);
        assert_eq!(counts(&rows, &city, 0), InboxCounts { waiting: 2, open: 1, closed: 1, critical: 1, pressing: 0 });
    }

    #[test]
    fn a_clock_says_what_it_counts_down_to() {
        let city = city();
        let deadline = |state| item(&row(1, "garbage-dumping", state, 0), &city, 0).unwrap().deadline;
        assert_eq!(deadline(None), Some(Deadline::Sign));
        assert_eq!(deadline(Some("signed")), Some(Deadline::Start));
        assert_eq!(deadline(Some("handling")), Some(Deadline::Close));
        assert_eq!(deadline(Some("closed")), None);
    }

    #[test]
    fn a_row_of_another_kind_is_no_report() {
        let mut patrol = row(1, "garbage-dumping", None, 0);
        patrol.kind = incident::KIND + 1;
        assert!(item(&patrol, &city(), 0).is_none());
        assert_eq!(counts(&[patrol], &city(), 0), InboxCounts::default());
    }

    #[test]
    fn a_call_for_help_is_above_everything_until_it_is_over() {
        let city = city();
        let mut call = row(3, "", None, 900 * MINUTE);
        (call.kind, call.category, call.reporter) = (sos::KIND, None, Some(AccountId([3; 16])));
        let rows = [row(1, "forest-grassland-fire", None, 0), call.clone()];
        let records = |rows: &[ListRow], part| {
            lines(rows, &city, part, 900 * MINUTE).iter().map(|i| i.row.record.0[0]).collect::<Vec<_>>()
        };
        assert_eq!(records(&rows, InboxPart::Waiting), [3, 1]);
        assert_eq!(counts(&rows, &city, 0).critical, 2);
        assert_eq!(calls(&rows, None).len(), 1);
        assert!(calls(&rows, call.reporter).is_empty());
        call.state = Some(sos::state::ANSWERED.to_owned());
        assert_eq!(records(&[call.clone()], InboxPart::Open), [3]);
        call.state = Some(sos::state::CLOSED.to_owned());
        assert_eq!(records(&[call.clone()], InboxPart::Closed), [3]);
        assert!(calls(&[call], None).is_empty());
    }

    #[test]
    fn a_text_message_leaves_the_inbox_when_its_report_is_there() {
        let city = city();
        let report = row(1, "garbage-dumping", None, 0);
        let mut message = row(1, "garbage-dumping", None, 0);
        (message.kind, message.record) = (sms::KIND, sms::twin(report.record));
        assert_eq!(lines(&[message.clone()], &city, InboxPart::Waiting, 0).len(), 1);
        let both = [message, report.clone()];
        assert_eq!(
            lines(&both, &city, InboxPart::Waiting, 0).iter().map(|i| i.row.record).collect::<Vec<_>>(),
            [report.record]
        );
        assert_eq!(counts(&both, &city, 0).waiting, 1);
    }

    #[test]
    fn only_the_desk_may_sign() {
        let city = city();
        let new = row(1, "garbage-dumping", None, 0);
        let ids = |role| steps(&new, &city, role).iter().map(|step| step.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids("desk"), ["sign", "handle", "assign", "forward", "return", "duplicate"]);
        assert_eq!(ids("officer"), ["sign", "handle", "return", "duplicate"]);
        assert!(ids("volunteer").is_empty());
    }

    #[test]
    fn a_new_word_waits_with_a_clock_of_its_own_and_a_unit_has_until_it_was_asked_to() {
        let city = city();
        let mut asked = row(1, "garbage-dumping", Some("returned"), 0);
        assert_eq!(item(&asked, &city, 0).map(|item| (item.part, item.clock)), Some((InboxPart::Open, Clock::None)));
        (asked.state, asked.state_millis) = (Some("replied".to_owned()), Some(9_000 * MINUTE));
        let ack = i64::from(urgency(&asked, &city).unwrap().ack_minutes);
        let replied = item(&asked, &city, 9_000 * MINUTE).unwrap();
        assert_eq!((replied.part, replied.clock), (InboxPart::Waiting, Clock::Running(ack)));
        let mut passed = row(2, "garbage-dumping", Some("forwarded"), 0);
        (passed.state_millis, passed.due_millis) = (Some(0), Some(100 * MINUTE));
        let passed = item(&passed, &city, 101 * MINUTE).unwrap();
        assert_eq!((passed.part, passed.deadline), (InboxPart::Open, Some(Deadline::Reply)));
        assert_eq!(passed.clock, Clock::Overdue(1));
    }

    #[test]
    fn each_side_has_its_own_steps() {
        let city = city();
        let ids = |kind, state, role| {
            let mut row = row(1, "garbage-dumping", Some(state), 0);
            row.kind = kind;
            desk_steps(&row, &city, role).iter().map(|step| step.id.clone()).collect::<Vec<_>>()
        };
        assert_eq!(ids(incident::KIND, "forwarded", LIAISON), ["take", "feedback"]);
        assert!(ids(incident::KIND, "signed", LIAISON).is_empty());
        assert_eq!(ids(incident::KIND, "returned", "officer"), ["handle"], "the reporter answers on the phone");
        assert_eq!(ids(sms::KIND, "reported", "desk"), ["sign", "handle", "duplicate"]);
    }

    #[test]
    fn the_reports_that_tell_the_same_are_found_from_the_one_that_goes_on() {
        let main = row(1, "garbage-dumping", None, 0);
        let mut same = row(2, "garbage-dumping", Some("duplicate"), 0);
        same.about = Some(main.record);
        let mut again = row(3, "garbage-dumping", Some("handling"), 0);
        again.about = Some(main.record);
        let rows = [main.clone(), same.clone(), again];
        assert_eq!(duplicates_of(&rows, main.record), [same.record], "one that was opened again stands for itself");
    }
}
