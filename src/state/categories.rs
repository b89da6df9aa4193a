//! The grid of categories: order, search, recents.

use greenshield_domain::city::{Catalog, Category, City};
use greenshield_domain::order;

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

/// Pictures that fit what somebody typed or said: by name, then by what people call it.
#[must_use]
pub fn search(city: &City, text: &str) -> Vec<CategoryCell> {
    let text = text.trim().to_lowercase();
    let rank = |category: &Category| {
        let names = [&category.name.zh, &category.name.en];
        if names.iter().any(|name| name.to_lowercase().starts_with(&text)) {
            return Some(0);
        }
        if names.iter().any(|name| name.to_lowercase().contains(&text)) {
            return Some(1);
        }
        // Dictation gives whole sentences: an alias inside them counts as well.
        let is_alias = |alias: &String| {
            let alias = alias.to_lowercase();
            alias.contains(&text) || text.contains(&alias)
        };
        category.aliases.iter().any(is_alias).then_some(2)
    };
    let mut found: Vec<_> = city.catalog.categories.iter().filter_map(|c| Some((rank(c)?, c))).collect();
    order::sort_by_key(&mut found, |(rank, _)| *rank);
    found.into_iter().map(|(_, category)| cell(city, category)).collect()
}

/// The pictures used last.
#[must_use]
pub fn recents(city: &City, ids: &[String]) -> Vec<CategoryCell> {
    ids.iter().filter_map(|id| city.catalog.category(id)).take(RECENTS).map(|c| cell(city, c)).collect()
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
    }

    #[test]
    fn the_last_used_comes_first_and_only_once() {
        let ids = used(vec!["a".to_owned(), "b".to_owned()], "b");
        assert_eq!(ids, ["b", "a"]);
    }
}
