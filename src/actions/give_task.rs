//! The desk gives somebody a task. Whoever is sent to a place that not everybody may know is given the report, too.

use greenshield_client::engine::{EngineError, Save};
use greenshield_domain::ids::RecordId;
use greenshield_domain::task::{KIND, NewTask};

use super::add_record::add_records;
use super::load_records;
use crate::context::App;
use crate::state::message::Message;
use crate::state::task::{given, shown_the_place};

/// Saves the task and sends it.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn give_task(app: App, task: NewTask) -> Result<RecordId, Message> {
    let (city, role) = (app.city(), app.state.viewer().map(|viewer| viewer.role).unwrap_or_default());
    let mut saves =
        vec![Save { record: None, kind: KIND, entries: given(&city, &role, &task, app.now_millis()), draft: None }];
    if let Some(report) = load_records::rows_of(app, task.about.into_iter().collect()).await.pop() {
        let entries = shown_the_place(&city, &role, &task, &report);
        saves.extend((!entries.is_empty()).then_some(Save {
            record: task.about,
            kind: report.kind,
            entries,
            draft: None,
        }));
    }
    add_records(app, &saves).await?.first().copied().ok_or_else(|| Message::of(&EngineError::Busy))
}
