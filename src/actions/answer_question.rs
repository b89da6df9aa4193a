//! The reporter answers what the desk asked. Words in the making survive a killed browser, as those of a task do.

use greenshield_client::engine::Save;
use greenshield_domain::cbor::Value;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::{KIND, field, state};
use greenshield_domain::op::Entry;

use super::do_task::draft_of;
use super::edit_record::save_change;
use crate::context::App;
use crate::state::draft::cut;
use crate::state::message::Message;
use crate::state::words::t;

/// Saves the answer; `Ok(false)` = it needs words.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn answer_question(app: App, record: RecordId, typed: &str) -> Result<bool, Message> {
    let typed = cut(typed.trim());
    if typed.is_empty() {
        return Ok(false);
    }
    let entries =
        vec![Entry::set(field::STATE, Value::text(state::REPLIED)), Entry::set(field::REPLY, Value::text(&typed))];
    let save = Save { record: Some(record), kind: KIND, entries, draft: Some(draft_of(record)) };
    save_change(app, record, save).await?;
    app.state.say(t("asked.sent"));
    Ok(true)
}
