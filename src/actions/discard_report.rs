//! Throwing the open form away: only when a person says so.

use leptos::prelude::*;

use crate::context::App;
use crate::state::draft::REPORT;
use crate::state::form::ReportForm;
use crate::state::message::Message;

/// Throws the form and its photos away.
///
/// # Errors
/// Words for the page; everything is still there then.
pub async fn discard_report(app: App, form: ReportForm) -> Result<(), Message> {
    form.is_open.set(false);
    let files = form.draft.with_untracked(|draft| draft.files());
    match app.engine().discard_draft(REPORT, &files).await {
        Ok(()) => {
            app.state.draft.set(None);
            app.state.form_open.set(false);
            Ok(())
        }
        Err(error) => {
            form.is_open.set(true);
            Err(Message::of(&error))
        }
    }
}
