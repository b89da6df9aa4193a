//! The rules of registers and figures.

use std::collections::BTreeSet;

use super::Faults;
use crate::city::{City, Count, FILES, FaultCode, FieldDef, FieldType, Kind, Source, Thing, Wrong};

pub(super) fn check(city: &City, faults: &mut Faults) {
    let roles: BTreeSet<&str> = city.info.roles.iter().map(|role| role.id.as_str()).collect();
    faults.unique(FILES[10], city.registers.groups.iter().map(|group| &group.id), |i| format!("groups[{i}].id"));
    faults.unique(FILES[10], city.registers.figures.iter().map(|figure| &figure.id), |i| format!("figures[{i}].id"));
    for (i, kind) in city.kinds.iter().enumerate() {
        for (j, field) in kind.fields.iter().enumerate() {
            options(city, field, &format!("kinds[{i}].fields[{j}]"), faults);
        }
        let Some(register) = &kind.register else { continue };
        let at = format!("kinds[{i}].register");
        if city.registers.groups.iter().all(|group| group.id != register.group) {
            let wrong = Wrong::unknown(Thing::Group, &register.group);
            let problem = format!("registers.json has no group {:?}", register.group);
            faults.add(FILES[1], format!("{at}.group"), wrong, problem);
        }
        for name in register.columns.iter().filter(|name| kind.field_named(name).is_none()) {
            let wrong = Wrong::unknown(Thing::Field, name);
            faults.add(FILES[1], format!("{at}.columns"), wrong, format!("it has no field {name:?}"));
        }
        let rota = register.rota.iter().flat_map(|rota| [&rota.day, &rota.leader, &rota.people]);
        for name in rota.chain(&register.parts).filter(|name| kind.field_named(name).is_none()) {
            let wrong = Wrong::unknown(Thing::Field, name);
            faults.add(FILES[1], at.clone(), wrong, format!("it has no field {name:?}"));
        }
        for role in register.keepers.iter().filter(|role| !roles.contains(role.as_str())) {
            let wrong = Wrong::unknown(Thing::Role, role);
            faults.add(FILES[1], format!("{at}.keepers"), wrong, format!("city.json has no role {role:?}"));
        }
        steps(city, kind, i, faults);
    }
    for (i, figure) in city.registers.figures.iter().enumerate() {
        count(city, &figure.count, &format!("figures[{i}].count"), faults);
        if let Some(of) = &figure.of {
            count(city, of, &format!("figures[{i}].of"), faults);
        }
        if let (Some(by), Some(kind)) = (&figure.by, city.kind_named(&figure.count.kind))
            && kind.field_named(by).is_none()
        {
            let wrong = Wrong::unknown(Thing::Field, by);
            faults.add(FILES[10], format!("figures[{i}].by"), wrong, format!("{} has no field {by:?}", kind.name));
        }
    }
}

fn options(city: &City, field: &FieldDef, at: &str, faults: &mut Faults) {
    faults.unique(FILES[1], field.options.iter().map(|option| &option.id), |k| format!("{at}.options[{k}].id"));
    if let Some(Source::Records(kind)) = &field.source
        && city.kind_named(kind).is_none()
    {
        let wrong = Wrong::unknown(Thing::Kind, kind);
        faults.add(FILES[1], format!("{at}.source"), wrong, format!("there is no kind {kind:?}"));
    }
    let is_of_records = matches!(field.source, Some(Source::Records(_)));
    if field.source.is_some() && is_of_records != [FieldType::Record, FieldType::Records].contains(&field.ty) {
        let problem = "records are the source of a record field, and of no other".to_owned();
        faults.add(FILES[1], format!("{at}.source"), Wrong::of(FaultCode::Source), problem);
    }
}

/// What a step of a register needs must be something that its form can ask for.
fn steps(city: &City, kind: &Kind, i: usize, faults: &mut Faults) {
    let Some(workflow) = kind.workflow.as_deref().and_then(|id| city.workflow(id)) else { return };
    for step in &workflow.transitions {
        for name in step.needs.iter().filter(|name| kind.field_named(name).is_none()) {
            let problem = format!("the step {} needs {name:?}, which is no field of it", step.id);
            faults.add(FILES[1], format!("kinds[{i}].workflow"), Wrong::unknown(Thing::Field, name), problem);
        }
    }
}

fn count(city: &City, count: &Count, at: &str, faults: &mut Faults) {
    let Some(kind) = city.kind_named(&count.kind) else {
        let wrong = Wrong::unknown(Thing::Kind, &count.kind);
        faults.add(FILES[10], format!("{at}.kind"), wrong, format!("there is no kind {:?}", count.kind));
        return;
    };
    for name in count.having.keys().filter(|name| kind.field_named(name).is_none()) {
        let wrong = Wrong::unknown(Thing::Field, name);
        faults.add(FILES[10], format!("{at}.having"), wrong, format!("{} has no field {name:?}", kind.name));
    }
    let workflow = kind.workflow.as_deref().and_then(|id| city.workflow(id));
    for state in count.states.iter().filter(|state| workflow.is_none_or(|known| known.state(state).is_none())) {
        let wrong = Wrong::unknown(Thing::State, state);
        faults.add(FILES[10], format!("{at}.states"), wrong, format!("{} has no state {state:?}", kind.name));
    }
}
