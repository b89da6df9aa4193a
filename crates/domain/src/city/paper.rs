//! Papers as templates: what stands on an A4 page, with gaps in braces that a referral fills.
//!
//! Owns: the shape of a template, the names of the gaps, filling them. Refuses: to know what a value means.

use serde::{Deserialize, Serialize};

use super::Text;

/// Names of gaps that a template may have.
pub const GAPS: [&str; 24] = [
    "number",
    "flow",
    "from",
    "to",
    "title",
    "facts",
    "category",
    "place",
    "coordinates",
    "found",
    "received",
    "reporter",
    "contact",
    "basis",
    "reply_by",
    "made",
    "sent",
    "today",
    "items",
    "count",
    "state",
    "words",
    "record",
    "referral",
];

/// Where a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// As running text.
    #[default]
    Body,
    /// In the middle.
    Middle,
    /// At the right end.
    End,
    /// At the left, without the indent of running text.
    Start,
}

/// A part of a paper.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Block {
    /// A line or paragraph.
    Line {
        /// Its words with gaps.
        text: String,
        /// Where it stands.
        #[serde(default)]
        place: Place,
    },
    /// A table of what is known: label and words with gaps.
    Facts(Vec<(String, String)>),
    /// The list of what goes along: heads of its columns; number, name, how many, SHA-256, note.
    Items {
        /// Heads.
        heads: Vec<String>,
        /// Only files, and no papers and things.
        #[serde(default)]
        only_files: bool,
    },
    /// Lines to sign on, side by side.
    Signs(Vec<String>),
    /// Where the page is cut: what follows is the receipt that comes back.
    Cut(String),
}

/// A template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// Stable word.
    pub id: String,
    /// Name in lists.
    pub name: Text,
    /// Its heading.
    pub heading: String,
    /// Its parts in their order.
    pub blocks: Vec<Block>,
}

/// `papers.json`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Papers {
    /// What stands on every page that nobody signed.
    pub draft: String,
    /// What stands below every page.
    pub foot: String,
    /// What stands in a gap that nobody filled.
    pub blank: String,
    /// Templates.
    pub papers: Vec<Paper>,
}

impl Papers {
    /// A template by its word.
    #[must_use]
    pub fn paper(&self, id: &str) -> Option<&Paper> {
        self.papers.iter().find(|paper| paper.id == id)
    }
}

impl Paper {
    /// All its texts, each with its path.
    #[must_use]
    pub fn texts(&self) -> Vec<(String, &str)> {
        let mut texts = vec![("heading".to_owned(), self.heading.as_str())];
        for (i, block) in self.blocks.iter().enumerate() {
            let at = |rest: &str| format!("blocks[{i}].{rest}");
            match block {
                Block::Line { text, .. } => texts.push((at("line.text"), text)),
                Block::Facts(rows) => {
                    texts.extend(
                        rows.iter().enumerate().map(|(j, (_, text))| (at(&format!("facts[{j}][1]")), text.as_str())),
                    );
                }
                Block::Signs(lines) => {
                    texts.extend(lines.iter().enumerate().map(|(j, text)| (at(&format!("signs[{j}]")), text.as_str())));
                }
                Block::Cut(text) => texts.push((at("cut"), text)),
                Block::Items { .. } => {}
            }
        }
        texts
    }
}

/// The gaps of a text; an opened brace without its end is a gap without a name.
pub fn gaps(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).map(|after| after.split_once('}').map_or("", |(name, _)| name))
}

/// A text with its gaps filled; `value` gives `None` or nothing for what is not known, then the blank stands there.
#[must_use]
pub fn fill(text: &str, blank: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut parts = text.split('{');
    let mut filled = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}').unwrap_or((part, ""));
        filled.push_str(&value(name).filter(|value| !value.is_empty()).unwrap_or_else(|| blank.to_owned()));
        filled.push_str(rest);
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_and_what_is_not_known_stays_blank() {
        let value = |name: &str| match name {
            "to" => Some("water".to_owned()),
            "from" => Some(String::new()),
            _ => None,
        };
        assert_eq!(fill("{to}: {from}, {number}.", "__", value), "water: __, __.");
        assert_eq!(fill("no gap", "__", value), "no gap");
        assert_eq!(gaps("{to}: {from").collect::<Vec<_>>(), ["to", ""]);
    }
}
