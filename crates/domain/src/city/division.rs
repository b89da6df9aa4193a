//! Names of areas: the counties, towns and villages of the city by their codes.

use serde::{Deserialize, Serialize};

use super::Text;
use crate::policy::area;

/// A county, a town, a village or a community.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Division {
    /// GB/T 2260 code of a county, the nine digits of a town, or the twelve of a village.
    pub code: String,
    /// Name to show.
    pub name: Text,
}

/// `divisions.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Divisions {
    /// Where the codes come from.
    pub source: String,
    /// Counties, each followed by its towns, and those by their villages.
    pub divisions: Vec<Division>,
}

impl Divisions {
    /// The area of a code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Division> {
        let asked = area::significant(code);
        self.divisions.iter().find(|known| area::significant(&known.code) == asked)
    }

    /// The county, town and village that a code lies in, as far as they are known, the county first.
    pub fn path<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Division> {
        self.divisions.iter().filter(move |known| area::contains(&known.code, code))
    }

    /// The counties, or the towns of a county: the areas of the next level in another one.
    pub fn inside<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Division> {
        let next = area::next_level(code);
        self.divisions.iter().filter(move |known| Some(known.code.len()) == next && area::contains(code, &known.code))
    }

    /// The code of a name: of a village, town or county alone, or behind the names of what it lies in. `None` for no or more than one.
    #[must_use]
    pub fn code_of(&self, name: &str) -> Option<&str> {
        let name: String = name.chars().filter(|c| !c.is_whitespace()).collect();
        let is_meant = |known: &&Division| {
            let Some(before) = name.strip_suffix(known.name.zh.as_str()) else { return false };
            // What stands before is nothing, or the end of where it lies, from a name on.
            let upper: Vec<&str> = self.path(&known.code).map(|part| part.name.zh.as_str()).collect();
            (0..upper.len()).any(|from| upper[from..upper.len() - 1].concat() == before)
        };
        // A village may have the name of the town that it lies in; then the town is meant.
        let mut found = self.divisions.iter().filter(is_meant);
        let first = found.next()?;
        found.all(|other| area::contains(&first.code, &other.code)).then_some(first.code.as_str())
    }
}
