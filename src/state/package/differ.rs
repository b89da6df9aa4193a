//! What is different between two packages, value by value, as people read it.
//!
//! Refuses: to judge; the check of the server says what breaks.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::leaves::{Place, Step, name_of, shown};

/// A value that is another one, that came, or that went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The file.
    pub file: String,
    /// Where it is, in the newer package, or in the older one when it went.
    pub place: Place,
    /// What it is about, by the names of the items that it is in.
    pub about: String,
    /// What it said.
    pub before: Option<String>,
    /// What it says.
    pub after: Option<String>,
}

/// All differences, file by file.
#[must_use]
pub fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Difference> {
    let mut found = Vec::new();
    let files: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for file in files {
        let mut walk = Walk { file, about: Vec::new(), found: &mut found };
        walk.compare(before.get(file), after.get(file), &Place::default());
    }
    found
}

struct Walk<'a> {
    file: &'a str,
    about: Vec<String>,
    found: &'a mut Vec<Difference>,
}

impl Walk<'_> {
    fn compare(&mut self, before: Option<&Value>, after: Option<&Value>, place: &Place) {
        match (before, after) {
            (before, after) if before == after => {}
            (Some(Value::Object(before)), Some(Value::Object(after))) => {
                let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
                for key in keys {
                    self.compare(before.get(key), after.get(key), &place.then(Step::Key(key.clone())));
                }
            }
            (Some(Value::Array(before)), Some(Value::Array(after))) => self.lists(before, after, place),
            (before, after) => {
                let told = |value: &Value| match value {
                    Value::Object(map) => name_of(map).unwrap_or_else(|| shown(value)),
                    other => shown(other),
                };
                self.found.push(Difference {
                    file: self.file.to_owned(),
                    place: place.clone(),
                    about: self.about.join(" › "),
                    before: before.map(told),
                    after: after.map(told),
                });
            }
        }
    }

    /// Items are the same ones when they have the same number or word; without such, when they stand at the same place.
    fn lists(&mut self, before: &[Value], after: &[Value], place: &Place) {
        let key = KEYS.into_iter().find(|key| is_key(before, key) && is_key(after, key));
        let Some(key) = key else {
            for at in 0..before.len().max(after.len()) {
                self.item(before.get(at), after.get(at), &place.then(Step::At(at)));
            }
            return;
        };
        let known: BTreeMap<String, &Value> = before.iter().map(|item| (shown(&item[key]), item)).collect();
        for (at, item) in after.iter().enumerate() {
            self.item(known.get(&shown(&item[key])).copied(), Some(item), &place.then(Step::At(at)));
        }
        let kept: BTreeSet<String> = after.iter().map(|item| shown(&item[key])).collect();
        for (at, item) in before.iter().enumerate().filter(|(_, item)| !kept.contains(&shown(&item[key]))) {
            self.item(Some(item), None, &place.then(Step::At(at)));
        }
    }

    fn item(&mut self, before: Option<&Value>, after: Option<&Value>, place: &Place) {
        let name = after.or(before).and_then(Value::as_object).and_then(name_of);
        let is_named = name.is_some();
        self.about.extend(name);
        self.compare(before, after, place);
        if is_named {
            self.about.pop();
        }
    }
}

/// By what items are told apart.
const KEYS: [&str; 6] = ["id", "code", "number", "role", "year", "key"];

fn is_key(items: &[Value], key: &str) -> bool {
    let mut seen = BTreeSet::new();
    items.iter().all(|item| item.get(key).is_some_and(|value| seen.insert(shown(value))))
}
