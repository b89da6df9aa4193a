//! What people will get of a package before it holds: what a report of a category asks, each register, the steps of each workflow
//! and the rights of each role, all of them as facts and lines.
//!
//! Owns: words. Refuses: to judge. A package in the making may name what is not there; that is shown by its name.

use std::collections::BTreeMap;

use greenshield_domain::city::{
    ANY, CategoryField, City, DepartmentRule, FieldDef, FieldType, Grant, Kind, PeopleGrant, Relation, Role, Source,
    Transition, Workflow,
};
use greenshield_domain::merge::MergeRule;
use greenshield_domain::policy::Action;

use crate::state::answers::Answer;
use crate::state::categories::{FirstSteps, first_steps};
use crate::state::options::options_of;
use crate::state::people::{role_words, unit_words};
use crate::state::record::Fact;
use crate::state::register::columns;
use crate::state::register::form::asked;
use crate::state::words::{self, t, tr};

/// A side of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What can be reported.
    Categories,
    /// What is kept as lists.
    Registers,
    /// What becomes of records, and by whom.
    Steps,
    /// Who may do what.
    Rights,
}

impl Side {
    /// All sides.
    pub const ALL: [Side; 4] = [Side::Categories, Side::Registers, Side::Steps, Side::Rights];

    /// What it is called.
    #[must_use]
    pub fn words(self) -> &'static str {
        t(match self {
            Side::Categories => "package.preview_categories",
            Side::Registers => "package.preview_registers",
            Side::Steps => "package.preview_steps",
            Side::Rights => "package.preview_rights",
        })
    }
}

/// A category, a register, a workflow or a role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// What it is called.
    pub title: String,
    /// What is said of the whole.
    pub facts: Vec<Fact>,
    /// Its parts.
    pub lines: Vec<Line>,
}

/// A question, a field, a step or a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it is called.
    pub title: String,
    /// What is said of it.
    pub notes: Vec<String>,
    /// What can be chosen.
    pub options: Vec<String>,
}

/// The sheets of a side; none of the categories, of which [`category`] is asked one by one.
#[must_use]
pub fn sheets(city: &City, side: Side) -> Vec<Sheet> {
    match side {
        Side::Categories => Vec::new(),
        Side::Registers => city.kinds.iter().filter_map(|kind| register(city, kind)).collect(),
        Side::Steps => city.workflows.iter().map(|workflow| steps(city, workflow)).collect(),
        Side::Rights => city.info.roles.iter().map(|role| rights(city, role)).collect(),
    }
}

/// A fact, unless it says nothing.
fn fact(label: &str, value: String) -> Option<Fact> {
    (!value.is_empty()).then(|| Fact { label: label.to_owned(), value, note: None })
}

/// Words one after the other.
fn listed(words: &[String]) -> String {
    words.join(t("list.comma"))
}

/// Roles one after the other.
fn roles(city: &City, roles: &[String]) -> String {
    listed(&roles.iter().map(|role| role_words(city, role)).collect::<Vec<_>>())
}

/// What a report of a category asks, and what it says before that; `None` when there is no such category.
#[must_use]
pub fn category(city: &City, id: &str) -> Option<Sheet> {
    let category = city.catalog.category(id)?;
    let FirstSteps { safety, numbers, .. } = first_steps(city, id, &BTreeMap::new())?;
    let unit = |id: &String| unit_words(city, &[], id);
    let urgency = city.catalog.urgency(&category.urgency);
    let urgency = urgency.map_or(category.urgency.as_str(), |urgency| words::of(&urgency.name));
    let numbers: Vec<String> = numbers.iter().map(|(number, name)| format!("{number} {name}")).collect();
    let helpers: Vec<String> = category.co_departments.iter().map(unit).collect();
    let guarded = t(if category.guarded_place { "report.place_guarded" } else { "answer.no" });
    let first = [
        fact(t("filter.urgency"), urgency.to_owned()),
        fact(t("package.safety"), safety.unwrap_or_default()),
        fact(t("package.call"), listed(&numbers)),
        fact(t("package.guarded"), guarded.to_owned()),
        fact(t("package.department"), unit(&category.department)),
        fact(t("package.helpers"), listed(&helpers)),
    ];
    let rerouted = |rule: &DepartmentRule| {
        let asked = category.fields.iter().find(|field| field.id == rule.when.field);
        let question = asked.map_or(rule.when.field.as_str(), |field| words::of(&field.label));
        let answer = Answer::Option(rule.when.equals.clone()).in_words(asked);
        let label = tr("package.rerouted", &[("question", question), ("answer", &answer)]);
        fact(&label, unit(&rule.department))
    };
    let facts = first.into_iter().chain(category.department_rules.iter().map(rerouted)).flatten().collect();
    // The form asks the core ones first and folds the others.
    let core = category.fields.iter().filter(|field| field.core);
    let lines = core.chain(category.fields.iter().filter(|field| !field.core)).map(question).collect();
    Some(Sheet { title: words::of(&category.name).to_owned(), facts, lines })
}

fn question(field: &CategoryField) -> Line {
    let sort = t(match field.ty.as_str() {
        "select" => "package.sort_one",
        "multi" => "package.sort_several",
        "number" => "package.sort_number",
        "bool" => "package.sort_yes",
        _ => "package.sort_text",
    });
    let unit = field.unit.as_ref().filter(|_| field.ty == "number").map(|unit| words::of(unit).to_owned());
    let when = if field.core {
        t("package.asked_first").to_owned()
    } else {
        tr("package.asked_later", &[("more", t("report.more"))])
    };
    let notes = [Some(sort.to_owned()), unit, Some(when)].into_iter().flatten().collect::<Vec<_>>();
    Line {
        title: words::of(&field.label).to_owned(),
        notes: vec![notes.join(" · ")],
        options: field.options.iter().map(|option| words::of(&option.label).to_owned()).collect(),
    }
}

/// A kind as a register, if it is one.
fn register(city: &City, kind: &Kind) -> Option<Sheet> {
    let register = kind.register.as_ref()?;
    let group = city.registers.groups.iter().find(|group| group.id == register.group);
    let group = group.map_or(register.group.as_str(), |group| words::of(&group.label));
    let mut heads = vec![t("register.column_title").to_owned()];
    heads.extend(columns(kind).into_iter().map(|def| words::of(&def.label).to_owned()));
    heads.extend(kind.workflow.as_ref().map(|_| t("register.column_state").to_owned()));
    let facts = [
        fact(t("package.register_group"), group.to_owned()),
        fact(t("package.register_columns"), listed(&heads)),
        fact(t("package.register_keepers"), roles(city, &register.keepers)),
    ];
    Some(Sheet {
        title: words::of(&kind.label).to_owned(),
        facts: facts.into_iter().flatten().collect(),
        lines: asked(kind, true).map(|def| field(city, def)).collect(),
    })
}

fn field(city: &City, def: &FieldDef) -> Line {
    let needed = if def.required { t("register.needed") } else { "" };
    let records = match &def.source {
        Some(Source::Records(kind)) => city.kind_named(kind).map(|kind| words::of(&kind.label).to_owned()),
        _ => None,
    };
    Line {
        title: words::of(&def.label).to_owned(),
        notes: vec![format!("{}{needed}", sort_words(def))],
        options: options_of(city, def).into_iter().map(|(_, words)| words).chain(records).collect(),
    }
}

/// What a form takes for a field, in words.
fn sort_words(def: &FieldDef) -> &'static str {
    let has_options = def.source.is_some() || !def.options.is_empty();
    t(match def.ty {
        FieldType::Record => "package.sort_record",
        FieldType::Records => "package.sort_records",
        FieldType::Options => "package.sort_several",
        _ if has_options && def.rule == MergeRule::Set => "package.sort_several",
        FieldType::Option => "package.sort_one",
        _ if has_options => "package.sort_one",
        FieldType::Number => "package.sort_number",
        FieldType::Bool => "package.sort_yes",
        FieldType::Time => "package.sort_day",
        FieldType::Place => "package.sort_place",
        _ if def.long => "package.sort_long",
        _ => "package.sort_text",
    })
}

/// A workflow by the kinds that have it, which is how people know it.
fn steps(city: &City, workflow: &Workflow) -> Sheet {
    let kinds: Vec<&Kind> = city.kinds.iter().filter(|kind| kind.workflow.as_ref() == Some(&workflow.id)).collect();
    let title: Vec<String> = kinds.iter().map(|kind| words::of(&kind.label).to_owned()).collect();
    let states = |is_open: bool| {
        let states = workflow.states.iter().filter(|state| state.open == is_open);
        listed(&states.map(|state| words::of(&state.label).to_owned()).collect::<Vec<_>>())
    };
    let facts = [fact(t("package.states_open"), states(true)), fact(t("package.states_closed"), states(false))];
    Sheet {
        title: if title.is_empty() { workflow.id.clone() } else { listed(&title) },
        facts: facts.into_iter().flatten().collect(),
        lines: workflow.transitions.iter().map(|taken| step(city, workflow, &kinds, taken)).collect(),
    }
}

fn step(city: &City, workflow: &Workflow, kinds: &[&Kind], step: &Transition) -> Line {
    let at = |id: &String| workflow.state(id).map_or_else(|| id.clone(), |state| words::of(&state.label).to_owned());
    let from: Vec<String> = step.from.iter().map(at).collect();
    let (roles, needs) = (roles(city, &step.roles), labels(kinds, &step.needs));
    let notes = [
        Some(format!("{} → {}", listed(&from), at(&step.to))),
        (!roles.is_empty()).then(|| tr("package.step_roles", &[("roles", &roles)])),
        (!needs.is_empty()).then(|| tr("package.step_needs", &[("fields", &needs)])),
        step.other_hand.then(|| t("register.other_hand").to_owned()),
    ];
    let notes = notes.into_iter().flatten().collect();
    Line { title: words::of(&step.label).to_owned(), notes, options: Vec::new() }
}

/// Fields of some kinds by their names, in words, each once.
fn labels(kinds: &[&Kind], names: &[String]) -> String {
    let mut found: Vec<String> = Vec::new();
    for name in names.iter().filter(|name| *name != ANY) {
        let own = kinds.iter().filter_map(|kind| kind.field_named(name)).map(|def| words::of(&def.label).to_owned());
        let mut labels: Vec<String> = own.chain(protocol_words(name).map(str::to_owned)).collect();
        if labels.is_empty() {
            labels.push(name.clone());
        }
        for label in labels {
            if !found.contains(&label) {
                found.push(label);
            }
        }
    }
    listed(&found)
}

/// A field of the protocol in words.
fn protocol_words(name: &str) -> Option<&'static str> {
    Some(t(match name {
        "area" => "package.says_area",
        "unit" => "package.says_unit",
        "assigned" => "package.says_people",
        "helpers" => "package.says_helpers",
        _ => return None,
    }))
}

/// What a role may do, in the order in which it is told.
const ACTIONS: [(Action, &str); 8] = [
    (Action::Read, "package.may_read"),
    (Action::Write, "package.may_write"),
    (Action::Export, "package.may_export"),
    (Action::Judge, "package.may_judge"),
    (Action::Erase, "package.may_erase"),
    (Action::Audit, "package.may_audit"),
    (Action::Retention, "package.may_retention"),
    (Action::Package, "package.may_package"),
];

fn rights(city: &City, role: &Role) -> Sheet {
    let policies = || city.policy.roles.iter().filter(|policy| policy.role == role.id);
    let line = |key: &'static str, notes: Vec<String>| Line { title: t(key).to_owned(), notes, options: Vec::new() };
    let mut lines = Vec::new();
    for (action, key) in ACTIONS {
        let grants = policies().flat_map(|policy| &policy.grants).filter(|grant| grant.actions.contains(&action));
        // The others open a page, whatever else the grant says.
        let words = |grant: &Grant| {
            let is_of_records = Action::OF_RECORDS.contains(&action);
            if is_of_records { grant_words(city, grant) } else { t("package.may_whole").to_owned() }
        };
        lines.push(line(key, grants.map(words).collect()));
    }
    let people = policies().flat_map(|policy| &policy.people).map(|grant| people_words(city, grant));
    lines.push(line("package.may_people", people.collect()));
    lines.retain(|line| !line.notes.is_empty());
    if lines.is_empty() {
        lines.push(line("package.may_nothing", Vec::new()));
    }
    Sheet { title: words::of(&role.name).to_owned(), facts: Vec::new(), lines }
}

/// With which records, and with which of their fields.
fn grant_words(city: &City, grant: &Grant) -> String {
    let means_all = grant.kinds.iter().any(|name| name == ANY);
    // Of all kinds those that are left out, else those that are meant.
    let named = city.kinds.iter().filter(|kind| grant.means(kind) != means_all);
    let named = listed(&named.map(|kind| words::of(&kind.label).to_owned()).collect::<Vec<_>>());
    let kinds = match (means_all, named.is_empty()) {
        (false, _) => named,
        (true, true) => t("package.kinds_all").to_owned(),
        (true, false) => tr("package.kinds_but", &[("kinds", &named)]),
    };
    format!("{kinds} · {} · {}", relations(&grant.relations), fields(city, grant))
}

fn fields(city: &City, grant: &Grant) -> String {
    let meant: Vec<&Kind> = city.kinds.iter().filter(|kind| grant.means(kind)).collect();
    let (named, except) = (labels(&meant, &grant.fields), labels(&meant, &grant.except));
    let but = |fields: String| {
        if except.is_empty() { fields } else { tr("package.fields_but", &[("fields", &fields), ("except", &except)]) }
    };
    if !grant.fields.iter().any(|name| name == ANY) {
        return but(named);
    }
    let all = but(t("package.fields_all").to_owned());
    if named.is_empty() { all } else { tr("package.fields_also", &[("fields", &all), ("more", &named)]) }
}

fn people_words(city: &City, grant: &PeopleGrant) -> String {
    format!("{} · {}", roles(city, &grant.roles), relations(&grant.relations))
}

/// How somebody stands to what they do something with, in words.
fn relations(relations: &[Relation]) -> String {
    let words = |relation: &Relation| {
        t(match relation {
            Relation::Own => "package.relation_own",
            Relation::Area => "package.relation_area",
            Relation::Unit => "package.relation_unit",
            Relation::Assigned => "package.relation_assigned",
            Relation::Helper => "package.relation_helper",
            Relation::All => "package.relation_all",
        })
        .to_owned()
    };
    listed(&relations.iter().map(words).collect::<Vec<_>>())
}
