//! Names of areas: the counties and towns of the city by their codes.

use serde::{Deserialize, Serialize};

use super::Text;
use crate::policy::area;

/// A county or a town.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Division {
    /// GB/T 2260 code of a county, or the nine digits of a town.
    pub code: String,
    /// Name to show.
    pub name: Text,
}

/// `divisions.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Divisions {
    /// Where the codes come from.
    pub source: String,
    /// Counties, each followed by its towns.
    pub divisions: Vec<Division>,
}

impl Divisions {
    /// The area of a code.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<&Division> {
        let asked = area::significant(code);
        self.divisions.iter().find(|known| area::significant(&known.code) == asked)
    }

    /// The county and the town that a code lies in, as far as they are known, the county first.
    pub fn path<'a>(&'a self, code: &'a str) -> impl Iterator<Item = &'a Division> {
        self.divisions.iter().filter(move |known| area::contains(&known.code, code))
    }

    /// The code of a name: of a town, of a county, or of both one after the other. `None` for no or more than one.
    #[must_use]
    pub fn code_of(&self, name: &str) -> Option<&str> {
        let name: String = name.chars().filter(|c| !c.is_whitespace()).collect();
        let full = |known: &Division| -> String { self.path(&known.code).map(|part| part.name.zh.as_str()).collect() };
        let is_meant = |known: &&Division| known.name.zh == name || full(known) == name;
        let mut found = self.divisions.iter().filter(is_meant);
        let first = found.next()?;
        found.next().is_none().then_some(first.code.as_str())
    }
}
