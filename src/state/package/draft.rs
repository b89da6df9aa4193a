//! A package that is being changed: the version that it began from, what it says by now, and what is kept of that on this device.
//!
//! Owns: that a change is never lost silently: parts are kept whole, and when somebody else brought a version meanwhile, those
//! parts are taken over that the other one left alone, and the others are named.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::differ::{Difference, differences};

/// The name of the draft among the drafts.
pub const DRAFT: &str = "city-package";
/// The part with the number of the version.
const INFO: &str = "city.json";

/// What is kept of a package that is being changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The version that it began from.
    pub after: u32,
    /// The parts that are different from it, whole.
    pub parts: BTreeMap<String, Value>,
}

impl Draft {
    /// From the bytes of [`Self::encode`].
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

    /// The draft behind another version: with those parts that it has as the version had them from which the draft began. The
    /// others are named.
    #[must_use]
    pub fn behind(
        mut self,
        began: &Map<String, Value>,
        newest: &Map<String, Value>,
        after: u32,
    ) -> (Self, Vec<String>) {
        // Every version has another number, which is no change of its part.
        let content = |part: &Value| {
            let mut part = part.clone();
            if let Some(object) = part.as_object_mut() {
                object.remove("version");
            }
            part
        };
        let is_same = |file: &String| began.get(file).map(content) == newest.get(file).map(content);
        let left: Vec<String> = self.parts.keys().filter(|file| !is_same(file)).cloned().collect();
        self.parts.retain(|file, _| !left.contains(file));
        self.after = after;
        (self, left)
    }
}

/// A package that is being changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Editing {
    /// The version that it began from, by number.
    pub after: u32,
    /// What that says, by file.
    pub base: Map<String, Value>,
    /// What it says by now, by file.
    pub now: Map<String, Value>,
}

/// Reads the text of a package: one JSON object of file name → content.
#[must_use]
pub fn read(text: &str) -> Option<Map<String, Value>> {
    let parts: Map<String, Value> = serde_json::from_str(text).ok()?;
    parts.contains_key(INFO).then_some(parts)
}

impl Editing {
    /// Begins from a version, with a number above all that were given.
    #[must_use]
    pub fn begin(base: Map<String, Value>, after: u32, highest: u32) -> Self {
        let mut editing = Self { after, now: base.clone(), base };
        editing.number(highest);
        editing
    }

    /// Takes over a whole package from a file.
    pub fn import(&mut self, package: Map<String, Value>, highest: u32) {
        self.now = package;
        self.number(highest);
    }

    /// Goes on with a draft.
    #[must_use]
    pub fn resume(base: Map<String, Value>, draft: Draft, highest: u32) -> Self {
        let mut editing = Self::begin(base, draft.after, highest);
        editing.now.extend(draft.parts);
        editing.number(highest);
        editing
    }

    /// Gives it a number above all that were given, unless it has one.
    fn number(&mut self, highest: u32) {
        let own = self.version();
        if own <= highest
            && let Some(info) = self.now.get_mut(INFO).and_then(Value::as_object_mut)
        {
            info.insert("version".to_owned(), Value::from(highest + 1));
        }
    }

    /// Its number.
    #[must_use]
    pub fn version(&self) -> u32 {
        let number = self.now.get(INFO).and_then(|info| info.get("version")).and_then(Value::as_u64);
        number.and_then(|number| number.try_into().ok()).unwrap_or_default()
    }

    /// The whole package as a text.
    #[must_use]
    pub fn text(&self) -> String {
        Value::Object(self.now.clone()).to_string()
    }

    /// What is kept of it.
    #[must_use]
    pub fn draft(&self) -> Draft {
        let other = self.now.iter().filter(|(file, part)| self.base.get(*file) != Some(*part));
        let parts = other.map(|(file, part)| (file.clone(), part.clone())).collect();
        Draft { after: self.after, parts }
    }

    /// What it changes, without its number.
    #[must_use]
    pub fn changes(&self) -> Vec<Difference> {
        let mut changes = differences(&self.base, &self.now);
        changes.retain(|change| change.file != INFO || change.place.words() != "version");
        changes
    }
}
