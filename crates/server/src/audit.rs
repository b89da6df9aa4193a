//! What was done with records besides writing, noted in the server's own log before it is done.
//!
//! Owns: when a deed is noted. Refuses: to tell anybody but those who may audit ([`crate::routes`]).

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use greenshield_domain::audit::{Deed, Note};
use greenshield_domain::ids::{LogId, RecordId};
use greenshield_domain::policy::Facts;

use crate::app::App;
use crate::auth::Caller;
use crate::error::ApiError;

const HOUR_MILLIS: i64 = 3_600_000;

/// Which phone was noted as one that looked at the files of which record, within this hour.
#[derive(Debug, Default)]
pub struct Looked(Mutex<(i64, HashSet<(LogId, RecordId)>)>);

impl Looked {
    /// Whether this is the first time within the hour.
    fn is_first(&self, log: LogId, record: RecordId, now_millis: i64) -> bool {
        let hour = now_millis.div_euclid(HOUR_MILLIS);
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.0 != hour {
            *noted = (hour, HashSet::new());
        }
        noted.1.insert((log, record))
    }

    fn forget(&self, log: LogId, record: RecordId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1.remove(&(log, record));
    }
}

/// Notes a deed of a caller. What can not be noted must not be done.
///
/// # Errors
/// [`ApiError`].
pub async fn note(app: &App, caller: &Caller, deed: Deed, record: Option<RecordId>) -> Result<(), ApiError> {
    let note = Note { deed: Some(deed), by: caller.account.id, log: caller.log, record, about: None };
    app.sequencer.note(note).await?;
    Ok(())
}

/// Notes a deed that a full disk must not prevent, such as a phone that begins, or a look at the picture of a missing person: a
/// note that fails is only logged. Tells whether it was noted.
pub async fn note_if_it_can_be(app: &App, caller: &Caller, deed: Deed, record: Option<RecordId>) -> bool {
    let noted = note(app, caller, deed, record).await;
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
