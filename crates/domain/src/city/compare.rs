//! What is different between two packages, and what of it would make records that are there already unreadable.
//!
//! Owns: the rule that a number or word that was ever written keeps its meaning. Refuses: to judge texts, order and colours;
//! they may change at any time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{City, CityFault, FILES, FaultCode, Kind, Quiz, Wrong};
use crate::register::FIRST_KIND;
use crate::{incident, land, patrol, person, sms, task};

/// What became of a part of a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Became {
    /// It is new.
    Added,
    /// It is not there any more.
    Gone,
    /// It means something else.
    Other,
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The file, e.g. `kinds.json`.
    pub file: &'static str,
    /// What it is about, by words: `plan.title`, `illegal-fishing`.
    pub path: String,
    /// What became of it.
    pub became: Became,
    /// Whether records of before may not read or not show any more.
    pub breaks: bool,
}

/// The words of one sort in a package, each with what has to stay as it is.
type Words = BTreeMap<String, String>;
/// Finds the words of one sort.
type WordsOf = fn(&City) -> Words;

/// All differences, file by file. What came is never a break; what went, or means something else, is.
#[must_use]
pub fn compare(old: &City, new: &City) -> Vec<Change> {
    let mut changes = Vec::new();
    for (file, words) in SORTS {
        let (before, after) = (words(old), words(new));
        for (path, meaning) in &before {
            let became = match after.get(path) {
                None => Became::Gone,
                Some(now) if now != meaning => Became::Other,
                Some(_) => continue,
            };
            changes.push(Change { file, path: path.clone(), became, breaks: true });
        }
        let added = after.into_keys().filter(|path| !before.contains_key(path));
        changes.extend(added.map(|path| Change { file, path, became: Became::Added, breaks: false }));
    }
    changes.extend(quizzes_that_changed(old, new));
    changes
}

/// Quizzes whose answers mean something else although the version is the same: what was kept of them would read wrong.
fn quizzes_that_changed(old: &City, new: &City) -> Vec<Change> {
    let keys = |quiz: &Quiz| quiz.questions.iter().map(|q| (q.answers.len(), q.right)).collect::<Vec<_>>();
    let is_other = |quiz: &&Quiz| {
        let now = new.quizzes.get(quiz.number);
        now.is_some_and(|now| now.version == quiz.version && keys(now) != keys(quiz))
    };
    let other = |quiz: &Quiz| {
        let path = format!("quiz {} version {}", quiz.number, quiz.version);
        Change { file: FILES[12], path, became: Became::Other, breaks: true }
    };
    old.quizzes.quizzes.iter().filter(is_other).map(other).collect()
}

/// Kind and number of the fields that came when packages were out already: without them the programs do without.
const LATER: [(u32, u32); 14] = [
    (incident::KIND, incident::field::EXACT_PLACE),
    (incident::KIND, incident::field::EXACT_CAPTURE),
    (sms::KIND, incident::field::EXACT_PLACE),
    (land::KIND, land::field::NEED),
    (land::KIND, land::field::BANS),
    (land::KIND, land::field::BANNED_FROM),
    (land::KIND, land::field::BANNED_UNTIL),
    (person::KIND, person::field::ALSO),
    (patrol::KIND, patrol::field::OPERATION),
    (patrol::KIND, patrol::field::HATS),
    (patrol::KIND, patrol::field::CELLS),
    (task::KIND, task::field::DUE_REASON),
    (task::KIND, task::field::REVIEWS),
    (task::KIND, task::field::REVIEWED),
];

/// What a package lacks of the kinds that the programs know themselves, as they are in `base`.
#[must_use]
pub fn lacks(base: &City, city: &City) -> Vec<CityFault> {
    let mut faults = Vec::new();
    for known in base.kinds.iter().filter(|kind| kind.id < FIRST_KIND) {
        let needs = |file, word: &str, path, problem| {
            let wrong = Wrong::about(FaultCode::Programs, word);
            CityFault { file, path, wrong, problem }
        };
        let Some(kind) = city.kind(known.id).filter(|kind| kind.name == known.name) else {
            let problem = format!("the programs need it as {:?}", known.name);
            faults.push(needs(FILES[1], &known.name, format!("kind {}", known.id), problem));
            continue;
        };
        for field in known.fields.iter().filter(|field| field.catalog.is_none()) {
            let own = kind.field(field.id);
            if own.is_none() && LATER.contains(&(known.id, field.id)) {
                continue;
            }
            if own.is_none_or(|own| (own.rule, own.ty) != (field.rule, field.ty)) {
                let problem = format!("the programs need it with rule {:?} and type {:?}", field.rule, field.ty);
                let path = format!("{}.{} (number {})", kind.name, field.name, field.id);
                faults.push(needs(FILES[1], &field.name, path, problem));
            }
        }
        let needed = known.workflow.as_deref().and_then(|id| base.workflow(id));
        let own = kind.workflow.as_deref().and_then(|id| city.workflow(id));
        for state in needed.into_iter().flat_map(|workflow| &workflow.states) {
            if own.is_none_or(|own| own.state(&state.id).is_none()) {
                let path = format!("workflow of {}", kind.name);
                let problem = format!("the programs need the state {:?}", state.id);
                faults.push(needs(FILES[2], &state.id, path, problem));
            }
        }
    }
    faults
}

const SORTS: [(&str, WordsOf); 10] = [
    (FILES[0], |city| plain(city.info.roles.iter().map(|role| &role.id))),
    (FILES[1], |city| city.kinds.iter().map(|kind| (format!("kind {}", kind.id), kind.name.clone())).collect()),
    (FILES[1], |city| city.kinds.iter().flat_map(fields).collect()),
    (FILES[1], |city| city.kinds.iter().flat_map(options).collect()),
    (FILES[2], states),
    (FILES[3], |city| plain(city.catalog.categories.iter().map(|category| &category.id))),
    (FILES[3], category_options),
    (FILES[3], |city| plain(city.catalog.departments.iter().map(|department| &department.id))),
    (FILES[7], |city| plain(city.referrals.flows.iter().map(|flow| &flow.id))),
    (FILES[12], |city| {
        city.quizzes.quizzes.iter().map(|quiz| (format!("quiz {}", quiz.number), String::new())).collect()
    }),
];

fn plain<'a>(words: impl Iterator<Item = &'a String>) -> Words {
    words.map(|word| (word.clone(), String::new())).collect()
}

fn fields(kind: &Kind) -> Vec<(String, String)> {
    let one = |field: &super::FieldDef| {
        let meaning = format!("{:?} {:?} {:?}", field.rule, field.ty, field.catalog);
        (format!("{}.{} (number {})", kind.name, field.name, field.id), meaning)
    };
    kind.fields.iter().map(one).collect()
}

fn options(kind: &Kind) -> Vec<(String, String)> {
    let of = |field: &super::FieldDef| -> Vec<(String, String)> {
        let word = |option: &super::Choice| (format!("{}.{}={}", kind.name, field.name, option.id), String::new());
        field.options.iter().map(word).collect()
    };
    kind.fields.iter().flat_map(of).collect()
}

fn states(city: &City) -> Words {
    let of = |workflow: &super::Workflow| -> Vec<(String, String)> {
        workflow.states.iter().map(|state| (format!("{}.{}", workflow.id, state.id), String::new())).collect()
    };
    city.workflows.iter().flat_map(of).collect()
}

fn category_options(city: &City) -> Words {
    let mut words = Words::new();
    for category in &city.catalog.categories {
        for field in &category.fields {
            for option in &field.options {
                words.insert(format!("{}.{}={}", category.id, field.id, option.id), String::new());
            }
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn city(file: &str) -> City {
        let path = format!("{}/../../tests/cities/{file}", env!("CARGO_MANIFEST_DIR"));
        City::from_bundle(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    fn told(old: &City, new: &City) -> Vec<(String, Became, bool)> {
        compare(old, new).into_iter().map(|change| (change.path, change.became, change.breaks)).collect()
    }

    #[test]
    fn the_invented_city_has_all_that_the_programs_need_and_nothing_of_the_first_city() {
        let (base, other) = (super::super::tests::city(), city("yunze.json"));
        assert_eq!(lacks(&base, &other), []);
        assert!(other.kinds.iter().all(|kind| kind.id < FIRST_KIND || base.kind(kind.id).is_none()));
        assert!(
            base.catalog.categories.iter().all(|category| other
                .catalog
                .categories
                .iter()
                .all(|own| own.id != category.id))
        );
    }

    #[test]
    fn what_comes_breaks_nothing_and_what_goes_or_means_something_else_does() {
        let old = city("yunze.json");
        assert_eq!(told(&old, &old), []);
        let mut new = old.clone();
        let boat = new.kinds.iter_mut().find(|kind| kind.name == "boat").unwrap();
        boat.fields.retain(|field| field.name != "lengthM");
        boat.fields.iter_mut().find(|field| field.name == "owner").unwrap().ty = super::super::FieldType::Number;
        let release = new.kinds.iter_mut().find(|kind| kind.name == "release").unwrap();
        release.fields.iter_mut().find(|field| field.name == "species").unwrap().options[0].id = "eel".into();
        new.catalog.categories.retain(|category| category.id != "dead-fish");
        new.info.roles[0].name.zh = "another word".into();
        let told = told(&old, &new);
        for (path, became) in [
            ("boat.lengthM (number 32)", Became::Gone),
            ("boat.owner (number 31)", Became::Other),
            ("release.species=silver-carp", Became::Gone),
            ("dead-fish", Became::Gone),
        ] {
            assert!(told.contains(&(path.to_owned(), became, true)), "{path}: {told:?}");
        }
        assert!(told.contains(&("release.species=eel".to_owned(), Became::Added, false)), "{told:?}");
        assert_eq!(told.len(), 5);
    }

    #[test]
    fn a_quiz_keeps_its_number_and_its_answers_change_with_the_version_only() {
        let old = super::super::tests::city();
        let mut new = old.clone();
        let quiz = &mut new.quizzes.quizzes[0];
        quiz.questions[0].right = 1;
        quiz.title.zh = "another word".into();
        assert_eq!(told(&old, &new), [("quiz 1 version 1".to_owned(), Became::Other, true)]);
        new.quizzes.quizzes[0].version = 2;
        assert_eq!(told(&old, &new), []);
        new.quizzes.quizzes.remove(0);
        assert_eq!(told(&old, &new), [("quiz 1".to_owned(), Became::Gone, true)]);
        assert_eq!(told(&new, &old), [("quiz 1".to_owned(), Became::Added, false)]);
    }

    #[test]
    fn a_package_that_lacks_what_the_programs_know_says_what() {
        let base = super::super::tests::city();
        let mut other = city("yunze.json");
        other.kinds.retain(|kind| kind.name != "sos");
        let incident = other.kinds.iter_mut().find(|kind| kind.name == "incident").unwrap();
        incident.fields.retain(|field| field.name != "photos");
        let workflow = other.workflows.iter_mut().find(|workflow| workflow.id == "patrol").unwrap();
        workflow.states.remove(0);
        let faults: Vec<String> = lacks(&base, &other).iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 3, "{faults:?}");
        assert!(faults[0].starts_with("kinds.json: incident.photos (number 9)"), "{faults:?}");
        assert!(faults[1].starts_with("workflows.json: workflow of patrol: the programs need"), "{faults:?}");
        assert!(faults[2].starts_with("kinds.json: kind 12"), "{faults:?}");
    }
}
