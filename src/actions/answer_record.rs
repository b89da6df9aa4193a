//! The desk answers: a new state, words for the reporter, or both, as one op.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::field;
use greenshield_domain::op::Entry;

use super::edit_record::edit_record;
use crate::context::App;
use crate::state::draft::cut;
use crate::state::message::Message;

/// What the desk decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Step {
    /// The state that it moves to, the `to` of a transition.
    pub state: Option<String>,
    /// Words for the reporter.
    pub answer: Option<String>,
}

/// Saves the decision.
///
/// # Errors
/// As [`edit_record`].
pub async fn answer_record(app: App, record: RecordId, step: Step) -> Result<(), Message> {
    let state = step.state.map(|state| Entry::set(field::STATE, Value::text(state)));
    let answer = step.answer.filter(|answer| !answer.trim().is_empty());
    let answer = answer.map(|answer| Entry::set(field::ANSWER, Value::text(cut(answer.trim()))));
    edit_record(app, record, state.into_iter().chain(answer).collect()).await
}
