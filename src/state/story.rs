//! What happened to a record, step by step: every op says who, when and what changed.

use std::collections::{BTreeMap, BTreeSet};

use greenshield_client::engine::RecordView;
use greenshield_client::rows::OpRow;
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, FieldType};
use greenshield_domain::erasure::Gone;
use greenshield_domain::ids::AccountId;
use greenshield_domain::incident::{BlobLink, field};
use greenshield_domain::op::Act;
use greenshield_domain::policy::{ASSIGNED, UNIT};
use greenshield_domain::register::field::{SIGNED_FOR, SIGNED_IN};
use greenshield_domain::wire::Verdict;
use greenshield_domain::{person, register, unit};

use super::answers::value_words;
use super::erasing::basis_words;
use super::inbox::line::unit_words;
use super::item::{People, person_name};
use super::time::Now;
use super::words::{self, t, tr};

/// How a step stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepState {
    /// It happened and arrived.
    Done,
    /// It happened on this phone and waits.
    Now,
    /// Somebody must look at it.
    Alarm,
}

impl StepState {
    /// For `data-state`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            StepState::Done => "done",
            StepState::Now => "now",
            StepState::Alarm => "alarm",
        }
    }
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepView {
    /// How it stands.
    pub state: StepState,
    /// What happened.
    pub title: String,
    /// When, ms since 1970.
    pub at_millis: i64,
    /// The same in words.
    pub time: String,
    /// Who, and what changed.
    pub notes: Vec<String>,
    /// Words for the reporter.
    pub words: Option<String>,
}

/// All steps, oldest first.
#[must_use]
pub fn steps(view: &RecordView, city: &City, people: &People, now: Now) -> Vec<StepView> {
    let mut before: BTreeMap<u32, Value> = BTreeMap::new();
    let mut steps = Vec::new();
    for (index, op) in view.ops.iter().enumerate() {
        steps.push(step(op, index == 0, &mut before, view, city, people, now));
        if index == 0
            && let Some(received) = op.received_millis
        {
            steps.push(StepView {
                state: StepState::Done,
                title: t("record.step_delivered").to_owned(),
                at_millis: received,
                time: now.moment(received),
                notes: Vec::new(),
                words: None,
            });
        }
    }
    for erased in erasures(view, city, people, now) {
        let at = steps.iter().rposition(|step| step.at_millis <= erased.at_millis).map_or(0, |before| before + 1);
        steps.insert(at, erased);
    }
    steps
}

/// A step for each time at which somebody had something erased: who, by what right, which fields.
fn erasures(view: &RecordView, city: &City, people: &People, now: Now) -> Vec<StepView> {
    let mut fields: BTreeMap<(i64, AccountId), (&Gone, Vec<String>)> = BTreeMap::new();
    for (field, gone) in &view.gone {
        let label = city.kind(view.row.kind).and_then(|kind| kind.field(*field)).map(|def| words::of(&def.label));
        let erased = fields.entry((gone.at_millis, gone.by)).or_insert_with(|| (gone, Vec::new()));
        erased.1.push(label.unwrap_or_else(|| t("erase.unknown_field")).to_owned());
    }
    let step = |(gone, fields): (&Gone, Vec<String>)| StepView {
        state: StepState::Done,
        title: t("erase.gone_title").to_owned(),
        at_millis: gone.at_millis,
        time: now.moment(gone.at_millis),
        notes: vec![person_name(people, gone.by), basis_words(gone.basis).to_owned(), fields.join(t("list.comma"))],
        words: None,
    };
    fields.into_values().map(step).collect()
}

/// One step for each op, oldest first.
#[must_use]
pub fn steps_of(view: &RecordView, city: &City, people: &People, now: Now) -> Vec<StepView> {
    let mut before: BTreeMap<u32, Value> = BTreeMap::new();
    let ops = view.ops.iter().enumerate();
    ops.map(|(index, op)| step(op, index == 0, &mut before, view, city, people, now)).collect()
}

fn step(
    op: &OpRow,
    is_first: bool,
    before: &mut BTreeMap<u32, Value>,
    view: &RecordView,
    city: &City,
    people: &People,
    now: Now,
) -> StepView {
    let kind = city.kind(view.row.kind);
    let category = view.row.category.as_deref();
    let is_of_people = [person::KIND, unit::KIND].contains(&view.row.kind);
    let (mut title, mut words) = (None, None);
    // A photo is one however many files it has.
    let added = |id| {
        let linked = op.op.body().entries().filter(move |entry| entry.act == Act::Link && entry.field == id);
        let files = linked.filter_map(|entry| BlobLink::from_value(&entry.value));
        files.map(|link| link.original.unwrap_or(link.blob)).collect::<BTreeSet<_>>().len()
    };
    let mut notes = vec![person_name(people, op.account)];
    for entry in op.op.body().entries() {
        let Some(def) = kind.and_then(|kind| kind.field(entry.field)) else { continue };
        let is_listed = is_of_people || (!is_first && def.ty != FieldType::Map);
        if is_listed && matches!(entry.act, Act::Add | Act::Remove) {
            let key = if entry.act == Act::Add { "people.step_more" } else { "people.step_less" };
            let value = match def.ty {
                FieldType::Time => entry.value.as_int().map(|day| now.day(day)),
                _ => value_words(city, category, def, &entry.value),
            };
            notes.push(tr(key, &[("field", words::of(&def.label)), ("value", &value.unwrap_or_default())]));
        }
        if register::is_register(view.row.kind) && [SIGNED_IN, SIGNED_FOR].contains(&entry.field) {
            let label = words::of(&def.label);
            title = Some(if entry.act == Act::Remove {
                tr("attend.taken_back", &[("what", label)])
            } else {
                label.to_owned()
            });
            notes.extend(entry.value.as_array_of().map(|account| person_name(people, AccountId(account))));
        }
        if entry.act != Act::Set {
            continue;
        }
        let old = before.insert(entry.field, entry.value.clone());
        let Some(value) = value_words(city, category, def, &entry.value) else { continue };
        match entry.field {
            field::STATE => title = Some(value),
            field::ANSWER => words = Some(value),
            _ if (is_first && !is_of_people) || def.ty == FieldType::Map => {}
            _ => notes.push(change(
                words::of(&def.label),
                old.and_then(|old| value_words(city, category, def, &old)),
                &value,
            )),
        }
    }
    let title_of_gift = if is_first { None } else { given(op, city, people) };
    for (id, words) in [(field::PHOTOS, "record.change_photos"), (field::VOICE, "record.change_voices")] {
        let n = added(id);
        if !is_first && n > 0 {
            notes.push(tr(words, &[("n", &n.to_string())]));
        }
    }
    if let Verdict::Held(_) = op.verdict {
        notes.push(t("record.held").to_owned());
    }
    let fallback = match (is_first, words.is_some()) {
        (true, _) if is_of_people => "people.step_added",
        (true, _) => "record.step_found",
        (_, true) => "record.step_answer",
        _ => "record.step_changed",
    };
    let is_saved_only = op.received_millis.is_none();
    if is_saved_only {
        notes.push(t("lamp.saved").to_owned());
    }
    StepView {
        state: match op.verdict {
            Verdict::Held(_) => StepState::Alarm,
            _ if is_saved_only => StepState::Now,
            _ => StepState::Done,
        },
        title: title_of_gift.or(title).unwrap_or_else(|| t(fallback).to_owned()),
        at_millis: op.eff_millis,
        time: now.moment(op.eff_millis),
        notes,
        words,
    }
}

/// To whom an op gives its record: people, or a unit.
fn given(op: &OpRow, city: &City, people: &People) -> Option<String> {
    let entries: Vec<_> = op.op.body().entries().collect();
    let accounts = entries.iter().filter(|entry| entry.field == ASSIGNED && entry.act == Act::Add);
    let names: Vec<String> = accounts
        .filter_map(|entry| entry.value.as_array_of().map(|account| person_name(people, AccountId(account))))
        .collect();
    if !names.is_empty() {
        return Some(tr("desk.given_to", &[("names", &names.join(", "))]));
    }
    let unit = entries.iter().find(|entry| entry.field == UNIT && entry.act == Act::Set)?.value.as_text()?;
    Some(tr("desk.passed_to", &[("unit", &unit_words(unit, city))])).filter(|_| !unit.is_empty())
}

fn change(label: &str, before: Option<String>, value: &str) -> String {
    match before.filter(|before| before != value && !before.is_empty()) {
        Some(before) => tr("record.change_from", &[("field", label), ("before", &before), ("after", value)]),
        None => tr("record.change_set", &[("field", label), ("value", value)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_names_the_old_value_when_there_was_one() {
        assert_eq!(change("地名", None, "老虎沟"), "地名：老虎沟");
        assert_eq!(change("地名", Some("三岔".to_owned()), "老虎沟"), "地名从“三岔”改成“老虎沟”");
    }
}
