//! Tasks as pages show them: lines of a list, one task, and what may be done with it.

pub mod reviews;

use greenshield_client::engine::RecordView;
use greenshield_client::rows::ListRow;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, Transition};
use greenshield_domain::geo::Position;
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::incident::field as shared;
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::order;
use greenshield_domain::policy::{ASSIGNED, HELPERS, UNIT};
use greenshield_domain::rough::guards;
use greenshield_domain::task::{self, NewTask, Task, field, of_set, state};

use self::reviews::{ends_millis, is_near, review_facts, review_lamp};
use super::deadlines::moves_of;
use super::draft::cut;
use super::inbox::state_of;
use super::item::{self, People, person_name};
use super::lamp::{Lamp, Tone, state_words};
use super::record::{Fact, number};
use super::register::{keeps, may_write};
use super::rights::{Who, may_say};
use super::time::{Now, span};
use super::words::{self, t, tr};

/// With less time than this left the deadline is near.
const NEAR_MILLIS: i64 = 24 * 3_600_000;

/// Who looks at tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doer {
    /// The account.
    pub account: AccountId,
    /// The role word.
    pub role: String,
    /// The unit, as far as it is known here.
    pub unit: Option<String>,
}

/// A task as a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskLine {
    /// The record.
    pub record: RecordId,
    /// What it is about.
    pub title: String,
    /// For whom.
    pub people: String,
    /// How it stands.
    pub state: String,
    /// Its deadline.
    pub due: Option<Lamp>,
    /// Its next review.
    pub review: Option<Lamp>,
}

/// Whether somebody still has to do something, in the words of the city's workflow.
#[must_use]
pub fn is_open(row: &ListRow, city: &City) -> bool {
    let workflow = city.kind(row.kind).and_then(|kind| kind.workflow.as_deref()).and_then(|id| city.workflow(id));
    // A state of a later package counts as open: nobody is forgotten.
    workflow.is_none_or(|workflow| workflow.state(state_of(row, workflow)).is_none_or(|state| state.open))
}

/// Whether the deadline is over, or the day of a review that nobody did.
#[must_use]
pub fn is_overdue(row: &ListRow, now_millis: i64) -> bool {
    state::is_running(row.state.as_deref()) && next_millis(row).is_some_and(|next| next < now_millis)
}

/// Until when somebody has to do something about a task: the deadline or the end of the next review, whichever comes first.
fn next_millis(row: &ListRow) -> Option<i64> {
    row.due_millis.into_iter().chain(row.review_millis.map(ends_millis)).min()
}

/// Whether a task is for a person: named, or for everybody.
fn is_for(row: &ListRow, account: AccountId) -> bool {
    row.assignees.is_empty() || row.assignees.contains(&account)
}

/// Open tasks first, those whose deadline or review comes first before the others; closed ones newest first.
#[must_use]
pub fn in_order(rows: &[ListRow], city: &City, account: Option<AccountId>) -> Vec<ListRow> {
    let is_shown = |row: &&ListRow| row.kind == task::KIND && account.is_none_or(|account| is_for(row, account));
    let mut tasks: Vec<ListRow> = rows.iter().filter(is_shown).cloned().collect();
    order::sort_by_key(&mut tasks, |row| {
        let is_closed = !is_open(row, city);
        let next = if is_closed { -row.updated_millis } else { next_millis(row).unwrap_or(i64::MAX) };
        (is_closed, next, row.sort_millis)
    });
    tasks
}

/// The op that makes a task. It is with the units that answer for it and help, so that their people see it, where whoever gives it may say
/// so.
#[must_use]
pub fn given(city: &City, role: &str, new: &NewTask, now_millis: i64) -> Vec<Entry> {
    let with = units_of(city, role, &NewTask::default(), new);
    new.to_entries(now_millis).into_iter().chain(with).collect()
}

/// The op that changes one: what is different, and why the deadline moved.
#[must_use]
pub fn changed(city: &City, role: &str, (before, after): (&NewTask, &NewTask), reason: &str) -> Vec<Entry> {
    after.changes(before, reason).into_iter().chain(units_of(city, role, before, after)).collect()
}

/// With which units a task is from now on, as far as somebody of a role may say so.
fn units_of(city: &City, role: &str, before: &NewTask, after: &NewTask) -> Vec<Entry> {
    let may = |name| city.kind(task::KIND).is_some_and(|kind| may_write(city, kind, role, name));
    let unit = |task: &NewTask| task.unit.clone().filter(|unit| !unit.is_empty());
    let (was, is) = (unit(before), unit(after));
    let lead = (was != is && may("unit")).then(|| Entry::set(UNIT, is.map_or(Value::Null, Value::Text)));
    // Those that are there now, not those that were meant: what another form forgot is mended by the next.
    let (was, is): (&[String], &[String]) =
        if may("helpers") { (&before.helpers, &after.co_units) } else { (&[], &[]) };
    lead.into_iter().chain(of_set(HELPERS, was, is, |unit| Value::Text(unit.clone()))).collect()
}

/// What is said of the report that a task is about, so that whoever is sent sees where it is: they are given it, when its exact place is
/// not for everybody and whoever gives the task may say so.
#[must_use]
pub fn shown_the_place(city: &City, role: &str, task: &NewTask, report: &ListRow) -> Vec<Entry> {
    let is_guarded = guards(city, report.kind, report.category.as_deref());
    let may = city.kind(report.kind).is_some_and(|kind| may_write(city, kind, role, "assigned"));
    let unknown = task.assignees.iter().filter(|who| is_guarded && may && !report.assignees.contains(who));
    unknown.map(|who| Entry { field: ASSIGNED, act: Act::Add, value: who.to_value() }).collect()
}

/// The deadline as a lamp.
#[must_use]
pub fn due_lamp(state: Option<&str>, due_millis: Option<i64>, now: Now) -> Option<Lamp> {
    let due = due_millis?;
    let left = due - now.millis;
    let lamp = |tone, icon, words| Some(Lamp { tone, icon, words });
    if !state::is_running(state) {
        return lamp(Tone::Plain, "calendar", tr("task.due_at", &[("time", &now.moment(due))]));
    }
    match left {
        ..0 => lamp(Tone::Alarm, "alert-triangle", tr("task.overdue", &[("span", &span(-left))])),
        0..NEAR_MILLIS => lamp(Tone::Warn, "clock", tr("task.left", &[("span", &span(left))])),
        _ => lamp(Tone::Plain, "calendar", tr("task.due_at", &[("time", &now.moment(due))])),
    }
}

/// The names of some people.
fn names(accounts: &[AccountId], people: &People) -> String {
    if accounts.is_empty() {
        return t("task.everybody").to_owned();
    }
    accounts.iter().map(|account| person_name(people, *account)).collect::<Vec<_>>().join(", ")
}

impl TaskLine {
    /// The line of a row.
    #[must_use]
    pub fn of(row: &ListRow, city: &City, people: &People, now: Now) -> Self {
        Self {
            record: row.record,
            title: item::title(row, city),
            people: names(&row.assignees, people),
            state: state_words(row, city),
            due: due_lamp(row.state.as_deref(), row.due_millis, now).filter(|_| is_open(row, city)),
            review: review_lamp(row.state.as_deref(), row.review_millis, now).filter(|_| is_open(row, city)),
        }
    }
}

/// A step that may be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskStep {
    /// The state that it leads to.
    pub to: String,
    /// What the button says.
    pub label: String,
    /// Picture, a name of the sprite.
    pub icon: &'static str,
    /// Whether it can not be taken without words.
    pub needs_words: bool,
}

impl TaskStep {
    fn of(step: &Transition) -> Self {
        let icon = match step.id.as_str() {
            "sign" | "accept" => "circle-check",
            "start" => "player-play",
            "done" => "check",
            "return" => "arrow-back-up",
            "cancel" => "x",
            _ => "chevron-right",
        };
        let label = words::of(&step.label).to_owned();
        Self { to: step.to.clone(), label, icon, needs_words: !step.needs.is_empty() }
    }
}

/// What taking a step says: the new state, and the words where they belong. `None` = words are missing.
#[must_use]
pub fn step_entries(step: &TaskStep, typed: &str) -> Option<Vec<Entry>> {
    let typed = typed.trim();
    if step.needs_words && typed.is_empty() {
        return None;
    }
    let is_doer = state::is_of_doers(&step.to);
    let field = if is_doer { field::RESULT } else { shared::ANSWER };
    // Words that a doer is still writing stay in the form until the step that needs them.
    let goes_along = !typed.is_empty() && (step.needs_words || !is_doer);
    let words = goes_along.then(|| Entry::set(field, Value::text(cut(typed))));
    Some(std::iter::once(Entry::set(shared::STATE, Value::text(&step.to))).chain(words).collect())
}

/// A task as a page.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskScreen {
    /// What it is about.
    pub title: String,
    /// What to do.
    pub note: Option<String>,
    /// State, deadline and next review.
    pub lamps: Vec<Lamp>,
    /// The last word of whoever gave it.
    pub answer: Option<String>,
    /// What was done.
    pub result: Option<String>,
    /// How far it was when, newest first.
    pub progress: Vec<Fact>,
    /// The days of review with how each stands.
    pub reviews: Vec<Fact>,
    /// The day of which this person may record the review.
    pub review_day: Option<i64>,
    /// How the deadline moved, the last time first.
    pub deadlines: Vec<Fact>,
    /// What else is known.
    pub facts: Vec<Fact>,
    /// The record that it came from.
    pub about: Option<RecordId>,
    /// Where it is to be done.
    pub place: Option<Position>,
    /// Steps that this person may take.
    pub steps: Vec<TaskStep>,
    /// Whether this person does it: may tell progress and add photos.
    pub is_doing: bool,
    /// Whether this person may change what is asked.
    pub may_change: bool,
}

impl TaskScreen {
    /// The page of a task.
    #[must_use]
    pub fn of(view: &RecordView, city: &City, people: &People, who: &Doer, now: Now) -> Self {
        let (row, job) = (&view.row, Task(&view.merged));
        let text = |field| job.text(field).map(str::to_owned);
        let is_mine = is_for(row, who.account);
        let kind = city.kind(task::KIND);
        let looks = Who { account: who.account, role: &who.role, unit: who.unit.as_deref() };
        let may = |name: &str| may_say(city, row, &view.merged, looks, name);
        let is_keeper = is_open(row, city) && kind.is_some_and(|kind| keeps(kind, &who.role));
        let is_running = state::is_running(row.state.as_deref());
        let workflow = kind.and_then(|kind| kind.workflow.as_deref()).and_then(|id| city.workflow(id));
        let steps: Vec<TaskStep> = workflow
            .filter(|_| may("state"))
            .into_iter()
            .flat_map(|workflow| workflow.steps(state_of(row, workflow), &who.role))
            .filter(|step| is_mine || !state::is_of_doers(&step.to))
            .map(TaskStep::of)
            .collect();
        let state = Lamp { tone: Tone::Plain, icon: "flag", words: state_words(row, city) };
        let progress = job.progress().into_iter().rev().map(|(told, account)| Fact {
            label: now.moment(told.at_millis),
            value: told.text,
            note: Some(match told.percent {
                Some(n) => format!("{} · {n}%", person_name(people, account)),
                None => person_name(people, account),
            }),
        });
        let due = due_lamp(row.state.as_deref(), row.due_millis, now);
        let review = review_lamp(row.state.as_deref(), row.review_millis, now);
        Self {
            title: item::title(row, city),
            note: text(shared::NOTE),
            lamps: std::iter::once(state).chain(due).chain(review).collect(),
            answer: text(shared::ANSWER),
            result: text(field::RESULT),
            progress: progress.collect(),
            reviews: review_facts(&job, row.state.as_deref(), people, now),
            review_day: row
                .review_millis
                .filter(|day| is_keeper && is_running && is_near(*day, now) && may("reviewed")),
            deadlines: moves_of(view, city, people, now),
            facts: facts(view, city, people, now),
            about: job.about(),
            place: job.place().map(|place| Position::of(&place)),
            is_doing: steps.iter().any(|step| state::is_of_doers(&step.to) && step.needs_words),
            may_change: is_keeper && may("title"),
            steps,
        }
    }
}

fn facts(view: &RecordView, city: &City, people: &People, now: Now) -> Vec<Fact> {
    let (row, job) = (&view.row, Task(&view.merged));
    let fact = |label: &'static str, value: String| Fact { label: t(label).to_owned(), value, note: None };
    let unit = |id: &str| {
        let known = city.catalog.departments.iter().find(|department| department.id == id);
        known.map_or_else(|| id.to_owned(), |department| words::of(&department.name).to_owned())
    };
    let helpers = job.co_units().into_iter().map(unit).collect::<Vec<_>>().join(", ");
    let facts = [
        Some(fact("task.for_whom", names(&job.assignees(), people))),
        job.text(field::UNIT).map(|id| fact("task.unit", unit(id))),
        (!helpers.is_empty()).then(|| fact("task.co_units", helpers)),
        job.due_millis().map(|due| fact("task.due", now.moment(due))),
        row.reporter.map(|account| fact("task.given_by", person_name(people, account))),
        Some(fact("task.given_at", now.moment(row.sort_millis))),
        Some(fact("record.number", number(row.record))),
    ];
    facts.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::{city, row};
    use super::*;

    const ME: AccountId = AccountId([1; 16]);
    const DAY: i64 = 24 * 3_600_000;

    fn task(n: u8, state: &str, due_millis: Option<i64>, assignees: &[AccountId]) -> ListRow {
        ListRow {
            kind: task::KIND,
            category: None,
            title: Some(format!("t{n}")),
            state: Some(state.to_owned()),
            due_millis,
            assignees: assignees.to_vec(),
            ..row(n)
        }
    }

    fn numbers(rows: &[ListRow]) -> Vec<u8> {
        rows.iter().map(|row| row.record.0[0]).collect()
    }

    #[test]
    fn a_person_sees_own_tasks_and_those_for_everybody_the_nearest_deadline_first() {
        let other = AccountId([2; 16]);
        let rows = [
            task(1, "accepted", Some(1), &[ME]),
            task(2, "signed", Some(9), &[ME, other]),
            task(3, "assigned", Some(5), &[]),
            task(4, "assigned", Some(3), &[other]),
            task(5, "underway", None, &[ME]),
            row(6),
        ];
        assert_eq!(numbers(&in_order(&rows, &city(), Some(ME))), [3, 2, 5, 1]);
        assert_eq!(numbers(&in_order(&rows, &city(), None)), [4, 3, 2, 5, 1]);
    }

    #[test]
    fn a_review_counts_like_a_deadline_until_it_is_done() {
        let review = |n, state, due, day: i64| ListRow { review_millis: Some(day), ..task(n, state, due, &[ME]) };
        let rows = [
            task(1, "signed", Some(9 * DAY), &[ME]),
            review(2, "underway", None, 3 * DAY),
            review(3, "underway", Some(2 * DAY), 30 * DAY),
            task(4, "underway", None, &[ME]),
        ];
        assert_eq!(numbers(&in_order(&rows, &city(), Some(ME))), [3, 2, 1, 4]);
        assert!(!is_overdue(&rows[1], 4 * DAY - 1), "all of its day is for it");
        assert!(is_overdue(&rows[1], 4 * DAY) && is_overdue(&rows[2], 3 * DAY));
        assert!(!is_overdue(&review(5, "done", None, 3 * DAY), 9 * DAY), "it rests");
        let now = Now { millis: 10 * DAY, zone_minutes: 480 };
        let line = TaskLine::of(&rows[1], &city(), &People::default(), now);
        assert_eq!((line.due, line.review.map(|lamp| lamp.tone)), (None, Some(Tone::Alarm)));
    }

    #[test]
    fn a_deadline_turns_from_plain_to_alarm_and_rests_when_the_work_is_done() {
        let now = Now { millis: 10 * DAY, zone_minutes: 480 };
        let tone = |state: &str, due| due_lamp(Some(state), Some(due), now).map(|lamp| lamp.tone);
        assert_eq!(tone("signed", 13 * DAY), Some(Tone::Plain));
        assert_eq!(tone("signed", 10 * DAY + 3_600_000), Some(Tone::Warn));
        assert_eq!(due_lamp(Some("signed"), Some(8 * DAY), now).map(|lamp| lamp.words), Some("超期 2 天".to_owned()));
        assert_eq!(tone("done", 8 * DAY), Some(Tone::Plain));
        assert!(is_overdue(&task(1, "underway", Some(8 * DAY), &[]), now.millis));
        assert!(!is_overdue(&task(1, "accepted", Some(8 * DAY), &[]), now.millis));
    }

    #[test]
    fn a_task_is_with_its_unit_where_whoever_gives_it_may_say_so() {
        let city = city();
        let new = NewTask { title: "清理".to_owned(), unit: Some("water".to_owned()), ..NewTask::default() };
        let with = Entry::set(UNIT, Value::text("water"));
        assert!(given(&city, "desk", &new, 5).contains(&with));
        // A field that somebody may not write holds the whole op.
        assert!(!given(&city, "volunteer", &new, 5).contains(&with));
        let nobodys = NewTask { unit: None, ..new };
        assert!(given(&city, "desk", &nobodys, 5).iter().all(|entry| entry.field != UNIT));
    }

    #[test]
    fn the_units_of_a_task_follow_what_it_says_of_them() {
        let city = city();
        let units = |units: &[&str]| units.iter().map(|unit| (*unit).to_owned()).collect::<Vec<_>>();
        let help = |act, unit: &str| Entry { field: HELPERS, act, value: Value::text(unit) };
        let before = NewTask {
            title: "清理".to_owned(),
            unit: Some("water".to_owned()),
            co_units: units(&["police", "wetland"]),
            helpers: units(&["police", "wetland"]),
            due_millis: Some(5),
            ..NewTask::default()
        };
        let said = given(&city, "officer", &before, 5);
        assert!(said.contains(&help(Act::Add, "police")) && said.contains(&help(Act::Add, "wetland")));
        assert!(given(&city, "volunteer", &before, 5).iter().all(|entry| entry.field != HELPERS));
        assert_eq!(changed(&city, "desk", (&before, &before), ""), []);
        let forgotten = NewTask { helpers: units(&["police", "forestry-grassland"]), ..before.clone() };
        let mended = [help(Act::Remove, "forestry-grassland"), help(Act::Add, "wetland")];
        assert_eq!(changed(&city, "desk", (&forgotten, &before), ""), mended, "what somebody did not say is said now");
        let after =
            NewTask { unit: None, co_units: units(&["wetland", "eco-env"]), due_millis: Some(9), ..before.clone() };
        let said = changed(&city, "desk", (&before, &after), "道路中断");
        let belongs: Vec<_> = said.iter().filter(|entry| [UNIT, HELPERS].contains(&entry.field)).cloned().collect();
        assert_eq!(belongs, [Entry::set(UNIT, Value::Null), help(Act::Remove, "police"), help(Act::Add, "eco-env")]);
        assert!(said.contains(&Entry::set(field::DUE_REASON, Value::text("道路中断"))));
        let own = changed(&city, "volunteer", (&before, &after), "");
        assert!(own.iter().all(|entry| ![UNIT, HELPERS].contains(&entry.field)));
    }

    #[test]
    fn whoever_is_sent_to_a_nest_is_given_the_report() {
        let city = city();
        let (who, other) = (AccountId([7; 16]), AccountId([8; 16]));
        let new = NewTask { assignees: vec![who, other], ..NewTask::default() };
        let report = |category: &str| ListRow {
            kind: 10,
            category: Some(category.to_owned()),
            assignees: vec![other],
            ..row(1)
        };
        let added = Entry { field: ASSIGNED, act: Act::Add, value: who.to_value() };
        assert_eq!(shown_the_place(&city, "desk", &new, &report("wildlife-sighting")), [added]);
        assert!(shown_the_place(&city, "desk", &new, &report("illegal-logging")).is_empty());
        assert!(shown_the_place(&city, "officer", &new, &report("wildlife-sighting")).is_empty());
    }

    #[test]
    fn done_and_sent_back_need_words_and_signing_does_not() {
        let city = city();
        let steps = |state: &str, role: &str| {
            let workflow = city.workflow("task").unwrap();
            workflow.steps(state, role).map(TaskStep::of).collect::<Vec<_>>()
        };
        let sign = &steps("assigned", "volunteer")[0];
        assert_eq!(step_entries(sign, "half a word").map(|entries| entries.len()), Some(1));
        let done = steps("underway", "volunteer").into_iter().find(|step| step.to == "done").unwrap();
        assert_eq!(step_entries(&done, " "), None);
        let entries = step_entries(&done, " 清完了 ").unwrap();
        assert_eq!(entries[1], Entry::set(field::RESULT, Value::text("清完了")));
        let back = steps("done", "desk").into_iter().find(|step| step.to == "returned").unwrap();
        assert_eq!(step_entries(&back, ""), None);
        assert_eq!(step_entries(&back, "补照片").unwrap()[1], Entry::set(shared::ANSWER, Value::text("补照片")));
        assert!(steps("done", "volunteer").is_empty());
    }
}
