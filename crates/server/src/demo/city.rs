//! The invented records of the demo city: what a year of work looks like, so that every page and every figure shows something.
//!
//! Owns: how the lists of `demo-city.json` become ops. Refuses: words of its own. Invariants: it is made once, by one invented
//! clerk and a few people with phones of their own, whose logs end there, since their keys are thrown away; the same day makes the
//! same content.

mod guests;
mod moves;
mod parts;
mod phone;
mod walks;

use std::collections::{BTreeMap, HashMap, btree_map};

use greenshield_domain::calendar::{civil, day_of};
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, FieldDef, FieldType, Kind, Source};
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::{Place, PlaceSource, field};
use greenshield_domain::merge::MergeRule;
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::person::{self, Person, account_of};
use greenshield_domain::policy::{AREA, HELPERS, UNIT};
use greenshield_domain::register::field::{COUNTY, DAY};
use greenshield_domain::task::field::TITLE;
use serde::Deserialize;

use self::guests::Guests;
use self::moves::Moved;
use self::parts::Part;
use self::phone::Phone;
use super::DemoError;
use crate::app::App;
use crate::invites;
use crate::store::Store as _;

const SCRIPT: &str = include_str!("../../demo-city.json");
/// The role of the clerk whose log all of it is.
const ROLE: &str = "city-desk";
const DAY_MILLIS: i64 = 24 * 3_600_000;
/// The time of the city, which is all over China the same.
const ZONE_MILLIS: i64 = 8 * 3_600_000;
/// Nine in the morning.
const MORNING_MILLIS: i64 = 9 * 3_600_000;

#[derive(Deserialize)]
struct Script {
    clerk: String,
    surnames: String,
    given: Vec<String>,
    people: Vec<Group>,
    records: Vec<Batch>,
}

/// People who are alike.
#[derive(Deserialize)]
struct Group {
    role: String,
    group: String,
    #[serde(default)]
    levels: Vec<String>,
    n: usize,
    /// What some of them are besides.
    #[serde(default)]
    also: Option<Also>,
}

/// What the first of a group and every so many after that one are besides.
#[derive(Deserialize)]
struct Also {
    words: Vec<String>,
    every: usize,
}

/// Records that are alike: of each list every record takes the next one.
#[derive(Deserialize)]
struct Batch {
    kind: String,
    n: usize,
    #[serde(default)]
    titles: Vec<String>,
    /// First and last day, from today.
    #[serde(default)]
    days: Option<[i64; 2]>,
    /// The same as days of this year, `MM-DD` or `today`.
    #[serde(default)]
    between: Option<[String; 2]>,
    /// The states that each of them went through.
    #[serde(default)]
    path: Vec<String>,
    #[serde(default)]
    paths: Vec<Vec<String>>,
    /// What is said when it is made.
    #[serde(default)]
    fields: BTreeMap<String, Vec<String>>,
    /// What is said with the last step.
    #[serde(default)]
    late: BTreeMap<String, Vec<String>>,
    /// Whether it lies in a county, each in the next one.
    #[serde(default = "yes")]
    county: bool,
    /// A word by which later records name the first of these.
    #[serde(default)]
    name: Option<String>,
    /// The parts of units in some of them.
    #[serde(default)]
    parts: Vec<Part>,
    /// A deadline that moves.
    #[serde(default)]
    moved: Option<Moved>,
    /// What was found on days of review that are over.
    #[serde(default)]
    reviewed: Vec<String>,
    /// Who was asked to the last of them, and who came.
    #[serde(default)]
    guests: Option<Guests>,
}

fn yes() -> bool {
    true
}

/// Somebody of the roster.
struct Member {
    record: RecordId,
    role: String,
    /// The group, and what else.
    hats: Vec<String>,
}

/// A record that was made.
struct Made {
    record: RecordId,
    /// Its day, at nine.
    at: i64,
    title: String,
    area: String,
}

/// What the clerk says, in its order, and what others say themselves.
struct Clerk<'a> {
    city: &'a City,
    phone: Phone,
    now: i64,
    named: HashMap<String, RecordId>,
    serial: u32,
    roster: Vec<Member>,
    /// Phones of others, by their place in the roster.
    phones: BTreeMap<usize, Phone>,
}

/// Fills the city, unless it is filled already. Returns how many ops that were.
///
/// # Errors
/// [`DemoError`].
pub async fn fill(app: &App, now: i64) -> Result<usize, DemoError> {
    let script: Script = serde_json::from_str(SCRIPT)?;
    if app.store.account_named(&script.clerk, ROLE).await?.is_some() {
        return Ok(0);
    }
    let account = invites::new_account(&app.store, &script.clerk, ROLE, now).await?;
    let (city, phone) = (app.city(), Phone::begin(account.id, now)?);
    let (named, roster, phones) = (HashMap::new(), Vec::new(), BTreeMap::new());
    let mut clerk = Clerk { city: &city, phone, now, named, serial: 0, roster, phones };
    clerk.people(&script)?;
    for batch in &script.records {
        clerk.batch(batch)?;
    }
    let tracks = walks::say(&mut clerk)?;
    let Clerk { phone, roster, phones, .. } = clerk;
    let mut number = phone.bring(app, ROLE).await?;
    // Now that the records of people are there, their accounts are.
    for (member, phone) in phones {
        number += phone.bring(app, &roster[member].role).await?;
    }
    walks::bring(app, account.id, tracks).await?;
    Ok(number)
}

impl Clerk<'_> {
    fn people(&mut self, script: &Script) -> Result<(), DemoError> {
        let surnames: Vec<char> = script.surnames.chars().collect();
        let counties: Vec<String> = self.counties();
        let mut n = 0;
        for group in &script.people {
            for i in 0..group.n {
                let given = &script.given[(n / surnames.len() + n) % script.given.len()];
                let also = group.also.as_ref().filter(|also| also.every > 0 && i.is_multiple_of(also.every));
                let person = Person {
                    name: format!("{}{given}", surnames[n % surnames.len()]),
                    group: Some(group.group.clone()),
                    role: Some(group.role.clone()),
                    unit: Some(self.city.referrals.home.clone()).filter(|_| !group.group.starts_with("volunteer")),
                    areas: vec![counties[i % counties.len()].clone()],
                    level: (!group.levels.is_empty()).then(|| group.levels[i % group.levels.len()].clone()),
                    also: also.map(|also| also.words.clone()).unwrap_or_default(),
                    ..Person::default()
                };
                n += 1;
                let area = Entry::set(AREA, Value::text(&counties[i % counties.len()]));
                let entries = person.changes(&Person::default()).into_iter().chain([area]).collect();
                let record = self.record();
                self.roster.push(Member { record, role: group.role.clone(), hats: person.hats() });
                self.say(record, person::KIND, entries, self.now - 300 * DAY_MILLIS)?;
            }
        }
        Ok(())
    }

    fn batch(&mut self, batch: &Batch) -> Result<(), DemoError> {
        let city = self.city;
        let kind = city.kind_named(&batch.kind).ok_or_else(|| DemoError::Unknown(batch.kind.clone()))?;
        let counties = self.counties();
        let mut made = Vec::with_capacity(batch.n);
        for i in 0..batch.n {
            let at = self.day(batch, i);
            let county = &counties[i % counties.len()];
            let name = city.divisions.get(county).map(|known| known.name.zh.clone()).unwrap_or_default();
            let fill = |text: &str| text.replace("{county}", &name).replace("{n}", &(i + 1).to_string());
            let record = self.record();
            if let Some(word) = batch.name.as_ref().filter(|_| i == 0) {
                self.named.insert(word.clone(), record);
            }
            let path = match batch.paths.as_slice() {
                [] => &batch.path,
                paths => &paths[i % paths.len()],
            };
            let mut entries = vec![Entry::set(field::FOUND_AT, Value::Int(at))];
            entries.extend(path.first().map(|state| Entry::set(field::STATE, Value::text(state))));
            let title = (!batch.titles.is_empty()).then(|| fill(&batch.titles[i % batch.titles.len()]));
            entries.extend(title.as_ref().map(|title| Entry::set(TITLE, Value::text(title))));
            if kind.field(DAY).is_some_and(|def| def.name == "onDay") {
                entries.push(Entry::set(DAY, Value::Int(at)));
            }
            if batch.county && kind.field(COUNTY).is_some_and(|def| def.name == "county") {
                entries.push(Entry::set(COUNTY, Value::text(county)));
            }
            self.said(kind, &batch.fields, i, at, &mut entries)?;
            let area = if batch.county { county } else { &city.info.division };
            entries.push(Entry::set(AREA, Value::text(area)));
            let unit = kind.field_named("leadUnit").map(|def| def.id);
            let unit = entries.iter().find(|entry| Some(entry.field) == unit).map(|entry| entry.value.clone());
            entries.extend(unit.map(|unit| Entry::set(UNIT, unit)));
            let help = |value| Entry { field: HELPERS, act: Act::Add, value };
            entries.extend(helpers(kind, &entries).into_iter().map(help));
            self.say(record, kind.id, entries.clone(), at)?;
            self.steps(kind, (record, i, at), path, &batch.late)?;
            moves::move_deadline(self, kind, batch.moved.as_ref(), (record, i, at), &entries)?;
            moves::review(self, &batch.reviewed, (record, i), &entries)?;
            made.push(Made { record, at, title: title.unwrap_or_default(), area: area.clone() });
        }
        parts::give(self, &batch.parts, &made)?;
        match (&batch.guests, made.last()) {
            (Some(guests), Some(last)) => guests::come(self, kind, guests, last, quiz_of(batch)),
            _ => Ok(()),
        }
    }

    /// What came after a record was made: a step every other day, the words with the last one.
    fn steps(
        &mut self,
        kind: &Kind,
        (record, i, at): (RecordId, usize, i64),
        path: &[String],
        late: &BTreeMap<String, Vec<String>>,
    ) -> Result<(), DemoError> {
        for (step, state) in path.iter().enumerate().skip(1) {
            let later = (at + i64::try_from(step).unwrap_or(1) * DAY_MILLIS / 2).min(self.now);
            let mut entries = vec![Entry::set(field::STATE, Value::text(state))];
            if let Some(def) = kind.field_named("stepAt") {
                // What was taken on counts by its day.
                entries.push(Entry::set(def.id, Value::Int(at)));
            }
            if step + 1 == path.len() {
                self.said(kind, late, i, later, &mut entries)?;
            }
            self.say(record, kind.id, entries, later)?;
        }
        Ok(())
    }

    fn said(
        &self,
        kind: &Kind,
        fields: &BTreeMap<String, Vec<String>>,
        i: usize,
        at: i64,
        entries: &mut Vec<Entry>,
    ) -> Result<(), DemoError> {
        for (name, values) in fields {
            let unknown = || DemoError::Unknown(format!("{}.{name}", kind.name));
            let def = kind.field_named(name).ok_or_else(unknown)?;
            if def.rule == MergeRule::Set {
                // Several days are whole days; a record is of a morning.
                let at = if def.ty == FieldType::Time { at - MORNING_MILLIS } else { at };
                for text in values.iter().take(2) {
                    let value = self.value(def, text, at).ok_or_else(unknown)?;
                    entries.push(Entry { field: def.id, act: Act::Add, value });
                }
                continue;
            }
            let value = match def.ty {
                FieldType::Options if def.source.is_some() => Value::Array(values.iter().map(Value::text).collect()),
                _ => self.value(def, &values[i % values.len()], at).ok_or_else(unknown)?,
            };
            entries.push(Entry::set(def.id, value));
        }
        Ok(())
    }

    fn value(&self, def: &FieldDef, text: &str, at: i64) -> Option<Value> {
        Some(match def.ty {
            FieldType::Number => Value::Int((text.parse::<f64>().ok()? * 1_000.0).round() as i64),
            FieldType::Bool => Value::Int(text.parse().ok()?),
            FieldType::Time => Value::Int(at + text.parse::<i64>().ok()? * DAY_MILLIS),
            FieldType::Options => Value::Array(vec![Value::text(text)]),
            FieldType::Record if matches!(def.source, Some(Source::Records(_))) => {
                self.named.get(text.strip_prefix('@')?)?.to_value()
            }
            FieldType::Place => {
                let (lat, lon) = text.split_once(',')?;
                // Nobody stands twice at the same place.
                let off = i64::from(self.serial % 97) * 9_000 - 400_000;
                let e7 = |degrees: &str| Some((degrees.parse::<f64>().ok()? * 1e7) as i64 + off);
                let (lat_e7, lon_e7) = (e7(lat)?, e7(lon)?);
                let source = PlaceSource::Device;
                Place { lat_e7, lon_e7, accuracy_cm: 800, fixed_millis: at, source }.to_value()
            }
            _ => Value::text(text),
        })
    }

    /// Nine in the morning of the day of a record, today not later than now: they lie evenly between the first and the last day.
    fn day(&self, batch: &Batch, i: usize) -> i64 {
        let today = (self.now + ZONE_MILLIS).div_euclid(DAY_MILLIS);
        let of_year = |text: &str| {
            let year = civil(today).0;
            let (month, day) = text.split_once('-')?;
            Some(day_of(year, month.parse().ok()?, day.parse().ok()?).min(today))
        };
        let (first, last) = match (&batch.between, batch.days) {
            (Some([from, until]), _) => (of_year(from).unwrap_or(today), of_year(until).unwrap_or(today)),
            (None, days) => days.map_or((today, today), |[from, until]| (today + from, today + until)),
        };
        let (n, i) = (i64::try_from(batch.n).unwrap_or(1).max(2), i64::try_from(i).unwrap_or(0));
        let day = first + (last - first) * i / (n - 1);
        let morning = day * DAY_MILLIS - ZONE_MILLIS + MORNING_MILLIS;
        if day == today { morning.min(self.now) } else { morning }
    }

    fn counties(&self) -> Vec<String> {
        let all = self.city.divisions.divisions.iter().filter(|known| known.code.len() == 6);
        all.map(|known| known.code.clone()).collect()
    }

    fn record(&mut self) -> RecordId {
        self.serial += 1;
        self.phone.record(self.serial)
    }

    fn say(&mut self, record: RecordId, kind: u32, entries: Vec<Entry>, at: i64) -> Result<(), DemoError> {
        self.phone.say((record, kind), Vec::new(), entries, at)
    }

    /// Who of the roster is just that, as a place in it.
    fn member(&self, hats: &[String]) -> Result<usize, DemoError> {
        let found = self.roster.iter().position(|member| member.hats == hats);
        found.ok_or_else(|| DemoError::Missing(hats.join(" + ")))
    }

    /// The phone of somebody of the roster, who has one from now on.
    fn phone_of(&mut self, member: usize) -> Result<&mut Phone, DemoError> {
        match self.phones.entry(member) {
            btree_map::Entry::Occupied(known) => Ok(known.into_mut()),
            btree_map::Entry::Vacant(place) => {
                let account = account_of(self.roster[member].record);
                Ok(place.insert(Phone::begin(account, self.now)?))
            }
        }
    }
}

/// The units that help with a record of which this was said.
fn helpers(kind: &Kind, said: &[Entry]) -> Vec<Value> {
    let field = kind.field_named("coUnits").map(|def| def.id);
    let units = said.iter().filter(|entry| Some(entry.field) == field).map(|entry| &entry.value);
    units.flat_map(|value| value.as_array().unwrap_or(std::slice::from_ref(value))).cloned().collect()
}

/// The number of the quiz that the last record of a batch has.
fn quiz_of(batch: &Batch) -> Option<u32> {
    let (numbers, last) = (batch.fields.get("quiz")?, batch.n.checked_sub(1)?);
    numbers.get(last % numbers.len().max(1))?.parse().ok()
}
