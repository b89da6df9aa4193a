//! Registers as pages show them: which there are, their lines, one record, and what may be done with it. All of it follows from
//! what the city package says of a kind.

pub mod attendance;
pub mod documents;
pub mod figures;
pub mod form;
pub mod never;
pub mod parts;
pub mod places;
pub mod report;
pub mod rota;
pub mod table;

use std::collections::BTreeSet;

use greenshield_client::engine::RecordView;
use greenshield_client::rows::ListRow;
use greenshield_domain::attempt;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{ANY, City, FieldDef, FieldType, Grant, Kind, Source, Transition};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::incident::Place;
use greenshield_domain::incident::field as shared;
use greenshield_domain::order;
use greenshield_domain::person;
use greenshield_domain::policy::Action;
use greenshield_domain::register::{LineValue, field};

use self::parts::Part;
use super::answers::{number_words, value_words};
use super::deadlines::moves_of;
use super::inbox::state_of;
use super::item;
use super::lamp::state_words;
use super::options::{counties, in_order, options_of};
use super::record::{Fact, place_words, who_when};
use super::rights::{Who, may_say};
use super::task::is_open;
use super::time::Now;
use super::words::{self, t, tr};

/// A register among the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The word of its kind.
    pub name: String,
    /// What the city calls it.
    pub label: String,
    /// Picture.
    pub icon: String,
    /// How many records, and how many of them are open.
    pub facts: String,
}

/// Registers that stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    /// What the city calls them.
    pub label: String,
    /// The registers.
    pub cards: Vec<Card>,
}

/// Whether somebody of a role keeps a register.
#[must_use]
pub fn keeps(kind: &Kind, role: &str) -> bool {
    kind.register.as_ref().is_some_and(|register| register.keepers.iter().any(|keeper| keeper == role))
}

/// Whether a grant is to write a field, by its word, of records of a kind; fields of the protocol only where they are named.
#[must_use]
pub fn writes(grant: &Grant, kind: &Kind, name: &str) -> bool {
    let is_of_kind = kind.field_named(name).is_some();
    let has = |names: &[String]| names.iter().any(|word| word == name || (is_of_kind && word == ANY));
    grant.actions.contains(&Action::Write) && grant.means(kind) && has(&grant.fields)
}

/// Whether a role may write a field, by its word, of some records of a kind.
#[must_use]
pub fn may_write(city: &City, kind: &Kind, role: &str, name: &str) -> bool {
    let mut grants = city.policy.roles.iter().filter(|known| known.role == role).flat_map(|known| &known.grants);
    grants.any(|grant| writes(grant, kind, name))
}

/// All registers that somebody of a role keeps, or of which this phone has a record.
#[must_use]
pub fn shelves(city: &City, rows: &[ListRow], role: &str) -> Vec<Shelf> {
    let card = |kind: &Kind| {
        let register = kind.register.as_ref()?;
        let own = || rows.iter().filter(|row| row.kind == kind.id);
        let (all, open) = (own().count(), own().filter(|row| is_open(row, city)).count());
        let facts = match kind.workflow {
            Some(_) => tr("register.counts", &[("n", &all.to_string()), ("open", &open.to_string())]),
            None => tr("register.count", &[("n", &all.to_string())]),
        };
        let label = words::of(&kind.label).to_owned();
        let card = Card { name: kind.name.clone(), label, icon: register.icon.clone(), facts };
        (all > 0 || keeps(kind, role)).then(|| (register.group.clone(), card))
    };
    let cards: Vec<(String, Card)> = city.kinds.iter().filter_map(card).collect();
    let shelf = |group: &greenshield_domain::city::RegisterGroup| {
        let of_group = cards.iter().filter(|(id, _)| *id == group.id);
        Shelf { label: words::of(&group.label).to_owned(), cards: of_group.map(|(_, card)| card.clone()).collect() }
    };
    city.registers.groups.iter().map(shelf).filter(|shelf| !shelf.cards.is_empty()).collect()
}

/// Most records that a search offers at once.
const MOST_OFFERED: usize = 12;

/// What a search offers to choose: ids in hex with titles that have the words, without what is chosen already; none without words.
#[must_use]
pub fn matching(all: &[(String, String)], words: &str, chosen: &[String]) -> Vec<(String, String)> {
    let asked = words.trim().to_lowercase();
    if asked.is_empty() {
        return Vec::new();
    }
    let is_it = |(hex, title): &&(String, String)| !chosen.contains(hex) && title.to_lowercase().contains(&asked);
    all.iter().filter(is_it).take(MOST_OFFERED).cloned().collect()
}

/// The title of a record of a kind, for a link to it.
fn title_of(city: &City, rows: &[ListRow], record: RecordId) -> Option<String> {
    rows.iter().find(|row| row.record == record).map(|row| item::title(row, city))
}

/// Titles of several records; those that are not on this phone are only counted.
fn titles(found: impl Iterator<Item = Option<String>>) -> String {
    let (known, unknown): (Vec<_>, Vec<_>) = found.partition(Option::is_some);
    let mut words: Vec<String> = known.into_iter().flatten().collect();
    if !unknown.is_empty() {
        words.push(tr("register.elsewhere_n", &[("n", &unknown.len().to_string())]));
    }
    words.join(t("list.comma"))
}

/// The value of a field in a line, in words.
#[must_use]
pub fn line_words(city: &City, field: &FieldDef, value: &LineValue, rows: &[ListRow], now: Now) -> String {
    match (field.ty, value) {
        (FieldType::Time, LineValue::Int(millis)) => now.day(*millis),
        (FieldType::Bool, LineValue::Int(yes)) => t(if *yes == 0 { "answer.no" } else { "answer.yes" }).to_owned(),
        (FieldType::Record, LineValue::Text(hex)) => {
            let record = RecordId::from_hex(hex).ok();
            record.and_then(|record| title_of(city, rows, record)).unwrap_or_else(|| t("register.elsewhere").to_owned())
        }
        (FieldType::Records, _) => {
            let title = |hex: &String| title_of(city, rows, RecordId::from_hex(hex).ok()?);
            titles(value.texts().iter().map(title))
        }
        (_, LineValue::Int(number)) => number_words(*number),
        _ => {
            let options = options_of(city, field);
            let word = |id: &String| options.iter().find(|(known, _)| known == id).map_or(id, |(_, word)| word).clone();
            value.texts().iter().map(word).collect::<Vec<_>>().join(t("list.comma"))
        }
    }
}

/// A record as a line of its register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The record.
    pub record: RecordId,
    /// Its title.
    pub title: String,
    /// The columns, as many as the register has; what is not said is empty.
    pub cells: Vec<String>,
    /// How it stands, where its kind has states.
    pub state: Option<String>,
    /// Whether somebody still has to do something.
    pub is_open: bool,
}

/// Which records of a register are shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<String>,
    /// Only those with these words somewhere in their line.
    pub text: String,
}

/// When a record was, is or will be: its day, else when it was entered.
#[must_use]
pub fn day_of(row: &ListRow) -> i64 {
    match row.values.get(&field::DAY) {
        Some(LineValue::Int(day)) => *day,
        _ => row.sort_millis,
    }
}

/// The fields that a line shows.
#[must_use]
pub fn columns(kind: &Kind) -> Vec<&FieldDef> {
    let names = kind.register.iter().flat_map(|register| &register.columns);
    names.filter_map(|name| kind.field_named(name)).collect()
}

/// The lines of a register, the newest first.
#[must_use]
pub fn lines(city: &City, kind: &Kind, all: &[ListRow], filter: &Filter, now: Now) -> Vec<Line> {
    let columns = columns(kind);
    let workflow = kind.workflow.as_deref().and_then(|id| city.workflow(id));
    let is_in = |row: &&ListRow| match (&filter.state, workflow) {
        (Some(state), Some(workflow)) => state_of(row, workflow) == state,
        _ => true,
    };
    let mut rows: Vec<&ListRow> = all.iter().filter(|row| row.kind == kind.id).filter(is_in).collect();
    order::sort_by_key(&mut rows, |row| (-day_of(row), row.record));
    let line = |row: &ListRow| Line {
        record: row.record,
        title: item::title(row, city),
        cells: columns.iter().map(|def| cell(city, def, row, all, now)).collect(),
        state: workflow.map(|_| state_words(row, city)),
        is_open: is_open(row, city),
    };
    let asked = filter.text.trim().to_lowercase();
    let has_words = |line: &Line| {
        asked.is_empty()
            || std::iter::once(&line.title).chain(&line.cells).any(|cell| cell.to_lowercase().contains(&asked))
    };
    rows.into_iter().map(line).filter(has_words).collect()
}

fn cell(city: &City, def: &FieldDef, row: &ListRow, all: &[ListRow], now: Now) -> String {
    let value = match (row.values.get(&def.id), row.due_millis) {
        (Some(value), _) => Some(value.clone()),
        (None, Some(due)) if def.name == "due" => Some(LineValue::Int(due)),
        _ => None,
    };
    value.map(|value| line_words(city, def, &value, all, now)).unwrap_or_default()
}

/// The states of a register with how many records are in each: id, words, number.
#[must_use]
pub fn states(city: &City, kind: &Kind, all: &[ListRow]) -> Vec<(String, String, usize)> {
    let Some(workflow) = kind.workflow.as_deref().and_then(|id| city.workflow(id)) else { return Vec::new() };
    let n = |id: &str| all.iter().filter(|row| row.kind == kind.id && state_of(row, workflow) == id).count();
    let states = workflow.states.iter();
    states.map(|state| (state.id.clone(), words::of(&state.label).to_owned(), n(&state.id))).collect()
}

/// A step that may be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The state that it leads to.
    pub to: String,
    /// What the button says.
    pub label: String,
    /// The fields that have to be filled with it.
    pub needs: Vec<FieldDef>,
    /// Whether it is for somebody else than whoever looks.
    pub is_for_another: bool,
}

/// A record of a register as a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screen {
    /// The record.
    pub record: RecordId,
    /// The word of its kind.
    pub kind: String,
    /// What the city calls its kind.
    pub label: String,
    /// Its title.
    pub title: String,
    /// How it stands.
    pub state: Option<String>,
    /// The deadline, while it is open.
    pub due_millis: Option<i64>,
    /// What is known.
    pub facts: Vec<Fact>,
    /// What may be done.
    pub steps: Vec<Step>,
    /// Records that it came from, and that point to it: record, kind in words, title, state.
    pub links: Vec<(RecordId, String, String, String)>,
    /// Counties that have nothing of their own under it.
    pub without: Vec<String>,
    /// The units that share it, each with its task.
    pub parts: Vec<Part>,
    /// How its deadline moved, the last time first.
    pub deadlines: Vec<Fact>,
    /// Whether whoever looks keeps the register, and may change this record.
    pub is_keeper: bool,
    /// Whether whoever looks may add photos to it.
    pub takes_photos: bool,
}

impl Screen {
    /// The page of a record for somebody of a role; `rows` are the records that are known.
    #[must_use]
    pub fn of(
        view: &RecordView,
        city: &City,
        rows: &[ListRow],
        people: &item::People,
        (me, role): (AccountId, &str),
        now: Now,
    ) -> Option<Self> {
        let kind = city.kind(view.row.kind)?;
        let who = Who::of(rows, (me, role));
        let may = |name: &str| may_say(city, &view.row, &view.merged, who, name);
        let workflow = kind.workflow.as_deref().and_then(|id| city.workflow(id));
        let facts = in_order(kind).into_iter().filter_map(|def| fact(view, city, def, rows, people, now));
        let said_by = view.merged.candidate(shared::STATE).map(|said| said.account);
        let step = |step: &Transition| Step {
            to: step.to.clone(),
            label: words::of(&step.label).to_owned(),
            needs: step.needs.iter().filter_map(|name| kind.field_named(name)).cloned().collect(),
            is_for_another: step.other_hand && said_by == Some(me),
        };
        let steps = workflow.filter(|_| may("state")).map(|workflow| {
            let state = state_of(&view.row, workflow).to_owned();
            workflow.steps(&state, role).map(step).collect::<Vec<_>>()
        });
        let is_running = is_open(&view.row, city);
        Some(Self {
            record: view.row.record,
            kind: kind.name.clone(),
            label: words::of(&kind.label).to_owned(),
            title: item::title(&view.row, city),
            state: workflow.map(|_| state_words(&view.row, city)),
            due_millis: view.row.due_millis.filter(|_| is_running),
            facts: facts.collect(),
            steps: steps.unwrap_or_default(),
            links: links(view, city, rows),
            without: without(kind, view.row.record, city, rows),
            parts: parts::parts(kind, &view.row, city, rows, (me, role)),
            deadlines: moves_of(view, city, people, now),
            is_keeper: keeps(kind, role) && may("title"),
            takes_photos: keeps(kind, role) && may("photos"),
        })
    }
}

fn fact(
    view: &RecordView,
    city: &City,
    def: &FieldDef,
    rows: &[ListRow],
    people: &item::People,
    now: Now,
) -> Option<Fact> {
    if [shared::STATE, greenshield_domain::task::field::TITLE].contains(&def.id) {
        return None;
    }
    let said = view.merged.candidate(def.id)?;
    let value = field_words(city, def, &said.value, rows, now).filter(|words| !words.is_empty())?;
    // Who said what is asked where words are long: what was found, decided, answered.
    let note = def.long.then(|| who_when(said, people, now));
    Some(Fact { label: words::of(&def.label).to_owned(), value, note })
}

/// The value of a field in words; `None` for what is shown otherwise, and for nothing.
#[must_use]
pub fn field_words(city: &City, def: &FieldDef, value: &Value, rows: &[ListRow], now: Now) -> Option<String> {
    match def.ty {
        _ if *value == Value::Null => None,
        FieldType::Time => value.as_int().map(|millis| now.day(millis)),
        FieldType::Place => Place::from_value(value).map(|place| place_words(&place)),
        FieldType::Record => {
            let record = RecordId(value.as_array_of()?);
            Some(title_of(city, rows, record).unwrap_or_else(|| t("register.elsewhere").to_owned()))
        }
        FieldType::Records => Some(titles(form::records_of(value).map(|record| title_of(city, rows, record)))),
        FieldType::Blob | FieldType::Map => None,
        _ => value_words(city, None, def, value),
    }
}

/// Where it came from, and what points to it.
fn links(view: &RecordView, city: &City, rows: &[ListRow]) -> Vec<(RecordId, String, String, String)> {
    let record = view.row.record;
    let hex = record.to_hex();
    let named = |row: &ListRow| row.values.values().any(|value| value.texts().contains(&hex));
    let ups: BTreeSet<&str> = view.row.values.values().flat_map(LineValue::texts).map(String::as_str).collect();
    // Attempts at its quiz and the people who came have a list of their own.
    let is_elsewhere = |row: &ListRow| [attempt::KIND, person::KIND].contains(&row.kind);
    let is_linked = |row: &&ListRow| {
        if is_elsewhere(row) {
            return false;
        }
        row.about == Some(record)
            || view.row.about == Some(row.record)
            || named(row)
            || ups.contains(row.record.to_hex().as_str())
    };
    let mut found: Vec<&ListRow> = rows.iter().filter(|row| row.record != record).filter(is_linked).collect();
    order::sort_by_key(&mut found, |row| (row.kind, row.sort_millis, row.record));
    let link = |row: &ListRow| {
        let kind = city.kind(row.kind).map(|kind| words::of(&kind.label).to_owned()).unwrap_or_default();
        (row.record, kind, item::title(row, city), state_words(row, city))
    };
    found.into_iter().map(link).collect()
}

/// For a kind whose records stand under each other: the counties that have none under this one.
fn without(kind: &Kind, record: RecordId, city: &City, rows: &[ListRow]) -> Vec<String> {
    let is_up = |def: &&FieldDef| def.source.as_ref() == Some(&Source::Records(kind.name.clone()));
    let Some(up) = kind.fields.iter().find(is_up) else { return Vec::new() };
    let county = |row: &ListRow| row.values.get(&field::COUNTY).and_then(|value| value.texts().first()).cloned();
    let own = rows.iter().find(|row| row.record == record).and_then(county);
    if own.is_some_and(|own| own != city.info.division) {
        return Vec::new();
    }
    let hex = record.to_hex();
    let below = rows.iter().filter(|row| row.values.get(&up.id).is_some_and(|value| value.texts().contains(&hex)));
    let have: BTreeSet<String> = below.filter_map(county).collect();
    counties(city).filter(|(code, _)| !have.contains(code)).map(|(_, name)| name).collect()
}

#[cfg(test)]
mod tests;
