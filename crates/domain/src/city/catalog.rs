//! The incident catalogue: what a ranger can meet, what to ask, whom it concerns.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Text;

/// An id with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Stable word.
    pub id: String,
    /// Name to show.
    pub name: Text,
}

/// How fast the desk must move. Minutes are defaults that a city changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Urgency {
    /// Stable word.
    pub id: String,
    /// Name to show.
    pub name: Text,
    /// Minutes until somebody signs for it.
    pub ack_minutes: u32,
    /// Minutes until the first action.
    pub first_action_minutes: u32,
    /// Minutes until it is closed.
    pub close_minutes: u32,
}

/// A group of categories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Stable word.
    pub id: String,
    /// Name to show.
    pub name: Text,
    /// Place in the grid, from 1.
    pub order: u32,
}

/// One answer of a category field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Stable word.
    pub id: String,
    /// What the chip says.
    pub label: Text,
}

/// A question of a category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CategoryField {
    /// Stable word; `kinds.json` gives it its number.
    pub id: String,
    /// `select`, `multi`, `number`, `text` or `bool`.
    #[serde(rename = "type")]
    pub ty: String,
    /// What is asked.
    pub label: Text,
    /// Answers of `select` and `multi`.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// Unit of `number`.
    #[serde(default)]
    pub unit: Option<Text>,
    /// Least `number`.
    #[serde(default)]
    pub min: Option<f64>,
    /// Greatest `number`.
    #[serde(default)]
    pub max: Option<f64>,
    /// Step of `number`.
    #[serde(default)]
    pub step: Option<f64>,
    /// Whether it is asked without unfolding.
    #[serde(default)]
    pub core: bool,
}

/// An answer that makes a report another department's duty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentRule {
    /// The answer.
    pub when: DepartmentWhen,
    /// Whose duty it is then.
    pub department: String,
}

/// An answer to a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DepartmentWhen {
    /// The question.
    pub field: String,
    /// The option.
    pub equals: String,
}

/// A category.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Category {
    /// Stable word.
    pub id: String,
    /// Its group.
    pub group_id: String,
    /// Name to show.
    pub name: Text,
    /// What people call it, for search and dictation.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The department whose duty it is.
    pub department: String,
    /// Departments that help.
    #[serde(default)]
    pub co_departments: Vec<String>,
    /// Its urgency.
    pub urgency: String,
    /// Its questions.
    #[serde(default)]
    pub fields: Vec<CategoryField>,
    /// What to photograph.
    #[serde(default)]
    pub photo_hints: Vec<Text>,
    /// Whom to call first: ids of hotlines.
    #[serde(default)]
    pub call: Vec<String>,
    /// Whether its exact place is not for everybody: a nest, a den, a rare plant. The readable place is rough then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub guarded_place: bool,
    /// What keeps the reporter safe.
    #[serde(default)]
    pub safety: Option<Text>,
    /// Answers that make it another department's duty; the first that fits counts.
    #[serde(default)]
    pub department_rules: Vec<DepartmentRule>,
}

/// The catalogue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Catalog {
    /// The elements of nature that areas, rules and categories are about.
    #[serde(default)]
    pub elements: Vec<Named>,
    /// Departments.
    pub departments: Vec<Named>,
    /// Urgencies.
    pub urgencies: Vec<Urgency>,
    /// Telephone numbers; the id is the number.
    pub hotlines: Vec<Named>,
    /// Groups.
    pub groups: Vec<Group>,
    /// What photos show: from far, from near.
    #[serde(default)]
    pub photo_steps: Vec<Named>,
    /// How the characters of names and aliases are spoken: syllable without tone → characters. For search by letters.
    #[serde(default)]
    pub pinyin: BTreeMap<String, String>,
    /// Categories.
    pub categories: Vec<Category>,
}

impl Catalog {
    /// A category by its word.
    #[must_use]
    pub fn category(&self, id: &str) -> Option<&Category> {
        self.categories.iter().find(|category| category.id == id)
    }

    /// An urgency by its word.
    #[must_use]
    pub fn urgency(&self, id: &str) -> Option<&Urgency> {
        self.urgencies.iter().find(|urgency| urgency.id == id)
    }
}
