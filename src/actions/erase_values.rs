//! Erasing what was said of fields of a record or single files of it, and the legal hold that forbids it: the server does both, and needs a network.

use greenshield_domain::erasure::Basis;
use greenshield_domain::ids::{BlobId, RecordId};
use greenshield_domain::wire::{ErasureRequest, HoldRequest};

use super::prove_again::prove_again;
use crate::context::App;
use crate::state::message::Message;

/// Erases, for good; gives how many values.
///
/// # Errors
/// Words for the page.
pub async fn erase_values(
    app: App,
    record: RecordId,
    (fields, files): (Vec<u32>, Vec<BlobId>),
    basis: Basis,
    note: String,
) -> Result<usize, Message> {
    prove_again(app).await?;
    let asked = ErasureRequest { record, fields, files, basis, note };
    let done = app.engine().erase(&asked).await.map_err(|error| Message::of(&error))?;
    app.wake_sync();
    Ok(done.values)
}

/// Begins or ends a legal hold.
///
/// # Errors
/// Words for the page.
pub async fn hold_record(app: App, record: RecordId, held: bool, reason: String) -> Result<(), Message> {
    let asked = HoldRequest { record, held, reason };
    app.engine().hold(&asked).await.map_err(|error| Message::of(&error))?;
    app.wake_sync();
    Ok(())
}
