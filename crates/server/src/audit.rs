//! What was done with records besides writing, noted in the server's own log before it is done.
//!
//! Owns: when a deed is noted. Refuses: to tell anybody but those who may audit ([`crate::routes`]).

use greenshield_domain::audit::{Deed, Note};
use greenshield_domain::ids::{AccountId, RecordId};
use greenshield_domain::policy::Facts;

use crate::app::App;
use crate::auth::Caller;
use crate::error::ApiError;

/// Notes a deed of a caller. What can not be noted must not be done.
///
/// # Errors
/// [`ApiError`].
pub async fn note(app: &App, caller: &Caller, deed: Deed, record: Option<RecordId>) -> Result<(), ApiError> {
    let about = None;
    let note = Note { deed: Some(deed), by: caller.account.id, log: caller.log, record, about, kind: None };
    app.sequencer.note(note).await?;
    Ok(())
}

/// Notes that a caller takes out all records of a kind.
///
/// # Errors
/// [`ApiError`].
pub async fn note_ledger(app: &App, caller: &Caller, kind: u32) -> Result<(), ApiError> {
    let (by, log) = (caller.account.id, caller.log);
    let note = Note { deed: Some(Deed::Export), by, log, record: None, about: None, kind: Some(kind) };
    app.sequencer.note(note).await?;
    Ok(())
}

/// Notes what a caller does with an access key or the rights of somebody.
///
/// # Errors
/// [`ApiError`].
pub async fn note_about(app: &App, caller: &Caller, deed: Deed, whom: AccountId) -> Result<(), ApiError> {
    let (by, log, about) = (caller.account.id, caller.log, Some(whom).filter(|whom| *whom != caller.account.id));
    let note = Note { deed: Some(deed), by, log, record: None, about, kind: None };
    app.sequencer.note(note).await?;
    Ok(())
}

/// Notes a deed that a full disk must not prevent, such as a phone that begins, or a look at the picture of a missing person: a
/// note that fails is only logged. Tells whether it was noted.
pub async fn note_if_it_can_be(app: &App, caller: &Caller, deed: Deed, record: Option<RecordId>) -> bool {
    is_noted(note(app, caller, deed, record).await)
}

/// Notes that a caller ends a phone of somebody: that must not wait for a note either.
pub async fn note_about_if_it_can_be(app: &App, caller: &Caller, deed: Deed, whom: AccountId) {
    is_noted(note_about(app, caller, deed, whom).await);
}

fn is_noted(noted: Result<(), ApiError>) -> bool {
    noted.inspect_err(|error| tracing::error!(code = error.code(), "a deed was not noted")).is_ok()
}

/// Notes that somebody looks at the files of a record that is not theirs.
pub async fn looked(app: &App, caller: &Caller, record: RecordId, facts: &Facts) {
    if facts.owner == caller.account.id || !app.looked.is_first(caller.log, record, app.clock.now_millis()) {
        return;
    }
    if !note_if_it_can_be(app, caller, Deed::Files, Some(record)).await {
        app.looked.forget(caller.log, record);
    }
}
