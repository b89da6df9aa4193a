//! A package is read, changed value by value, kept, compared, and seen as people will get it.

use greenshield_domain::city::{FaultCode, Thing};
use greenshield_domain::ids::AccountId;
use serde_json::{Map, Value, json};

use super::super::item::tests::city;
use super::super::settings::Lang;
use super::super::words::speak;
use super::differ::differences;
use super::draft::{Draft, Editing, read};
use super::leaves::{Group, Sort, copy, find, groups, nearest, put_back, remove, set};
use super::preview::{Line, Sheet, Side, category, sheets};
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
fn only_an_administrator_brings_versions() {
    let city = city();
    let who: Vec<&str> =
        city.info.roles.iter().map(|role| role.id.as_str()).filter(|role| may_bring(&city, role)).collect();
    assert_eq!(who, ["admin"]);
}

fn said<'a>(sheet: &'a Sheet, label: &str) -> &'a str {
    sheet.facts.iter().find(|fact| fact.label == label).map_or("", |fact| fact.value.as_str())
}

fn line<'a>(sheet: &'a Sheet, title: &str) -> &'a Line {
    sheet.lines.iter().find(|line| line.title == title).unwrap()
}

fn titled(city: &City, side: Side, title: &str) -> Sheet {
    sheets(city, side).into_iter().find(|sheet| sheet.title == title).unwrap()
}

#[test]
fn a_category_shows_what_its_report_says_first_and_what_it_asks() {
    let city = city();
    let fire = category(&city, "forest-grassland-fire").unwrap();
    assert_eq!((fire.title.as_str(), said(&fire, t("filter.urgency"))), ("森林草原火情", "特急"));
    assert!(said(&fire, t("package.safety")).starts_with("先打电话"));
    assert_eq!(said(&fire, t("package.call")), "119 火警、12119 森林草原火警、110 公安报警");
    assert_eq!(said(&fire, t("package.department")), "林业和草原局");
    assert_eq!(said(&fire, t("package.helpers")), "公安局、应急管理局、消防救援机构");
    assert_eq!(said(&fire, t("package.guarded")), t("answer.no"));
    let asked: Vec<&str> = fire.lines.iter().map(|line| line.title.as_str()).collect();
    let core = ["火有多大", "风大不大", "有人或房子有危险吗"];
    assert_eq!(asked, [&core[..], &["烟的颜色", "烧的什么", "火在哪个方向"]].concat(), "the folded ones come last");
    let wind = line(&fire, "风大不大");
    assert_eq!(wind.options, ["没风", "小风", "大风"]);
    assert_eq!(wind.notes, [format!("{} · {}", t("package.sort_one"), t("package.asked_first"))]);
    let bearing = &line(&fire, "火在哪个方向").notes[0];
    assert!(bearing.contains("° · ") && bearing.contains(t("report.more")), "{bearing}");
    let den = category(&city, "poaching").unwrap();
    assert_eq!(said(&den, t("package.guarded")), t("report.place_guarded"));
    let dumping = category(&city, "garbage-dumping").unwrap();
    let river = tr("package.rerouted", &[("question", "倒在哪里"), ("answer", "河道")]);
    assert_eq!((said(&dumping, &river), said(&dumping, t("package.department"))), ("水务局", "生态环境局"));
    assert_eq!((category(&city, "nowhere"), sheets(&city, Side::Categories)), (None, vec![]));
    for known in &city.catalog.categories {
        assert_eq!(category(&city, &known.id).map(|sheet| sheet.lines.len()), Some(known.fields.len()), "{}", known.id);
    }
}

#[test]
fn a_register_shows_its_columns_its_form_and_who_keeps_it() {
    let city = city();
    let kept: Vec<&str> =
        city.kinds.iter().filter(|kind| kind.register.is_some()).map(|kind| kind.label.zh.as_str()).collect();
    let shown = sheets(&city, Side::Registers);
    assert_eq!(shown.iter().map(|sheet| sheet.title.as_str()).collect::<Vec<_>>(), kept);
    let meeting = titled(&city, Side::Registers, "联席会议");
    assert_eq!(said(&meeting, t("package.register_group")), "五联");
    let columns = said(&meeting, t("package.register_columns"));
    assert_eq!(columns, "名称、层级、县区、会议日期、召集单位、参会人数、状态");
    assert_eq!(said(&meeting, t("package.register_keepers")), "站长、值班员、市局指挥台、民警");
    let fields: Vec<&str> = meeting.lines.iter().map(|line| line.title.as_str()).collect();
    assert_eq!((fields[0], fields.last().copied()), ("名称", Some("说明")), "in the order of the form");
    assert!(!fields.contains(&"签到") && !fields.contains(&"状态"), "{fields:?}");
    let note = |title: &str| line(&meeting, title).notes.concat();
    assert_eq!(note("会议日期"), format!("{}{}", t("package.sort_day"), t("register.needed")));
    assert_eq!([note("参加单位"), note("议定事项")], [t("package.sort_several"), t("package.sort_long")]);
    assert!(line(&meeting, "县区").options.contains(&"临泽县".to_owned()));
    let plan = titled(&city, Side::Registers, "方案");
    assert_eq!(line(&plan, "根据哪个方案").options, ["方案"], "a link says to what");
}

#[test]
fn steps_show_from_where_to_where_by_whom_and_what_they_need() {
    let city = city();
    let report = titled(&city, Side::Steps, "线索、短信上报");
    assert!(said(&report, t("package.states_open")).starts_with("待签收、已签收"));
    assert!(said(&report, t("package.states_closed")).starts_with("已办结、"));
    let close = line(&report, "办结").notes.join("\n");
    assert!(close.contains(" → 已办结\n") && close.contains("值班员、市局指挥台、站长、民警"), "{close}");
    assert!(close.ends_with(&tr("package.step_needs", &[("fields", "答复")])), "{close}");
    let treatment = titled(&city, Side::Steps, "问题联治");
    let other = |title: &str| line(&treatment, title).notes.iter().any(|note| note == t("register.other_hand"));
    assert!(other("确认") && !other("治理好了"));
    assert_eq!(sheets(&city, Side::Steps).len(), city.workflows.len());
}

#[test]
fn rights_are_told_by_role_in_words_of_the_package() {
    let mut city = city();
    let all = sheets(&city, Side::Rights);
    assert_eq!(all.len(), city.info.roles.len());
    let notes = || all.iter().flat_map(|sheet| &sheet.lines).flat_map(|line| &line.notes);
    let is_raw = |note: &&String| note.contains(|c: char| c.is_ascii_lowercase() || c == '*');
    assert_eq!(notes().find(is_raw), None, "kinds, fields, roles and relations have words");
    let volunteer = titled(&city, Side::Rights, "生态义警");
    let guarded = |note: &String| note.contains(t("package.relation_area")) && note.contains("准确位置");
    assert!(line(&volunteer, t("package.may_read")).notes.iter().any(guarded), "{volunteer:?}");
    let written = &line(&volunteer, t("package.may_write")).notes;
    assert!(written.contains(&format!("人员 · {} · 电话", t("package.relation_own"))), "{written:?}");
    let admin = titled(&city, Side::Rights, "管理员");
    assert_eq!(line(&admin, t("package.may_package")).notes, [t("package.may_whole")]);
    assert!(line(&admin, t("package.may_people")).notes[0].starts_with("生态义警、"));
    city.policy.roles.retain(|policy| policy.role != "volunteer");
    let nothing = titled(&city, Side::Rights, "生态义警");
    assert_eq!((nothing.lines.len(), nothing.lines[0].title.as_str()), (1, t("package.may_nothing")));
}

#[test]
fn a_draft_is_seen_as_it_is_in_the_language_that_is_shown() {
    let mut city = city();
    let hotspot = city.workflows.iter_mut().find(|workflow| workflow.id == "hotspot").unwrap();
    hotspot.transitions[0].label.en = "Send a patrol".to_owned();
    hotspot.transitions[0].to = "nowhere".to_owned();
    hotspot.transitions[0].needs = vec!["missing".to_owned()];
    speak(Lang::English);
    let seen = titled(&city, Side::Steps, &city.kind_named("hotspot").unwrap().label.en);
    let notes = line(&seen, "Send a patrol").notes.join("\n");
    let words = (Side::Rights.words(), t("package.preview_rights"));
    speak(Lang::Chinese);
    assert!(notes.contains(" → nowhere") && notes.contains("missing"), "{notes}");
    assert_eq!(words.0, words.1);
    assert_ne!(Side::Rights.words(), words.0);
}
