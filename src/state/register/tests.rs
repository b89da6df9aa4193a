use std::collections::BTreeMap;

use greenshield_client::rows::{ListRow, ReferralRow};
use greenshield_domain::cbor::Value;
use greenshield_domain::city::{City, Kind};
use greenshield_domain::merge::MergeRule;
use greenshield_domain::op::{Act, Entry};
use greenshield_domain::person::Person;
use greenshield_domain::policy::{AREA, HELPERS, UNIT};
use greenshield_domain::register::LineValue;
use greenshield_domain::roster::Table;

use super::figures::{FigureView, Period, figures};
use super::form::{Fault, Typed, asked, entries, read, step_entries};
use super::report::{in_csv, in_rows, months_in_words};
use super::table::plan;
use super::*;
use crate::state::item::tests::{city, row};
use crate::state::options::{counties, options_of, workflow_of};

/// 2026-11-26 09:00 in China.
const NOW: Now = Now { millis: 1_795_654_800_000, zone_minutes: 480 };

fn kind<'a>(city: &'a City, name: &str) -> &'a Kind {
    city.kind_named(name).unwrap()
}

fn typed(city: &City, name: &str, fields: &[(&str, &[&str])]) -> Typed {
    let id = |field: &str| kind(city, name).field_named(field).unwrap().id;
    fields.iter().map(|(field, words)| (id(field), words.iter().map(|word| (*word).to_owned()).collect())).collect()
}

fn said(entries: &[Entry], field: u32) -> Vec<&Value> {
    entries.iter().filter(|entry| entry.field == field).map(|entry| &entry.value).collect()
}

fn line(n: u8, kind: u32, state: &str, values: &[(u32, LineValue)]) -> ListRow {
    let state = Some(state.to_owned()).filter(|state| !state.is_empty());
    ListRow { kind, state, title: Some(format!("title {n}")), values: values.iter().cloned().collect(), ..row(n) }
}

fn text(word: &str) -> LineValue {
    LineValue::Text(word.to_owned())
}

#[test]
fn a_new_record_says_what_was_typed_where_it_belongs_and_how_it_begins() {
    let city = city();
    let form = typed(
        &city,
        "meeting",
        &[
            ("title", &[" 第三次联席会议 "]),
            ("onDay", &["2026-11-20"]),
            ("county", &["620723"]),
            ("leadUnit", &["forestry"]),
            ("people", &["36"]),
        ],
    );
    let lead = city.catalog.departments[0].id.clone();
    let mut form = form;
    form.insert(field::UNIT, vec![lead.clone()]);
    let entries = entries(&city, kind(&city, "meeting"), &form, None, "city-desk", NOW).unwrap();
    assert_eq!(said(&entries, 20), [&Value::text("第三次联席会议")]);
    assert_eq!(said(&entries, 7), [&Value::text("called")]);
    assert_eq!(said(&entries, 36), [&Value::Int(36_000)]);
    assert_eq!(said(&entries, AREA), [&Value::text("620723")]);
    assert_eq!(said(&entries, UNIT), [&Value::text(&lead)]);
    // Who may not give records to units does not.
    let entries = super::form::entries(&city, kind(&city, "meeting"), &form, None, "officer", NOW).unwrap();
    assert!(said(&entries, UNIT).is_empty());
}

#[test]
fn each_fault_is_told_with_its_field_and_nothing_is_said() {
    let city = city();
    let form = typed(&city, "meeting", &[("onDay", &["tomorrow"]), ("people", &["many"]), ("county", &["330100"])]);
    let faults = entries(&city, kind(&city, "meeting"), &form, None, "desk", NOW).unwrap_err();
    let faults: BTreeMap<u32, Fault> = faults.into_iter().collect();
    assert_eq!(faults[&20], Fault::Missing);
    assert_eq!(faults[&31], Fault::Day);
    assert_eq!(faults[&36], Fault::Number);
    assert_eq!(faults[&30], Fault::Option("330100".to_owned()));
    assert!(faults.values().all(|fault| !fault.words().is_empty()));
}

#[test]
fn an_edit_says_only_what_changed_and_what_was_emptied() {
    let city = city();
    let meeting = kind(&city, "meeting");
    let before = typed(&city, "meeting", &[("title", &["a"]), ("onDay", &["2026-11-20"]), ("room", &["b"])]);
    let mut after = before.clone();
    after.remove(&34);
    after.insert(20, vec!["c".to_owned()]);
    let entries = entries(&city, meeting, &after, Some(&before), "desk", NOW).unwrap();
    assert_eq!(entries, [Entry::set(20, Value::text("c")), Entry::set(34, Value::Null)]);
}

#[test]
fn a_deadline_that_moves_needs_a_reason_of_its_own_and_the_first_one_needs_none() {
    let city = city();
    let treatment = kind(&city, "treatment");
    assert!(asked(treatment, true).all(|def| def.name != "dueReason"));
    assert!(asked(treatment, false).any(|def| def.name == "dueReason"));
    assert!(kind(&city, "area").field(28).is_some_and(|def| def.name != "dueReason"), "another number's meaning");
    let form = |due: &str, reason: &str| {
        let fixed: [(&str, &[&str]); 2] = [("title", &["a"]), ("onDay", &["2026-11-20"])];
        typed(&city, "treatment", &[fixed[0], fixed[1], ("due", &[due]), ("dueReason", &[reason])])
    };
    let said = |before: &Typed, after: &Typed| entries(&city, treatment, after, Some(before), "desk", NOW);
    let mut before = form("2026-12-01", "");
    // The reason of the last time does not stand in the form.
    before.remove(&28);
    assert_eq!(said(&before, &before), Ok(Vec::new()));
    for after in [form("2026-12-15", ""), form("2026-12-15", " "), form("", "")] {
        assert_eq!(said(&before, &after), Err(vec![(28, Fault::Reason)]), "{after:?}");
    }
    let moved = said(&before, &form("2026-12-15", "道路中断")).unwrap();
    assert_eq!(moved.iter().map(|entry| entry.field).collect::<Vec<_>>(), [22, 28]);
    let mut first = form("", "");
    first.remove(&22);
    assert_eq!(said(&first, &form("2026-12-15", "")).unwrap().len(), 1);
}

#[test]
fn units_that_help_come_and_go_with_the_record() {
    let city = city();
    let treatment = kind(&city, "treatment");
    let units: Vec<&str> = city.catalog.departments.iter().take(3).map(|unit| unit.id.as_str()).collect();
    let form = |helpers: &[&str]| {
        typed(&city, "treatment", &[("title", &["a"]), ("onDay", &["2026-11-20"]), ("coUnits", helpers)])
    };
    let help = |act, unit: &str| Entry { field: HELPERS, act, value: Value::text(unit) };
    let of_units = |role: &str, after: &Typed, before: Option<&Typed>| -> Vec<Entry> {
        let said = entries(&city, treatment, after, before, role, NOW).unwrap();
        said.into_iter().filter(|entry| entry.field == HELPERS).collect()
    };
    let mut before = form(&units[..2]);
    assert_eq!(of_units("desk", &before, None), [help(Act::Add, units[0]), help(Act::Add, units[1])]);
    assert_eq!(of_units("volunteer", &before, None), [], "who may not say it does not");
    assert_eq!(of_units("desk", &before, Some(&before)).len(), 2, "what nobody said before is said now");
    before.insert(HELPERS, units[..2].iter().map(|unit| (*unit).to_owned()).collect());
    let after = form(&units[1..]);
    assert_eq!(of_units("desk", &after, Some(&before)), [help(Act::Remove, units[0]), help(Act::Add, units[2])]);
    assert_eq!(of_units("desk", &form(&[]), Some(&before)).len(), 2, "nobody helps any more");
    assert_eq!(of_units("desk", &before, Some(&before)), []);
    before.insert(HELPERS, vec![units[2].to_owned()]);
    let right = [help(Act::Remove, units[2]), help(Act::Add, units[0]), help(Act::Add, units[1])];
    assert_eq!(
        of_units("desk", &before, Some(&before)),
        right,
        "two desks at the same time: the next form sets it right"
    );
}

#[test]
fn a_table_knows_long_term_tasks_and_several_days_of_review() {
    let city = city();
    let task = kind(&city, "task");
    let table = |cells: [&str; 4]| {
        let rows = [["任务", "期限", "复核日期", "配合单位"], cells];
        Table { rows: rows.map(|row| row.map(str::to_owned).to_vec()).to_vec() }
    };
    let days = |found: &[Entry], field: u32| -> Vec<String> {
        said(found, field).into_iter().filter_map(|day| day.as_int().map(|day| NOW.iso_day(day))).collect()
    };
    let help = &city.catalog.departments[1];
    let long_term = table(["巡河", "长期坚持", "2026/12/31、2027-6-30", &help.name.zh]);
    let found = plan(&city, task, &long_term, "desk", NOW).unwrap();
    let entries = &found.records[0].entries;
    assert_eq!(days(entries, 29), ["2026-12-31", "2027-06-30"]);
    assert!(said(entries, 22).is_empty(), "no deadline");
    assert!(entries.contains(&Entry { field: HELPERS, act: Act::Add, value: Value::text(&help.id) }));
    let dated = plan(&city, task, &table(["巡河", "2026/12/31", "", ""]), "desk", NOW).unwrap();
    assert_eq!(days(&dated.records[0].entries, 22), ["2026-12-31"]);
    assert_eq!(plan(&city, task, &table(["巡河", "Long-Term", "soon", ""]), "desk", NOW).unwrap_err().len(), 1);
}

#[test]
fn every_field_that_a_form_asks_for_can_be_read() {
    let city = city();
    for kind in city.kinds.iter().filter(|kind| kind.register.is_some()) {
        for def in asked(kind, true) {
            let word = match def.ty {
                FieldType::Number => "3".to_owned(),
                FieldType::Time => "2026/9/1".to_owned(),
                FieldType::Bool => "1".to_owned(),
                FieldType::Place => "38.93, 100.45".to_owned(),
                FieldType::Record | FieldType::Records => "07".repeat(16),
                _ => options_of(&city, def).first().map_or("x".to_owned(), |(id, _)| id.clone()),
            };
            let value = read(&city, def, &[word], NOW).unwrap().unwrap();
            let elements = value.as_array().filter(|_| def.rule == MergeRule::Set).map(|all| all[0].clone());
            let words = field_words(&city, def, &elements.unwrap_or(value), &[], NOW);
            assert!(words.is_some_and(|words| !words.is_empty()), "{} {}", kind.name, def.name);
        }
    }
}

#[test]
fn a_step_needs_its_fields_and_another_hand_where_the_city_says_so() {
    let city = city();
    let treatment = kind(&city, "treatment");
    let confirm = workflow_of(&city, treatment).unwrap().transitions.iter().find(|step| step.id == "confirm").unwrap();
    assert!(confirm.other_hand);
    let needs = [treatment.field_named("answer").unwrap().clone()];
    assert_eq!(
        step_entries(&city, (confirm.to.as_str(), &needs[..]), &Typed::new(), NOW).unwrap_err(),
        [(8, Fault::Missing)]
    );
    let entries =
        step_entries(&city, (confirm.to.as_str(), &needs[..]), &[(8, vec!["干净了".to_owned()])].into(), NOW).unwrap();
    assert_eq!(entries, [Entry::set(7, Value::text("confirmed")), Entry::set(8, Value::text("干净了"))]);
}

#[test]
fn a_table_becomes_records_by_its_headings_in_either_language() {
    let city = city();
    let task = kind(&city, "task");
    let (one, two) = (&city.catalog.departments[0], &city.catalog.departments[1]);
    let rows = [
        vec!["序号", "任务", "Lead unit", "配合单位", "期限"],
        vec!["1", "清理河道", &one.name.zh, &two.name.zh, "2026-12-31"],
        vec!["", "", "", "", ""],
        vec!["2", "补种", "", "", ""],
    ];
    let table = |rows: &[Vec<&str>]| Table {
        rows: rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect(),
    };
    let found = plan(&city, task, &table(&rows), "desk", NOW).unwrap();
    assert_eq!((found.records.len(), found.ignored), (2, vec!["序号".to_owned()]));
    let first = &found.records[0].entries;
    assert_eq!(said(first, 23), [&Value::text(&one.id)]);
    assert!(first.contains(&Entry { field: 24, act: Act::Add, value: Value::text(&two.id) }));
    assert_eq!(said(first, 7), [&Value::text("assigned")]);
    // One wrong cell, and nothing is taken.
    let wrong = [rows[0].clone(), vec!["1", "", "nobody", "", "soon"]];
    let faults = plan(&city, task, &table(&wrong), "desk", NOW).unwrap_err();
    assert_eq!(faults.len(), 3);
    assert!(faults.iter().any(|fault| fault.contains("C2")) && faults.iter().any(|fault| fault.contains("E2")));
    assert_eq!(plan(&city, task, &table(&[vec!["序号"], vec!["1"]]), "desk", NOW).unwrap_err().len(), 1);
    assert!(plan(&city, task, &Table::default(), "desk", NOW).is_err());
}

#[test]
fn figures_count_what_they_say_and_name_what_they_are_a_share_of() {
    let city = city();
    let day = |date: &str| LineValue::Int(NOW.ends_of(date).unwrap().0);
    let meeting = |n, state, date, grade| line(n, 62, state, &[(31, day(date)), (35, text(grade))]);
    let mut rows = vec![
        meeting(1, "held", "2026-03-01", "city"),
        meeting(2, "minuted", "2026-04-01", "county"),
        meeting(3, "minuted", "2026-05-01", "county"),
        meeting(4, "called", "2026-12-01", "county"),
        meeting(5, "held", "2025-12-31", "city"),
    ];
    let taken = |date: Option<&str>| ReferralRow {
        accepted_millis: date.map(|date| NOW.ends_of(date).unwrap().0),
        ..ReferralRow::default()
    };
    for (n, date) in [(6, Some("2026-02-01")), (7, Some("2026-09-01")), (8, Some("2026-10-01")), (9, None)] {
        rows.push(ListRow { referral: Some(taken(date)), ..line(n, 40, "accepted", &[]) });
    }
    let person = |n, level: &str, until: Option<i64>| {
        let person = Person { level: Some(level.to_owned()), until_millis: until, ..Person::default() };
        ListRow { person: Some(Box::new(person)), ..line(n, 31, "", &[]) }
    };
    rows.extend([person(10, "city", None), person(11, "village", Some(NOW.millis - 1))]);
    let all = figures(&city, &rows, (NOW, Period::Said));
    let figure = |id: &str| all.iter().find(|figure| figure.id == id).unwrap();
    assert_eq!(figure("meetings").n, 3);
    assert_eq!(figure("meetings").parts.iter().map(|(_, n, bar)| (*n, *bar)).collect::<Vec<_>>(), [(1, 50), (2, 100)]);
    assert_eq!(figure("referrals").of, Some((3, "66.7 %".to_owned())));
    assert_eq!(figure("chiefs").n, 1, "a term that is over counts no more");
    assert_eq!(figure("mediations").of, Some((0, "–".to_owned())));
    // NOW is a Thursday.
    let rows: Vec<ListRow> =
        [(1, "2026-10-31"), (2, "2026-11-01"), (3, "2026-11-22"), (4, "2026-11-23"), (5, "2026-11-26")]
            .map(|(n, date)| meeting(n, "held", date, "city"))
            .to_vec();
    let meetings = |period| {
        let all = figures(&city, &rows, (NOW, period));
        all.into_iter().find(|figure| figure.id == "meetings").map(|figure| (figure.n, figure.href))
    };
    let month = |figure: &FigureView| {
        (figure.months.len(), figure.months.last().map(|last| (last.iso.clone(), last.n, last.percent)))
    };
    let all = figures(&city, &rows, (NOW, Period::Week));
    let of = |id: &str| all.iter().find(|figure| figure.id == id).unwrap();
    assert_eq!(
        month(of("meetings")),
        (12, Some(("2026-11".to_owned(), 4, 100))),
        "all of the month, whatever the period"
    );
    assert_eq!((of("meetings").months[10].n, of("meetings").months[0].iso.as_str()), (1, "2025-12"));
    assert_eq!(month(of("chiefs")), (0, None), "how many there are now has no months");
    assert!(months_in_words(&of("meetings").months).ends_with("2026-10: 1; 2026-11: 4"));
    let csv = in_csv(&in_rows(&city, &all, (NOW, Period::Week)));
    assert!(csv.starts_with('\u{feff}') && csv.ends_with("\r\n"));
    assert!(csv.contains(&format!("\"{}\",\"2026-11\",\"\",\"4\",\"\"\r\n", of("meetings").label)), "{csv}");
    let numbers = Period::ALL.map(|period| meetings(period).unwrap());
    assert_eq!(numbers.clone().map(|(n, _)| n), [5, 4, 2]);
    assert!(numbers[2].1.ends_with("period=week") && Period::of_word("week") == Period::Week);
}

#[test]
fn a_plan_tells_which_counties_have_none_of_their_own() {
    let city = city();
    let above = line(1, 60, "issued", &[(30, text(&city.info.division))]);
    let below = line(2, 60, "issued", &[(30, text("620723")), (36, text(&above.record.to_hex()))]);
    let missing = without(kind(&city, "plan"), above.record, &city, &[above.clone(), below.clone()]);
    assert_eq!(missing.len(), counties(&city).count() - 1);
    assert!(without(kind(&city, "plan"), below.record, &city, &[above, below]).is_empty());
}

#[test]
fn lines_are_found_by_their_words_and_states_and_the_newest_is_first() {
    let city = city();
    let site = |n, state, category: &str| line(n, 71, state, &[(34, text(category)), (35, text("王某"))]);
    let rows = [site(1, "candidate", "joint"), site(2, "open", "demo"), line(3, 62, "held", &[])];
    let shown = |filter: Filter| {
        lines(&city, kind(&city, "site"), &rows, &filter, NOW).into_iter().map(|line| line.title).collect::<Vec<_>>()
    };
    assert_eq!(shown(Filter::default()).len(), 2);
    assert_eq!(shown(Filter { state: Some("open".to_owned()), ..Filter::default() }), ["title 2"]);
    assert_eq!(shown(Filter { text: "示范".to_owned(), ..Filter::default() }), ["title 2"]);
    assert_eq!(states(&city, kind(&city, "site"), &rows)[0].2, 1);
    let shelves = shelves(&city, &rows, "volunteer");
    assert_eq!(shelves.iter().flat_map(|shelf| &shelf.cards).count(), 2, "only what there is, for those who keep none");
}

#[test]
fn several_records_are_chosen_by_words_read_back_and_stand_in_a_line_by_their_titles() {
    let city = city();
    let operation = kind(&city, "operation");
    let team = operation.field_named("team").unwrap();
    let all: Vec<(String, String)> = (1..40).map(|n| (RecordId([n; 16]).to_hex(), format!("巡护员 {n}"))).collect();
    assert_eq!(matching(&all, " ", &[]), []);
    assert_eq!(matching(&all, "巡护", &[]).len(), 12);
    assert_eq!(matching(&all, "员 3", &[all[2].0.clone()]).len(), 10, "30 to 39, without the one that is chosen");
    let chosen = vec![all[0].0.clone(), all[8].0.clone()];
    let value = read(&city, team, &chosen, NOW).unwrap().unwrap();
    let person = ListRow { kind: 31, title: Some("马一山".to_owned()), ..row(1) };
    let words = field_words(&city, team, &value, &[person], NOW).unwrap();
    assert!(words.starts_with("马一山") && words.contains('1'), "{words}");
    assert!(read(&city, team, &["x".to_owned()], NOW).is_err());
}

#[test]
fn each_unit_that_helps_has_a_task_with_its_own_deadline_and_the_whole_says_who_is_missing() {
    let city = city();
    let treatment = kind(&city, "treatment");
    let id = |kind: &Kind, name: &str| kind.field_named(name).unwrap().id;
    let units: Vec<String> = city.catalog.departments.iter().take(3).map(|unit| unit.id.clone()).collect();
    let whole = line(1, treatment.id, "open", &[(id(treatment, "coUnits"), LineValue::Texts(units.clone()))]);
    let task = |n: u8, unit: &str, state: &str, about: u8| {
        let values = [(id(kind(&city, "task"), "leadUnit"), LineValue::Text(unit.to_owned()))];
        let due_millis = Some(NOW.millis + i64::from(n));
        ListRow { about: Some(RecordId([about; 16])), due_millis, ..line(n, 20, state, &values) }
    };
    let rows = [
        whole.clone(),
        task(2, &units[0], "accepted", 1),
        task(3, &units[1], "signed", 1),
        task(4, &units[2], "signed", 9),
    ];
    let me = AccountId([9; 16]);
    let found = parts::parts(treatment, &whole, &city, &rows, (me, "desk"));
    let facts: Vec<_> =
        found.iter().map(|part| (part.task.as_ref().map(|task| task.record.0[0]), part.is_missing())).collect();
    assert_eq!(facts, [(Some(2), false), (Some(3), true), (None, true)]);
    assert_eq!(found[1].task.as_ref().and_then(|task| task.due_millis), Some(NOW.millis + 3));
    assert!(found.iter().all(|part| part.name != part.unit), "{found:?}");
    assert_eq!(parts::parts(kind(&city, "meeting"), &whole, &city, &rows, (me, "desk")), []);
    let taken_back = [whole.clone(), task(2, &units[0], "cancelled", 1)];
    assert!(parts::parts(treatment, &whole, &city, &taken_back, (me, "desk")).iter().all(|part| part.task.is_none()));
    for role in ["auditor", "pilot", "liaison"] {
        let none = parts::parts(treatment, &whole, &city, &taken_back, (me, role));
        assert_eq!(none, [], "who sees no task of it is told of none missing: {role}");
    }
}

#[test]
fn the_liaison_of_a_unit_is_told_of_the_own_part_and_of_those_that_are_not_shown() {
    let mut city = city();
    let grant: greenshield_domain::city::Grant = serde_json::from_value(serde_json::json!({
        "actions": ["read"], "relations": ["unit", "assigned"], "kinds": ["task"], "fields": ["*"],
    }))
    .unwrap();
    city.policy.roles.iter_mut().find(|policy| policy.role == "liaison").unwrap().grants.push(grant);
    let treatment = kind(&city, "treatment");
    let id = |kind: &Kind, name: &str| kind.field_named(name).unwrap().id;
    let units: Vec<String> = city.catalog.departments.iter().take(3).map(|unit| unit.id.clone()).collect();
    let whole = line(1, treatment.id, "open", &[(id(treatment, "coUnits"), LineValue::Texts(units.clone()))]);
    let values = [(id(kind(&city, "task"), "leadUnit"), text(&units[0]))];
    let task = |state: &str| ListRow { about: Some(RecordId([1; 16])), ..line(2, 20, state, &values) };
    let me = AccountId([9; 16]);
    let told = |rows: &[ListRow]| -> Vec<(bool, bool, bool)> {
        let found = parts::parts(treatment, &whole, &city, rows, (me, "liaison"));
        found.iter().map(|part| (part.is_known, part.task.is_some(), part.is_missing())).collect()
    };
    assert_eq!(
        told(&[whole.clone(), task("signed")]),
        [(true, true, true), (false, false, false), (false, false, false)]
    );
    assert_eq!(told(&[whole.clone(), task("accepted")])[0], (true, true, false));
    // Of the own unit it is known that nobody gave it a task.
    let unit = Some(units[1].clone());
    let person = Some(Box::new(Person { unit, ..Person::default() }));
    let own = ListRow { kind: 31, record: RecordId(me.0), person, ..row(9) };
    assert_eq!(told(&[whole.clone(), own]), [(false, false, false), (true, false, true), (false, false, false)]);
    assert_eq!(told(std::slice::from_ref(&whole)), [], "nothing to tell");
}
