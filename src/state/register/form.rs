//! The form of a record: what was typed in each field, and the entries that it says. The same reading serves the form, the words
//! of a step and the cells of a file.

use std::collections::BTreeMap;

use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, FieldDef, FieldType, Kind};
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::field as shared;
use greenshield_domain::incident::{Place, PlaceSource};
use greenshield_domain::merge::{MergeRule, Merged};
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::policy::{AREA, HELPERS, UNIT};
use greenshield_domain::register::field;
use greenshield_domain::task::{self, of_set};

use super::may_write;
use crate::state::answers::{milli_of, number_words};
use crate::state::deadlines::{DUE, REASON};
use crate::state::draft::cut;
use crate::state::options::{in_order, options_of, workflow_of};
use crate::state::time::Now;
use crate::state::words::{t, tr};

/// What was typed or chosen, by field: several for a field that takes several.
pub type Typed = BTreeMap<u32, Vec<String>>;

/// Why what was typed is no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Nothing, where something is needed.
    Missing,
    /// No number.
    Number,
    /// No day.
    Day,
    /// No latitude and longitude.
    Place,
    /// Not among the options.
    Option(String),
    /// Another deadline, and not why.
    Reason,
}

impl Fault {
    /// In words.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Fault::Missing => t("register.fault_missing").to_owned(),
            Fault::Number => t("register.fault_number").to_owned(),
            Fault::Day => t("register.fault_day").to_owned(),
            Fault::Place => t("register.fault_place").to_owned(),
            Fault::Option(word) => tr("register.fault_option", &[("word", word)]),
            Fault::Reason => t("task.due_reason_missing").to_owned(),
        }
    }
}

/// The word of the field with the units that help.
const HELP: &str = "coUnits";

/// The fields that a form asks for. Elements of a set are said when the record is made, why a deadline moved when there is one;
/// states, answers and files have their own ways.
pub fn asked(kind: &Kind, is_new: bool) -> impl Iterator<Item = &FieldDef> {
    let is_asked = move |def: &&FieldDef| {
        let has_own_way = [shared::FOUND_AT, shared::STATE, shared::ANSWER].contains(&def.id)
            || matches!(def.ty, FieldType::Blob | FieldType::Map | FieldType::State);
        let is_said_once = !is_new && def.rule != MergeRule::Lww;
        let is_said_later = is_new && def.name == REASON;
        let is_origin = def.id == greenshield_domain::task::field::ABOUT;
        !has_own_way && !is_said_once && !is_said_later && !is_origin
    };
    in_order(kind).into_iter().filter(is_asked)
}

/// What is in the fields of a record now, and which units see it because they help. Why the deadline moved the last time is no reason for
/// the next.
#[must_use]
pub fn typed_of(kind: &Kind, merged: &Merged, now: Now) -> Typed {
    let of = |def: &FieldDef| {
        let value = merged.value(def.id)?;
        let texts = match def.ty {
            FieldType::Time => vec![now.iso_day(value.as_int()?)],
            FieldType::Number => vec![number_words(value.as_int()?)],
            FieldType::Bool => vec![value.as_int()?.to_string()],
            FieldType::Place => {
                let place = Place::from_value(value)?;
                vec![format!("{:.5}, {:.5}", place.lat_e7 as f64 / 1e7, place.lon_e7 as f64 / 1e7)]
            }
            FieldType::Record => vec![RecordId(value.as_array_of()?).to_hex()],
            FieldType::Records => records_of(value).map(|record| record.to_hex()).collect(),
            FieldType::Options => value.as_array()?.iter().filter_map(|id| id.as_text().map(str::to_owned)).collect(),
            _ => vec![value.as_text()?.to_owned()],
        };
        Some((def.id, texts))
    };
    let help = kind.field_named(HELP).map(|_| (HELPERS, task::helpers(merged)));
    asked(kind, false).filter(|def| def.name != REASON).filter_map(of).chain(help).collect()
}

/// Reads what was typed in a field; `None` = nothing was, or a word of the city that means that.
///
/// # Errors
/// [`Fault`].
pub fn read(city: &City, def: &FieldDef, typed: &[String], now: Now) -> Result<Option<Value>, Fault> {
    let is_blank = |text: &str| text.is_empty() || def.blank.iter().any(|word| word.eq_ignore_ascii_case(text));
    let typed: Vec<&str> = typed.iter().map(|text| text.trim()).filter(|text| !is_blank(text)).collect();
    let Some(first) = typed.first().copied() else {
        return if def.required { Err(Fault::Missing) } else { Ok(None) };
    };
    let has_options = def.source.is_some() || !def.options.is_empty();
    let id = |word: &str| {
        let options = options_of(city, def);
        let known = options.into_iter().find(|(id, label)| id == word || label == word).map(|(id, _)| id);
        known.map(Value::text).ok_or_else(|| Fault::Option(word.to_owned()))
    };
    let day = |text: &str| now.ends_of(&iso(text)).map(|(first, _)| Value::Int(first)).ok_or(Fault::Day);
    let value = match def.ty {
        FieldType::Number => Value::Int(milli_of(first).ok_or(Fault::Number)?),
        FieldType::Time if def.rule == MergeRule::Set => {
            Value::Array(typed.iter().map(|text| day(text)).collect::<Result<_, _>>()?)
        }
        FieldType::Time => day(first)?,
        FieldType::Bool => Value::Int(i64::from(yes(first).ok_or_else(|| Fault::Option(first.to_owned()))?)),
        FieldType::Place => place(first, now).ok_or(Fault::Place)?.to_value(),
        FieldType::Record => RecordId::from_hex(first).map_err(|_| Fault::Option(first.to_owned()))?.to_value(),
        FieldType::Records => {
            let record = |hex: &&str| RecordId::from_hex(hex).map_err(|_| Fault::Option((*hex).to_owned()));
            Value::Array(typed.iter().map(|hex| record(hex).map(|id| id.to_value())).collect::<Result<_, _>>()?)
        }
        FieldType::Options => Value::Array(typed.iter().map(|word| id(word)).collect::<Result<_, _>>()?),
        _ if has_options && def.rule == MergeRule::Set => {
            Value::Array(typed.iter().map(|word| id(word)).collect::<Result<_, _>>()?)
        }
        _ if has_options => id(first)?,
        _ => Value::text(cut(first)),
    };
    Ok(Some(value))
}

/// The records that a value names.
pub fn records_of(value: &Value) -> impl Iterator<Item = RecordId> {
    value.as_array().unwrap_or_default().iter().filter_map(|id| id.as_array_of().map(RecordId))
}

/// A day as people write it: 2026-9-1, 2026/09/01, 2026.9.1.
fn iso(text: &str) -> String {
    let parts: Vec<&str> = text.split(['-', '/', '.']).map(str::trim).collect();
    match parts.as_slice() {
        [year, month, day] => format!("{year}-{month:0>2}-{day:0>2}"),
        _ => text.to_owned(),
    }
}

fn yes(text: &str) -> Option<bool> {
    let is = |key| text.eq_ignore_ascii_case(t(key));
    match text {
        "1" => Some(true),
        "0" => Some(false),
        _ if is("answer.yes") => Some(true),
        _ if is("answer.no") => Some(false),
        _ => None,
    }
}

/// Latitude and longitude in degrees, as maps copy them.
fn place(text: &str, now: Now) -> Option<Place> {
    let (lat, lon) = text.split_once([',', '\u{ff0c}', ' '])?;
    let e7 = |text: &str, most: f64| {
        let degrees: f64 = text.trim().parse().ok()?;
        (degrees.abs() <= most).then(|| (degrees * 1e7).round() as i64)
    };
    Some(Place {
        lat_e7: e7(lat, 90.0)?,
        lon_e7: e7(lon, 180.0)?,
        accuracy_cm: 0,
        fixed_millis: now.millis,
        source: PlaceSource::Pin,
    })
}

/// What a form says: only what changed, and of a new record what every record begins with.
///
/// # Errors
/// All faults, each with its field.
pub fn entries(
    city: &City,
    kind: &Kind,
    typed: &Typed,
    before: Option<&Typed>,
    role: &str,
    now: Now,
) -> Result<Vec<Entry>, Vec<(u32, Fault)>> {
    let (mut entries, mut faults) = (Vec::new(), Vec::new());
    for def in asked(kind, before.is_none()) {
        let (text, old) = (typed.get(&def.id), before.and_then(|before| before.get(&def.id)));
        let is_same = before.is_some() && text.map_or(&[][..], Vec::as_slice) == old.map_or(&[][..], Vec::as_slice);
        match read(city, def, text.map_or(&[], Vec::as_slice), now) {
            // What was there before and does not read is as it was; only what is missing must come.
            Err(fault) if is_same && fault != Fault::Missing => {}
            Err(fault) => faults.push((def.id, fault)),
            Ok(_) if is_same => {}
            Ok(Some(value)) => entries.extend(said(def, value)),
            Ok(None) if old.is_some() => entries.push(Entry::set(def.id, Value::Null)),
            Ok(None) => {}
        }
    }
    faults.extend(before.and_then(|before| lacks_reason(kind, typed, before)).map(|field| (field, Fault::Reason)));
    if !faults.is_empty() {
        return Err(faults);
    }
    if before.is_none() {
        let state = workflow_of(city, kind).map(|workflow| Entry::set(shared::STATE, Value::text(&workflow.initial)));
        entries.splice(0..0, std::iter::once(Entry::set(shared::FOUND_AT, Value::Int(now.millis))).chain(state));
        entries.push(Entry::set(AREA, Value::text(&city.info.division)));
    }
    follow(city, kind, role, before, &mut entries);
    Ok(entries)
}

/// The field that says why a deadline moved, where it moved and nothing stands there.
fn lacks_reason(kind: &Kind, typed: &Typed, before: &Typed) -> Option<u32> {
    let (due, reason) = (kind.field_named(DUE)?.id, kind.field_named(REASON)?.id);
    let text = |typed: &Typed, id: u32| typed.get(&id).map(|all| all.concat().trim().to_owned()).unwrap_or_default();
    let was = text(before, due);
    let is_moved = !was.is_empty() && was != text(typed, due);
    (is_moved && text(typed, reason).is_empty()).then_some(reason)
}

fn said(def: &FieldDef, value: Value) -> Vec<Entry> {
    match value {
        Value::Array(elements) if def.rule == MergeRule::Set => {
            elements.into_iter().map(|value| Entry { field: def.id, act: Act::Add, value }).collect()
        }
        value => vec![Entry::set(def.id, value)],
    }
}

/// Where a record belongs follows from its county, with whom it is from its units: so those people see it.
fn follow(city: &City, kind: &Kind, role: &str, before: Option<&Typed>, entries: &mut Vec<Entry>) {
    let text = |entries: &[Entry], field| {
        entries.iter().find(|entry| entry.field == field).and_then(|entry| entry.value.as_text().map(str::to_owned))
    };
    if let Some(county) = text(entries, field::COUNTY) {
        entries.retain(|entry| entry.field != AREA);
        entries.push(Entry::set(AREA, Value::text(county)));
    }
    let unit_field = kind.field_named("leadUnit").map_or(field::UNIT, |def| def.id);
    if let Some(unit) = text(entries, unit_field)
        && may_write(city, kind, role, "unit")
    {
        entries.push(Entry::set(UNIT, Value::text(unit)));
    }
    if may_write(city, kind, role, "helpers") {
        let help = helpers(kind, entries, before);
        entries.extend(help);
    }
}

/// The units that help from now on, and those that do no more: what another form, or another person at the same time, left is set right.
fn helpers(kind: &Kind, entries: &[Entry], before: Option<&Typed>) -> Vec<Entry> {
    let Some(def) = kind.field_named(HELP) else { return Vec::new() };
    let mut said = entries.iter().filter(|entry| entry.field == def.id);
    if def.rule == MergeRule::Set {
        return said.map(|entry| Entry { field: HELPERS, ..entry.clone() }).collect();
    }
    let known = |field: u32| before.and_then(|before| before.get(&field)).cloned().unwrap_or_default();
    let after: Vec<String> = match said.next() {
        Some(said) => {
            let texts = said.value.as_array().unwrap_or_default().iter().filter_map(Value::as_text);
            texts.map(str::to_owned).collect()
        }
        None => known(def.id),
    };
    of_set(HELPERS, &known(HELPERS), &after, |unit| Value::Text(unit.clone()))
}

/// What a step says: the new state, and what it needs.
///
/// # Errors
/// All faults, each with its field.
pub fn step_entries(
    city: &City,
    (to, needs): (&str, &[FieldDef]),
    typed: &Typed,
    now: Now,
) -> Result<Vec<Entry>, Vec<(u32, Fault)>> {
    let (mut entries, mut faults) = (vec![Entry::set(shared::STATE, Value::text(to))], Vec::new());
    for def in needs {
        let needed = FieldDef { required: true, ..def.clone() };
        match read(city, &needed, typed.get(&def.id).map_or(&[], Vec::as_slice), now) {
            Ok(value) => entries.extend(value.into_iter().flat_map(|value| said(def, value))),
            Err(fault) => faults.push((def.id, fault)),
        }
    }
    if faults.is_empty() { Ok(entries) } else { Err(faults) }
}
