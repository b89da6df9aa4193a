//! The rules of retention classes: a record has one class at most, and what is still open has none.

use super::Faults;
use crate::city::{City, FILES, FaultCode, Kind, RetentionClass, Thing, Wrong};

/// A hundred years.
const MOST_MONTHS: u32 = 1_200;

pub(super) fn check(city: &City, faults: &mut Faults) {
    let (file, classes) = (FILES[11], &city.retention.classes);
    faults.unique(file, classes.iter().map(|class| class.id), |i| format!("classes[{i}].id"));
    faults.unique(file, classes.iter().map(|class| &class.key), |i| format!("classes[{i}].key"));
    for (i, class) in classes.iter().enumerate() {
        let at = |rest: &str| format!("classes[{i}].{rest}");
        if !(1..=MOST_MONTHS).contains(&class.months) {
            let wrong = Wrong::numbers(FaultCode::Range, &[class.months.into(), 1, MOST_MONTHS.into()]);
            let problem = format!("{} is not between 1 and {MOST_MONTHS}", class.months);
            faults.add(file, at("months"), wrong, problem);
        }
        if class.kinds.is_empty() {
            faults.add(file, at("kinds"), Wrong::of(FaultCode::Empty), "it names none".to_owned());
        }
        for name in &class.kinds {
            match city.kind_named(name) {
                None => {
                    let wrong = Wrong::unknown(Thing::Kind, name);
                    faults.add(file, at("kinds"), wrong, format!("kinds.json has no kind {name:?}"));
                }
                // The names and offices of people end with their account, by hand.
                Some(kind) if kind.guarded => {
                    let wrong = Wrong::about(FaultCode::Guarded, name);
                    faults.add(file, at("kinds"), wrong, format!("{name} is guarded: it is erased by hand alone"));
                }
                Some(kind) => of_kind(city, class, kind, &at, faults),
            }
        }
        for (j, other) in classes.iter().enumerate().take(i).filter(|(_, other)| overlap(class, other)) {
            let wrong = Wrong::about(FaultCode::Overlap, &other.key);
            let problem = format!("some of its records are also of classes[{j}], {}", other.key);
            faults.add(file, at("kinds"), wrong, problem);
        }
    }
}

fn of_kind(city: &City, class: &RetentionClass, kind: &Kind, at: &impl Fn(&str) -> String, faults: &mut Faults) {
    let workflow = kind.workflow.as_deref().and_then(|id| city.workflow(id));
    for word in &class.states {
        match workflow.and_then(|workflow| workflow.state(word)) {
            None => {
                let wrong = Wrong::unknown(Thing::State, word);
                faults.add(FILES[11], at("states"), wrong, format!("{} has no state {word:?}", kind.name));
            }
            Some(state) if state.open => {
                let wrong = Wrong::about(FaultCode::Open, word);
                faults.add(FILES[11], at("states"), wrong, format!("{word:?} of {} is not ended", kind.name));
            }
            Some(_) => {}
        }
    }
    for name in class.held_by.iter().filter(|name| kind.field_named(name).is_none()) {
        let wrong = Wrong::unknown(Thing::Field, name);
        faults.add(FILES[11], at("held_by"), wrong, format!("{} has no field {name:?}", kind.name));
    }
}

fn overlap(one: &RetentionClass, other: &RetentionClass) -> bool {
    let shares = |a: &[String], b: &[String]| a.iter().any(|word| b.contains(word));
    shares(&one.kinds, &other.kinds)
        && (one.states.is_empty() || other.states.is_empty() || shares(&one.states, &other.states))
}
