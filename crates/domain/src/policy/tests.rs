use std::collections::BTreeMap;

use super::*;
use crate::city::{City, FILES};
use crate::ids::{LogId, RecordId};
use crate::merge::RecordOp;
use crate::op::Act;

fn city() -> City {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../city/");
    let read = |name: &&str| ((*name).to_owned(), std::fs::read_to_string(format!("{folder}{name}")).unwrap());
    City::from_files(&FILES.iter().map(read).collect::<BTreeMap<_, _>>()).unwrap()
}

fn standing(role: &str, areas: &[&str]) -> Standing {
    let areas = areas.iter().map(|code| (*code).to_owned()).collect();
    let seat = Seat { areas, unit: None };
    Standing { account: AccountId([1; 16]), role: role.to_owned(), seat, revoked: false }
}

fn record(owner: u8, area: &str) -> Facts {
    let home = Seat { areas: vec![area.to_owned()], unit: None };
    let (assigned, helpers) = (Vec::new(), Vec::new());
    Facts { kind: 10, owner: AccountId([owner; 16]), home, area: None, unit: None, assigned, helpers }
}

fn header(kind: u32) -> Header {
    Header {
        log: LogId([0; 32]),
        seq: 1,
        prev: None,
        wall_millis: 0,
        boot: [0; 8],
        mono_millis: 0,
        seen: crate::ids::CheckpointId::NONE,
        record: RecordId([9; 16]),
        kind,
        deps: Vec::new(),
        root: [0; 32],
        leaf_count: 1,
    }
}

fn note(field: u32) -> [Entry; 1] {
    [Entry::set(field, crate::cbor::Value::text("x"))]
}

#[test]
fn a_revoked_person_reads_nothing_and_what_arrives_is_kept_and_held() {
    let rules = Rules::of(&city());
    let active = standing("volunteer", &[]);
    let revoked = Standing { revoked: true, ..active.clone() };
    let may = |who: &Standing, action| authorize(&rules, who, action, Target::Door);
    assert!(may(&active, Action::Read) && may(&active, Action::Upload));
    assert!(!may(&revoked, Action::Read) && may(&revoked, Action::Upload));
    let facts = record(1, "620723");
    assert_eq!(verdict(&rules, &active, &facts, &header(10), &note(6)), Verdict::Ok);
    assert_eq!(verdict(&rules, &revoked, &facts, &header(10), &note(6)), Verdict::Held(REVOKED.to_owned()));
    assert_ne!(scope_hash(&rules, &active), scope_hash(&rules, &revoked));
}

#[test]
fn an_area_opens_what_lies_in_it_and_what_is_ones_own_and_nothing_else() {
    let rules = Rules::of(&city());
    let village = standing("volunteer", &["620723101001"]);
    let reads = |who: &Standing, facts: &Facts| authorize(&rules, who, Action::Read, Target::Record(facts));
    assert!(reads(&village, &record(2, "620723101001")));
    assert!(!reads(&village, &record(2, "620723101002")) && !reads(&village, &record(2, "620723")));
    assert!(reads(&village, &record(1, "620724")), "what a person made stays that person's to read");
    assert!(reads(&standing("volunteer", &[]), &record(2, "620724")), "no area is the whole city");
    let moved = Facts { area: Some("620723101001".to_owned()), ..record(2, "620724") };
    assert!(reads(&village, &moved));
    assert_ne!(scope_hash(&rules, &village), scope_hash(&rules, &standing("volunteer", &[])));
}

#[test]
fn one_field_that_its_author_may_not_write_holds_the_whole_op() {
    let rules = Rules::of(&city());
    let held = Verdict::Held(FORBIDDEN.to_owned());
    let (mine, foreign) = (record(1, "620723"), record(2, "620724"));
    let volunteer = standing("volunteer", &["620723"]);
    let of = |who: &Standing, facts: &Facts, field| verdict(&rules, who, facts, &header(10), &note(field));
    assert_eq!(of(&volunteer, &mine, 6), Verdict::Ok);
    assert_eq!(of(&volunteer, &foreign, 6), held);
    assert_eq!(of(&volunteer, &mine, UNIT), held, "fields of the protocol are only for those who are named");
    assert_eq!(of(&volunteer, &mine, FIRST_PROTOCOL_FIELD), held, "nobody is named for the fields of decisions");
    assert_eq!(of(&standing("desk", &[]), &mine, UNIT), Verdict::Ok);
    assert_eq!(of(&standing("nobody", &[]), &mine, 6), held, "a role that is not known may do nothing");
    assert_eq!(verdict(&rules, &volunteer, &foreign, &header(1), &note(UNIT)), Verdict::Ok, "only the city's kinds");
}

#[test]
fn hidden_fields_are_hidden_and_a_record_with_hidden_fields_is_not_exported() {
    let rules = Rules::of(&city());
    let kind = city().kind(10).unwrap().clone();
    let plate = kind.fields.iter().find(|field| field.name == "ask.plate").unwrap().id;
    let facts = Facts { unit: Some("water".to_owned()), ..record(2, "620723") };
    let mut liaison = standing("liaison", &[]);
    liaison.seat.unit = Some("water".to_owned());
    let reads = |field| authorize(&rules, &liaison, Action::Read, Target::Field(&facts, field));
    assert!(reads(6) && reads(UNIT) && !reads(plate));
    assert!(!authorize(&rules, &liaison, Action::Export, Target::Record(&facts)));
    assert!(authorize(&rules, &standing("desk", &[]), Action::Export, Target::Record(&facts)));
    liaison.seat.unit = Some("forest".to_owned());
    assert!(!authorize(&rules, &liaison, Action::Read, Target::Record(&facts)));
}

#[test]
fn a_referral_is_for_desks_and_for_the_units_that_it_is_between() {
    let rules = Rules::of(&city());
    let with = |kind: u32, unit: Option<&str>| Facts { kind, unit: unit.map(str::to_owned), ..record(2, "620723") };
    let may = |who: &Standing, action, facts: &Facts| authorize(&rules, who, action, Target::Record(facts));
    let paper = with(crate::referral::KIND, Some("water"));
    for (role, reads) in
        [("volunteer", false), ("auxiliary", false), ("pilot", false), ("officer", true), ("desk", true)]
    {
        assert_eq!(may(&standing(role, &[]), Action::Read, &paper), reads, "{role}");
    }
    assert!(!may(&standing("officer", &[]), Action::Write, &paper), "an officer looks on");
    assert!(
        may(&standing("volunteer", &[]), Action::Read, &with(10, Some("water"))),
        "the report itself stays visible"
    );
    let mut liaison = standing("liaison", &[]);
    liaison.seat.unit = Some("water".to_owned());
    assert!(may(&liaison, Action::Write, &paper));
    liaison.seat.unit = Some("forestry-grassland".to_owned());
    assert!(!may(&liaison, Action::Read, &paper));
    let own = Facts { owner: liaison.account, ..paper };
    let makes = |field| verdict(&rules, &liaison, &own, &header(crate::referral::KIND), &note(field)) == Verdict::Ok;
    assert!(makes(6) && makes(UNIT), "who makes one says for whom it is");
    assert!(!makes(ASSIGNED));
}

#[test]
fn a_unit_that_helps_sees_the_record_adds_to_it_and_closes_nothing() {
    let rules = Rules::of(&city());
    let helps = |n: u8, act, unit: &str| {
        RecordOp::said(n, 1, vec![Entry { field: HELPERS, act, value: crate::cbor::Value::text(unit) }])
    };
    let mut ops = vec![helps(1, Act::Add, "police"), helps(2, Act::Add, "water")];
    let treatment = |ops: &[RecordOp]| {
        let lead = Facts { kind: 64, unit: Some("eco-env".to_owned()), ..record(2, "620723") };
        // Which unit leads is said by an op, too, and here by none.
        Facts { unit: lead.unit.clone(), ..lead.said_by(ops) }
    };
    let mut liaison = standing("liaison", &[]);
    let reads = |who: &Standing, facts: &Facts| authorize(&rules, who, Action::Read, Target::Record(facts));
    let facts = treatment(&ops);
    assert_eq!(facts.helpers, ["water", "police"]);
    assert!(!reads(&liaison, &facts), "somebody without a unit helps nowhere");
    liaison.seat.unit = Some("water".to_owned());
    assert!(reads(&liaison, &facts) && !authorize(&rules, &liaison, Action::Export, Target::Record(&facts)));
    let says = |who: &Standing, field| verdict(&rules, who, &facts, &header(64), &note(field)) == Verdict::Ok;
    assert!(says(&liaison, 9) && says(&liaison, 45), "photos and documents");
    assert!([6, 7, 8, 37, UNIT, HELPERS].iter().all(|field| !says(&liaison, *field)));
    assert!(!reads(&liaison, &Facts { kind: 65, ..facts.clone() }), "what is no business of liaisons stays so");
    assert!(says(&standing("desk", &[]), HELPERS) && !says(&standing("volunteer", &[]), HELPERS));
    ops.push(helps(3, Act::Remove, "water"));
    assert!(!reads(&liaison, &treatment(&ops)), "whoever helps no more");
    liaison.seat.unit = Some("wetland".to_owned());
    assert!(!reads(&liaison, &facts));
    let leader = Standing { seat: Seat { unit: facts.unit.clone(), ..Seat::default() }, ..liaison };
    assert!(says(&leader, 7) && says(&leader, 37));
}

#[test]
fn a_chief_enrols_lower_roles_of_the_own_area_only() {
    let rules = Rules::of(&city());
    let chief = standing("chief", &["620723"]);
    let seat = |areas: &[&str]| Seat { areas: areas.iter().map(|code| (*code).to_owned()).collect(), unit: None };
    let may = |who: &Standing, role, seat: &Seat| {
        authorize(&rules, who, Action::People, Target::Person(Person { account: None, role, seat }))
    };
    assert!(may(&chief, "volunteer", &seat(&["620723101001", "620723102"])));
    assert!(!may(&chief, "volunteer", &seat(&["620723101001", "620724"])), "every area must be the chief's");
    assert!(!may(&chief, "volunteer", &seat(&[])), "nor the whole city");
    assert!(!may(&chief, "chief", &seat(&["620723"])) && !may(&chief, "admin", &seat(&["620723"])));
    assert!(!may(&standing("volunteer", &[]), "volunteer", &seat(&[])));
    assert!(may(&standing("admin", &[]), "admin", &seat(&[])));
}

#[test]
fn judging_is_for_desks_and_chiefs() {
    let rules = Rules::of(&city());
    for (role, may) in [("volunteer", false), ("auxiliary", false), ("officer", false), ("desk", true), ("chief", true)]
    {
        let who = standing(role, &[]);
        assert_eq!(authorize(&rules, &who, Action::Judge, Target::Door), may, "{role}");
        assert!(!authorize(&rules, &Standing { revoked: true, ..who }, Action::Judge, Target::Door));
    }
}

#[test]
fn erasing_is_for_chiefs_the_desk_of_the_city_and_administrators() {
    let rules = Rules::of(&city());
    let roles = [("volunteer", false), ("officer", false), ("desk", false), ("auditor", false)];
    for (role, may) in roles.into_iter().chain([("chief", true), ("city-desk", true), ("admin", true)]) {
        assert_eq!(authorize(&rules, &standing(role, &[]), Action::Erase, Target::Door), may, "{role}");
    }
}

#[test]
fn a_record_is_given_whole_when_it_comes_and_told_when_it_leaves() {
    let rules = Rules::of(&city());
    let who = standing("volunteer", &["620723"]);
    let (inside, outside) = (record(2, "620723"), record(2, "620724"));
    let at = |history: &[(u64, Facts)], after, upto| passing(&rules, &who, history, after, upto);
    assert_eq!(at(&[(3, inside.clone())], 0, 5), Passing::Ops, "a new record has all its ops in the stretch");
    assert_eq!(at(&[(3, inside.clone())], 4, 9), Passing::Ops);
    assert_eq!(at(&[(3, outside.clone())], 0, 5), Passing::Nothing);
    assert_eq!(at(&[(3, inside.clone())], 0, 2), Passing::Nothing);
    let came = [(3, outside.clone()), (7, inside.clone())];
    assert_eq!((at(&came, 4, 6), at(&came, 6, 8), at(&came, 0, 8)), (Passing::Nothing, Passing::Whole, Passing::Ops));
    let left = [(3, inside.clone()), (7, outside.clone())];
    assert_eq!((at(&left, 0, 5), at(&left, 5, 9)), (Passing::Nothing, Passing::Left), "nothing is given any more");
    assert_eq!(at(&left, 8, 9), Passing::Nothing, "it is told once");
    let back = [(3, inside.clone()), (7, outside.clone()), (9, inside)];
    assert_eq!((at(&back, 2, 5), at(&back, 5, 8), at(&back, 8, 9)), (Passing::Ops, Passing::Left, Passing::Whole));
    assert_eq!(at(&back, 5, 9), Passing::Whole, "what came while it was away is not left out");
    let never = [(3, outside), (7, record(2, "620725"))];
    assert_eq!(at(&never, 5, 9), Passing::Nothing, "nobody is told of what they never saw");
}
