//! The desk tells people something, and takes it back.

use greenshield_domain::cbor::Value;
use greenshield_domain::ids::RecordId;
use greenshield_domain::incident::field;
use greenshield_domain::notice::{KIND, NewNotice, WITHDRAWN};
use greenshield_domain::op::Entry;

use super::add_record::add_record;
use super::edit_record::edit_record;
use crate::context::App;
use crate::state::message::Message;

/// Saves the notice and sends it.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn give_notice(app: App, notice: NewNotice) -> Result<RecordId, Message> {
    add_record(app, None, KIND, notice.to_entries(app.now_millis())).await
}

/// Takes it back: it shows on no phone from its next contact on.
///
/// # Errors
/// As [`edit_record`].
pub async fn withdraw_notice(app: App, record: RecordId) -> Result<(), Message> {
    edit_record(app, record, vec![Entry::set(field::STATE, Value::text(WITHDRAWN))]).await
}
