//! Saying something about a person or a unit: an op of its record, like every other change, with or without a network.

use greenshield_domain::ids::RecordId;
use greenshield_domain::person::{self, Person};
use greenshield_domain::unit::{self, Unit};

use super::add_record::add_record;
use super::prove_again::prove_again;
use crate::context::App;
use crate::state::message::Message;

/// Saves what changed of a person; `record` is `None` for a new one. Nothing to change is no op; another role asks for the PIN first.
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn change_person(
    app: App,
    record: Option<RecordId>,
    before: Person,
    after: Person,
) -> Result<RecordId, Message> {
    if after.role != before.role {
        prove_again(app).await?;
    }
    match (record, after.changes(&before)) {
        (Some(record), entries) if entries.is_empty() => Ok(record),
        (record, entries) => add_record(app, record, person::KIND, entries).await,
    }
}

/// Saves what changed of a unit, as [`change_person`].
///
/// # Errors
/// Words for the page; nothing was saved then.
pub async fn change_unit(app: App, record: Option<RecordId>, before: Unit, after: Unit) -> Result<RecordId, Message> {
    match (record, after.changes(&before)) {
        (Some(record), entries) if entries.is_empty() => Ok(record),
        (record, entries) => add_record(app, record, unit::KIND, entries).await,
    }
}
