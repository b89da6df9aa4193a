//! Referrals as pages show them: lines with their clocks, one referral with what may be done, the count of a year.
//!
//! Owns: which limit runs, its lamp, which side may take which step, what is counted. Pure; the time of the server is an
//! argument.

pub mod make;
pub mod paper;

use greenshield_client::engine::RecordView;
use greenshield_client::rows::{ListRow, ReferralRow};
use greenshield_domain::calendar::day_of;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, Flow, StepClock, Transition, YearDay};
use greenshield_domain::deadline::{Deadline, date_of, deadline};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::incident::field as shared;
use greenshield_domain::op::Entry;
use greenshield_domain::order;
use greenshield_domain::referral::{self, Item, Referral, Step, field, is_of_receiver, state};

use super::draft::cut;
use super::inbox::line::unit_words;
use super::inbox::{LIAISON, state_of};
use super::item::{self, People, person_name};
use super::lamp::{Lamp, Tone, state_words};
use super::record::{Fact, fingerprint, number};
use super::story::{self, StepView};
use super::task::is_open;
use super::time::{Now, span};
use super::words::{self, t, tr};

const DAY_MILLIS: i64 = 24 * 3_600_000;
/// With less than this left a limit is near, whatever its length.
const NEAR_MILLIS: i64 = DAY_MILLIS;

/// Who looks at referrals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The account.
    pub account: AccountId,
    /// The role word.
    pub role: String,
}

/// A limit that runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueView {
    /// What has to be done.
    pub what: String,
    /// How much time is left, as a lamp.
    pub lamp: Lamp,
    /// When it ends, ms since 1970; `None` = it can not be counted.
    pub due_millis: Option<i64>,
    /// The law that it rests on; empty when somebody only asked.
    pub basis: String,
    /// Whether somebody compared it with the text of the law.
    pub is_checked: bool,
    /// The year without a table of holidays.
    pub missing_year: Option<i64>,
}

fn workflow_steps<'a>(row: &'a ListRow, city: &'a City, role: &'a str) -> Vec<&'a Transition> {
    let workflow = city.kind(referral::KIND).and_then(|kind| city.workflow(kind.workflow.as_deref()?));
    workflow.map(|workflow| workflow.steps(state_of(row, workflow), role).collect()).unwrap_or_default()
}

/// The word of its state.
fn word_of(row: &ListRow) -> &str {
    row.state.as_deref().unwrap_or(state::PREPARED)
}

/// The limit of the law that runs.
fn clock_of<'a>(row: &ListRow, told: &ReferralRow, city: &'a City) -> Option<&'a StepClock> {
    let began = date_of(&city.holidays, told.since_millis)?;
    city.referrals.clock(&told.flow, word_of(row), &told.from_unit, &told.to_unit, began)
}

/// The limit that runs: that of the law, else until when somebody asked for an answer. `now_millis` is the server's clock.
#[must_use]
pub fn due_of(row: &ListRow, city: &City, now_millis: i64, now: Now) -> Option<DueView> {
    let told = row.referral.as_ref()?;
    if !is_open(row, city) {
        return None;
    }
    let Some(clock) = clock_of(row, told, city) else {
        let due = row.due_millis.filter(|_| word_of(row) != referral::state::PREPARED)?;
        let ends = Deadline { due_millis: Some(due), missing_year: None };
        return Some(DueView {
            what: t("referral.answer_wanted").to_owned(),
            lamp: lamp_of(ends, told.since_millis, now_millis, now),
            due_millis: Some(due),
            basis: String::new(),
            is_checked: true,
            missing_year: None,
        });
    };
    let ends = deadline(&city.holidays, clock.limit(), told.since_millis);
    Some(DueView {
        what: words::of(&clock.what).to_owned(),
        lamp: lamp_of(ends, told.since_millis, now_millis, now),
        due_millis: ends.due_millis,
        basis: words::of(&clock.basis).to_owned(),
        is_checked: clock.checked,
        missing_year: ends.missing_year,
    })
}

fn lamp_of(ends: Deadline, start_millis: i64, now_millis: i64, now: Now) -> Lamp {
    let lamp = |tone, icon, words| Lamp { tone, icon, words };
    let Some(due) = ends.due_millis else {
        let year = ends.missing_year.unwrap_or_default().to_string();
        return lamp(Tone::Warn, "calendar", tr("referral.no_table", &[("year", &year)]));
    };
    let left = due - now_millis;
    let until = now.moment(due);
    match left {
        ..0 => lamp(Tone::Alarm, "alert-triangle", tr("referral.overdue", &[("span", &span(-left))])),
        _ if left < NEAR_MILLIS || left * 3 < due - start_millis => {
            lamp(Tone::Warn, "clock", tr("referral.left", &[("span", &span(left)), ("time", &until)]))
        }
        _ => lamp(Tone::Sent, "clock", tr("referral.left", &[("span", &span(left)), ("time", &until)])),
    }
}

/// A referral as a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferralLine {
    /// The record.
    pub record: RecordId,
    /// What it is about.
    pub title: String,
    /// The way, and from whom to whom.
    pub facts: String,
    /// How it stands.
    pub state: Lamp,
    /// The limit that runs.
    pub due: Option<Lamp>,
    /// What of it is on this computer only.
    pub unsent: Option<Lamp>,
}

/// The way in words.
#[must_use]
pub fn flow_words(flow: &str, city: &City) -> String {
    city.referrals.flow(flow).map_or_else(|| flow.to_owned(), |flow| words::of(&flow.name).to_owned())
}

impl ReferralLine {
    /// The line of a row; `None` for a row of another kind.
    #[must_use]
    pub fn of(row: &ListRow, city: &City, now_millis: i64, now: Now) -> Option<Self> {
        let told = row.referral.as_ref()?;
        let (from, to) = (unit_words(&told.from_unit, city), unit_words(&told.to_unit, city));
        let way = tr("referral.way", &[("from", &from), ("to", &to)]);
        let facts = [Some(flow_words(&told.flow, city)), Some(way), told.number.clone()];
        Some(Self {
            record: row.record,
            title: item::title(row, city),
            facts: facts.into_iter().flatten().collect::<Vec<_>>().join(" · "),
            state: Lamp { tone: Tone::Plain, icon: "flag", words: state_words(row, city) },
            due: due_of(row, city, now_millis, now).map(|due| due.lamp),
            unsent: (row.ops_unsent > 0).then(Lamp::saved),
        })
    }
}

/// Which referrals are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Part {
    /// Somebody has to do something.
    #[default]
    Open,
    /// A limit is over.
    Overdue,
    /// Closed.
    Closed,
}

impl Part {
    /// All parts in the order of their buttons.
    pub const ALL: [Part; 3] = [Part::Open, Part::Overdue, Part::Closed];

    /// Whether a referral is in this part.
    #[must_use]
    pub fn takes(self, row: &ListRow, city: &City, now_millis: i64) -> bool {
        let is_open = is_open(row, city);
        let due = || due_of(row, city, now_millis, Now::default()).and_then(|due| due.due_millis);
        match self {
            Part::Open => is_open,
            Part::Overdue => is_open && due().is_some_and(|due| due < now_millis),
            Part::Closed => !is_open,
        }
    }
}

/// All referrals: open ones by the end of their limits, then closed ones, the newest first.
#[must_use]
pub fn in_order(rows: &[ListRow], city: &City, now_millis: i64) -> Vec<ListRow> {
    let mut found: Vec<ListRow> = rows.iter().filter(|row| row.referral.is_some()).cloned().collect();
    order::sort_by_key(&mut found, |row| {
        let due = due_of(row, city, now_millis, Now::default()).and_then(|due| due.due_millis);
        let is_closed = !is_open(row, city);
        (is_closed, if is_closed { -row.updated_millis } else { due.unwrap_or(i64::MAX) }, row.record)
    });
    found
}

/// What was taken on in a year, and since some day of it. Both are the records themselves, so that each figure can be opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Share {
    /// Taken on since the day.
    pub since: Vec<RecordId>,
    /// Taken on in the year up to now.
    pub year: Vec<RecordId>,
}

impl Share {
    /// Counts. `first_millis` and `since_millis` are the first moments of the year and of the day; both up to `now_millis`.
    #[must_use]
    pub fn of(rows: &[ListRow], first_millis: i64, since_millis: i64, now_millis: i64) -> Self {
        let taken = |from: i64| {
            let is_in = |row: &&ListRow| {
                let accepted = row.referral.as_ref().and_then(|told| told.accepted_millis);
                accepted.is_some_and(|at| (from..=now_millis).contains(&at))
            };
            rows.iter().filter(is_in).map(|row| row.record).collect::<Vec<_>>()
        };
        Self { since: taken(since_millis.max(first_millis)), year: taken(first_millis) }
    }

    /// The share in tenths of a percent, rounded; `None` of nothing.
    #[must_use]
    pub fn permille(&self) -> Option<usize> {
        let (n, of) = (self.since.len(), self.year.len());
        (of > 0).then(|| (n * 2_000 + of) / (2 * of))
    }
}

/// `59.6` of 596.
#[must_use]
pub fn percent_words(permille: usize) -> String {
    format!("{}.{}", permille / 10, permille % 10)
}

/// The first moment of a day of a year by the clock of the law, ms since 1970.
#[must_use]
pub fn first_moment(city: &City, year: i64, day: YearDay) -> i64 {
    day_of(year, day.month.into(), day.day.into()) * DAY_MILLIS - i64::from(city.holidays.zone_minutes) * 60_000
}

/// A step that may be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepOption {
    /// Id of the transition.
    pub id: String,
    /// The state that it leads to.
    pub to: String,
    /// What the button says.
    pub label: String,
    /// Picture, a name of the sprite.
    pub icon: &'static str,
    /// The field of the words without which it can not be taken.
    pub words: Option<u32>,
}

impl StepOption {
    fn of(step: &Transition) -> Self {
        let icon = match step.id.as_str() {
            "approve" | "receive" => "circle-check",
            "send" | "review" | "supervise" => "send",
            "accept" | "overturn" | "close" => "check",
            "ask" | "withdraw" => "arrow-back-up",
            "refuse" | "uphold" => "x",
            "tell" => "message",
            _ => "chevron-right",
        };
        let words = match step.needs.first().map(String::as_str) {
            Some("answer") => Some(shared::ANSWER),
            Some(_) => Some(field::WORDS),
            None => None,
        };
        Self { id: step.id.clone(), to: step.to.clone(), label: words::of(&step.label).to_owned(), icon, words }
    }

    /// What taking it says; `None` = words are missing. Words are welcome with every step.
    #[must_use]
    pub fn entries(&self, typed: &str, at_millis: i64) -> Option<Vec<Entry>> {
        let typed = cut(typed.trim());
        if self.words.is_some() && typed.is_empty() {
            return None;
        }
        let step = Step { state: self.to.clone(), at_millis };
        Some(if self.words == Some(shared::ANSWER) {
            let answer = Entry::set(shared::ANSWER, Value::text(&typed));
            step.to_entries("").into_iter().chain([answer]).collect()
        } else {
            step.to_entries(&typed)
        })
    }
}

/// Steps that somebody may take: those of the flow, and of a unit's person only those of the own side. The desk writes down
/// for both sides what came on paper.
#[must_use]
pub fn steps(row: &ListRow, city: &City, who: &Viewer) -> Vec<StepOption> {
    let Some(flow) = row.referral.as_ref().and_then(|told| city.referrals.flow(&told.flow)) else { return Vec::new() };
    let is_maker = row.reporter == Some(who.account);
    let is_own_side = |step: &Transition| who.role != LIAISON || is_of_receiver(&step.id) != is_maker;
    let is_in_flow = |step: &Transition| flow.states.contains(&step.to) && !skips_approval(flow, row, step);
    let open = workflow_steps(row, city, &who.role).into_iter();
    open.filter(|step| is_in_flow(step) && is_own_side(step)).map(StepOption::of).collect()
}

/// Where somebody has to approve, nothing is sent before.
fn skips_approval(flow: &Flow, row: &ListRow, step: &Transition) -> bool {
    step.to == state::SENT && word_of(row) == state::PREPARED && flow.states.iter().any(|state| state == "approved")
}

/// A line of what goes along.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemView {
    /// What it is.
    pub name: String,
    /// How many.
    pub count: u32,
    /// SHA-256 of a file in short.
    pub fingerprint: Option<String>,
}

/// A referral as a page.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferralScreen {
    /// The record.
    pub record: RecordId,
    /// What it is about.
    pub title: String,
    /// State and limit.
    pub lamps: Vec<Lamp>,
    /// The limit that runs.
    pub due: Option<DueView>,
    /// The same, when it ends.
    pub due_words: Option<String>,
    /// What it is about, in words.
    pub note: Option<String>,
    /// What came of it.
    pub result: Option<String>,
    /// What else is known.
    pub facts: Vec<Fact>,
    /// What goes along.
    pub items: Vec<ItemView>,
    /// The incident that it is about.
    pub about: Option<RecordId>,
    /// Steps that may be taken.
    pub steps: Vec<StepOption>,
    /// Papers of its flow: word and name.
    pub papers: Vec<(String, String)>,
    /// What happened, with what happened to the incident, oldest first.
    pub story: Vec<StepView>,
}

impl ReferralScreen {
    /// The page of a referral; `incident` is what it is about, where the person who looks has it.
    #[must_use]
    pub fn of(
        view: &RecordView,
        incident: Option<&RecordView>,
        city: &City,
        people: &People,
        who: &Viewer,
        now: Now,
        now_millis: i64,
    ) -> Self {
        let (row, paper) = (&view.row, Referral(&view.merged));
        let due = due_of(row, city, now_millis, now);
        let state = Lamp { tone: Tone::Plain, icon: "flag", words: state_words(row, city) };
        let unsent = (row.ops_unsent > 0).then(Lamp::saved);
        let flow = row.referral.as_ref().and_then(|told| city.referrals.flow(&told.flow));
        let papers = flow.into_iter().flat_map(|flow| &flow.papers).filter_map(|id| city.papers.paper(id));
        let item =
            |item: Item| ItemView { name: item.name, count: item.count, fingerprint: item.blob.map(fingerprint) };
        Self {
            record: row.record,
            title: item::title(row, city),
            lamps: [state].into_iter().chain(due.as_ref().map(|due| due.lamp.clone())).chain(unsent).collect(),
            due_words: due.as_ref().and_then(|due| due.due_millis).map(|due| now.date_time(due)),
            due,
            note: paper.text(shared::NOTE).map(str::to_owned),
            result: paper.text(shared::ANSWER).map(str::to_owned),
            facts: facts(view, city, people, now),
            items: paper.items().into_iter().map(item).collect(),
            about: paper.about(),
            steps: steps(row, city, who),
            papers: papers.map(|paper| (paper.id.clone(), words::of(&paper.name).to_owned())).collect(),
            story: case_story(view, incident, city, people, now),
        }
    }
}

/// One story: what happened to the incident, and what happened to its referral.
fn case_story(
    view: &RecordView,
    incident: Option<&RecordView>,
    city: &City,
    people: &People,
    now: Now,
) -> Vec<StepView> {
    // What the report was told of the referral is told by the referral itself.
    let is_echo = |entry: &Entry| entry.field == shared::REFERRAL_STATE;
    let of_incident = incident.map(|view| {
        let mut view = view.clone();
        view.ops.retain(|op| !op.op.body().entries().any(is_echo));
        story::steps(&view, city, people, now)
    });
    let of_incident = of_incident.unwrap_or_default();
    let arrived = t("record.step_delivered");
    let own = story::steps(view, city, people, now).into_iter().filter(|step| step.title != arrived);
    let own = own.map(|step| StepView { title: tr("referral.story", &[("step", &step.title)]), ..step });
    let mut steps: Vec<StepView> = of_incident.into_iter().chain(own).collect();
    order::sort_by_key(&mut steps, |step| step.at_millis);
    steps
}

fn facts(view: &RecordView, city: &City, people: &People, now: Now) -> Vec<Fact> {
    let (row, paper) = (&view.row, Referral(&view.merged));
    let fact = |label: &'static str, value: String| Fact { label: t(label).to_owned(), value, note: None };
    let text = |field| paper.text(field).filter(|text| !text.is_empty()).map(str::to_owned);
    let told = row.referral.clone().unwrap_or_default();
    let facts = [
        Some(fact("referral.flow", flow_words(&told.flow, city))),
        Some(fact("referral.from", unit_words(&told.from_unit, city))),
        Some(fact("referral.to", unit_words(&told.to_unit, city))),
        told.number.map(|number| fact("referral.number", number)),
        text(field::BASIS).map(|basis| fact("referral.basis", basis)),
        text(field::CONTACT).map(|contact| fact("referral.contact", contact)),
        text(field::WORDS).map(|words| fact("referral.words", words)),
        told.sent_millis.map(|at| fact("referral.sent_at", now.day(at))),
        told.accepted_millis.map(|at| fact("referral.accepted_at", now.day(at))),
        row.due_millis.map(|due| fact("referral.reply_by", now.day(due))),
        row.reporter.map(|account| fact("referral.made_by", person_name(people, account))),
        Some(fact("record.number", number(row.record))),
    ];
    facts.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests;
