//! The rules between the files of a package.

mod handing_over;
mod quiz;
mod registers;
mod retention;

use std::collections::BTreeSet;

use super::{ANY, City, CityFault, FILES, FaultCode, Grant, Thing, Wrong};
use crate::policy::{Action, PROTOCOL_FIELDS, area};

/// All faults of a package whose files could be read.
pub(super) fn faults(city: &City) -> Vec<CityFault> {
    let mut faults = Faults(Vec::new());
    info(city, &mut faults);
    kinds(city, &mut faults);
    workflows(city, &mut faults);
    catalog(city, &mut faults);
    policy(city, &mut faults);
    handing_over::check(city, &mut faults);
    divisions(city, &mut faults);
    registers::check(city, &mut faults);
    retention::check(city, &mut faults);
    quiz::check(city, &mut faults);
    faults.0
}

pub(super) struct Faults(Vec<CityFault>);

impl Faults {
    fn add(&mut self, file: &'static str, path: String, wrong: Wrong, problem: String) {
        self.0.push(CityFault { file, path, wrong, problem });
    }

    /// Reports the second use of a word that must be unique.
    fn unique<T: Ord + std::fmt::Display>(
        &mut self,
        file: &'static str,
        ids: impl IntoIterator<Item = T>,
        path: impl Fn(usize) -> String,
    ) {
        let mut seen = BTreeSet::new();
        for (i, id) in ids.into_iter().enumerate() {
            if seen.contains(&id) {
                self.add(file, path(i), Wrong::about(FaultCode::Twice, &id), format!("{id} is used twice"));
            }
            seen.insert(id);
        }
    }
}

fn info(city: &City, faults: &mut Faults) {
    let file = FILES[0];
    for (i, ban) in city.info.bans.iter().enumerate().filter(|(_, ban)| ban.until < ban.from) {
        let wrong = Wrong::of(FaultCode::Order);
        faults.add(file, format!("bans[{i}]"), wrong, format!("{} ends before it begins", ban.id));
    }
    for (i, preset) in city.info.patrol_presets.iter().enumerate() {
        for role in preset.roles.iter().filter(|role| city.info.roles.iter().all(|known| known.id != **role)) {
            let wrong = Wrong::unknown(Thing::Role, role);
            faults.add(file, format!("patrol_presets[{i}].roles"), wrong, format!("there is no role {role:?}"));
        }
    }
}

fn kinds(city: &City, faults: &mut Faults) {
    let file = FILES[1];
    faults.unique(file, city.kinds.iter().map(|kind| kind.id), |i| format!("kinds[{i}].id"));
    for (i, kind) in city.kinds.iter().enumerate() {
        if kind.id < 10 {
            let wrong = Wrong::numbers(FaultCode::Reserved, &[kind.id.into(), 10]);
            let problem = format!("{} is below 10, which the protocol keeps", kind.id);
            faults.add(file, format!("kinds[{i}].id"), wrong, problem);
        }
        if let Some(workflow) = kind.workflow.as_deref().filter(|id| city.workflow(id).is_none()) {
            no_workflow(workflow, format!("kinds[{i}].workflow"), faults);
        }
        for (j, field) in kind.fields.iter().enumerate() {
            if let Some(workflow) = field.workflow.as_deref().filter(|id| city.workflow(id).is_none()) {
                no_workflow(workflow, format!("kinds[{i}].fields[{j}].workflow"), faults);
            }
        }
        faults.unique(file, kind.fields.iter().map(|f| f.id), |j| format!("kinds[{i}].fields[{j}].id"));
        faults.unique(file, kind.fields.iter().map(|f| &f.name), |j| format!("kinds[{i}].fields[{j}].name"));
    }
}

fn no_workflow(workflow: &str, at: String, faults: &mut Faults) {
    let wrong = Wrong::unknown(Thing::Workflow, workflow);
    faults.add(FILES[1], at, wrong, format!("workflows.json has no workflow {workflow:?}"));
}

fn workflows(city: &City, faults: &mut Faults) {
    let file = FILES[2];
    let roles: BTreeSet<&str> = city.info.roles.iter().map(|role| role.id.as_str()).collect();
    for (i, workflow) in city.workflows.iter().enumerate() {
        let at = |rest: String| format!("workflows[{i}].{rest}");
        faults.unique(file, workflow.states.iter().map(|s| &s.id), |j| at(format!("states[{j}].id")));
        if workflow.state(&workflow.initial).is_none() {
            let wrong = Wrong::unknown(Thing::State, &workflow.initial);
            faults.add(file, at("initial".to_owned()), wrong, format!("there is no state {:?}", workflow.initial));
        }
        for (j, step) in workflow.transitions.iter().enumerate() {
            for state in step.from.iter().chain([&step.to]).filter(|state| workflow.state(state).is_none()) {
                let wrong = Wrong::unknown(Thing::State, state);
                faults.add(file, at(format!("transitions[{j}]")), wrong, format!("there is no state {state:?}"));
            }
            for role in step.roles.iter().filter(|role| !roles.contains(role.as_str())) {
                let wrong = Wrong::unknown(Thing::Role, role);
                let problem = format!("city.json has no role {role:?}");
                faults.add(file, at(format!("transitions[{j}].roles")), wrong, problem);
            }
        }
    }
}

fn catalog(city: &City, faults: &mut Faults) {
    let (file, catalog) = (FILES[3], &city.catalog);
    let departments: BTreeSet<&str> = catalog.departments.iter().map(|d| d.id.as_str()).collect();
    let groups: BTreeSet<&str> = catalog.groups.iter().map(|g| g.id.as_str()).collect();
    let incident = city.kinds.iter().find(|kind| kind.name == "incident");
    faults.unique(file, catalog.categories.iter().map(|c| &c.id), |i| format!("categories[{i}].id"));
    for (i, category) in catalog.categories.iter().enumerate() {
        let at = |rest: &str| format!("categories[{i}].{rest}");
        if !groups.contains(category.group_id.as_str()) {
            let wrong = Wrong::unknown(Thing::Group, &category.group_id);
            faults.add(file, at("groupId"), wrong, format!("there is no group {:?}", category.group_id));
        }
        let ruled = category.department_rules.iter().map(|rule| &rule.department);
        for department in category.co_departments.iter().chain([&category.department]).chain(ruled) {
            if !departments.contains(department.as_str()) {
                let wrong = Wrong::unknown(Thing::Department, department);
                faults.add(file, at("department"), wrong, format!("there is no department {department:?}"));
            }
        }
        if category.guarded_place && incident.is_none_or(|kind| kind.field_named("exactPlace").is_none()) {
            let wrong = Wrong::unknown(Thing::Field, "exactPlace");
            faults.add(file, at("guardedPlace"), wrong, "incidents have no field \"exactPlace\" for it".to_owned());
        }
        if catalog.urgency(&category.urgency).is_none() {
            let wrong = Wrong::unknown(Thing::Urgency, &category.urgency);
            faults.add(file, at("urgency"), wrong, format!("there is no urgency {:?}", category.urgency));
        }
        if !city.icons.categories.contains_key(&category.id) {
            let wrong = Wrong::about(FaultCode::Icon, &category.id);
            faults.add(FILES[4], category.id.clone(), wrong, "the category has no icon".to_owned());
        }
        for (j, field) in category.fields.iter().enumerate() {
            if incident.is_none_or(|kind| kind.catalog_field(&field.id).is_none()) {
                let problem = format!("{:?} has no number in kinds.json (kind incident)", field.id);
                faults.add(file, at(&format!("fields[{j}].id")), Wrong::unknown(Thing::Field, &field.id), problem);
            }
        }
    }
}

fn divisions(city: &City, faults: &mut Faults) {
    let (file, all) = (FILES[9], &city.divisions.divisions);
    faults.unique(file, all.iter().map(|division| &division.code), |i| format!("divisions[{i}].code"));
    for (i, division) in all.iter().enumerate() {
        let (code, at) = (&division.code, format!("divisions[{i}].code"));
        if !area::is_code(code) || !area::contains(&city.info.division, code) {
            let problem = format!("{code} is no code of an area of {}", city.info.division);
            faults.add(file, at, Wrong::about(FaultCode::Area, code), problem);
        } else if i > 0 && all[i - 1].code > *code {
            let wrong = Wrong::about(FaultCode::Sorting, &all[i - 1].code);
            let problem = format!("{code} stands behind {}: counties with their towns, by code", all[i - 1].code);
            faults.add(file, at, wrong, problem);
        }
    }
}

fn policy(city: &City, faults: &mut Faults) {
    let file = FILES[5];
    let roles: BTreeSet<&str> = city.info.roles.iter().map(|role| role.id.as_str()).collect();
    let known = |role: &str, path: String, faults: &mut Faults| {
        if !roles.contains(role) {
            faults.add(file, path, Wrong::unknown(Thing::Role, role), format!("city.json has no role {role:?}"));
        }
    };
    faults.unique(file, city.policy.roles.iter().map(|policy| &policy.role), |i| format!("roles[{i}].role"));
    for role in roles.iter().filter(|role| !city.policy.roles.iter().any(|policy| policy.role == **role)) {
        let wrong = Wrong::about(FaultCode::Rights, role);
        let problem = format!("{role:?} of city.json has no rights here; say so with no grants");
        faults.add(file, "roles".to_owned(), wrong, problem);
    }
    for (i, policy) in city.policy.roles.iter().enumerate() {
        known(&policy.role, format!("roles[{i}].role"), faults);
        for (j, grant) in policy.grants.iter().enumerate() {
            check_grant(city, grant, &format!("roles[{i}].grants[{j}]"), faults);
        }
        for (j, grant) in policy.people.iter().enumerate() {
            for (k, role) in grant.roles.iter().enumerate() {
                known(role, format!("roles[{i}].people[{j}].roles[{k}]"), faults);
            }
        }
    }
}

fn check_grant(city: &City, grant: &Grant, at: &str, faults: &mut Faults) {
    let file = FILES[5];
    for (k, kind) in grant.kinds.iter().enumerate().filter(|(_, kind)| *kind != ANY) {
        if !city.kinds.iter().any(|known| known.name == *kind) {
            let wrong = Wrong::unknown(Thing::Kind, kind);
            faults.add(file, format!("{at}.kinds[{k}]"), wrong, format!("kinds.json has no kind {kind:?}"));
        }
    }
    for (k, kind) in grant.except_kinds.iter().enumerate() {
        if !city.kinds.iter().any(|known| known.name == *kind) {
            let wrong = Wrong::unknown(Thing::Kind, kind);
            faults.add(file, format!("{at}.except_kinds[{k}]"), wrong, format!("kinds.json has no kind {kind:?}"));
        }
    }
    let meant = || city.kinds.iter().filter(|kind| grant.means(kind));
    let is_field = |name: &str| meant().any(|kind| kind.fields.iter().any(|field| field.name == name));
    let is_protocol = |name: &str| PROTOCOL_FIELDS.iter().any(|(word, _)| *word == name);
    for (k, field) in grant.fields.iter().enumerate() {
        if field != ANY && !is_protocol(field) && !is_field(field) {
            let wrong = Wrong::unknown(Thing::Field, field);
            faults.add(file, format!("{at}.fields[{k}]"), wrong, format!("none of these kinds has a field {field:?}"));
        }
    }
    for (k, field) in grant.except.iter().enumerate().filter(|(_, field)| !is_field(field)) {
        let wrong = Wrong::unknown(Thing::Field, field);
        faults.add(file, format!("{at}.except[{k}]"), wrong, format!("none of these kinds has a field {field:?}"));
    }
    if grant.actions.contains(&Action::Export) && (!grant.except.is_empty() || !grant.fields.iter().any(|f| f == ANY)) {
        let problem = "an export takes every field, so it is granted with all of them".to_owned();
        faults.add(file, format!("{at}.actions"), Wrong::of(FaultCode::Export), problem);
    }
}
