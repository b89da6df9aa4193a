//! A report as the desk sees it: what is known, which steps may be taken, what is expected next.
//!
//! Owns: what the desk adds to the record page that everybody has ([`RecordScreen`]).

use greenshield_client::engine::RecordView;
use greenshield_domain::city::City;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::state;

use super::decide::StepOption;
use super::line::clock_lamp;
use super::{Clock, Deadline, InboxItem};
use crate::state::item::{People, person_name};
use crate::state::lamp::{Lamp, Tone};
use crate::state::record::{DeliveryView, Fact, RecordScreen, fingerprint, place_none, place_words};
use crate::state::time::{Now, span};
use crate::state::words::{self, t, tr};

/// From so many minutes between finding and arriving the delay is worth a word.
const DELAY_MINUTES: i64 = 10;
/// The picture of a file of which this computer has seen nothing.
const ABSENT_ICON: &str = "download";

/// A step that has not happened yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpectedStep {
    /// `now`, `alarm` or `todo`, for `data-state`.
    pub state: &'static str,
    /// What is waited for.
    pub title: String,
    /// How long it may take.
    pub note: Option<String>,
}

/// Where it is, ready to be copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceFact {
    /// Latitude and longitude.
    pub words: String,
    /// How exact.
    pub accuracy: String,
}

/// A report at the desk.
#[derive(Debug, Clone, PartialEq)]
pub struct DeskRecord {
    /// What everybody sees.
    pub screen: RecordScreen,
    /// Its clock.
    pub clock: Option<Lamp>,
    /// Who, and the two ends of the time.
    pub origin: Vec<Fact>,
    /// Where; `None` = no position yet.
    pub place: Option<PlaceFact>,
    /// What stands where no place is.
    pub place_none: String,
    /// What the reporter says in free words; the first thing to read.
    pub note: Option<Fact>,
    /// The rest of what is known.
    pub details: Vec<Fact>,
    /// The words and each photo: whether it has come here.
    pub delivery: Vec<DeliveryView>,
    /// Steps that may be taken, the expected one first.
    pub steps: Vec<StepOption>,
    /// Whether the person may answer the reporter: the role may take a step that does.
    pub may_answer: bool,
    /// What is expected next.
    pub expected: Vec<ExpectedStep>,
    /// The report that tells the same and goes on.
    pub goes_on_in: Option<RecordId>,
}

/// Who looks: the account counts for what is theirs, the role for what they may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Onlooker {
    /// The account.
    pub account: greenshield_domain::ids::AccountId,
    /// The role word.
    pub role: String,
}

impl DeskRecord {
    /// A report at the desk. `now` is the time that people read, `server_millis` the one that the clocks run by.
    #[must_use]
    pub fn of(view: &RecordView, city: &City, people: &People, who: &Onlooker, now: Now, server_millis: i64) -> Self {
        let screen = RecordScreen::of(view, city, people, Some(who.account), now);
        let item = super::item(&view.row, city, server_millis);
        let (kind, steps) = (view.row.kind, super::desk_steps(&view.row, city, &who.role));
        let steps = steps.into_iter().map(|step| StepOption::of(step, kind, city)).collect();
        let told = ["record.reporter", "record.found_at", "record.place"].map(t);
        let (known, mut details): (Vec<_>, Vec<_>) =
            screen.facts.iter().cloned().partition(|fact| told.contains(&fact.label.as_str()));
        let is_note = |fact: &Fact| !screen.note.is_empty() && fact.value == screen.note;
        let note = details.iter().position(is_note).map(|at| details.remove(at));
        Self {
            clock: item.as_ref().and_then(clock_lamp),
            origin: origin(view, city, people, &known, now),
            place: screen.place.as_ref().map(|place| PlaceFact {
                words: place_words(place),
                accuracy: tr("record.place_accuracy", &[("m", &(place.accuracy_cm / 100).max(1).to_string())]),
            }),
            place_none: place_none(view, now),
            note,
            details,
            delivery: delivery(&screen),
            steps,
            may_answer: may_answer(view.row.kind, city, &who.role),
            expected: item.as_ref().map(expected).unwrap_or_default(),
            goes_on_in: view.row.about.filter(|_| view.row.state.as_deref() == Some(state::DUPLICATE)),
            screen,
        }
    }
}

fn may_answer(kind: u32, city: &City, role: &str) -> bool {
    let steps = super::workflow(kind, city).into_iter().flat_map(|workflow| &workflow.transitions);
    let answering = steps.filter(|step| step.needs.iter().any(|need| need == "answer"));
    answering.flat_map(|step| &step.roles).any(|known| known == role)
}

/// Reporter with role, found at, arrived at.
fn origin(view: &RecordView, city: &City, people: &People, known: &[Fact], now: Now) -> Vec<Fact> {
    let mut origin = Vec::new();
    if let Some(account) = view.row.reporter {
        let role = people.get(&account).map(|person| role_words(&person.role, city));
        let value = [Some(person_name(people, account)), role].into_iter().flatten().collect::<Vec<_>>().join(" · ");
        origin.push(Fact { label: t("record.reporter").to_owned(), value, note: None });
    }
    let found = known.iter().find(|fact| fact.label == t("record.found_at"));
    // The other end of the time is a line of its own here.
    origin.extend(found.map(|fact| Fact { note: None, ..fact.clone() }));
    if let Some(arrived) = view.row.arrived_millis {
        let minutes = (arrived - view.row.sort_millis) / 60_000;
        let delay = (minutes >= DELAY_MINUTES).then(|| tr("desk.delay", &[("time", &span(minutes * 60_000))]));
        let (label, value) = (t("record.received_at").to_owned(), now.moment(arrived));
        origin.push(Fact { label, value, note: delay });
    }
    origin
}

/// The words, each photo once, and the voice notes. The original stays with the server until somebody asks for it, which is no news.
fn delivery(screen: &RecordScreen) -> Vec<DeliveryView> {
    let here = |mut item: DeliveryView| {
        let is_absent = item.lamp.icon == ABSENT_ICON;
        let shown = screen.photos.iter().map(|photo| photo.shown.blob);
        let mut shown = shown.chain(screen.voices.iter().map(|voice| voice.link.blob));
        let is_shown = shown.any(|blob| item.fingerprint.as_ref() == Some(&fingerprint(blob)));
        if is_absent && is_shown {
            item.lamp = Lamp { tone: Tone::Warn, icon: "clock", words: t("desk.photo_absent").to_owned() };
        }
        (!is_absent || is_shown).then_some(item)
    };
    screen.delivery.iter().cloned().filter_map(here).collect()
}

/// Whether a photo that is to be shown, or a voice note, has not come here yet.
#[must_use]
pub fn lacks_photos(view: &RecordView, screen: &RecordScreen) -> bool {
    let is_here = |blob| view.photos.iter().any(|file| file.link.blob == blob && file.row.is_some());
    screen.photos.iter().any(|photo| !is_here(photo.shown.blob)) || view.voices.iter().any(|voice| voice.row.is_none())
}

/// A role as the city calls it.
#[must_use]
pub fn role_words(role: &str, city: &City) -> String {
    let named = city.info.roles.iter().find(|known| known.id == role);
    named.map_or_else(|| role.to_owned(), |named| words::of(&named.name).to_owned())
}

/// What is expected next: the step whose clock runs, and those behind it.
fn expected(item: &InboxItem) -> Vec<ExpectedStep> {
    let todo = |title: &'static str| ExpectedStep { state: "todo", title: t(title).to_owned(), note: None };
    let Some(deadline) = item.deadline else {
        let is_silent = item.part == super::InboxPart::Closed && !item.row.answered;
        return is_silent.then(|| todo("record.step_answer")).into_iter().collect();
    };
    let (now, behind): (_, &[&'static str]) = match deadline {
        Deadline::Sign => ("desk.next_sign", &["desk.next_start", "desk.next_close"]),
        Deadline::Start => ("desk.next_start", &["desk.next_close"]),
        Deadline::Close => ("desk.next_close", &[]),
        Deadline::Reply => ("desk.next_reply", &["desk.next_close"]),
    };
    let start = super::start_millis(&item.row);
    let note = item
        .due_millis
        .zip(clock_lamp(item))
        .map(|(due, lamp)| tr("desk.next_limit", &[("limit", &span(due - start)), ("left", &lamp.words)]));
    let is_over = matches!(item.clock, Clock::Overdue(_));
    let now = ExpectedStep { state: if is_over { "alarm" } else { "now" }, title: t(now).to_owned(), note };
    std::iter::once(now).chain(behind.iter().map(|title| todo(title))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::item;
    use super::super::tests::{city, row};
    use super::*;

    const MINUTE: i64 = 60_000;

    #[test]
    fn who_has_no_part_in_the_workflow_does_not_answer() {
        assert!(may_answer(10, &city(), "desk") && !may_answer(10, &city(), "volunteer"));
        assert!(!may_answer(10, &city(), "liaison"), "a unit tells the desk, and the desk tells the reporter");
    }

    #[test]
    fn the_story_ends_with_what_is_expected() {
        let states = |state, minutes: i64| {
            let item = item(&row(1, "forest-grassland-fire", state, 0), &city(), minutes * MINUTE).unwrap();
            expected(&item).into_iter().map(|step| step.state).collect::<Vec<_>>()
        };
        assert_eq!(states(None, 0), ["now", "todo", "todo"]);
        assert_eq!(states(None, 6), ["alarm", "todo", "todo"]);
        assert_eq!(states(Some("handling"), 0), ["now"]);
        assert_eq!(states(Some("closed"), 0), ["todo"], "nobody told the reporter");
    }

    #[test]
    fn the_expected_step_tells_its_limit_and_what_is_left() {
        let item = item(&row(1, "forest-grassland-fire", None, 0), &city(), 2 * MINUTE).unwrap();
        let note = expected(&item)[0].note.clone().unwrap_or_default();
        assert!(note.contains("5 分钟") && note.contains("3 分钟"), "{note}");
    }
}
