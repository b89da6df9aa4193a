use super::*;

fn files() -> BTreeMap<String, String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../city/");
    FILES.iter().map(|name| (name.to_string(), std::fs::read_to_string(format!("{folder}{name}")).unwrap())).collect()
}

pub(super) fn city() -> City {
    City::from_files(&files()).unwrap()
}

fn faults_after(file: &str, from: &str, to: &str) -> Vec<String> {
    let mut files = files();
    let text = files.get_mut(file).unwrap();
    assert!(text.contains(from), "{from} is not in {file}");
    *text = text.replacen(from, to, 1);
    City::from_files(&files).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn the_package_of_this_repository_is_sound() {
    let city = City::from_files(&files()).unwrap();
    assert_eq!((city.catalog.categories.len(), city.catalog.groups.len()), (45, 10));
    assert_eq!(city.rule(10, 9), MergeRule::Set);
    assert_eq!(city.rule(10, 60_000), MergeRule::Lww);
    assert_eq!(city.rule(10, crate::policy::ASSIGNED), MergeRule::Set, "several people may be given a record");
    assert_eq!(city.rule(64, crate::policy::HELPERS), MergeRule::Set, "and several units may help with it");
    let mut before = city;
    for kind in before.kinds.iter_mut().filter(|kind| kind.id == crate::task::KIND) {
        kind.fields.retain(|field| field.id < 28);
    }
    assert_eq!(before.rule(20, 29), MergeRule::Set, "in a package from before there are days of review, too");
}

#[test]
fn a_bundle_is_the_same_as_its_files() {
    let bundle: BTreeMap<String, serde_json::Value> =
        files().into_iter().map(|(name, text)| (name, serde_json::from_str(&text).unwrap())).collect();
    let bundle = serde_json::to_string(&bundle).unwrap();
    assert_eq!(City::from_bundle(&bundle), City::from_files(&files()));
    assert_eq!(City::from_checked_bundle(&bundle).ok(), City::from_files(&files()).ok());
    assert!(City::from_bundle("[]").is_err());
}

#[test]
fn a_package_from_before_there_were_retention_classes_and_quizzes_opens_and_has_none() {
    let mut old = files();
    old.remove("retention.json");
    old.remove("quiz.json");
    let city = City::from_files(&old).unwrap();
    assert_eq!((&city.retention, &city.quizzes), (&Retention::default(), &Quizzes::default()));
    let bundle: BTreeMap<String, serde_json::Value> =
        old.into_iter().map(|(name, text)| (name, serde_json::from_str(&text).unwrap())).collect();
    let bundle = serde_json::to_string(&bundle).unwrap();
    assert_eq!(
        (City::from_bundle(&bundle).ok(), City::from_checked_bundle(&bundle).ok()),
        (Some(city.clone()), Some(city))
    );
}

#[test]
fn areas_are_found_by_code_and_by_name() {
    let divisions = City::from_files(&files()).unwrap().divisions;
    let path = |code: &str| divisions.path(code).map(|part| part.name.zh.clone()).collect::<String>();
    let of_length = |digits| divisions.divisions.iter().filter(|known| known.code.len() == digits).count();
    assert_eq!([6, 9, 12].map(of_length), [6, 78, 934]);
    assert_eq!([divisions.inside("620700").count(), divisions.inside("620723").count()], [6, 13]);
    assert!(divisions.inside("620723101").all(|known| known.code.starts_with("620723101")));
    assert_eq!(divisions.inside("620723101001").count(), 0);
    assert_eq!(
        (path("620723101204"), path("620723"), path("620700")),
        ("临泽县沙河镇兰家堡村".into(), "临泽县".into(), String::new())
    );
    assert_eq!(divisions.get("620723000000").map(|known| known.name.zh.as_str()), Some("临泽县"));
    assert_eq!(divisions.code_of("沙河镇"), Some("620723101"));
    assert_eq!(divisions.code_of("临泽县 沙河镇"), Some("620723101"));
    assert_eq!(divisions.code_of("临泽县"), Some("620723"));
    for name in ["兰家堡村", "沙河镇兰家堡村", "临泽县沙河镇 兰家堡村"] {
        assert_eq!(divisions.code_of(name), Some("620723101204"), "{name}");
    }
    assert_eq!(
        divisions.code_of("沙河林场").map(str::len),
        Some(9),
        "the town, and not the village of the same name in it"
    );
    for name in ["东海镇", "河镇兰家堡村", "临泽县兰家堡村", "新民村"] {
        assert_eq!(divisions.code_of(name), None, "{name}");
    }
}

#[test]
fn each_fault_names_its_file_and_path() {
    for (file, from, to, expected) in [
        (
            "divisions.json",
            r#""code": "620702001""#,
            r#""code": "330102001""#,
            "divisions.json: divisions[1].code: 330102001 is no code of an area of 620700",
        ),
        (
            "retention.json",
            r#""states": ["left"]"#,
            r#""states": ["serving", "agreed"]"#,
            "retention.json: classes[3].states: \"agreed\" of application is not ended",
        ),
        (
            "retention.json",
            r#""states": ["left"], "#,
            "",
            "retention.json: classes[3].kinds: some of its records are also of classes[2], applicants",
        ),
        (
            "retention.json",
            r#""kinds": ["sos"]"#,
            r#""kinds": ["person"]"#,
            "retention.json: classes[1].kinds: person is guarded",
        ),
        (
            "retention.json",
            r#""months": 120"#,
            r#""months": 0"#,
            "retention.json: classes[8].months: 0 is not between 1 and 1200",
        ),
        (
            "retention.json",
            r#""forwardReason""#,
            r#""case""#,
            "retention.json: classes[5].held_by: incident has no field \"case\"",
        ),
        ("retention.json", r#""id": 2,"#, r#""id": 1,"#, "retention.json: classes[1].id: 1 is used twice"),
        ("quiz.json", r#""number": 2,"#, r#""number": 1,"#, "quiz.json: quizzes[1].number: 1 is used twice"),
        ("quiz.json", r#""pass": 5"#, r#""pass": 8"#, "quiz.json: quizzes[0].pass: 8 is not between 1 and 7"),
        (
            "quiz.json",
            r#""right": 2"#,
            r#""right": 4"#,
            "quiz.json: quizzes[0].questions[0].right: there is no answer 4; they count from 1",
        ),
        (
            "quiz.json",
            r#""icon": "flame""#,
            r#""icon": "dragon""#,
            "quiz.json: quizzes[0].questions[0].icon: icons.json has no picture \"dragon\"",
        ),
        (
            "quiz.json",
            r#"{"zh": "120", "en": "120"}"#,
            r#"{"zh": "12119", "en": "120"}"#,
            "quiz.json: quizzes[0].questions[1].answers[1]: it says the same as another answer",
        ),
        (
            "quiz.json",
            r#""en": "Fire"}"#,
            r#""en": " "}"#,
            "quiz.json: quizzes[0].title: it needs words in both languages",
        ),
        (
            "kinds.json",
            r#""name": "quizAttempt""#,
            r#""name": "attempt""#,
            "kinds.json: kinds: quizzes need the kind 74 with the name \"quizAttempt\"",
        ),
        (
            "kinds.json",
            r#""id": 57, "name": "passed", "rule": "once""#,
            r#""id": 57, "name": "passed", "rule": "lww""#,
            "kinds.json: kind 74: quizzes need its field 57 with rule Once and type Bool",
        ),
        (
            "city.json",
            r#""from": "2027-03-01""#,
            r#""from": "2028-03-01""#,
            "city.json: bans[0]: fire-2027 ends before",
        ),
        (
            "city.json",
            r#""roles": ["volunteer"]"#,
            r#""roles": ["hiker"]"#,
            "city.json: patrol_presets[0].roles: there is no role",
        ),
        (
            "kinds.json",
            r#""rule": "review""#,
            r#""rule": "newest""#,
            "kinds.json: kinds[0].fields[5].rule: unknown variant",
        ),
        (
            "kinds.json",
            r#"{"id": 2, "name": "place""#,
            r#"{"id": 1, "name": "place""#,
            "kinds.json: kinds[0].fields[2].id: 1 is used twice",
        ),
        ("kinds.json", r#""id": 10,"#, r#""id": 3,"#, "kinds.json: kinds[0].id: 3 is below 10"),
        (
            "kinds.json",
            r#""workflow": "incident""#,
            r#""workflow": "lead""#,
            "kinds.json: kinds[0].workflow: workflows.json has no",
        ),
        ("kinds.json", r#""catalog": "areaMu""#, r#""catalog": "areaHa""#, "has no number in kinds.json"),
        (
            "workflows.json",
            r#""initial": "reported""#,
            r#""initial": "new""#,
            "workflows.json: workflows[0].initial: there is no state",
        ),
        (
            "workflows.json",
            r#""to": "signed""#,
            r#""to": "seen""#,
            "workflows.json: workflows[0].transitions[0]: there is no state \"seen\"",
        ),
        (
            "workflows.json",
            r#""desk""#,
            r#""boss""#,
            "workflows.json: workflows[0].transitions[0].roles: city.json has no role",
        ),
        (
            "catalog.json",
            r#""groupId": "fire""#,
            r#""groupId": "ice""#,
            "catalog.json: categories[0].groupId: there is no group",
        ),
        ("catalog.json", r#""urgency": "critical""#, r#""urgency": "now""#, "there is no urgency \"now\""),
        (
            "policy.json",
            r#""role": "volunteer""#,
            r#""role": "guest""#,
            "policy.json: roles[0].role: city.json has no role",
        ),
        (
            "policy.json",
            r#""role": "auxiliary""#,
            r#""role": "volunteer""#,
            "policy.json: roles[1].role: volunteer is used",
        ),
        ("policy.json", r#""read""#, r#""look""#, "policy.json: roles[0].grants[0].actions[0]: unknown variant"),
        ("policy.json", r#""area""#, r#""village""#, "policy.json: roles[0].grants[1].relations[0]: unknown variant"),
        (
            "policy.json",
            r#""kinds": ["incident"]"#,
            r#""kinds": ["lead"]"#,
            "kinds[0]: kinds.json has no kind \"lead\"",
        ),
        ("policy.json", r#"["ask.plate"]"#, r#"["plate"]"#, "except[0]: none of these kinds has a field \"plate\""),
        ("policy.json", r#""fields": ["*"]"#, r#""fields": ["note"]"#, "actions: an export takes every field"),
        (
            "policy.json",
            r#""liaison", "pilot"]"#,
            r#""pilot", "driver"]"#,
            "people[0].roles[5]: city.json has no role \"driver\"",
        ),
        (
            "kinds.json",
            r#""name": "exactPlace""#,
            r#""name": "somewhere""#,
            "catalog.json: categories[6].guardedPlace: incidents have no field \"exactPlace\" for it",
        ),
        ("policy.json", r#""except""#, r#""excepting""#, "policy.json: roles[0].grants[1].excepting: unknown field"),
        (
            "kinds.json",
            r#""type": "state", "workflow": "referral""#,
            r#""type": "state", "workflow": "paper""#,
            "fields[20].workflow: workflows.json has no workflow \"paper\"",
        ),
        (
            "policy.json",
            r#""except_kinds": ["referral""#,
            r#""except_kinds": ["secret""#,
            "roles[0].grants[0].except_kinds[0]: kinds.json has no kind \"secret\"",
        ),
        (
            "calendar.json",
            r#""from": "2025-01-01""#,
            r#""from": "2024-12-31""#,
            "calendar.json: years[0].holidays[0]: it is not in 2025",
        ),
        (
            "calendar.json",
            r#""until": "2025-02-04""#,
            r#""until": "2025-01-04""#,
            "calendar.json: years[0].holidays[1]: it ends before",
        ),
        ("calendar.json", r#""year": 2026"#, r#""year": 2025"#, "calendar.json: years[1].year: 2025 is used twice"),
        (
            "calendar.json",
            r#""2025-01-26""#,
            r#""2025-02-30""#,
            "calendar.json: years[0].workdays[0]: \"2025-02-30\" is no day",
        ),
        (
            "referrals.json",
            r#""home": "police""#,
            r#""home": "army""#,
            "referrals.json: home: catalog.json has no department \"army\"",
        ),
        (
            "referrals.json",
            r#""prepared", "sent""#,
            r#""drafted", "sent""#,
            "flows[0].states[0]: the workflow referral has no state \"drafted\"",
        ),
        (
            "referrals.json",
            r#""lead-letter""#,
            r#""letter""#,
            "flows[0].papers[0]: papers.json has no paper \"letter\"",
        ),
        ("referrals.json", r#""flow": "case""#, r#""flow": "crime""#, "clocks[0].flow: there is no flow \"crime\""),
        (
            "referrals.json",
            r#""state": "approved""#,
            r#""state": "agreed""#,
            "clocks[1].state: the flow case has no state \"agreed\"",
        ),
        ("referrals.json", r#""by": "hours""#, r#""by": "weeks""#, "referrals.json: clocks[1].by: unknown variant"),
        ("papers.json", "{number}", "{nummer}", "papers.json: papers[0].blocks[0].line.text: there is no gap {nummer}"),
        ("papers.json", "{to}：", "{to：", "papers[0].blocks[1].line.text: there is no gap {}"),
        ("icons.json", r#""garbage-dumping""#, r#""garbage""#, "icons.json: garbage-dumping: the category has no icon"),
    ] {
        let faults = faults_after(file, from, to);
        assert!(faults.iter().any(|fault| fault.contains(expected)), "{expected}\n{faults:#?}");
    }
    let mut files = files();
    files.remove("city.json");
    assert_eq!(City::from_files(&files).unwrap_err()[0].to_string(), "city.json: .: the file is missing");
}

#[test]
fn each_fault_tells_its_code_and_what_it_is_about_besides_the_english_sentence() {
    let wrong = |file: &str, from: &str, to: &str| {
        let mut files = files();
        let text = files.get_mut(file).unwrap();
        assert!(text.contains(from), "{from} is not in {file}");
        *text = text.replacen(from, to, 1);
        let fault = City::from_files(&files).unwrap_err().remove(0);
        let row = crate::wire::CityFaultRow::from(&fault);
        assert_eq!((row.problem, row.code.as_str()), (fault.problem.clone(), fault.wrong.code.word()));
        (row.code, row.thing, row.word, row.numbers)
    };
    let expected = |code: &str, thing: &str, word: &str, numbers: &[i64]| {
        (code.to_owned(), thing.to_owned(), word.to_owned(), numbers.to_vec())
    };
    for (file, from, to, told) in [
        ("catalog.json", r#""groupId": "fire""#, r#""groupId": "ice""#, expected("unknown", "group", "ice", &[])),
        ("kinds.json", r#""rule": "review""#, r#""rule": "newest""#, expected("choice", "", "newest", &[])),
        ("policy.json", r#""except""#, r#""excepting""#, expected("key", "", "excepting", &[])),
        ("city.json", r#""version":"#, r#""versio":"#, expected("missing", "", "version", &[])),
        ("retention.json", r#""months": 120"#, r#""months": 0"#, expected("range", "", "", &[0, 1, 1_200])),
        ("quiz.json", r#""pass": 5"#, r#""pass": 8"#, expected("range", "", "", &[8, 1, 7])),
        ("quiz.json", r#""number": 2,"#, r#""number": 1,"#, expected("twice", "", "1", &[])),
        ("papers.json", "{number}", "{nummer}", expected("unknown", "gap", "nummer", &[])),
        ("icons.json", r#""garbage-dumping""#, r#""garbage""#, expected("icon", "", "garbage-dumping", &[])),
        ("calendar.json", r#""until": "2025-02-04""#, r#""until": "2025-01-04""#, expected("order", "", "", &[])),
    ] {
        assert_eq!(wrong(file, from, to), told, "{file}: {to}");
    }
    let mut files = files();
    files.remove("city.json");
    assert_eq!(City::from_files(&files).unwrap_err()[0].wrong.code, FaultCode::File);
    assert_eq!(City::from_bundle("7").unwrap_err()[0].wrong.code, FaultCode::Shape);
    let mut next = city();
    next.info.version = 1;
    let faults = follows(&city(), 4, &next, "admin");
    assert_eq!((faults[0].wrong.code, faults[0].wrong.numbers.as_slice()), (FaultCode::Version, &[1, 4][..]));
}
