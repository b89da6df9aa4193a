//! A paper of a referral: a template of the city filled with what is known, as a page of A4 draws it.

use greenshield_client::engine::RecordView;
use greenshield_domain::city::{Block, City, Paper, PaperPlace, fill};
use greenshield_domain::geo::Position;
use greenshield_domain::incident::{Incident, field as shared};
use greenshield_domain::referral::{Item, Referral, field};
use greenshield_domain::rough::is_rough;

use super::flow_words;
use crate::state::erasing::gone_of;
use crate::state::inbox::line::unit_words;
use crate::state::item::{self, People, person_name};
use crate::state::lamp::state_words;
use crate::state::record::number;
use crate::state::time::Now;

/// A part of a paper, filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PaperPart {
    /// A line or paragraph.
    Line(String, PaperPlace),
    /// Label and words.
    Facts(Vec<(String, String)>),
    /// Heads and rows.
    Items(Vec<String>, Vec<[String; 5]>),
    /// Lines to sign on.
    Signs(Vec<String>),
    /// Where the page is cut.
    Cut(String),
}

/// A paper, filled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperView {
    /// Its heading.
    pub heading: String,
    /// What marks it as a draft.
    pub draft: String,
    /// What stands below.
    pub foot: String,
    /// Its parts.
    pub parts: Vec<PaperPart>,
}

impl PaperView {
    /// Fills a template. `incident` is what the referral is about, where the person who looks has it.
    #[must_use]
    pub fn of(
        paper: &Paper,
        view: &RecordView,
        incident: Option<&RecordView>,
        city: &City,
        people: &People,
        now: Now,
    ) -> Self {
        let items = Referral(&view.merged).items();
        let value = |name: &str| {
            let value = value_of(name, view, incident, city, people, now);
            value.or_else(|| gone_value(name, view, incident, now))
        };
        let filled = |text: &str| fill(text, &city.papers.blank, value);
        let parts = paper.blocks.iter().map(|block| match block {
            Block::Line { text, place } => PaperPart::Line(filled(text), *place),
            Block::Facts(rows) => {
                PaperPart::Facts(rows.iter().map(|(label, text)| (label.clone(), filled(text))).collect())
            }
            Block::Items { heads, only_files } => {
                let shown = items.iter().filter(|item| !only_files || item.blob.is_some());
                PaperPart::Items(heads.clone(), shown.zip(1..).map(|(item, n)| row_of(item, n)).collect())
            }
            Block::Signs(lines) => PaperPart::Signs(lines.iter().map(|line| filled(line)).collect()),
            Block::Cut(text) => PaperPart::Cut(filled(text)),
        });
        Self {
            heading: filled(&paper.heading),
            draft: city.papers.draft.clone(),
            foot: city.papers.foot.clone(),
            parts: parts.collect(),
        }
    }
}

fn row_of(item: &Item, n: usize) -> [String; 5] {
    let hash = item.blob.map(|blob| blob.to_hex()).unwrap_or_default();
    [n.to_string(), item.name.clone(), item.count.to_string(), hash, String::new()]
}

/// What stands in a gap because its value was erased.
fn gone_value(name: &str, view: &RecordView, incident: Option<&RecordView>, now: Now) -> Option<String> {
    let (view, field) = match name {
        "facts" => (view, shared::NOTE),
        "contact" => (view, field::CONTACT),
        "basis" => (view, field::BASIS),
        "words" => (view, field::WORDS),
        "number" => (view, field::NUMBER),
        "items" => (view, field::ITEMS),
        "place" => (incident?, shared::PLACE_NAME),
        "coordinates" => (incident?, shared::PLACE),
        "found" => (incident?, shared::FOUND_AT),
        _ => return None,
    };
    gone_of(view, field, now)
}

/// What stands in a gap; `None` = it stays blank.
fn value_of(
    name: &str,
    view: &RecordView,
    incident: Option<&RecordView>,
    city: &City,
    people: &People,
    now: Now,
) -> Option<String> {
    let (row, paper) = (&view.row, Referral(&view.merged));
    let told = row.referral.as_ref()?;
    let found = incident.map(|view| (Incident(&view.merged), &view.row));
    let text = |field| paper.text(field).map(str::to_owned);
    let day = |millis: Option<i64>| millis.map(|millis| now.date_time(millis)[..10].to_owned());
    match name {
        "number" => told.number.clone(),
        "flow" => Some(flow_words(&told.flow, city)),
        "from" => Some(unit_words(&told.from_unit, city)),
        "to" => Some(unit_words(&told.to_unit, city)),
        "title" => Some(item::title(row, city)),
        "facts" => text(shared::NOTE),
        "contact" => text(field::CONTACT),
        "basis" => text(field::BASIS),
        "words" => text(field::WORDS),
        "state" => Some(state_words(row, city)),
        "reply_by" => day(row.due_millis),
        "made" => day(Some(row.sort_millis)),
        "sent" => day(told.sent_millis),
        "today" => day(Some(now.millis)),
        "count" => Some(paper.items().len().to_string()),
        "items" => Some(paper.items().into_iter().map(|item| item.name).collect::<Vec<_>>().join(", ")),
        "referral" => Some(number(row.record)),
        "record" => found.map(|(_, row)| number(row.record)),
        "category" => found.map(|(_, row)| item::what(row, city)),
        "place" => found.and_then(|(_, row)| row.place_name.clone()),
        // The middle of a cell is no place to go to: then the line is left for the pen.
        "coordinates" => found
            .and_then(|(incident, _)| incident.place())
            .filter(|place| !is_rough(place))
            .map(|place| degrees(Position::of(&place))),
        "found" => found.and_then(|(incident, _)| incident.found_at_millis()).map(|millis| now.date_time(millis)),
        "received" => found.and_then(|(_, row)| row.arrived_millis).map(|millis| now.date_time(millis)),
        "reporter" => found.and_then(|(_, row)| row.reporter).map(|account| person_name(people, account)),
        _ => None,
    }
}

/// Latitude and longitude with five decimals.
fn degrees(at: Position) -> String {
    let of = |e7: i64| {
        format!("{}{}.{:05}", if e7 < 0 { "-" } else { "" }, e7.abs() / 10_000_000, e7.abs() % 10_000_000 / 100)
    };
    format!("{}, {}", of(at.lat_e7), of(at.lon_e7))
}
