//! A package is read, changed value by value, kept, and compared.

use greenshield_domain::city::{FaultCode, Thing};
use greenshield_domain::ids::AccountId;
use serde_json::{Map, Value, json};

use super::super::item::tests::city;
use super::differ::differences;
use super::draft::{Draft, Editing, read};
use super::leaves::{Group, Sort, copy, find, groups, nearest, put_back, remove, set};
use super::*;

const NOW: Now = Now { millis: 1_795_424_400_000, zone_minutes: 0 };

fn part() -> Value {
    json!({
        "zone_minutes": 480,
        "bands": [[1, 2], [3, 4]],
        "categories": [
            { "id": "fire", "name": { "zh": "火情", "en": "Fire" }, "hot": true, "aliases": ["着火", "冒烟"],
              "fields": [{ "id": "size", "label": { "zh": "多大", "en": "Size" }, "options": [] }] },
            { "id": "waste", "name": { "zh": "垃圾", "en": "Waste" }, "hot": false, "aliases": [], "since": "2026-12-01" },
        ],
    })
}

fn paths(groups: &[Group]) -> Vec<String> {
    groups.iter().flat_map(|group| &group.leaves).map(|leaf| leaf.place.words()).collect()
}

fn group<'a>(groups: &'a [Group], words: &str) -> &'a Group {
    groups.iter().find(|group| group.place.words() == words).unwrap()
}

#[test]
fn every_value_has_a_line_in_the_group_of_its_item_with_the_path_that_faults_name() {
    let groups = groups(&part());
    let abouts: Vec<(String, &str)> = groups.iter().map(|group| (group.place.words(), group.about.as_str())).collect();
    assert_eq!(
        abouts,
        [
            (String::new(), ""),
            ("categories[0]".to_owned(), "火情"),
            ("categories[0].fields[0]".to_owned(), "火情 › 多大"),
            ("categories[1]".to_owned(), "垃圾"),
        ]
    );
    assert_eq!(paths(&groups[..1]), ["bands[0][0]", "bands[0][1]", "bands[1][0]", "bands[1][1]", "zone_minutes"]);
    let fire = group(&groups, "categories[0]");
    let lines: Vec<_> = fire.leaves.iter().map(|leaf| (leaf.words.as_str(), leaf.value.as_str(), leaf.sort)).collect();
    assert_eq!(
        lines,
        [
            ("aliases[0]", "着火", Sort::Text),
            ("aliases[1]", "冒烟", Sort::Text),
            ("hot", "true", Sort::Flag),
            ("id", "fire", Sort::Text),
            ("name.en", "Fire", Sort::Text),
            ("name.zh", "火情", Sort::Text),
        ]
    );
    let waste = group(&groups, "categories[1]");
    let sort = |words: &str| waste.leaves.iter().find(|leaf| leaf.words == words).unwrap().sort;
    assert_eq!([sort("since"), sort("aliases")], [Sort::Day, Sort::Empty]);
}

#[test]
fn a_word_a_path_and_a_name_find_their_lines_and_a_fault_the_nearest_one_that_is_there() {
    let all = groups(&part());
    assert_eq!(paths(&find(all.clone(), "冒烟")), ["categories[0].aliases[1]"]);
    assert_eq!(paths(&find(all.clone(), "categories[1].name")), ["categories[1].name.en", "categories[1].name.zh"]);
    assert_eq!(find(all.clone(), " WASTE ").len(), 1);
    assert_eq!(paths(&find(all.clone(), "多大")).len(), 4, "all of an item that is called so");
    assert_eq!(find(all.clone(), "nowhere"), []);
    assert_eq!(nearest(&all, "categories[0].fields[0].ty"), "categories[0].fields[0]");
    assert_eq!(nearest(&all, "categories[1].groupId"), "categories[1]");
    assert_eq!(nearest(&all, "elsewhere[3].x"), "");
}

#[test]
fn what_is_typed_is_taken_over_only_if_it_is_of_its_sort() {
    let mut part = part();
    let all = groups(&part);
    let place = |words: &str| {
        let mut leaves = all.iter().flat_map(|group| &group.leaves);
        leaves.find(|leaf| leaf.place.words() == words).unwrap().place.clone()
    };
    assert!(set(&mut part, &place("zone_minutes"), " 540 "));
    assert!(set(&mut part, &place("categories[0].hot"), "false"));
    assert!(set(&mut part, &place("categories[0].name.zh"), "山火"));
    let before = part.clone();
    assert!(!set(&mut part, &place("zone_minutes"), "nine"));
    assert!(!set(&mut part, &place("zone_minutes"), "\"9\""));
    assert!(!set(&mut part, &place("categories[1].aliases"), "x"));
    assert_eq!(part, before);
    assert_eq!((&part["zone_minutes"], &part["categories"][0]["name"]["zh"]), (&json!(540), &json!("山火")));
    assert_eq!(part["categories"][0]["hot"], json!(false));
}

#[test]
fn an_item_is_added_as_a_copy_with_a_word_or_number_of_its_own_and_one_that_was_removed_comes_back() {
    let mut part =
        json!({ "kinds": [{ "id": 10 }, { "id": 64 }], "words": [{ "id": "a" }, { "id": "a-2" }], "days": ["x"] });
    let all = groups(&part);
    let item = |words: &str| group(&all, words).place.clone();
    assert_eq!(copy(&mut part, &item("kinds[0]")).unwrap().words(), "kinds[1]");
    assert_eq!(part["kinds"], json!([{ "id": 10 }, { "id": 65 }, { "id": 64 }]));
    copy(&mut part, &item("words[0]")).unwrap();
    assert_eq!(part["words"][1]["id"], "a-3");
    let day = group(&all, "").leaves[0].place.clone();
    assert_eq!(copy(&mut part, &day).unwrap().words(), "days[1]");
    let before = part.clone();
    let gone = remove(&mut part, &item("kinds[1]")).unwrap();
    assert_eq!(part["kinds"].as_array().unwrap().len(), 2);
    put_back(&mut part, &item("kinds[1]"), gone);
    assert_eq!(part, before);
    assert_eq!(remove(&mut part, &Default::default()), None);
}

fn whole(part: Value) -> Map<String, Value> {
    json!({ "city.json": { "version": 4, "id": "x" }, "catalog.json": part }).as_object().unwrap().clone()
}

#[test]
fn differences_follow_an_item_by_its_word_wherever_it_stands() {
    let before = whole(part());
    let mut after = before.clone();
    let list = after["catalog.json"]["categories"].as_array_mut().unwrap();
    list[1]["name"]["zh"] = json!("乱堆垃圾");
    list.insert(0, json!({ "id": "ice", "name": { "zh": "冰面", "en": "Ice" } }));
    list.remove(1);
    let told: Vec<_> = differences(&before, &after).iter().map(DifferenceView::of).collect();
    let lines: Vec<_> =
        told.iter().map(|one| (one.about.as_str(), one.before.as_deref(), one.after.as_deref())).collect();
    assert_eq!(
        lines,
        [("冰面", None, Some("冰面")), ("乱堆垃圾", Some("垃圾"), Some("乱堆垃圾")), ("火情", Some("火情"), None)]
    );
    assert!(told[1].place.ends_with("categories[1].name.zh"), "{}", told[1].place);
    assert_eq!(differences(&before, &before), []);
}

#[test]
fn a_change_gets_the_next_number_is_kept_part_by_part_and_goes_on_after_a_reload() {
    let base = whole(part());
    let mut editing = Editing::begin(base.clone(), 4, 6);
    assert_eq!((editing.version(), editing.changes()), (7, vec![]), "a number alone is no change");
    editing.now["catalog.json"]["zone_minutes"] = json!(540);
    assert_eq!(editing.changes().len(), 1);
    let kept = Draft::decode(&editing.draft().encode()).unwrap();
    assert_eq!(kept.parts.keys().collect::<Vec<_>>(), ["catalog.json", "city.json"]);
    assert_eq!(Editing::resume(base, kept, 6), editing);
    assert_eq!(read(&editing.text()).unwrap(), editing.now);
    assert_eq!((read("[]"), read("{\"kinds.json\": {}}"), Draft::decode(b"x")), (None, None, None));
    let mut file = whole(part());
    file["city.json"]["version"] = json!(30);
    editing.import(file.clone(), 6);
    assert_eq!((editing.version(), &editing.now), (30, &file), "a file keeps a number that is high enough");
}

#[test]
fn a_draft_goes_behind_a_newer_version_with_the_parts_that_the_other_one_left_alone() {
    let began = whole(part());
    let mut editing = Editing::begin(began.clone(), 4, 4);
    editing.now["catalog.json"]["zone_minutes"] = json!(540);
    editing.now.insert("quiz.json".to_owned(), json!({ "quizzes": [] }));
    let mut newest = began.clone();
    newest["city.json"]["version"] = json!(5);
    newest["catalog.json"]["categories"][0]["name"]["zh"] = json!("山火");
    let (draft, left) = editing.draft().behind(&began, &newest, 5);
    assert_eq!((draft.after, left), (5, vec!["catalog.json".to_owned()]));
    let resumed = Editing::resume(newest.clone(), draft, 5);
    assert_eq!((resumed.version(), &resumed.now["catalog.json"]), (6, &newest["catalog.json"]));
    assert!(resumed.now.contains_key("quiz.json"));
}

fn row(version: u32, state: CityVersionState) -> CityVersionRow {
    CityVersionRow {
        version,
        source: CitySource::Kept,
        state,
        sha256: "00".repeat(32),
        size_bytes: 300_000,
        from_millis: Some(0),
        kept_millis: Some(0),
        by: Some(AccountId([1; 16])),
        name: "管理员".to_owned(),
        note: "新假期".to_owned(),
        withdrawn_millis: None,
    }
}

#[test]
fn a_version_says_from_when_on_the_clock_of_the_city_it_holds_and_who_brought_it() {
    let view = VersionView::of(&row(7, CityVersionState::Coming), 480, NOW);
    assert!(view.title.contains('7') && view.is_coming && view.facts.contains("1970-01-01 08:00"), "{}", view.facts);
    assert!(view.facts.contains("管理员") && view.facts.contains("293"), "{}", view.facts);
    let list = CityVersionsResponse {
        versions: vec![
            row(9, CityVersionState::Withdrawn),
            row(8, CityVersionState::Coming),
            row(7, CityVersionState::Holds),
            row(6, CityVersionState::Over),
        ],
        zone_minutes: 480,
        time_millis: 0,
    };
    assert_eq!((newest(&list).map(|row| row.version), highest(&list)), (Some(8), 9));
}

#[test]
fn a_fault_is_told_in_words_with_its_place_and_what_the_check_said() {
    let row = |path: &str, code: &str| CityFaultRow {
        file: "catalog.json".into(),
        path: path.into(),
        problem: "there is no group \"ships\"".into(),
        code: code.into(),
        thing: String::new(),
        word: "ships".into(),
        numbers: vec![8, 1, 7],
    };
    let unknown = CityFaultRow { thing: "group".into(), ..row("categories[3].groupId", "unknown") };
    let view = FaultView::of(&unknown);
    assert_eq!(view.words, tr("package.fault_unknown", &[("word", "ships"), ("thing", t("package.thing_group"))]));
    assert!(view.place.contains("categories[3].groupId") && view.said.contains("ships"));
    assert_eq!(view.path, "categories[3].groupId");
    let range = FaultView::of(&row("pass", "range")).words;
    assert!(["8", "1", "7"].iter().all(|number| range.contains(number)), "{range}");
    // Of a newer or an older server, there is its English sentence at least.
    for code in ["", "tomorrow"] {
        let view = FaultView::of(&row(".", code));
        assert_eq!((view.words.as_str(), view.path.as_str()), (t("package.fault"), ""));
        assert!(view.said.contains("ships"));
    }
    let change = CityChangeRow { file: "quiz.json".into(), path: "quiz 1".into(), became: Became::Gone, breaks: true };
    assert!(change_words(&change).contains("quiz 1"));
}

#[test]
fn every_sort_of_fault_and_every_thing_has_words() {
    for code in FaultCode::ALL {
        assert!(FAULTS.iter().any(|(known, _)| *known == code.word()), "{code:?}");
    }
    for thing in Thing::ALL {
        assert!(THINGS.iter().any(|(known, _)| *known == thing.word()), "{thing:?}");
    }
    assert_eq!((FAULTS.len(), THINGS.len()), (FaultCode::ALL.len(), Thing::ALL.len()));
}

#[test]
fn the_questions_of_a_category_and_who_brings_versions() {
    let city = city();
    let category = city.catalog.categories.iter().find(|category| !category.fields.is_empty()).unwrap();
    assert_eq!(questions(&city, &category.id).len(), category.fields.len());
    assert_eq!(questions(&city, "nowhere"), []);
    let who: Vec<&str> =
        city.info.roles.iter().map(|role| role.id.as_str()).filter(|role| may_bring(&city, role)).collect();
    assert_eq!(who, ["admin"]);
}
