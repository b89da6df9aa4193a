//! A part of the city package as a list that people can read and change: every item of a list as a group, every value in it as a
//! line with its path.
//!
//! Owns: what is an item, how its values are typed, copying and removing one. Refuses: to know what any of it means; the check
//! of the server does.

use serde_json::{Map, Value};

use crate::state::settings::Lang;
use crate::state::words;

/// A text longer than this is typed in several lines.
const LINE_CHARS: usize = 60;

/// A step into a value.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// Of an object.
    Key(String),
    /// Of a list.
    At(usize),
}

/// Where a value is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Place(pub Vec<Step>);

impl Place {
    /// As faults name it: `kinds[0].fields[3].rule`.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = String::new();
        for step in &self.0 {
            match step {
                Step::At(at) => words.push_str(&format!("[{at}]")),
                Step::Key(key) if words.is_empty() => words.push_str(key),
                Step::Key(key) => words.push_str(&format!(".{key}")),
            }
        }
        words
    }

    /// One step further in.
    #[must_use]
    pub fn then(&self, step: Step) -> Self {
        Self(self.0.iter().cloned().chain([step]).collect())
    }

    /// Whether it is an item of a list.
    #[must_use]
    pub fn is_item(&self) -> bool {
        matches!(self.0.last(), Some(Step::At(_)))
    }
}

/// How a value is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// One line.
    Text,
    /// Several lines.
    Long,
    /// A number.
    Number,
    /// Yes or no.
    Flag,
    /// A day of one year.
    Day,
    /// Nothing to type: an empty list or object, or nothing at all.
    Empty,
}

impl Sort {
    fn of(value: &Value) -> Self {
        match value {
            Value::Bool(_) => Self::Flag,
            Value::Number(_) => Self::Number,
            Value::String(text) if is_day(text) => Self::Day,
            Value::String(text) if text.chars().count() > LINE_CHARS || text.contains('\n') => Self::Long,
            Value::String(_) => Self::Text,
            Value::Null | Value::Array(_) | Value::Object(_) => Self::Empty,
        }
    }
}

fn is_day(text: &str) -> bool {
    let shape = text.bytes().map(|byte| if byte.is_ascii_digit() { b'0' } else { byte });
    shape.eq(*b"0000-00-00")
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Where it is in the part.
    pub place: Place,
    /// Its path inside the group.
    pub words: String,
    /// What it says.
    pub value: String,
    /// How it is typed.
    pub sort: Sort,
}

/// The values of one item of a list, or those that are in none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Where it is in the part.
    pub place: Place,
    /// What it is, by the names of the items that it is in.
    pub about: String,
    /// Its values.
    pub leaves: Vec<Leaf>,
}

/// A value as it is shown.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The name that an item gives itself, in the language spoken now.
#[must_use]
pub fn name_of(item: &Map<String, Value>) -> Option<String> {
    let spoken = if words::lang() == Lang::Chinese { "zh" } else { "en" };
    let named = ["name", "label", "title", "question"].iter().filter_map(|key| item.get(*key));
    let named = named.filter_map(|name| name.get(spoken).or(Some(name)).and_then(Value::as_str));
    let by_number = ["id", "code", "role", "kind", "number", "year", "key"].iter().filter_map(|key| item.get(*key));
    named.map(str::to_owned).chain(by_number.filter(|id| !id.is_array() && !id.is_object()).map(shown)).next()
}

/// All groups of a part, in the order in which they stand there.
#[must_use]
pub fn groups(part: &Value) -> Vec<Group> {
    let top = Group { place: Place::default(), about: String::new(), leaves: Vec::new() };
    let mut groups = vec![top];
    walk(part, &Place::default(), 0, &mut groups);
    groups.retain(|group| !group.leaves.is_empty() || group.place.is_item());
    groups
}

fn walk(value: &Value, place: &Place, group: usize, groups: &mut Vec<Group>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            // What belongs to the item itself comes before the lists in it.
            let (lists, own): (Vec<_>, Vec<_>) = map.iter().partition(|(_, value)| has_items(value));
            for (key, value) in own.into_iter().chain(lists) {
                walk(value, &place.then(Step::Key(key.clone())), group, groups);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for (at, item) in items.iter().enumerate() {
                let inner = place.then(Step::At(at));
                let own = match item {
                    Value::Object(map) => {
                        let name = name_of(map).unwrap_or_else(|| (at + 1).to_string());
                        let outer = &groups[group].about;
                        let about = if outer.is_empty() { name } else { format!("{outer} › {name}") };
                        groups.push(Group { place: inner.clone(), about, leaves: Vec::new() });
                        groups.len() - 1
                    }
                    _ => group,
                };
                walk(item, &inner, own, groups);
            }
        }
        leaf => {
            let skip = groups[group].place.0.len();
            let words = Place(place.0[skip..].to_vec()).words();
            let leaf = Leaf { place: place.clone(), words, value: shown(leaf), sort: Sort::of(leaf) };
            groups[group].leaves.push(leaf);
        }
    }
}

/// Whether a value is a list with items that are groups of their own.
fn has_items(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().any(Value::is_object))
}

/// Those groups and values that say something, by their path, what they are about, or what they say.
#[must_use]
pub fn find(groups: Vec<Group>, text: &str) -> Vec<Group> {
    let text = text.trim().to_lowercase();
    if text.is_empty() {
        return groups;
    }
    let says = |words: &str| words.to_lowercase().contains(&text);
    let narrow = |mut group: Group| {
        if !says(&group.about) && !says(&group.place.words()) {
            group.leaves.retain(|leaf| says(&leaf.value) || says(&leaf.place.words()));
            if group.leaves.is_empty() {
                return None;
            }
        }
        Some(group)
    };
    groups.into_iter().filter_map(narrow).collect()
}

/// What to look for so that the place of a fault is found: its path, or the longest beginning of it that is there.
#[must_use]
pub fn nearest(groups: &[Group], path: &str) -> String {
    let mut path = path;
    loop {
        let leaves = groups.iter().flat_map(|group| &group.leaves);
        if path.is_empty() || leaves.into_iter().any(|leaf| leaf.place.words().contains(path)) {
            return path.to_owned();
        }
        path = path.rfind(['.', '[']).map_or("", |end| &path[..end]);
    }
}

fn at_mut<'a>(value: &'a mut Value, steps: &[Step]) -> Option<&'a mut Value> {
    steps.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get_mut(key),
        Step::At(at) => value.get_mut(at),
    })
}

/// Takes over what was typed for a value; `false` when it is none of its sort, and nothing is changed.
pub fn set(part: &mut Value, place: &Place, typed: &str) -> bool {
    let Some(value) = at_mut(part, &place.0) else { return false };
    let typed = match value {
        Value::Bool(_) => typed.parse().ok().map(Value::Bool),
        Value::Number(_) => serde_json::from_str::<serde_json::Number>(typed.trim()).ok().map(Value::Number),
        Value::String(_) => Some(Value::String(typed.to_owned())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    };
    let is_good = typed.is_some();
    if let Some(typed) = typed {
        *value = typed;
    }
    is_good
}

/// The list that an item is in, and its place there.
fn list_of<'a>(part: &'a mut Value, place: &Place) -> Option<(&'a mut Vec<Value>, usize)> {
    let (Step::At(at), outer) = place.0.split_last()? else { return None };
    let list = at_mut(part, outer)?.as_array_mut()?;
    (*at < list.len()).then_some((list, *at))
}

/// Puts a copy of an item behind it, with a number or word of its own; gives its place.
pub fn copy(part: &mut Value, place: &Place) -> Option<Place> {
    let (list, at) = list_of(part, place)?;
    let mut item = list[at].clone();
    for key in ["id", "number"] {
        let Some(own) = item.get(key).cloned() else { continue };
        let others = || list.iter().filter_map(|other| other.get(key));
        let fresh = match &own {
            Value::Number(_) => others().filter_map(Value::as_u64).max().map(|most| Value::from(most + 1)),
            Value::String(word) => {
                let mut words = (2u32..).map(|n| Value::from(format!("{word}-{n}")));
                words.find(|word| others().all(|other| other != word))
            }
            _ => None,
        };
        item[key] = fresh.unwrap_or(own);
    }
    list.insert(at + 1, item);
    let outer = Place(place.0[..place.0.len() - 1].to_vec());
    Some(outer.then(Step::At(at + 1)))
}

/// Takes an item out of its list; gives it.
pub fn remove(part: &mut Value, place: &Place) -> Option<Value> {
    let (list, at) = list_of(part, place)?;
    Some(list.remove(at))
}

/// Puts an item back where it was.
pub fn put_back(part: &mut Value, place: &Place, item: Value) {
    let Some((Step::At(at), outer)) = place.0.split_last() else { return };
    if let Some(list) = at_mut(part, outer).and_then(Value::as_array_mut) {
        list.insert((*at).min(list.len()), item);
    }
}
