//! The desk decides about a report: one op. Words for the reporter go to those who reported the same, too.

use greenshield_domain::ids::RecordId;
use greenshield_domain::op::Entry;
use leptos::prelude::*;

use super::edit_record::edit_record;
use crate::context::App;
use crate::state::inbox::decide::answer_of;
use crate::state::inbox::duplicates_of;
use crate::state::message::Message;

/// Saves the decision.
///
/// # Errors
/// As [`edit_record`]. When the first op is saved and one of the others is not, that is told too.
pub async fn answer_record(app: App, record: RecordId, entries: Vec<Entry>) -> Result<(), Message> {
    let answer = answer_of(&entries).cloned();
    edit_record(app, record, entries).await?;
    let Some(answer) = answer else { return Ok(()) };
    for same in app.state.records.with_untracked(|list| duplicates_of(&list.rows, record)) {
        edit_record(app, same, vec![answer.clone()]).await?;
    }
    Ok(())
}
