//! Filters that somebody keeps under a name, on this computer.
//!
//! Owns: the list and its bytes. A filter is kept as the words of its address, which stay what they mean.

use serde::{Deserialize, Serialize};

use super::filter::InboxFilter;

/// Their name among the drafts.
pub const FILTERS: &str = "inbox-filters";
/// More than these nobody finds again.
const MOST: usize = 20;
/// A name is no longer than a line.
const NAME_CHARS: usize = 40;

/// A filter with its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilter {
    /// What somebody calls it.
    pub name: String,
    /// Keys and values of its address.
    address: Vec<(String, String)>,
}

impl SavedFilter {
    /// What it shows.
    #[must_use]
    pub fn filter(&self) -> InboxFilter {
        let value = |key: &str| self.address.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone());
        InboxFilter::read(value)
    }
}

/// All of them, in the order in which they were kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SavedFilters(Vec<SavedFilter>);

impl SavedFilters {
    /// From the bytes of [`Self::encode`]; `None` for others, which nobody may write over.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// As bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        // Plain data with text keys always becomes JSON.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// The filters.
    #[must_use]
    pub fn all(&self) -> &[SavedFilter] {
        &self.0
    }

    /// Whether there is room for one more.
    #[must_use]
    pub fn has_room(&self) -> bool {
        self.0.len() < MOST
    }

    /// Keeps a filter; one of the same name becomes this one. Returns whether it is kept: a name belongs to it, and room.
    pub fn keep(&mut self, name: &str, filter: &InboxFilter) -> bool {
        let name = name_of(name);
        let place = self.0.iter().position(|known| known.name == name);
        if name.is_empty() || (place.is_none() && !self.has_room()) {
            return false;
        }
        let address = filter.pairs().into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        let saved = SavedFilter { name, address };
        match place {
            Some(place) => self.0[place] = saved,
            None => self.0.push(saved),
        }
        true
    }

    /// Gives one another name. Returns whether it has it: a name that is taken or empty is none.
    pub fn rename(&mut self, from: &str, to: &str) -> bool {
        let to = name_of(to);
        let is_taken = from != to && self.0.iter().any(|known| known.name == to);
        let Some(saved) = self.0.iter_mut().find(|known| known.name == from) else { return false };
        if to.is_empty() || is_taken {
            return false;
        }
        saved.name = to;
        true
    }

    /// Takes one out; what comes back puts it there again.
    pub fn remove(&mut self, name: &str) -> Option<(usize, SavedFilter)> {
        let place = self.0.iter().position(|known| known.name == name)?;
        Some((place, self.0.remove(place)))
    }

    /// Puts one back that was taken out.
    pub fn put_back(&mut self, (place, saved): (usize, SavedFilter)) {
        self.0.insert(place.min(self.0.len()), saved);
    }
}

fn name_of(typed: &str) -> String {
    typed.trim().chars().take(NAME_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::super::InboxPart;
    use super::*;

    fn filter(words: &str) -> InboxFilter {
        InboxFilter { part: InboxPart::Open, words: words.to_owned(), ..InboxFilter::default() }
    }

    #[test]
    fn a_filter_is_kept_found_again_and_replaced_under_its_name() {
        let mut saved = SavedFilters::default();
        assert!(saved.keep(" 北坡的火 ", &filter("北坡")) && saved.keep("垃圾", &filter("垃圾")));
        assert!(!saved.keep("  ", &filter("x")), "a name belongs to it");
        assert!(saved.keep("北坡的火", &filter("北坡 烟")));
        let read = SavedFilters::decode(&saved.encode()).unwrap();
        assert_eq!(read, saved);
        assert_eq!(read.all().iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["北坡的火", "垃圾"]);
        assert_eq!(read.all()[0].filter(), filter("北坡 烟"));
        assert_eq!(SavedFilters::decode(b"no filters"), None);
    }

    #[test]
    fn one_is_renamed_but_not_to_a_name_that_is_taken() {
        let mut saved = SavedFilters::default();
        assert!(saved.keep("a", &filter("1")) && saved.keep("b", &filter("2")));
        assert!(
            saved.rename("a", "c") && !saved.rename("c", "b") && !saved.rename("c", " ") && !saved.rename("gone", "d")
        );
        assert_eq!(saved.all()[0].name, "c");
    }

    #[test]
    fn one_that_was_taken_out_comes_back_to_its_place_and_there_is_an_end_to_them() {
        let mut saved = SavedFilters::default();
        for n in 0..MOST {
            assert!(saved.keep(&n.to_string(), &filter("x")));
        }
        assert!(!saved.keep("one more", &filter("x")));
        let before = saved.clone();
        let taken = saved.remove("3").unwrap();
        assert!(saved.has_room() && saved.remove("3").is_none());
        saved.put_back(taken);
        assert_eq!(saved, before);
    }
}
