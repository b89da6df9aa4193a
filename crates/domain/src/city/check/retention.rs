//! The rules of retention classes: a record has one class at most, and what is still open has none.

use super::Faults;
use crate::city::{City, FILES, Kind, RetentionClass};

/// A hundred years.
const MOST_MONTHS: u32 = 1_200;

pub(super) fn check(city: &City, faults: &mut Faults) {
    let (file, classes) = (FILES[11], &city.retention.classes);
    faults.unique(file, classes.iter().map(|class| class.id), |i| format!("classes[{i}].id"));
    faults.unique(file, classes.iter().map(|class| &class.key), |i| format!("classes[{i}].key"));
    for (i, class) in classes.iter().enumerate() {
        let at = |rest: &str| format!("classes[{i}].{rest}");
        if !(1..=MOST_MONTHS).contains(&class.months) {
            faults.add(file, at("months"), format!("{} is not between 1 and {MOST_MONTHS}", class.months));
        }
        if class.kinds.is_empty() {
            faults.add(file, at("kinds"), "it names none".to_owned());
        }
        for name in &class.kinds {
            match city.kind_named(name) {
                None => faults.add(file, at("kinds"), format!("kinds.json has no kind {name:?}")),
                // The names and offices of people end with their account, by hand.
                Some(kind) if kind.guarded => {
                    faults.add(file, at("kinds"), format!("{name} is guarded: it is erased by hand alone"));
                }
                Some(kind) => of_kind(city, class, kind, &at, faults),
            }
        }
        for (j, other) in classes.iter().enumerate().take(i).filter(|(_, other)| overlap(class, other)) {
            faults.add(file, at("kinds"), format!("some of its records are also of classes[{j}], {}", other.key));
        }
    }
}

fn of_kind(city: &City, class: &RetentionClass, kind: &Kind, at: &impl Fn(&str) -> String, faults: &mut Faults) {
    let workflow = kind.workflow.as_deref().and_then(|id| city.workflow(id));
    for word in &class.states {
        match workflow.and_then(|workflow| workflow.state(word)) {
            None => faults.add(FILES[11], at("states"), format!("{} has no state {word:?}", kind.name)),
            Some(state) if state.open => {
                faults.add(FILES[11], at("states"), format!("{word:?} of {} is not ended", kind.name));
            }
            Some(_) => {}
        }
    }
    for name in class.held_by.iter().filter(|name| kind.field_named(name).is_none()) {
        faults.add(FILES[11], at("held_by"), format!("{} has no field {name:?}", kind.name));
    }
}

fn overlap(one: &RetentionClass, other: &RetentionClass) -> bool {
    let shares = |a: &[String], b: &[String]| a.iter().any(|word| b.contains(word));
    shares(&one.kinds, &other.kinds)
        && (one.states.is_empty() || other.states.is_empty() || shares(&one.states, &other.states))
}
