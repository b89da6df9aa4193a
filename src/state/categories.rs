//! The grid of categories: order, search, recents.

use std::collections::BTreeMap;

use greenshield_domain::city::{Catalog, Category, City, DepartmentRule, Named};
use greenshield_domain::order;

use super::answers::Answer;
use super::words;

/// A picture of the grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryCell {
    /// Stable word.
    pub id: String,
    /// Name of the symbol in the sprite.
    pub icon: String,
    /// What it says.
    pub name: String,
    /// Whether it is red.
    pub is_urgent: bool,
}

/// A part of the grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryGroup {
    /// Stable word.
    pub id: String,
    /// Heading.
    pub name: String,
    /// Its pictures.
    pub cells: Vec<CategoryCell>,
}

/// Most recents shown, and kept.
pub const RECENTS: usize = 6;

/// One picture.
#[must_use]
pub fn cell(city: &City, category: &Category) -> CategoryCell {
    CategoryCell {
        id: category.id.clone(),
        icon: city.icons.categories.get(&category.id).cloned().unwrap_or_else(|| "file-text".to_owned()),
        name: words::of(&category.name).to_owned(),
        is_urgent: category.urgency == "critical",
    }
}

/// All pictures by group, in the order of the catalogue.
#[must_use]
pub fn groups(city: &City) -> Vec<CategoryGroup> {
    let mut groups: Vec<_> = city.catalog.groups.iter().collect();
    order::sort_by_key(&mut groups, |group| group.order);
    let in_group = |id: &str| {
        let categories = city.catalog.categories.iter().filter(move |category| category.group_id == id);
        categories.map(|category| cell(city, category)).collect()
    };
    let view = |group: &&greenshield_domain::city::Group| CategoryGroup {
        id: group.id.clone(),
        name: words::of(&group.name).to_owned(),
        cells: in_group(&group.id),
    };
    groups.iter().map(view).collect()
}

/// What somebody could type, as an example: what people call the first category of the city.
#[must_use]
pub fn example(city: &City) -> &str {
    let Some(first) = city.catalog.categories.first() else { return "" };
    let name = words::of(&first.name);
    // What people call it is kept in Chinese only.
    if name == first.name.zh { first.aliases.first().map_or(name, String::as_str) } else { name }
}

/// Pictures that fit what somebody typed or said: by name, by its sound in letters, then by what people call it.
#[must_use]
pub fn search(city: &City, text: &str) -> Vec<CategoryCell> {
    let text = text.trim().to_lowercase();
    // Dictation gives whole sentences: an alias inside them counts as well.
    let is_said = |category: &Category| category.aliases.iter().any(|alias| text.contains(&alias.to_lowercase()));
    let rank = |category: &Category| rank(city, category, &text).or_else(|| is_said(category).then_some(3));
    let mut found: Vec<_> = city.catalog.categories.iter().filter_map(|c| Some((rank(c)?, c))).collect();
    order::sort_by_key(&mut found, |(rank, _)| *rank);
    found.into_iter().map(|(_, category)| cell(city, category)).collect()
}

/// Ids of the categories that a word in lower case is a part of, in name, sound or alias.
#[must_use]
pub fn named(city: &City, word: &str) -> Vec<String> {
    let categories = city.catalog.categories.iter();
    categories.filter(|category| rank(city, category, word).is_some()).map(|category| category.id.clone()).collect()
}

/// How well a text in lower case fits, 0 = best.
fn rank(city: &City, category: &Category, text: &str) -> Option<u8> {
    let letters: String = text.chars().filter(|letter| !letter.is_whitespace()).collect();
    let is_spelt = !letters.is_empty() && letters.chars().all(|letter| letter.is_ascii_lowercase());
    let names = [&category.name.zh, &category.name.en];
    if names.iter().any(|name| name.to_lowercase().starts_with(text)) {
        return Some(0);
    }
    if names.iter().any(|name| name.to_lowercase().contains(text)) {
        return Some(1);
    }
    let mut spoken = std::iter::once(&category.name.zh).chain(&category.aliases);
    if is_spelt && spoken.any(|name| is_spelt_as(city, name, &letters)) {
        return Some(2);
    }
    category.aliases.iter().any(|alias| alias.to_lowercase().contains(text)).then_some(3)
}

/// Whether letters spell a part of a name: whole syllables, first letters of them, or both mixed, as people type.
fn is_spelt_as(city: &City, name: &str, letters: &str) -> bool {
    let spoken: Vec<Vec<&str>> = name
        .chars()
        .map(|c| city.catalog.pinyin.iter().filter(|(_, chars)| chars.contains(c)).map(|(s, _)| s.as_str()).collect())
        .collect();
    (0..spoken.len()).any(|from| begins(&spoken[from..], letters))
}

/// Whether letters are the beginning of syllables, each of which may be cut after its first letter.
fn begins(spoken: &[Vec<&str>], letters: &str) -> bool {
    if letters.is_empty() {
        return true;
    }
    let Some((first, rest)) = spoken.split_first() else { return false };
    first.iter().any(|syllable| {
        let whole = letters.strip_prefix(syllable).is_some_and(|behind| begins(rest, behind));
        let initial = syllable.get(..1).and_then(|initial| letters.strip_prefix(initial));
        whole || syllable.starts_with(letters) || initial.is_some_and(|behind| begins(rest, behind))
    })
}

/// The pictures used last.
#[must_use]
pub fn recents(city: &City, ids: &[String]) -> Vec<CategoryCell> {
    ids.iter().filter_map(|id| city.catalog.category(id)).take(RECENTS).map(|c| cell(city, c)).collect()
}

/// What a category says before anything is filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstSteps {
    /// Whether it can not wait for a desk.
    pub is_urgent: bool,
    /// What keeps the reporter safe.
    pub safety: Option<String>,
    /// Whom to call: number and name.
    pub numbers: Vec<(String, String)>,
    /// Whose duty it is, by the answers so far.
    pub department: String,
}

/// The first steps of a category; `None` when the catalogue does not have it.
#[must_use]
pub fn first_steps(city: &City, id: &str, answers: &BTreeMap<String, Answer>) -> Option<FirstSteps> {
    let catalog = &city.catalog;
    let category = catalog.category(id)?;
    let applies = |rule: &&DepartmentRule| matches!(answers.get(&rule.when.field), Some(Answer::Option(option)) if *option == rule.when.equals);
    let department = category.department_rules.iter().find(applies).map_or(&category.department, |r| &r.department);
    let name_in = |list: &[Named], id: &str| {
        list.iter().find(|named| named.id == id).map(|named| words::of(&named.name).to_owned()).unwrap_or_default()
    };
    Some(FirstSteps {
        is_urgent: category.urgency == "critical",
        safety: category.safety.as_ref().map(|safety| words::of(safety).to_owned()),
        numbers: category.call.iter().map(|number| (number.clone(), name_in(&catalog.hotlines, number))).collect(),
        department: name_in(&catalog.departments, department),
    })
}

/// The list of recents after one more use.
#[must_use]
pub fn used(mut ids: Vec<String>, id: &str) -> Vec<String> {
    ids.retain(|known| known != id);
    ids.insert(0, id.to_owned());
    ids.truncate(RECENTS);
    ids
}

/// Whether the catalogue asks anything of this category without unfolding.
#[must_use]
pub fn has_core_questions(catalog: &Catalog, id: &str) -> bool {
    catalog.category(id).is_some_and(|category| category.fields.iter().any(|field| field.core))
}

#[cfg(test)]
mod tests {
    use super::super::item::tests::city;
    use super::*;

    #[test]
    fn the_grid_holds_all_45_categories_in_10_groups() {
        let groups = groups(&city());
        assert_eq!((groups.len(), groups.iter().map(|group| group.cells.len()).sum::<usize>()), (10, 45));
        assert_eq!(groups[0].id, "fire");
    }

    #[test]
    fn spoken_words_find_their_category() {
        let city = city();
        assert_eq!(search(&city, "着火")[0].id, "forest-grassland-fire");
        assert!(search(&city, "那边着火了").iter().any(|cell| cell.id == "forest-grassland-fire"));
        assert_eq!(search(&city, "DUMPING OF")[0].id, "garbage-dumping");
        assert!(search(&city, "no such thing at all").is_empty());
        assert!(!search(&city, example(&city)).is_empty());
    }

    #[test]
    fn a_fire_says_what_keeps_safe_and_whom_to_call() {
        let steps = first_steps(&city(), "forest-grassland-fire", &BTreeMap::new()).unwrap();
        assert!(steps.is_urgent && steps.safety.unwrap().starts_with("先打电话"));
        assert_eq!(steps.numbers[0], ("119".to_owned(), "火警".to_owned()));
        assert_eq!(first_steps(&city(), "no such", &BTreeMap::new()), None);
    }

    #[test]
    fn an_answer_can_make_it_another_departments_duty() {
        let city = city();
        let ruled = city.catalog.categories.iter().find(|category| !category.department_rules.is_empty()).unwrap();
        let rule = &ruled.department_rules[0];
        let answered = [(rule.when.field.clone(), Answer::Option(rule.when.equals.clone()))].into();
        let before = first_steps(&city, &ruled.id, &BTreeMap::new()).unwrap().department;
        assert_ne!(first_steps(&city, &ruled.id, &answered).unwrap().department, before);
    }

    #[test]
    fn letters_find_what_they_spell_by_syllables_by_initials_and_half_typed() {
        let city = city();
        for typed in ["senlin", "sl", "sen lin", "SLCY", "slcyhq", "senl", "zhaoh", "zh", "火"] {
            let found = search(&city, typed);
            assert!(found.iter().any(|cell| cell.id == "forest-grassland-fire"), "{typed}");
        }
        assert_eq!(search(&city, "senlin")[0].id, "forest-grassland-fire");
        assert!(search(&city, "senlinx").is_empty());
        assert_eq!(search(&city, "fire")[0].id, search(&city, "Fire")[0].id);
    }

    #[test]
    fn every_character_of_a_name_or_alias_has_its_sound() {
        let city = city();
        let names = city.catalog.categories.iter().flat_map(|c| std::iter::once(&c.name.zh).chain(&c.aliases));
        let is_han = |c: &char| ('\u{3400}'..='\u{9fff}').contains(c);
        let mute: String = names
            .flat_map(|name| name.chars())
            .filter(is_han)
            .filter(|c| !city.catalog.pinyin.values().any(|chars| chars.contains(*c)))
            .collect();
        assert_eq!(mute, "");
    }

    #[test]
    fn the_last_used_comes_first_and_only_once() {
        let ids = used(vec!["a".to_owned(), "b".to_owned()], "b");
        assert_eq!(ids, ["b", "a"]);
    }
}
