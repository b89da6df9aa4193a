//! Workflows: states, and who may move a record from one to the next.

use serde::{Deserialize, Serialize};

use super::Text;

/// A state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// Stable word.
    pub id: String,
    /// Name to show.
    pub label: Text,
    /// Whether somebody still has to do something.
    pub open: bool,
    /// The clock of the urgency that runs in this state.
    #[serde(default)]
    pub clock: Option<String>,
}

/// A step between states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transition {
    /// Stable word.
    pub id: String,
    /// States it starts from.
    pub from: Vec<String>,
    /// State it leads to.
    pub to: String,
    /// Roles that may take it.
    pub roles: Vec<String>,
    /// Fields that must be filled with it, by name.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Whether it is for somebody else than whoever brought the record into the state that it is in.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_hand: bool,
    /// What its button says.
    pub label: Text,
}

/// The workflow of a kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workflow {
    /// Stable word.
    pub id: String,
    /// The state of a record that says none.
    pub initial: String,
    /// All states.
    pub states: Vec<State>,
    /// All steps.
    pub transitions: Vec<Transition>,
}

impl Workflow {
    /// A state by its word.
    #[must_use]
    pub fn state(&self, id: &str) -> Option<&State> {
        self.states.iter().find(|state| state.id == id)
    }

    /// The steps that a role may take from a state.
    pub fn steps<'a>(&'a self, state: &'a str, role: &'a str) -> impl Iterator<Item = &'a Transition> {
        self.transitions
            .iter()
            .filter(move |step| step.from.iter().any(|from| from == state) && step.roles.iter().any(|r| r == role))
    }
}
