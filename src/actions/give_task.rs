//! The desk gives somebody a task.

use greenshield_domain::ids::RecordId;
use greenshield_domain::task::{KIND, NewTask};

use super::add_record::add_record;
use crate::context::App;
use crate::state::message::Message;

/// Saves the task and sends it.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn give_task(app: App, task: NewTask) -> Result<RecordId, Message> {
    add_record(app, None, KIND, task.to_entries(app.now_millis())).await
}
